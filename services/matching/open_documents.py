"""Open items that a page of transactions may pay: one query."""

import re
from dataclasses import dataclass
from datetime import date

from odoo.tools import SQL

from ...bookkeeping import Entry
from .candidates import IS_OPEN, read_rows

# Of one partner so many are looked at, the oldest.
OF_PARTNER = 200
# What may be a number in a purpose: it has a digit.
_NUMBER = re.compile(r"(?=[\w/.-]*\d)[\w/.-]{3,60}")
_ITEMS = """
    SELECT item.id, item.move_id, commercial.id AS partner_id, currency.id AS currency_id,
           currency.name AS currency,
           ROUND(item.amount_residual_currency * 100)::bigint AS cents,
           ROUND(item.amount_currency * 100)::bigint AS whole,
           COALESCE(move.invoice_date, item.date) AS day,
           COALESCE(item.date_maturity, move.invoice_date, item.date) AS due,
           move.name AS name, move.ref AS ref, move.payment_reference AS reference,
           move.move_type LIKE 'in_%%' AS is_bill, item.name AS label, item.account_id,
           move.origin_payment_id IS NOT NULL
               AND account.account_type NOT IN ('asset_receivable', 'liability_payable')
               AS is_payment,
           move.statement_line_id IS NULL AND move.origin_payment_id IS NULL
               AS is_document,
           ROW_NUMBER() OVER (
               PARTITION BY commercial.id
               ORDER BY COALESCE(item.date_maturity, item.date), item.id) AS place,
           COUNT(*) OVER (PARTITION BY commercial.id) AS of_partner
      FROM account_move_line item
      JOIN account_move move ON move.id = item.move_id
      JOIN account_account account ON account.id = item.account_id
      JOIN res_currency currency ON currency.id = item.currency_id
 LEFT JOIN res_partner partner ON partner.id = item.partner_id
 LEFT JOIN res_partner commercial ON commercial.id = partner.commercial_partner_id
"""
_OPEN = f"""
    SELECT * FROM ({_ITEMS}
     WHERE item.company_id = ANY(%(companies)s)
       AND {IS_OPEN}
    ) AS open
     WHERE partner_id = ANY(%(partners)s::int[]) AND place <= %(most)s
        OR cents = ANY(%(cents)s::bigint[])
        OR lower(name) = ANY(%(numbers)s::text[])
        OR lower(ref) = ANY(%(numbers)s::text[])
        OR lower(reference) = ANY(%(numbers)s::text[])
     ORDER BY due, id
"""


@dataclass(frozen=True, slots=True)
class OpenItemRow:
    """An open item; the columns of the query, in their order."""

    item_id: int
    document_id: int
    partner_id: int | None
    currency_id: int
    currency: str
    cents: int
    whole: int
    day: date
    due: date
    name: str | None
    ref: str | None
    reference: str | None
    is_bill: bool
    label: str | None
    account_id: int
    is_payment: bool
    is_document: bool
    place: int
    of_partner: int

    @property
    def title(self):
        """What people call it: a vendor's bill by the vendor's number, too."""
        name = self.name or self.label or ""
        return f"{name} ({self.ref})" if self.is_bill and self.ref else name

    def card(self, cents, account):
        """Return the item as the screen shows it.

        :param cents: what it would take of a transaction, in that one's currency
        :param account: how its account is called
        """
        return {
            "id": self.item_id,
            "name": self.title,
            "date": self.day.isoformat(),
            "due": self.due.isoformat(),
            "label": self.label or "",
            "residual": self.cents / 100,
            "currency_id": self.currency_id,
            "amount": cents / 100,
            "account": account,
        }

    def entry(self):
        """Return the item as ``bookkeeping`` takes it."""
        numbers = (self.name, self.reference, self.ref if self.is_bill else None)
        return Entry(
            item_id=self.item_id,
            document_id=self.document_id,
            partner_id=self.partner_id,
            currency=self.currency,
            cents=self.cents,
            whole=self.whole,
            day=self.day,
            due=self.due,
            numbers=tuple(filter(None, numbers)),
            is_payment=self.is_payment,
            is_document=self.is_document,
        )


def open_item_rows(env, company_ids, partner_ids, rows):
    """Return the :class:`OpenItemRow` list for ``TransactionRow`` ones, the oldest first.

    Those of the partners; those of exactly the amount of a transaction; those that one
    names.
    """
    query = SQL(
        _OPEN,
        companies=list(company_ids),
        partners=list(partner_ids),
        most=OF_PARTNER,
        cents=[row.cents for row in rows],
        numbers=sorted(_numbers(rows)),
    )
    return read_rows(env, OpenItemRow, query)


def _numbers(rows):
    """What may be a number in the purposes, with and without a Georgian ending."""
    return {
        number.strip("/.-")
        for row in rows
        for found in _NUMBER.findall(row.purpose.lower())
        for number in (found, re.sub(r"-?[ა-ჿ]+$", "", found))
    }


def item_rows(items):
    """``{id: OpenItemRow}`` of these journal items, whether they are open or not."""
    query = SQL(f"{_ITEMS} WHERE item.id = ANY(%(ids)s)", ids=items.ids)
    return {row.item_id: row for row in read_rows(items.env, OpenItemRow, query)}
