"""The bank's fees, and what the operation rules say."""

import re
from functools import partial

from ..counterpart import Counterpart
from .candidates import open_items
from .matcher import Match, Matcher, title

# The bank's transactionType of its charges.
FEE_TYPE = "33"


class FeeMatcher(Matcher):
    """The bank's own fees, each linked to its operation."""

    def find(self):
        accounts = {one.id: one.fee_account_id for one in self.accounts}
        returning = self.matching_pass.returns.certain(self.lines)
        fees = [
            line
            for line in self.lines
            if line.parent_id
            and line.cents < 0
            and accounts[line.account_id]
            and line.line_id not in returning
        ]
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
        fee_accounts = {one.id: one.fee_account_id for one in self.accounts}
        rules = self._rules({line.company_id for line in self.lines})
        matches = []
        for line in self._lines_without_better():
            fee_account = fee_accounts[line.account_id]
            for rule in rules[line.company_id]:
                account = rule.account_for(line, fee_account)
                if account:
                    booked = partial(self._book, rule.record, account)
                    matches.append(Match((line.line_id,), booked))
                    break
        return matches

    def _lines_without_better(self):
        """Without those whose other leg or payment will come, or that may be invoices'."""
        ours = set(self.accounts.mapped("iban"))
        open_amounts = {
            (item.partner_id, item.currency, item.cents)
            for item in open_items(self.companies)
        }
        return [
            line
            for line in self.lines
            if line.counterparty_iban not in ours
            and line.payment_id not in self.matching_pass.ordered
            and line.line_id not in self.matching_pass.resembled
            and (line.partner_id, line.currency, line.cents) not in open_amounts
        ]

    def _rules(self, company_ids):
        """``{company id: [_Rule]}``, each with its own accounts."""
        rules = self.env["tbc.operation.rule"].with_context(active_test=True)
        rules = rules.search([("company_id", "in", [False, *company_ids])])
        return {
            company_id: [
                _Rule(rule)
                for rule in rules.with_company(company_id)
                if rule.company_id.id in (False, company_id)
            ]
            for company_id in company_ids
        }

    def _book(self, rule, account, line):
        note = self.env._("Booked by the operation rule “%(rule)s”.", rule=rule.name)
        partner = rule.partner_id.filtered("active") or line.partner_id
        return [
            Counterpart(
                line=line,
                account=account,
                partner=partner,
                tax=rule.tax_id,
                note=note,
            )
        ]


class _Rule:
    """A ``tbc.operation.rule``, with the accounts of the company in its context."""

    def __init__(self, record):
        self.record = record
        self.op_code = (record.op_code or "").strip().casefold()
        words = (part.strip().casefold() for part in (record.words or "").split(","))
        self.patterns = [_pattern(part) for part in words if part]

    def account_for(self, line, fee_account):
        """The account on which the rule puts ``line``; none where it does not fit."""
        rule = self.record
        account = rule.account_id or (rule.is_charge and fee_account)
        is_for_it = (
            account
            and (rule.is_charge or not line.parent_id)
            and (rule.transaction_type or not line.is_between_own_accounts)
            and self._fits(line)
        )
        return account if is_for_it else None

    def _fits(self, line):
        """Whether the rule's conditions are those of ``line``."""
        purpose = line.purpose.casefold()
        return (
            self.op_code in ("", (line.op_code or "").casefold())
            and self.record.transaction_type in (False, line.transaction_type)
            and self.record.direction in ("any", "out" if line.cents < 0 else "in")
            and (not self.patterns or any(one.search(purpose) for one in self.patterns))
        )


def _pattern(words):
    """A Latin word as a whole, also in the plural; any other at the beginning of a word.

    Georgian words have endings.
    """
    end = r"s?(?!\w)" if words.isascii() and words[-1].isalnum() else ""
    return re.compile(r"(?<!\w)" + re.escape(words) + end)
