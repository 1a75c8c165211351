"""The bank lines and open items of a company and its branches, as plain values.

Each list is one query.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from odoo.tools import SQL

from ...bookkeeping import BankLine, OpenItem, clean_tax_code
from ..clock import utc_now
from ..own_columns import MOVE_OF_LINE

# What Odoo refused is tried again after this.
REFUSED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToMatch:
    """A bank line in suspense, with what the bank says of its movement.

    ``cents`` is signed, below zero when money went out; absent text is ``None``.
    ``has_partner``: whether ``partner_id`` stands on the line itself.
    """

    line_id: int
    company_id: int
    account_id: int
    iban: str
    currency: str
    cents: int
    day: date
    operation_id: str | None
    parent_id: str | None
    payment_id: str | None
    op_code: str | None
    transaction_type: str | None
    purpose: str
    partner_id: int | None
    has_partner: bool
    counterparty_iban: str | None
    tax_code: str | None
    partner_vat: str | None
    problem: str | None
    counterparty_name: str | None

    @property
    def is_another_s(self):
        """Whether the bank tells another tax code than that of the line's partner."""
        told, known = clean_tax_code(self.tax_code), clean_tax_code(self.partner_vat)
        return bool(told and known) and told != known

    @property
    def is_between_own_accounts(self):
        """Whether the bank calls it an own transfer or a conversion."""
        return self.transaction_type in ("1", "5")


# The columns of each query are the fields of its class, in their order.
_LINES = f"""
    SELECT line.id, account.company_id, account.id, account.iban, currency.name,
           ROUND(line.amount * 100)::bigint,
           COALESCE(line.tbc_day, move.date),
           line.tbc_operation_id, line.tbc_parent_operation_id,
           line.tbc_payment_id, line.transaction_type,
           line.transaction_details->>'transactionType',
           CONCAT_WS(' ', line.payment_ref,
                     line.transaction_details->>'additionalDescription'),
           commercial.id, commercial.id IS NOT NULL, line.account_number,
           line.transaction_details->'partnerAccountInfo'->>'taxCode',
           commercial.vat, line.tbc_match_problem, line.partner_name
      FROM account_bank_statement_line line
      {MOVE_OF_LINE}
           -- By line: merged with them, all lines of the account would be gone through.
CROSS JOIN LATERAL (SELECT account.id, account.company_id, account.journal_id,
                           account.iban, account.currency_id
                      FROM tbc_account account
                     WHERE account.id = line.tbc_account_id
                    OFFSET 0) account
      JOIN res_currency currency ON currency.id = account.currency_id
 LEFT JOIN res_partner partner
        ON partner.id = line.partner_id AND partner.active
 LEFT JOIN res_partner commercial
        ON commercial.id = partner.commercial_partner_id AND commercial.active
     WHERE line.tbc_movement_id IS NOT NULL
       AND %s
  ORDER BY move.date, line.id
"""
_TO_MATCH = """
       line.is_reconciled IS NOT TRUE
       AND line.company_id IN %s
       AND line.tbc_match_undone IS NOT TRUE
       AND account.journal_id IS NOT NULL
       -- What somebody has half done is left to him.
       AND ABS(line.amount_residual)
           IN (ABS(line.amount), ABS(line.amount_currency))
       AND (line.tbc_match_refused_at IS NULL
            OR line.tbc_match_refused_at < %s)
       AND move.state = 'posted'
       AND EXISTS (SELECT FROM (VALUES %s) lock(company_id, day)
                    WHERE lock.company_id = account.company_id
                      AND move.date > lock.day)
"""
_RIVAL_LINES = f"""
    SELECT line.id, partner.commercial_partner_id, currency.name,
           ROUND(line.amount * 100)::bigint, move.date,
           COALESCE(line.payment_ref, ''), TRUE
      FROM account_bank_statement_line line
      {MOVE_OF_LINE}
      JOIN account_journal journal ON journal.id = line.journal_id
      JOIN res_currency currency
        ON currency.id = COALESCE(journal.currency_id, %s)
      JOIN res_partner partner ON partner.id = line.partner_id
     WHERE line.company_id IN %s
       AND line.is_reconciled IS NOT TRUE
       AND move.state = 'posted'
"""
# Of an ``item``, its ``move`` and ``account``: it is open, and a bank line may pay it.
IS_OPEN = """
       item.parent_state = 'posted'
       AND item.reconciled IS NOT TRUE
       AND item.amount_residual_currency != 0
       AND (account.account_type IN ('asset_receivable', 'liability_payable')
            -- A payment that waits for its bank line.
            OR move.origin_payment_id IS NOT NULL AND account.reconcile)
"""
_OPEN_ITEMS = f"""
    SELECT item.id, item.move_id, item.account_id,
           partner.commercial_partner_id, currency.name,
           ROUND(item.amount_residual_currency * 100)::bigint,
           COALESCE(move.invoice_date, item.date),
           ARRAY_REMOVE(ARRAY[
               move.name, move.payment_reference,
               -- On what we write ourselves it is no number, but any text.
               CASE WHEN move.move_type LIKE 'in_%%' THEN move.ref END
           ], NULL),
           move.statement_line_id IS NULL AND move.origin_payment_id IS NULL
      FROM account_move_line item
      JOIN account_move move ON move.id = item.move_id
      JOIN account_account account ON account.id = item.account_id
      JOIN res_currency currency ON currency.id = item.currency_id
      JOIN res_partner partner ON partner.id = item.partner_id
     -- So that the index on what is not reconciled serves, and none of companies; of a
     -- million items on other accounts none is looked at.
     WHERE item.account_id = ANY(%s)
       AND item.company_id + 0 IN %s
       AND {IS_OPEN}
"""
# Asked first: PostgreSQL knows of each account how many items it has.
_OPEN_ACCOUNTS = "SELECT id FROM account_account WHERE reconcile"


