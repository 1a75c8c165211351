"""Rules that were taught with the bank's whole text ask for its telling words alone.

A comma of that text parted conditions of which one was enough, as the name of a town:
such a rule booked what it was never meant for. Where no word tells anything, it is
switched off. What somebody worded otherwise stays.
"""

from odoo.addons.account_tbc_bank.bookkeeping.rule_words import (
    drafted_name,
    drafted_words,
)

_TAUGHT = """
    SELECT DISTINCT rule.id, rule.{column}
      FROM tbc_operation_rule AS rule
      JOIN account_bank_statement_line AS line ON line.tbc_rule_id = rule.id
     WHERE line.tbc_settled_by_id IS NOT NULL
       AND rule.{column} = line.{told}
       AND rule.{column} LIKE '%,%'
"""


def migrate(cr, version):
    if not version:
        return
    _reword(cr, "words", "payment_ref", drafted_words)
    _reword(cr, "counterparty", "partner_name", drafted_name)


def _reword(cr, column, told, draft):
    cr.execute(_TAUGHT.format(column=column, told=told))
    for rule_id, text in cr.fetchall():
        words = draft(text)
        cr.execute(
            f"UPDATE tbc_operation_rule SET {column} = %s, active = %s AND active"
            " WHERE id = %s",
            (words or text, bool(words), rule_id),
        )
