"""What the transactions of a page may be: looked up in a few queries, then ranked."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from odoo.tools import SQL

from ...bookkeeping import (
    LONGEST_WAY,
    Leg,
    OpenEntries,
    Transaction,
    alikeness,
    clean_tax_code,
    propose,
)
from ...tbc import clean_iban
from .acquaintances import Acquaintances
from .candidates import read_rows
from .earlier import Earlier, partners_of
from .open_documents import open_item_rows

# A rate of a longer time ago is none.
OLDEST_RATE = timedelta(days=40)
_OWN_NAME = 90
_LEGS = """
    WITH wanted AS MATERIALIZED (%(wanted)s)
    SELECT line.id, line.journal_id, ROUND(line.amount * 100)::bigint,
           currency.name, COALESCE(line.tbc_day, move.date), line.tbc_operation_id,
           line.account_number, bank.sanitized_acc_number,
           line.transaction_details->>'transactionType' IN ('1', '5'), move.name
      FROM wanted
      JOIN account_bank_statement_line line ON line.id = wanted.id
      JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
      JOIN res_company company ON company.id = line.company_id
      JOIN account_journal journal ON journal.id = line.journal_id
      JOIN res_currency currency
        ON currency.id = COALESCE(journal.currency_id, company.currency_id)
 LEFT JOIN res_partner_bank bank ON bank.id = journal.bank_account_id
"""
_WANTED = """
    SELECT line.id
      FROM unnest(%(amounts)s::numeric[], %(firsts)s::text[], %(lasts)s::text[])
           AS want(amount, first, last)
      JOIN account_bank_statement_line line
        ON line.amount = want.amount AND line.is_reconciled IS NOT TRUE
       AND line.company_id = ANY(%(companies)s)
       AND line.internal_index BETWEEN want.first AND want.last
     UNION
    SELECT line.id FROM account_bank_statement_line line
     WHERE line.tbc_operation_id = ANY(%(operations)s)
       AND line.is_reconciled IS NOT TRUE AND line.company_id = ANY(%(companies)s)
"""
_RATES = """
    SELECT currency.name, rate.name, rate.rate
      FROM res_currency_rate rate
      JOIN res_currency currency ON currency.id = rate.currency_id
     WHERE currency.name = ANY(%(currencies)s)
       AND (rate.company_id IS NULL OR rate.company_id = %(company)s)
       AND rate.name BETWEEN %(first)s AND %(last)s
     ORDER BY currency.name, rate.name, rate.company_id NULLS FIRST
