"""Notices on the screen, after a button was pressed."""


def notice(env, message, *, kind="success", title=None):
    """Return the action that shows ``message`` and then reloads the screen."""
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "title": title or env._("TBC Bank"),
            "message": message,
            "type": kind,
            "sticky": kind != "success",
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }
