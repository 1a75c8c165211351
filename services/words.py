"""The text that transactions are searched for: one column with an index of its own."""

import logging

from psycopg2 import Error

from odoo.modules.db import has_trigram
from odoo.tools.sql import column_exists, create_column

_logger = logging.getLogger(__name__)

_FILL = """
    UPDATE account_bank_statement_line line
       SET tbc_words = CONCAT_WS(E'\\n', NULLIF(line.payment_ref, ''),
                                 NULLIF(line.partner_name, ''), NULLIF(move.ref, ''))
      FROM account_move move
     WHERE move.id = line.move_id
"""


def fill_words(lines):
    """Make and fill the column of the lines that are there already, in one step."""
    cr, table = lines.env.cr, lines._table
    if not column_exists(cr, table, "tbc_words"):
        _want_trigrams(lines.env)
        create_column(cr, table, "tbc_words", "varchar")
        cr.execute(_FILL)


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
