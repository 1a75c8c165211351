"""Buttons that are pressed for too few records, or too many."""

from odoo.exceptions import UserError


def at_least_one(records):
    """Refuse an act on nothing, which a caller over RPC may ask for.

    :raise UserError: no record was chosen.
    """
    if not records:
        raise UserError(records.env._("Nothing was chosen. Choose at least one."))


def only_one(records):
    """Refuse an act on nothing, or on several where it is about one.

    :raise UserError: not exactly one record was chosen.
    """
    if len(records) != 1:
        raise UserError(records.env._("This can be done for one record at a time."))
