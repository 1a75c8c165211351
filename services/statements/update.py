"""What the bank tells now of movements that are booked already."""

import json

from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL

from ...bookkeeping import statement_line_values
from ...tbc import json_value
from ..chatter import write_note, write_notes
from ..partners import counterparty_of, find_partner_ids
from .booking import active_currencies, movement_of

# What a line has of the bank's words; taken anew while nothing is matched on it.
_ON_LINE = (
    "payment_ref",
    "ref",
    "partner_name",
    "account_number",
    "transaction_type",
    "tbc_operation_id",
    "tbc_parent_operation_id",
)
# The database compares: hardly ever is one told otherwise, and none need be read.
_TOLD_OTHERWISE = """
    SELECT line.id
      FROM UNNEST(%(ids)s, %(days)s, %(amounts)s, %(details)s)
           AS told(id, day, amount, details)
      JOIN account_bank_statement_line line ON line.id = told.id
     WHERE line.tbc_day IS DISTINCT FROM told.day
        OR line.tbc_amount IS DISTINCT FROM told.amount
        OR line.transaction_details IS DISTINCT FROM told.details::jsonb
     ORDER BY line.id
"""


def update_known_lines(account, lines, movements):
    """Let the lines of known movements follow what the bank tells of these now.

    The payment id is always taken; words and codes while the line is not matched, later
    they are told in the chatter, once. What is left out now is not erased.

    :param lines: as :func:`.booking.known_lines` fetches them
    :param movements: ``{movement id: Movement}``
    :return: whether a line is other than before
    """
    changes, is_changed = [], False
    for line in _told_otherwise(lines, movements):
        movement = movements[line.tbc_movement_id]
        is_changed |= _update_figures(account, line, movement)
        told = _merged(line.transaction_details, json_value(movement.raw))
        if told != line.transaction_details:
            changes.append(_Change(line, movement, told))
    _choose_partners(account, changes)
    notes = {change.line.move_id.id: change.write_told() for change in changes}
    notes = {move_id: note for move_id, note in notes.items() if note}
    if notes:
        write_notes(account.env["account.move"].browse(notes), notes)
    return is_changed or bool(changes)


def _told_otherwise(lines, movements):
    """Return the lines of which the bank tells anything else than they have."""
    lines = lines.filtered(lambda line: line.tbc_movement_id in movements)
    if not lines:
        return lines
    told = [movements[line.tbc_movement_id] for line in lines]
    lines.flush_recordset(["tbc_day", "tbc_amount", "transaction_details"])
    rows = lines.env.execute_query(
        SQL(
            _TOLD_OTHERWISE,
            ids=lines.ids,
            days=[movement.day for movement in told],
            amounts=[movement.amount for movement in told],
            details=[json.dumps(json_value(movement.raw)) for movement in told],
        )
    )
    return lines.browse(line_id for (line_id,) in rows)


def _update_figures(account, line, movement):
    """Keep the day and the amount that the bank tells now of a booked movement.

    The entry stays: what it differs by is then told, and a person decides.

    :return: whether any of them is another one
    """
    is_other_day = movement.day != (line.tbc_day or line.date)
    if is_other_day:
        line.tbc_day = movement.day
    known, told = line.tbc_amount, line.tbc_amount or line.amount
    amount = float(movement.amount)
    is_same = not account.currency_id.compare_amounts(told, amount)
    if is_same or not movement.is_authorised:
        return is_other_day
    line.tbc_amount = amount
    # Of a line of an older version nobody knows who has changed it.
    if known:
        write_note(line.move_id, _amounts_sentence(account, amount, told))
    return True


def _amounts_sentence(account, now, before):
    return account.env._(
        "The bank tells %(now)s for this transaction, and told %(before)s before.",
        now=account.currency_id.format(now),
        before=account.currency_id.format(before),
    )


def _merged(before, now):
    """What was told before, with what is told now in its place, as JSON."""
    if isinstance(before, dict) and isinstance(now, dict):
        return {**before, **{k: _merged(before.get(k), v) for k, v in now.items()}}
    is_nothing = now is None or (isinstance(now, str) and not now.strip())
    return now if before is None or not is_nothing else before


