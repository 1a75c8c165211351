"""Fields that only this module itself may write."""


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
