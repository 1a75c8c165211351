"""Rules that were taught with the bank's whole text ask for it without its commas.

A comma of that text parted conditions of which one was enough, as the name of a town:
such a rule booked what it was never meant for. Where no word tells anything, and nothing
else narrows it, it is switched off. What somebody worded otherwise stays, and what was
not taught from a transaction; the log names each rule that is touched.
"""

import logging

from odoo.addons.account_tbc_bank.bookkeeping import drafted_name, drafted_words

_logger = logging.getLogger(__name__)

# A rule is taught and its transaction matched in one step.
_TAUGHT = """
    SELECT DISTINCT rule.id, rule.{column}
      FROM tbc_operation_rule AS rule
      JOIN account_bank_statement_line AS line ON line.tbc_rule_id = rule.id
     WHERE line.tbc_settled_by_id = rule.create_uid
       AND line.tbc_settled_at BETWEEN rule.create_date - INTERVAL '5 minutes'
                                   AND rule.create_date + INTERVAL '5 minutes'
       AND rule.{column} = line.{told}
       AND rule.{column} LIKE '%,%'
"""
# What else may narrow it, beside the words.
_NARROWED = """
    COALESCE(counterparty, '') != '' OR COALESCE(op_code, '') != ''
"""


def migrate(cr, version):
    if not version:
        return
    _reword(cr, "words", "payment_ref", drafted_words, _NARROWED)
    _reword(cr, "counterparty", "partner_name", drafted_name, "FALSE")


def _reword(cr, column, told, draft, narrowed):
    cr.execute(_TAUGHT.format(column=column, told=told))
    for rule_id, text in cr.fetchall():
        is_telling = bool(draft(text))
        cr.execute(
            f"UPDATE tbc_operation_rule SET {column} = %s,"
            f" active = active AND (%s OR {narrowed}) WHERE id = %s RETURNING active",
            (" ".join(text.replace(",", " ").split()), is_telling, rule_id),
        )
        [is_active] = cr.fetchone()
        words = "asks for its words without commas" if is_active else "is off"
        _logger.info("TBC operation rule %s %s", rule_id, words)