class _Change:
    """A line whose movement is told otherwise than before.

    :param dict told: the bank's object as it is to be kept now
    """

    def __init__(self, line, movement, told):
        self.env, self.line, self.told = line.env, line, told
        self.is_authorised = movement.is_authorised
        self.before = movement_of(line.transaction_details)
        self.now = movement_of(told) or movement
        self.values = statement_line_values(self.now)
        before = self.before and statement_line_values(self.before)
        self.words = {
            name: self.values[name]
            for name in _ON_LINE
            if self.values[name]
            and self.values[name] not in (before and before[name], line[name])
        }
        # ``None``: the partner stays; else the new partner's id, or False for nobody.
        self.partner_id = None

    @property
    def counterparties(self):
        """(tax code, IBAN) before and now."""
        return [
            counterparty_of(movement) if movement else (None, None)
            for movement in (self.before, self.now)
        ]

    def write_told(self):
        """Write what the line takes; return the note for its entry, or ``None``."""
        payment_id = {}
        if self.values["tbc_payment_id"] not in (None, self.line.tbc_payment_id):
            payment_id["tbc_payment_id"] = self.values["tbc_payment_id"]
        changed = self._sentences({**payment_id, **self.words})
        self.line.write({"transaction_details": self.told, **payment_id})
        obstacle = self._obstacle() or self._write_line()
        # The payment id is taken in any case.
        is_hindered = self.words or self.partner_id is not None
        return self._note(changed, obstacle if is_hindered else None)

    def _obstacle(self):
        """Why the line's words stay as they are, or ``None``."""
        _liquidity, suspense, others = self.line._seek_for_lines()
        if self.line.is_reconciled or len(suspense) != 1 or others:
            return self.env._("It is matched already, so its line stays as it is.")
        return None

    def _write_line(self):
        """Write what may change; return Odoo's first objection, or ``None``.

        One by one: a locked day refuses the partner, and takes the words.
        """
        parts = self._write_words, self._write_partner, self._write_foreign
        obstacles = [self._try(write) for write in parts]
        return next(filter(None, obstacles), None)

    def _try(self, write):
        """Write, or return what Odoo says against it: the read goes on."""
        try:
            with self.env.cr.savepoint():
                write()
        except (UserError, RedirectWarning) as error:
            return self.env._(
                "Odoo refuses to change the line: %(reason)s", reason=error.args[0]
            )
        return None

    def _write_words(self):
        """Write the words to line and entry, whose figures stay as they are."""
        # What Odoo refused to match may be another matter now.
        again = {"tbc_match_refused_at": False, "tbc_match_problem": False}
        self._quiet.write({**again, **self.words})
        if "payment_ref" in self.words:
            self._quiet.line_ids.write({"name": self.words["payment_ref"]})

    def _write_partner(self):
        if self.partner_id is not None:
            for records in (self._quiet, self._quiet.line_ids, self._quiet.move_id):
                records.write({"partner_id": self.partner_id})

    def _write_foreign(self):
        """Give the line the other currency of a conversion, whose rate came later."""
        code = self.values["foreign_currency"]
        currency = active_currencies(self.env).get(code)
        if currency and not self.line.foreign_currency_id:
            self.line.write(
                {
                    "foreign_currency_id": currency.id,
                    "amount_currency": float(self.values["amount_currency"]),
                }
            )

    @property
    def _quiet(self):
        """The line, whose entry Odoo does not reckon anew, by the rate of today."""
        return self.line.with_context(
            skip_account_move_synchronization=True, skip_readonly_check=True
        )

    def _sentences(self, changed):
        """Return what is told otherwise, one text for each value."""
        changed = {name: (self.line[name], now) for name, now in changed.items()}
        (before, _iban), (now, _new_iban) = self.counterparties
        if now != before:
            changed["tax_code"] = before, now
        labels = self._labels()
        return [
            f"{labels[name]}: {before or '–'} → {now}"
            for name, (before, now) in changed.items()
        ]

    def _labels(self):
        return {
            "payment_ref": self.env._("Label"),
            "ref": self.env._("Reference"),
            "partner_name": self.env._("Counterparty"),
            "account_number": self.env._("Counterparty's account"),
            "transaction_type": self.env._("Operation code"),
            "tbc_operation_id": self.env._("Operation"),
            "tbc_parent_operation_id": self.env._("Operation that it belongs to"),
            "tbc_payment_id": self.env._("Payment ID"),
            "tax_code": self.env._("Tax code"),
        }

    def _note(self, changed, obstacle):
        sentences = []
        if self.before and self.before.is_authorised != self.is_authorised:
            sentence = self.env._(
                "The bank lists this transaction as not authorised any more."
            )
            if self.is_authorised:
                sentence = self.env._(
                    "The bank lists this transaction as authorised again."
                )
            sentences.append(sentence)
        if changed:
            sentence = self.env._("The bank has changed this transaction.")
            sentences += [sentence, *filter(None, [obstacle])]
        return "\n".join(sentences + changed) or None


def _choose_partners(account, changes):
    """Find anew the partners that nobody chose: none yet, or the old counterparty's."""
    changes = [change for change in changes if len(set(change.counterparties)) > 1]
    told = {who: who for change in changes for who in change.counterparties}
    found = find_partner_ids(account.company_id, told) if told else {}
    for change in changes:
        partner, (before, now) = change.line.partner_id, change.counterparties
        chosen = found.get(before) if partner else None
        partner_id = found.get(now, False)
        if (partner.id or None) == chosen and partner_id != partner.id:
            change.partner_id = partner_id
