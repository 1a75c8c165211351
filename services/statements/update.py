"""What the bank tells now of movements that are booked already."""

from odoo.exceptions import RedirectWarning, UserError

from ...bookkeeping import statement_line_values
from ...tbc import json_value
from ..chatter import write_note, write_notes
from ..partners import find_partner_ids
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
_PAYMENT = "tbc_payment_id"


def update_known_lines(account, lines, movements):
    """Let the lines of known movements follow what the bank tells of these now.

    What is told takes the place of what was told before, and nothing that is left out
    now is erased. The payment id always; words and codes while the line is not matched,
    afterwards they are told in the chatter, once.

    :param lines: their lines, as :func:`.booking.known_lines` fetches them
    :param movements: ``{movement id: Movement}``
    """
    _update_bank_days(account, lines, movements)
    _update_bank_amounts(account, lines, movements)
    changes = []
    for line in lines:
        movement = movements.get(line.tbc_movement_id)
        told = movement and _completed(line.transaction_details, movement.raw)
        if told and told != line.transaction_details:
            changes.append(_Change(account, line, movement, told))
    _choose_partners(account, changes)
    notes = {change.line.move_id: change.take() for change in changes}
    notes = {move: note for move, note in notes.items() if note}
    if notes:
        moves = account.env["account.move"].union(*notes)
        write_notes(moves, {move.id: note for move, note in notes.items()})


def _completed(before, raw):
    """What was told before, with what is told now in its place, as JSON."""
    return _merged(before if isinstance(before, dict) else {}, json_value(raw))


def _merged(before, now):
    if isinstance(before, dict) and isinstance(now, dict):
        return {**before, **{k: _merged(before.get(k), v) for k, v in now.items()}}
    is_nothing = now is None or (isinstance(now, str) and not now.strip())
    return now if before is None or not is_nothing else before


