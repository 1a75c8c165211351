"""The text that transactions are searched for is filled before the update itself.

In portions with a commit each: an account of ten years has hundreds of thousands of
lines, and in one step nobody could read or write any of them until its end.
"""

from odoo.addons.account_tbc_bank.services.words import fill_words_in_portions


def migrate(cr, version):
    if not version:
        return
    fill_words_in_portions(cr)
