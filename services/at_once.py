"""Many journal items are written at once: what Odoo does one by one is done once for all.

Under the context key ``tbc_at_once``, which only this file sets, the models hand over
what Odoo looks up for each item, and what it logs in the chatter of each entry.
"""

from .chatter import log_changes


def write_at_once(items, vals):
    """Move these items to an account; each entry's chatter tells what Odoo tells of it.

    :param vals: with ``account_id``
    """
    at_once = AtOnce()
    account = items.account_id.browse(vals["account_id"])
    # Odoo reads each of these when its turn comes.
    (account | items.move_id.line_ids.account_id).mapped("display_name")
    items.with_context(tbc_at_once=at_once).write(vals)
    at_once.end()


class Distributions:
    """Analytic distributions, each asked once for items that are alike."""

    def __init__(self):
        self._found = {}

    def of(self, vals, ask):
        """Return the distribution of these arguments; ``ask`` is called the first time."""
        key = repr(sorted(vals.items(), key=lambda item: item[0]))
        if key not in self._found:
            self._found[key] = ask()
        return self._found[key]


class AtOnce:
    """What is asked and logged once for all items that are written."""

    def __init__(self):
        self.distributions = Distributions()
        self._messages, self._is_over = {}, False

    def keeps(self, move, message):
        """Whether a message of this entry is kept, and logged with those of the others."""
        if self._is_over or message.keys() != {"body", "tracking_value_ids"}:
            return False
        if move in self._messages:
            # An entry has one of a batch.
            self._log()
        self._messages[move] = message
        return True

    def end(self):
        """Log what is kept; what comes later, Odoo logs itself."""
        self._is_over = True
        if self._messages:
            self._log()

    def _log(self):
        messages, self._messages = self._messages, {}
        log_changes(messages)


def at_once_of(records):
    """Return what these records are written with, or ``None``."""
    found = records.env.context.get("tbc_at_once")
    # A caller over RPC chooses the context, too.
    return found if isinstance(found, AtOnce) else None
