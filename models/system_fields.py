"""System fields: set by the sync, a test or a service, never by a user."""

from odoo.exceptions import AccessError


def forbid_user_write(records, vals, names):
    """Let nobody's RPC write the fields ``names``, which a read of the bank fills."""
    if not records.env.su and names & vals.keys():
        raise AccessError(
            records.env._("Only a sync with the bank may write the bank's own fields.")
        )


def drop_context_defaults(records, names):
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
