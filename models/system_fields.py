"""System fields: set by the sync, a test or a service, never by a user."""

from odoo.exceptions import AccessError
from odoo.models import MAGIC_COLUMNS

# Of a field that a read sets, and never a user.
SYSTEM = {"readonly": True, "copy": False}


def system_fields(records):
    """The names of these fields: stored, readonly, and ours on a model of Odoo's."""
    prefix = "" if records._name.startswith("tbc.") else "tbc_"
    return {
        name
        for name, field in records._fields.items()
        if field.readonly and field.store and not field.compute
        if name.startswith(prefix) and name not in MAGIC_COLUMNS
    }


def forbid_user_write(records, vals):
    """Let nobody's RPC write the fields that a read of the bank fills."""
    if not records.env.su and system_fields(records) & vals.keys():
        raise AccessError(
            records.env._("Only a sync with the bank may write the bank's own fields.")
        )


def drop_context_defaults(records):
    """Return ``records`` without the context's defaults for system fields.

    A caller over RPC chooses the context, too: what may not be written there may not
    come in as a default either. The superuser's own context is left alone.
    """
    if records.env.su:
        return records
    names = system_fields(records)
    context = {
        key: value
        for key, value in records.env.context.items()
        if key.removeprefix("default_") not in names
    }
    return records.with_context(context)  # pylint: disable=context-overridden


def cleared_to_create(records, vals_list):
    """Return ``records`` to create with: no system field comes from a person."""
    for vals in vals_list:
        forbid_user_write(records, vals)
    return drop_context_defaults(records)


def differs(record, vals, names):
    """Whether ``vals`` give one of the fields ``names`` of the record another value."""
    return any(
        name in record._fields
        and vals[name] != record._fields[name].convert_to_write(record[name], record)
        for name in vals.keys() & set(names)
    )
