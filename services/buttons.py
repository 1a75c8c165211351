"""Buttons: pressed for too few records, or too many; and what they say in the end."""

from odoo.exceptions import UserError


def at_least_one(records):
    """Refuse an act on nothing, which a caller over RPC may ask for."""
    if not records:
        raise UserError(records.env._("Nothing was chosen. Choose at least one."))


def only_one(records):
    """Refuse an act on nothing, or on several where it is about one."""
    if len(records) != 1:
        raise UserError(records.env._("This can be done for one record at a time."))


def notice(env, message, *, kind="success", title=None, after=None):
    """Return the action that shows ``message``, and then what comes ``after`` it.

    :param after: an action; without one the screen is reloaded
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "title": title or env._("TBC Bank"),
            "message": message,
            "type": kind,
            "sticky": kind != "success",
            # Where each sentence of several has a line of its own.
            "className": "o_tbc_notice",
            "next": after or reload_screen(),
        },
    }


def reload_screen():
    """Return the action that shows the same screen anew."""
    return {"type": "ir.actions.client", "tag": "soft_reload"}


def our_action(env, name, **values):
    """Return the module's action of this name, with other values where some are given."""
    action = env["ir.actions.act_window"]._for_xml_id(f"account_tbc_bank.{name}")
    return {**action, **values}


def titled(action, title):
    """Return the action with another title, which breadcrumbs take from one value and
    the rest of Odoo from another.
    """
    return {**action, "display_name": title, "name": title}
