"""What Odoo's general ledger holds, in a few queries, as plain values."""

from collections import defaultdict
from dataclasses import dataclass, field

from odoo.tools import SQL


@dataclass(slots=True, kw_only=True)
class Line:
    """A bank line: the account it is on, the ids of its counterpart's items by the
    account that these stand on, and what is left in suspense (company currency).
    """

    line_id: int
    account_id: int
    movement_id: str | None
    payment_id: str | None
    is_matched: bool
    liquidity: float
    suspense: float
    accounts: dict = field(default_factory=lambda: defaultdict(set))

    @property
    def items(self):
        """All ids of its counterpart's items."""
        return set().union(*self.accounts.values())


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """The books of one company.

    - ``lines``: every bank line of the company's TBC accounts;
    - ``paid``: {number of a document: {what paid: cents}}, where what paid is a movement
      id, ``order ID`` for one of our orders, or a word for anything else;
    - ``partners``: {item: items that it is reconciled with}, but for exchange
      differences;
    - ``payments``: {item of a payment: the bank's id of its order};
    - ``balances``: {account: {day: sum of that day}} of the bank accounts, in cents of
      the account's currency; ``by_day``: the same of bank lines by the bank's day;
    - ``suspense``: balance of all suspense accounts, company currency;
    - ``differences``: {(account, day, kind, cents)};
    - ``openings``: {account: cents of the opening line}.
    """

    lines: list
    paid: dict
    partners: dict
    payments: dict
    balances: dict
    by_day: dict
    suspense: float
    differences: set
    transfer_account_id: int
    openings: dict


def take(env, account_ids):
    """Return the :class:`Snapshot` of these TBC accounts."""
    env.flush_all()
    return _Camera(env, env["tbc.account"].browse(account_ids)).take()


