"""The bank lines of a page of Transactions to Match, as plain values: one query."""

from dataclasses import dataclass
from datetime import date

from odoo.tools import SQL

from .candidates import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionRow:
    """A bank line, with what the bank says of its movement.

    ``cents`` is signed, below zero when money went out; absent text is ``None``.

    - ``label``: the purpose as Odoo shows it; ``purpose``: with what the bank adds;
    - ``root_id``: the company that this one is a branch of, or itself;
    - ``is_named``: whether somebody set its partner, which can be taken back.
    """

    line_id: int
    company_id: int
    root_id: int
    journal_id: int
    move_id: int
    date: date
    day: date
    label: str
    purpose: str
    counterparty_name: str | None
    counterparty_iban: str | None
    tax_code: str | None
    cents: int
    currency_id: int
    currency: str
    company_currency: str
    foreign_id: int | None
    foreign: str | None
    foreign_cents: int | None
    op_code: str | None
    transaction_type: str | None
    operation_id: str | None
    parent_id: str | None
    partner_id: int | None
    iban: str | None
    fee_account_id: int | None
    is_settled: bool
    note: str | None
    problem: str | None
    settled_by_id: int | None
    is_named: bool

    @property
    def is_between_own_accounts(self):
        """Whether the bank calls it an own transfer or a conversion."""
        return self.transaction_type in ("1", "5")


# The columns are the fields of the class, in their order.
_TRANSACTIONS = """
    SELECT line.id, line.company_id, split_part(company.parent_path, '/', 1)::int,
           line.journal_id, line.move_id, move.date, COALESCE(line.tbc_day, move.date),
           COALESCE(line.payment_ref, ''),
           CONCAT_WS(' ', line.payment_ref,
                     line.transaction_details->>'additionalDescription'),
           line.partner_name, line.account_number,
           line.transaction_details->'partnerAccountInfo'->>'taxCode',
           ROUND(line.amount * 100)::bigint, currency.id, currency.name,
           home.name, "foreign".id, "foreign".name,
           ROUND(line.amount_currency * 100)::bigint,
           line.transaction_type, line.transaction_details->>'transactionType',
           line.tbc_operation_id, line.tbc_parent_operation_id,
           commercial.id, bank.sanitized_acc_number,
           account.fee_account_id, line.is_reconciled IS TRUE,
           line.tbc_match_note, line.tbc_match_problem,
           line.tbc_settled_by_id,
           COALESCE((line.tbc_naming->>'partner')::int = line.partner_id, FALSE)
      FROM account_bank_statement_line line
      JOIN account_move move ON move.id = line.move_id
      JOIN res_company company ON company.id = line.company_id
      JOIN account_journal journal ON journal.id = line.journal_id
      JOIN res_currency home ON home.id = company.currency_id
      JOIN res_currency currency
        ON currency.id = COALESCE(journal.currency_id, company.currency_id)
 LEFT JOIN tbc_account account ON account.id = line.tbc_account_id
 LEFT JOIN res_currency "foreign" ON "foreign".id = line.foreign_currency_id
 LEFT JOIN res_partner_bank bank ON bank.id = journal.bank_account_id
 LEFT JOIN res_partner partner ON partner.id = line.partner_id
 LEFT JOIN res_partner commercial
        ON commercial.id = partner.commercial_partner_id AND commercial.active
     WHERE line.id IN %(ids)s
"""


def transaction_rows(lines):
    """Return the :class:`TransactionRow` list of these bank lines, in their order."""
    if not lines:
        return []
    query = SQL(_TRANSACTIONS, ids=tuple(lines.ids))
    rows = read_rows(lines.env, TransactionRow, query)
    by_id = {row.line_id: row for row in rows}
    return [by_id[line_id] for line_id in lines.ids if line_id in by_id]