class _Change:
    """A line whose movement is told otherwise than before.

    :param dict told: the bank's object as it is to be kept now
    """

    def __init__(self, account, line, movement, told):
        self.account, self.line, self.told = account, line, told
        self.env = account.env
        self.is_authorised = movement.is_authorised
        self.before = movement_of(line.transaction_details)
        self.now = movement_of(told) or movement
        # ``None``: the partner stays; else the new partner's id, or False for nobody.
        self.partner_id = None

    @property
    def counterparties(self):
        """(tax code, IBAN) before and now."""
        before = self.before.counterparty if self.before else None
        now = self.now.counterparty
        return (
            (before.tax_code, before.iban) if before else (None, None),
            (now.tax_code, now.iban),
        )

    def take(self):
        """Write what the line takes; return the note for its entry, or ``None``."""
        values, before = statement_line_values(self.now), self._values_before()
        words = {
            name: values[name]
            for name in _ON_LINE
            if values[name] and values[name] not in (before[name], self.line[name])
        }
        payment = {}
        if values[_PAYMENT] and values[_PAYMENT] != self.line[_PAYMENT]:
            payment = {_PAYMENT: values[_PAYMENT]}
        changed = self._sentences({**payment, **words})
        self.line.write({"transaction_details": self.told, **payment})
        obstacle = self._obstacle()
        if not obstacle:
            # One by one: a locked day refuses the partner, and takes the words.
            tries = (self._write_words, self._write_partner, self._write_foreign)
            obstacle = [self._try(lambda t=t: t(values, words)) for t in tries]
            obstacle = next(filter(None, obstacle), None)
        # The payment id is taken in any case.
        is_hindered = words or self.partner_id is not None
        return self._note(changed, obstacle if is_hindered else None)

    def _values_before(self):
        if self.before:
            return statement_line_values(self.before)
        return {name: self.line[name] or None for name in _ON_LINE}

    def _obstacle(self):
        """Why the line's words stay as they are, or ``None``."""
        _liquidity, suspense, others = self.line._seek_for_lines()
        if self.line.is_reconciled or len(suspense) != 1 or others:
            return self.env._("It is matched already, so its line stays as it is.")
        return None

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

    def _write_words(self, _values, words):
        """Write the words to line and entry, whose figures stay as they are."""
        # What Odoo refused to match may be another matter now.
        again = {"tbc_match_refused_at": False, "tbc_match_problem": False}
        self._quiet.write({**again, **words})
        if "payment_ref" in words:
            self._quiet.line_ids.write({"name": words["payment_ref"]})

    def _write_partner(self, _values, _words):
        if self.partner_id is not None:
            partner = {"partner_id": self.partner_id}
            self._quiet.write(partner)
            self._quiet.line_ids.write(partner)
            self._quiet.move_id.write(partner)

    def _write_foreign(self, values, _words):
        """Give the line the other currency of a conversion, whose rate came later."""
        currency_id = active_currencies(self.env).get(values["foreign_currency"])
        if currency_id and not self.line.foreign_currency_id:
            self.line.write(
                {
                    "foreign_currency_id": currency_id,
                    "amount_currency": float(values["amount_currency"]),
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
        names = {
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
        changed = {name: (self.line[name], now) for name, now in changed.items()}
        (tax_code, _iban), (new_tax_code, _new_iban) = self.counterparties
        if new_tax_code != tax_code:
            changed["tax_code"] = tax_code, new_tax_code
        return [
            f"{names[name]}: {before or '–'} → {now}"
            for name, (before, now) in changed.items()
        ]

    def _note(self, changed, obstacle):
        sentences = []
        if self.before and self.before.is_authorised != self.is_authorised:
            sentences.append(
                self.env._("The bank lists this transaction as authorised again.")
                if self.is_authorised
                else self.env._(
                    "The bank lists this transaction as not authorised any more."
                )
            )
        if changed:
            sentences.append(
                self.env._("The bank tells this transaction otherwise now.")
            )
            sentences += [obstacle] if obstacle else []
        return "\n".join(sentences + changed) or None


def _choose_partners(account, changes):
    """Find anew the partners that nobody chose: none yet, or the old counterparty's."""
    befores, nows = {}, {}
    for change in changes:
        before, now = change.counterparties
        if before != now:
            befores[change.line.id], nows[change.line.id] = before, now
    if not nows:
        return
    company = account.company_id
    befores, nows = find_partner_ids(company, befores), find_partner_ids(company, nows)
    for change in changes:
        line, (before, now) = change.line, change.counterparties
        ours = befores.get(line.id) if line.partner_id else None
        partner_id = nows.get(line.id, False)
        if before != now and (line.partner_id.id or None) == ours:
            change.partner_id = None if partner_id == line.partner_id.id else partner_id


def _update_bank_days(account, lines, movements):
    """Give the lines whose movement has another day at the bank now that day.

    :param movements: ``{movement id: Movement}``
    """
    for line in lines:
        movement = movements.get(line.tbc_movement_id)
        if movement and movement.day != (line.tbc_day or line.date):
            line.tbc_day = movement.day


def _update_bank_amounts(account, lines, movements):
    """Keep what the bank says now of booked movements whose amount it has changed.

    The entry stays: what its amount differs by is then told, and a person decides.

    :param movements: ``{movement id: Movement}``
    """
    for line in lines:
        movement = movements.get(line.tbc_movement_id)
        if not movement or not movement.is_authorised:
            continue
        amount = float(movement.amount)
        told = line.tbc_amount or line.amount
        if not account.currency_id.compare_amounts(told, amount):
            continue
        known = line.tbc_amount
        line.tbc_amount = amount
        if not known:
            # A line of an older version: who has changed it, is not known.
            continue
        sentence = account.env._(
            "The bank tells %(now)s for this movement, and told %(before)s before.",
            now=account.currency_id.format(amount),
            before=account.currency_id.format(told),
        )
        write_note(line.move_id, sentence)
