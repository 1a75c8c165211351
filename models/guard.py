"""Fields that only this module itself may write; and buttons that nothing presses."""

from odoo.exceptions import AccessError, UserError


def refuse_people(records, vals, names):
    """Let nobody's RPC write the fields ``names``, which a read of the bank fills.

    :raise AccessError: ``vals`` has one of them, and this is not the superuser.
    """
    if not records.env.su and names & vals.keys():
        raise AccessError(
            records.env._("Only a read of the bank may write the bank's own fields.")
        )


def without_defaults(records, names):
    """Return ``records`` without the context's defaults for the fields ``names``.

    A caller over RPC chooses the context, too: what may not be written there may not
    come in as a default either. The superuser's own context is left alone.
    """
    if records.env.su:
        return records
    context = {
        key: value
        for key, value in records.env.context.items()
        if key.removeprefix("default_") not in names
    }
    return records.with_context(context)  # pylint: disable=context-overridden


def differs(record, vals, names):
    """Whether ``vals`` give one of the fields ``names`` of the record another value."""
    return any(
        name in record._fields
        and vals[name] != record._fields[name].convert_to_write(record[name], record)
        for name in vals.keys() & set(names)
    )


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
