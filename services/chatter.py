"""Notes for people in the chatter, and the one place that makes HTML of text.

Whatever the bank, another user or a vendor wrote may be in our sentences. Odoo takes
text for markup in some places and escapes it in others; here all of it is text.
"""

from markupsafe import Markup


def as_html(text):
    """Return text as HTML that reads as the text does, with no tag or link of it alive.

    Also of what calls itself markup already: an outside word can't pass as ours. Each
    line of the text is one: Odoo hides as a quotation what follows "> " or "--".
    """
    return Markup("<br/>").join(str(text or "").splitlines())


def as_help(title, text):
    """Return what an empty list says, as HTML."""
    page = Markup('<p class="o_view_nocontent_smiling_face">%s</p><p>%s</p>')
    return page % (as_html(title), as_html(text))


def write_note(records, text):
    """Write the same note into the chatter of each record; nobody is notified."""
    write_notes(records, dict.fromkeys(records.ids, text))


def write_notes(records, texts):
    """Write each record's own note into its chatter: ``{record id: text}``."""
    bodies = {record_id: as_html(text) for record_id, text in texts.items()}
    records._message_log_batch(bodies=bodies)


def log_changes(messages):
    """Log at once what Odoo itself says of records that have changed: its own markup.

    :param messages: ``{record: {"body", "tracking_value_ids"}}``, as of ``_message_log``
    """
    records = next(iter(messages)).concat(*list(messages)[1:])
    bodies = {record.id: message["body"] for record, message in messages.items()}
    logged_sudo = records._message_log_batch(bodies=bodies)
    changes = [
        {**vals, "mail_message_id": logged.id}
        for logged, message in zip(logged_sudo, messages.values(), strict=True)
        for _command, _id, vals in message["tracking_value_ids"]
    ]
    records.env["mail.tracking.value"].sudo().create(changes)


def post_note(record, text):
    """Post a note on the record, which those who follow its notes are told of."""
    record.message_post(body=as_html(text))