def lines_to_match(companies):
    """The :class:`LineToMatch` lines of these companies' TBC accounts, oldest first.

    Without those that somebody took back, whose day is locked, or that Odoo refused
    to match a short while ago. An archived partner is none.
    """
    locks = [SQL("(%s, %s)", one.id, _locked(one)) for one in companies]
    which = SQL(
        _TO_MATCH,
        tuple(companies.ids),
        utc_now() - REFUSED_FOR,
        SQL(", ").join(locks),
    )
    return read_rows(companies.env, LineToMatch, SQL(_LINES, which))


def lines_as_matched(lines):
    """The :class:`LineToMatch` of these bank lines, as far as they are TBC's."""
    if not lines:
        return []
    which = SQL("line.id IN %s", tuple(lines.ids))
    return read_rows(lines.env, LineToMatch, SQL(_LINES, which))


def _locked(company):
    return max(company.user_fiscalyear_lock_date, company.user_hard_lock_date)


def rival_lines(companies, planned):
    """All other unmatched lines of the companies: they could pay the same.

    :param planned: the ids of those that are to be matched themselves
    """
    currency_id = companies[:1].currency_id.id
    query = SQL(_RIVAL_LINES, currency_id, tuple(companies.ids))
    rivals = read_rows(companies.env, BankLine, query)
    return [line for line in rivals if line.line_id not in planned]


def open_items(companies):
    """The ``OpenItem`` of all that is open on the companies' receivables and payables.

    A payment's or another bank line's item is no document: it only stands in the way,
    also where it waits on an outstanding account.
    """
    query = SQL(_OPEN_ITEMS, open_accounts(companies.env), tuple(companies.ids))
    items = read_rows(companies.env, OpenItem, query)
    return [replace(item, numbers=tuple(item.numbers)) for item in items]


def open_accounts(env):
    """The ids of the ledger accounts on which something may be open."""
    env["account.account"].flush_model(["reconcile"])
    return [account_id for (account_id,) in env.execute_query(SQL(_OPEN_ACCOUNTS))]


def read_rows(env, kind, query):
    """Return a list of ``kind``, one of each row, whose columns are its fields."""
    env.flush_all()
    names = [field.name for field in fields(kind)]
    rows = env.execute_query(query)
    return [kind(**dict(zip(names, row, strict=True))) for row in rows]
