"""The bank's fees, and what the operation rules say."""

from functools import partial

from ..counterpart import Counterpart
from .conditions import Conditions
from .matcher import Match, Matcher, title

# The bank's transactionType of its charges.
FEE_TYPE = "33"


class FeeMatcher(Matcher):
    """The bank's own fees, each linked to its operation."""

    def find(self):
        accounts = {one.id: one.fee_account_id for one in self.accounts}
        fees = self._payments_with_parent(accounts)
        operations = self._operations({line.parent_id for line in fees})
        parents = {fee: operations.get((fee.account_id, fee.parent_id)) for fee in fees}
        return [
            Match(
                (fee.line_id,),
                partial(self._book, accounts[fee.account_id], parent),
            )
            for fee, parent in parents.items()
            if _is_fee_of(fee, parent)
        ]

    def _payments_with_parent(self, accounts):
        returning = self.matching_pass.returns.certain(self.lines)
        return [
            line
            for line in self.lines
            if line.parent_id
            and line.cents < 0
            and accounts[line.account_id]
            and line.line_id not in returning
        ]

    def _operations(self, operation_ids):
        """``{(account id, operation id): line}``."""
        lines = self.records.search_fetch(
            [
                ("tbc_account_id", "in", self.accounts.ids),
                ("tbc_operation_id", "in", list(operation_ids)),
            ],
            ["tbc_account_id", "tbc_operation_id", "amount"],
        )
        return {(one.tbc_account_id.id, one.tbc_operation_id): one for one in lines}

    def _book(self, account, parent, line):
        operation = line.tbc_parent_operation_id
        note = self.env._("The bank's fee for operation %(id)s.", id=operation)
        if parent:
            note = self.env._("The bank's fee for %(line)s.", line=title(parent))
        return [Counterpart(line=line, account=account, parent=parent, note=note)]


def _is_fee_of(line, parent):
    """Whether it is a fee: a refund names the credit that it refunds as well."""
    if line.transaction_type in (None, FEE_TYPE):
        return True
    return parent and parent.amount < 0 and not line.counterparty_iban


class RuleMatcher(Matcher):
    """The first rule with an account that fits; each company has its own accounts."""

    def find(self):
        rules = self._rules()
        matches = []
        for line in self.lines_without_better():
            for rule, account in rules[line.account_id]:
                if rule.fit(line):
                    booked = partial(self._book, rule.rule, account)
                    matches.append(Match((line.line_id,), booked))
                    break
        return matches

    def lines_without_better(self):
        """Without those whose other leg or payment will come, or that may be invoices'."""
        ours = set(self.accounts.mapped("iban"))
        open_amounts = {
            (item.partner_id, item.currency, item.cents)
            for item in self.matching_pass.open_items
        }
        return [
            line
            for line in self.lines
            if line.counterparty_iban not in ours
            and line.payment_id not in self.matching_pass.ordered
            and line.line_id not in self.matching_pass.resembled
            and (line.partner_id, line.currency, line.cents) not in open_amounts
        ]

    def _rules(self):
        """``{account id: [(Conditions, ledger account)]}`` of the rules that have one."""
        places = {line.account_id: line.company_id for line in self.lines}
        rules = self.env["tbc.operation.rule"].with_context(active_test=True)
        rules = rules.search([("company_id", "in", [False, *set(places.values())])])
        return {
            account.id: self._able(rules, account, places[account.id])
            for account in self.accounts
            if account.id in places
        }

    def _able(self, rules, account, company_id):
        """The rules of one company, as far as they have a ledger account for it."""
        return [
            (Conditions(rule), target)
            for rule in rules.with_company(company_id)
            if rule.company_id.id in (False, company_id)
            and (target := account_of(rule, account.fee_account_id))
        ]

    def _book(self, rule, account, line):
        note = self.env._("Booked by the operation rule “%(rule)s”.", rule=rule.name)
        partner = rule.partner_id.filtered("active") or line.partner_id
        return [
            Counterpart(
                line=line,
                account=account,
                partner=partner,
                tax=rule.tax_id,
                analytic_distribution=rule.analytic_distribution,
                label=rule.label,
                rule=rule,
                note=note,
            )
        ]


def account_of(rule, fee_account):
    """Where a rule puts what it is for; none while it is off."""
    return rule.account_id or (rule.is_charge and fee_account)
