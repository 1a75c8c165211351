"""Which movements an operation rule is for."""

from functools import cached_property

from odoo.tools import SQL

from ...bookkeeping import (
    clean_tax_code,
    compared_words,
    is_telling,
    rule_parts,
    words_pattern,
)
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
        self.words = rule_parts(rule.words)
        self.patterns = [words_pattern(one) for one in self.words]
        names = rule_parts(rule.counterparty)
        self.counterparties = [Counterparty(one) for one in names]

    def fit(self, line):
        """Whether ``line`` (``LineToMatch``) is one of those that the rule is for."""
        rule = self.rule
        return (
            (rule.is_charge or not line.parent_id)
            and (rule.transaction_type or not line.is_between_own_accounts)
            and self.op_code in ("", (line.op_code or "").casefold())
            and rule.transaction_type in (False, line.transaction_type)
            and rule.direction in ("any", "out" if line.cents < 0 else "in")
            and (not self.patterns or self._fits_words(line))
            and self._fits_counterparty(line)
            and (not rule.own_account or self._is_own_account(line))
            and self._fits_amount(line)
        )

    def say_enough(self):
        """Whether few transactions fit: more is asked than a direction and an amount.

        Words that nearly all have, as "Ltd", tell as little.
        """
        others = self.counterparties
        return bool(
            self.op_code
            or self.rule.transaction_type
            or self.rule.own_account
            or (self.words and all(map(is_telling, self.words)))
            or (others and all(one.is_telling for one in others))
        )

    def _fits_words(self, line):
        purpose = compared_words(line.purpose)
        return any(one.search(purpose) for one in self.patterns)

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


class Counterparty:
    """A tax code, an IBAN, or words of a name."""

    def __init__(self, told):
        self.iban = clean_iban(told)
        self.tax_code = clean_tax_code(told)
        is_name = not has_iban_shape(self.iban) and not self.tax_code.isdecimal()
        self.pattern = words_pattern(told) if is_name else None
        self.is_telling = not is_name or is_telling(told)

    def is_of(self, line):
        """Whether the other side of ``line`` is meant."""
        if self.pattern:
            return self.pattern.search(compared_words(line.counterparty_name or ""))
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
