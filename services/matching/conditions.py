"""Which movements an operation rule is for."""

import re
from functools import cached_property

from odoo.tools import SQL

from ...bookkeeping import clean_tax_code
from ...tbc import clean_iban, has_iban_shape

# What says which movements; the rest says where they go.
CONDITIONS = (
    "op_code",
    "transaction_type",
    "direction",
    "counterparty",
    "own_account",
    "words",
    "amount_from",
    "amount_to",
)

_OWN = """
    SELECT account.acc_number, partner.vat
      FROM res_company company
      JOIN res_partner partner ON partner.id = company.partner_id
 LEFT JOIN res_partner_bank account
        ON account.partner_id = partner.id AND account.active
     WHERE company.parent_path LIKE %s
"""


class Conditions:
    """The conditions of a ``tbc.operation.rule``, saved or not."""

    def __init__(self, rule):
        self.rule = rule
        self.op_code = (rule.op_code or "").strip().casefold()
        self.patterns = [_pattern(part) for part in _parts(rule.words)]
        self.counterparties = [_Counterparty(one) for one in _parts(rule.counterparty)]

    def fit(self, line):
        """Whether ``line`` (``LineToMatch``) is one of those that the rule is for."""
        rule, purpose = self.rule, line.purpose.casefold()
        return (
            (rule.is_charge or not line.parent_id)
            and (rule.transaction_type or not line.is_between_own_accounts)
            and self.op_code in ("", (line.op_code or "").casefold())
            and rule.transaction_type in (False, line.transaction_type)
            and rule.direction in ("any", "out" if line.cents < 0 else "in")
            and (not self.patterns or any(one.search(purpose) for one in self.patterns))
            and self._fits_counterparty(line)
            and (not rule.own_account or self._is_own_account(line))
            and self._fits_amount(line)
        )

    def _fits_counterparty(self, line):
        return not self.counterparties or any(
            one.is_of(line) for one in self.counterparties
        )

    def _is_own_account(self, line):
        return bool(line.counterparty_iban) and self._own.is_of(line)

    @cached_property
    def _own(self):
        return _OwnAccounts(self.rule.company_id or self.rule.env.company)

    def _fits_amount(self, line):
        cents = abs(line.cents)
        least, most = (
            round((amount or 0.0) * 100)
            for amount in (self.rule.amount_from, self.rule.amount_to)
        )
        return cents >= least and (not most or cents <= most)


class _Counterparty:
    """A tax code, an IBAN, or words of a name."""

    def __init__(self, told):
        self.iban = clean_iban(told)
        self.tax_code = clean_tax_code(told)
        is_name = not has_iban_shape(self.iban) and not self.tax_code.isdecimal()
        self.pattern = _pattern(told) if is_name else None

    def is_of(self, line):
        """Whether the other side of ``line`` is meant."""
        if self.pattern:
            return self.pattern.search((line.counterparty_name or "").casefold())
        return self.iban == clean_iban(
            line.counterparty_iban
        ) or self.tax_code == clean_tax_code(line.tax_code)


class _OwnAccounts:
    """The accounts of a company and its branches, in whichever bank."""

    def __init__(self, company):
        rows = company.env.execute_query(SQL(_OWN, f"{company.root_id.id}/%"))
        self.ibans = {clean_iban(number) for number, _code in rows}
        self.tax_codes = {clean_tax_code(code) for _number, code in rows} - {""}

    def is_of(self, line):
        """Whether the other side of ``line`` is such an account."""
        is_ours = clean_tax_code(line.tax_code) in self.tax_codes
        return is_ours or clean_iban(line.counterparty_iban) in self.ibans


def _parts(text):
    parts = (part.strip().casefold() for part in (text or "").split(","))
    return [part for part in parts if clean_tax_code(part)]


def _pattern(words):
    """A Latin word as a whole, also in the plural; any other at the beginning of a word.

    Georgian words have endings.
    """
    end = r"s?(?!\w)" if words.isascii() and words[-1].isalnum() else ""
    return re.compile(r"(?<!\w)" + re.escape(words) + end)