class _Camera:
    def __init__(self, env, accounts):
        self.env, self.accounts = env, accounts
        self.company = accounts.company_id
        self.journals = accounts.journal_id

    def take(self):
        lines = self._lines()
        partners = self._partners()
        payments = self._payments()
        return Snapshot(
            lines=lines,
            paid=self._paid(lines, payments),
            partners=partners,
            payments=payments,
            balances=self._balances(),
            by_day=self._by_day(),
            suspense=self._suspense(),
            differences=self._differences(),
            transfer_account_id=self.company.transfer_account_id.id,
            openings={
                account.id: _cents(account.opening_line_id.amount)
                for account in self.accounts
            },
        )

    def _rows(self, query, **values):
        values = {
            "company": self.company.id,
            "accounts": tuple(self.accounts.ids),
            "journals": tuple(self.journals.ids),
            "bank": tuple(self.journals.default_account_id.ids),
            "suspense": tuple(self.journals.suspense_account_id.ids),
            **values,
        }
        return self.env.execute_query(SQL(query, **values))

    def _lines(self):
        rows = self._rows(
            """
            SELECT line.id, line.tbc_account_id, line.tbc_movement_id,
                   line.tbc_payment_id, line.is_reconciled,
                   item.id, item.account_id, item.balance,
                   item.account_id IN %(bank)s, item.account_id IN %(suspense)s
              FROM account_bank_statement_line line
              JOIN account_move_line item ON item.move_id = line.move_id
             WHERE line.tbc_account_id IN %(accounts)s
               AND line.tbc_movement_id IS NOT NULL
            """
        )
        lines = {}
        for row in rows:
            key, account, movement, payment, matched, item, where, balance = row[:8]
            is_bank, is_suspense = row[8:]
            line = lines.setdefault(
                key,
                Line(
                    line_id=key,
                    account_id=account,
                    movement_id=movement,
                    payment_id=payment,
                    is_matched=bool(matched),
                    liquidity=0.0,
                    suspense=0.0,
                ),
            )
            if is_bank:
                line.liquidity += float(balance)
            elif is_suspense:
                line.suspense += float(balance)
            else:
                line.accounts[where].add(item)
        return list(lines.values())

    def _partials(self):
        return self._rows(
            """
            SELECT debit_move_id, credit_move_id,
                   debit_amount_currency, credit_amount_currency
              FROM account_partial_reconcile
             WHERE company_id = %(company)s
            """
        )

    def _partners(self):
        found, exchange = defaultdict(set), self._exchange_items()
        for debit, credit, *_amounts in self._partials():
            if not {debit, credit} & exchange:
                found[debit].add(credit)
                found[credit].add(debit)
        return found

    def _payments(self):
        rows = self._rows(
            """
            SELECT item.id, transfer.bank_transfer_id
              FROM tbc_transfer transfer
              JOIN account_payment payment ON payment.id = transfer.payment_id
              JOIN account_move_line item ON item.move_id = payment.move_id
             WHERE payment.company_id = %(company)s
            """
        )
        return dict(rows)

    def _paid(self, lines, payments):
        payers = {item: line.movement_id for line in lines for item in line.items}
        payers |= {item: f"order {transfer}" for item, transfer in payments.items()}
        numbers = self._document_items()
        exchange = self._exchange_items()
        paid = defaultdict(lambda: defaultdict(int))
        for debit, credit, debit_amount, credit_amount in self._partials():
            for own, other, amount in (
                (debit, credit, debit_amount),
                (credit, debit, credit_amount),
            ):
                if own in numbers and other not in exchange:
                    payer = payers.get(other, "something else")
                    paid[numbers[own]][payer] += _cents(amount)
        return paid

    def _document_items(self):
        rows = self._rows(
            """
            SELECT item.id,
                   CASE WHEN move.move_type = 'in_invoice'
                        THEN move.ref ELSE move.name END
              FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id
              JOIN account_account account ON account.id = item.account_id
             WHERE move.company_id = %(company)s
               AND move.move_type IN ('in_invoice', 'out_invoice')
               AND account.account_type IN ('asset_receivable', 'liability_payable')
            """
        )
        return dict(rows)

    def _exchange_items(self):
        rows = self._rows(
            """
            SELECT item.id
              FROM account_move_line item
             WHERE item.company_id = %(company)s
               AND item.journal_id = %(exchange)s
            """,
            exchange=self.company.currency_exchange_journal_id.id,
        )
        return {item for (item,) in rows}

    def _balances(self):
        rows = self._rows(
            """
            SELECT account.id, item.date, SUM(item.amount_currency)
              FROM tbc_account account
              JOIN account_journal journal ON journal.id = account.journal_id
              JOIN account_move_line item
                ON item.account_id = journal.default_account_id
             WHERE account.id IN %(accounts)s AND item.parent_state = 'posted'
          GROUP BY 1, 2
            """
        )
        return _by_account(rows)

    def _by_day(self):
        rows = self._rows(
            """
            SELECT tbc_account_id, tbc_day, SUM(amount)
              FROM account_bank_statement_line
             WHERE tbc_account_id IN %(accounts)s AND tbc_movement_id IS NOT NULL
          GROUP BY 1, 2
            """
        )
        return _by_account(rows)

    def _suspense(self):
        [[total]] = self._rows(
            """
            SELECT COALESCE(SUM(balance), 0) FROM account_move_line
             WHERE account_id IN %(suspense)s AND parent_state = 'posted'
               AND company_id = %(company)s
            """
        )
        return float(total)

    def _differences(self):
        rows = self.env["tbc.difference"].search(
            [("account_id", "in", self.accounts.ids)]
        )
        return {
            (row.account_id.id, row.day, row.kind, _cents(row.amount)) for row in rows
        }


def _by_account(rows):
    found = defaultdict(dict)
    for account, day, amount in rows:
        found[account][day] = _cents(amount)
    return found


def _cents(amount):
    return round(float(amount) * 100)