"""


@dataclass(frozen=True, slots=True)
class LegRow:
    """A line that may be the other end; the columns of the query, in their order."""

    line_id: int
    journal_id: int
    cents: int
    currency: str
    day: date
    operation_id: str | None
    told: str | None
    iban: str | None
    is_own: bool | None
    name: str | None


class PageHints:
    """All that is known of the transactions of one legal person on a page.

    ``acquaintances``, ``earlier``, ``items``: what the parts of it found.

    :param companies_sudo: the company and its branches, as far as the user sees them
    :param rows: the ``TransactionRow`` list
    """

    def __init__(self, env, companies_sudo, rows):
        self.env, self.companies, self.rows = env, companies_sudo, rows
        self.root = companies_sudo[:1].root_id
        self.earlier = Earlier(env, companies_sudo.ids, rows)
        self.acquaintances = Acquaintances(env, companies_sudo, rows)
        self.pasts = {row.line_id: self.earlier.pasts(row) for row in rows}
        self.parties = {
            row.line_id: self.acquaintances.parties(
                row, partners_of(self.pasts[row.line_id])
            )
            for row in rows
        }
        partner_ids = {
            party.partner_id for some in self.parties.values() for party in some
        }
        self.items = open_item_rows(env, companies_sudo.ids, partner_ids, rows)
        self.by_id = {item.item_id: item for item in self.items}
        self.by_partner = defaultdict(list)
        for item in self.items:
            self.by_partner[item.partner_id].append(item)

    def proposals(self, row, rules=()):
        """The ``Proposal`` list of one transaction."""
        return propose(
            self._transaction(row),
            self._entries,
            pasts=self.pasts[row.line_id],
            legs=self._legs_of(row),
            rules=rules,
            transfer_account_id=self.root.transfer_account_id.id,
        )

    def worth(self, row, item):
        """What is open of an item, in cents of the transaction's currency."""
        if item.currency == row.currency:
            return item.cents
        return round(item.cents * self._rates_of(row).get(item.currency, 0))

    @cached_property
    def _entries(self):
        return OpenEntries(item.entry() for item in self.items)

    def _transaction(self, row):
        foreign = (row.foreign, row.foreign_cents) if row.foreign else None
        return Transaction(
            line_id=row.line_id,
            journal_id=row.journal_id,
            cents=row.cents,
            currency=row.currency,
            day=row.day,
            purpose=row.purpose,
            parties=self.parties[row.line_id],
            rates=self._rates_of(row),
            foreign=foreign,
            is_own=self._is_own(row),
        )

    def _is_own(self, row):
        """Whether the other side is the company itself."""
        own, told = self.acquaintances.own, row.counterparty_name
        code = clean_tax_code(row.tax_code)
        if row.is_between_own_accounts or (code and code in own["code"]):
            return True
        return bool(told) and any(
            alikeness(told, name) >= _OWN_NAME for name in own["name"]
        )

    # === LEGS === #

    def _legs_of(self, row):
        """The ``Leg`` list: of the opposite amount, or of the same operation."""
        found = {*self._legs_by[row.currency, -row.cents]}
        found |= {*self._legs_by[row.operation_id]} if row.operation_id else set()
        return [
            _leg(row, leg)
            for leg in sorted(found, key=lambda one: one.line_id)
            if leg.line_id != row.line_id
        ]

    @cached_property
    def _legs_by(self):
        found = defaultdict(list)
        for leg in self.legs.values():
            found[leg.currency, leg.cents].append(leg)
            found[leg.operation_id].append(leg)
        return found

    @cached_property
    def legs(self):
        """``{line id: LegRow}`` of what may be the other end of a transfer of one's own."""
        way = timedelta(days=LONGEST_WAY)
        wanted = SQL(
            _WANTED,
            amounts=[-row.cents / 100 for row in self.rows],
            firsts=[f"{row.date - way:%Y%m%d}" for row in self.rows],
            lasts=[f"{row.date + way + timedelta(days=1):%Y%m%d}" for row in self.rows],
            operations=sorted({row.operation_id for row in self.rows} - {None}),
            companies=self.companies.ids,
        )
        legs = read_rows(self.env, LegRow, SQL(_LEGS, wanted=wanted))
        return {leg.line_id: leg for leg in legs}

    # === RATES === #

    def _rates_of(self, row):
        """What one unit of each currency was worth in the transaction's own."""
        own = self._rate(row.currency, row.day)
        found = {}
        for currency in self._item_currencies - {row.currency}:
            other = self._rate(currency, row.day)
            if own and other:
                found[currency] = own / other
        return found

    @cached_property
    def _item_currencies(self):
        return {item.currency for item in self.items}

    def _rate(self, currency, day):
        """Units of it for one of the company's own, on that day."""
        if currency == self.rows[0].company_currency:
            return 1.0
        days, rates = self._rate_table.get(currency, ((), ()))
        place = bisect_right(days, day)
        near = place and day - days[place - 1] <= OLDEST_RATE
        return rates[place - 1] if near else None

    @cached_property
    def _rate_table(self):
        """``{currency: (days, rates)}``, the company's own rates before shared ones."""
        currencies = self._item_currencies | {row.currency for row in self.rows}
        if len(currencies) < 2:
            return {}
        query = SQL(
            _RATES,
            currencies=sorted(currencies),
            company=self.root.id,
            first=min(row.day for row in self.rows) - OLDEST_RATE,
            last=max(row.day for row in self.rows),
        )
        by_currency = defaultdict(dict)
        for currency, day, rate in self.env.execute_query(query):
            by_currency[currency][day] = float(rate)
        return {
            currency: (list(table), list(table.values()))
            for currency, table in by_currency.items()
        }


def _leg(row, leg):
    same_operation = bool(row.operation_id) and leg.operation_id == row.operation_id
    return Leg(
        line_id=leg.line_id,
        journal_id=leg.journal_id,
        cents=leg.cents,
        currency=leg.currency,
        day=leg.day,
        is_operation=same_operation,
        is_named=_is_named(row, leg),
        is_own=bool(leg.is_own),
    )


def _is_named(row, leg):
    """Whether one of two lines names the account of the other."""
    there, here = clean_iban(row.counterparty_iban), clean_iban(leg.told)
    return bool((there and there == leg.iban) or (here and here == row.iban))
