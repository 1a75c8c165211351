"""The text that transactions are searched for: one column with an index of its own."""

import logging

from psycopg2 import Error, OperationalError

from odoo.modules.db import has_trigram
from odoo.tools.sql import column_exists, create_column

_logger = logging.getLogger(__name__)

_TABLE = "account_bank_statement_line"
# As many rows as take a second or two: so long one of them may be waited for.
PORTION = 5_000
# Somebody may be at work on a row: the whole portion is tried so often.
_TRIES = 3

_FILL = """
    UPDATE account_bank_statement_line line
       SET tbc_words = CONCAT_WS(E'\\n', NULLIF(line.payment_ref, ''),
                                 NULLIF(line.partner_name, ''), NULLIF(move.ref, ''))
      FROM account_move move
     WHERE move.id = line.move_id
       AND line.tbc_words IS NULL
"""


def fill_words(lines):
    """Make and fill the column, as far as that is not done, in the caller's step."""
    cr = lines.env.cr
    _want_trigrams(lines.env)
    if not column_exists(cr, _TABLE, "tbc_words"):
        create_column(cr, _TABLE, "tbc_words", "varchar")
    cr.execute(_FILL)


def fill_words_in_portions(cr):
    """The same before an update, each portion committed by itself.

    Nobody else waits for more than a few rows. What a portion can't have, and what is
    written meanwhile, :func:`fill_words` does in the update itself.
    """
    if not column_exists(cr, _TABLE, "tbc_words"):
        create_column(cr, _TABLE, "tbc_words", "varchar")
    cr.commit()  # pylint: disable=invalid-commit
    cr.execute("SELECT MIN(id), MAX(id) FROM account_bank_statement_line")
    first, last = cr.fetchone()
    for begin in range(first or 0, (last or 0) + 1, PORTION):
        _fill_portion(cr, begin, begin + PORTION - 1)


def _fill_portion(cr, first, last):
    for _time in range(_TRIES):
        try:
            cr.execute(f"{_FILL} AND line.id BETWEEN %s AND %s", [first, last])
            cr.commit()  # pylint: disable=invalid-commit
            return
        except OperationalError:
            # Somebody has just written one of the rows.
            cr.rollback()


def _want_trigrams(env):
    """Let the database have what the index is made of.

    Odoo does so for each database that it creates itself.
    """
    if env.registry.has_trigram:
        return
    try:
        with env.cr.savepoint():
            env.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except Error:
        _logger.info("The database has no pg_trgm: transactions are searched slowly.")
    env.registry.has_trigram = has_trigram(env.cr)
