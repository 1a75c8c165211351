"""The bank's fees, and what the operation rules say."""

from functools import partial

from .matching_doubt import AwaitedOrders
from .matching_returns import Returns
from .matching_step import Case, Step, title
from .settlement import Settlement
from .unmatched import open_items

# The bank's transactionType of its charges.
FEE_TYPE = "33"


class Fees(Step):
    """The bank's own fees, each linked to its operation."""

    def cases(self, lines):
        accounts = {one.id: one.fee_account_id for one in self.accounts}
        returning = Returns(self.company).returning(lines)
        fees = [
            line
            for line in lines
            if line.parent_id
            and line.cents < 0
            and accounts[line.account_id]
            and line.line_id not in returning
        ]
        operations = self._operations({line.parent_id for line in fees})
        cases = []
        for fee in fees:
            parent = operations.get((fee.account_id, fee.parent_id))
            # A refund names the credit that it refunds as well.
            if fee.transaction_type in (None, FEE_TYPE) or (
                parent and parent.amount < 0 and not fee.counterparty_iban
            ):
                booked = partial(self._book, fee, accounts[fee.account_id], parent)
                cases.append(Case((fee.line_id,), booked))
        return cases

    def _operations(self, operation_ids):
        """``{(account id, operation id): line}``."""
        lines = self.lines.search_fetch(
            [
                ("tbc_account_id", "in", self.accounts.ids),
                ("tbc_operation_id", "in", list(operation_ids)),
            ],
            ["tbc_account_id", "tbc_operation_id", "amount"],
        )
        return {(one.tbc_account_id.id, one.tbc_operation_id): one for one in lines}

    def _book(self, fee, account, parent):
        note = self.env._("The bank's fee for operation %(id)s.", id=fee.parent_id)
        if parent:
            note = self.env._("The bank's fee for %(line)s.", line=title(parent))
        return [
            Settlement(line=line, account=account, parent=parent, note=note)
            for line in self.still_unmatched(fee.line_id)
        ]


class Rules(Step):
    """The first rule with an account that fits; each company has its own accounts."""

    def cases(self, lines):
        fee_accounts = {one.id: one.fee_account_id for one in self.accounts}
        ours = set(self.accounts.mapped("iban"))
        rules = self._rules({line.company_id for line in lines})
        ordered = self.ordered(lines)
        resembled = AwaitedOrders(self.accounts).resembled(lines)
        open_amounts = {
            (item.partner_id, item.currency, item.cents)
            for item in open_items(self.companies)
        }
        cases = []
        for line in lines:
            if (
                # Its other leg, or its payment, will come; or it may pay an invoice.
                line.counterparty_iban in ours
                or line.payment_id in ordered
                or line.line_id in resembled
                or (line.partner_id, line.currency, line.cents) in open_amounts
            ):
                continue
            fee_account = fee_accounts[line.account_id]
            rule, account = _first(rules[line.company_id], line, fee_account)
            if rule:
                booked = partial(self._book, line, rule, account)
                cases.append(Case((line.line_id,), booked))
        return cases

    def _rules(self, company_ids):
        """``{company id: [(rule, conditions)]}``, each with its own accounts."""
        rules = self.env["tbc.operation.rule"].with_context(active_test=True)
        rules = rules.search([("company_id", "in", [False, *company_ids])])
        conditions = {rule.id: rule._conditions() for rule in rules}
        return {
            company_id: [
                (rule, conditions[rule.id])
                for rule in rules.with_company(company_id)
                if rule.company_id.id in (False, company_id)
            ]
            for company_id in company_ids
        }

    def _book(self, unmatched, rule, account):
        note = self.env._("Booked by the operation rule “%(rule)s”.", rule=rule.name)
        return [
            Settlement(
                line=line,
                account=account,
                partner=rule.partner_id.filtered("active") or line.partner_id,
                tax=rule.tax_id,
                note=note,
            )
            for line in self.still_unmatched(unmatched.line_id)
        ]


def _first(rules, line, fee_account):
    """The first rule in force for a line, and its account; ``None`` twice for none."""
    for rule, conditions in rules:
        account = rule.account_id or (rule.is_charge and fee_account)
        if (
            account
            and (rule.is_charge or not line.parent_id)
            and (rule.transaction_type or not line.is_between_own_accounts)
            and rule._fits(conditions, line)
        ):
            return rule, account
    return None, None
