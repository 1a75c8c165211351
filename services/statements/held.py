"""What is on hold: kept until it can be booked, let go when the bank drops it."""

import json
import re
from datetime import timedelta
from decimal import Decimal

from odoo.tools import format_date

from ...bookkeeping import statement_line_values
from ...tbc import json_value, parse_movement_page
from ..chatter import write_note
from ..clock import georgian_day

# An unreadable movement without an id is held by this and a digest.
NAMELESS = "no-id:"
# What can be asked for by id; anything else could not stand in an address.
ASKABLE_ID = re.compile(r"\w[\w.-]{0,99}", re.ASCII)
# A hold of an older version, without a day, was listed at most so long before.
LONGEST_LOOK_BACK = timedelta(days=38)
# Only the bank can change these; all others are tried again at each read.
HELD_BY_BANK = ("waiting", "unreadable")


def held_from_books(account):
    """Return the held movements whose obstacle may have gone in Odoo."""
    held = account.held_ids.filtered(lambda record: record.reason not in HELD_BY_BANK)
    raws = json.loads(json.dumps(held.mapped("raw")), parse_float=Decimal)
    page = parse_movement_page({"transactions": raws, "total": len(raws)})
    return page.movements, page.unreadable


def store_held(account, held, *, released):
    """Keep ``{id: (reason, detail, movement)}``; drop the ids ``released``.

    :return: whether anything is other than before
    """
    if not held and not account.held_ids:
        return False
    records = {record.movement_id: record for record in account.held_ids}
    gone = released & records.keys()
    for movement_id in gone:
        records.pop(movement_id).unlink()
    is_changed = bool(gone)
    for movement_id, why in held.items():
        vals = _prepare_held_vals(*why)
        if record := records.get(movement_id):
            is_changed |= _write_changed(record, vals)
        else:
            vals |= {"account_id": account.id, "movement_id": movement_id}
            is_changed |= bool(account.env["tbc.held.movement"].create(vals))
    return is_changed


def _write_changed(record, vals):
    """Write what has changed; unchanged rows stay: another worker may hold the same."""
    before = {name: record[name] or None for name in vals}
    changed = {n: v for n, v in vals.items() if before[n] != (v or None)}
    if changed:
        record.write(changed)
    return bool(changed)


def _prepare_held_vals(reason, detail, movement):
    vals = {
        "reason": reason,
        "detail": detail,
        "day": movement.day,
        "raw": json_value(movement.raw),
    }
    if reason != "unreadable":
        values = statement_line_values(movement)
        vals.update(amount=float(movement.amount), label=values["payment_ref"])
    return vals


def is_askable(held):
    return bool(ASKABLE_ID.fullmatch(held.movement_id))


def is_to_be_listed(held):
    """Whether only the bank's list tells of it: it can't be read, or not be asked for.

    What waits for Odoo is counted in the sums, so that the proof finds it gone.
    """
    return held.reason == "unreadable" or (
        held.reason == "waiting" and not is_askable(held)
    )


def note_listed(account, ids, first, last):
    """Keep between which days the bank lists what is held, of the ids of a page."""
    for held in account.held_ids:
        if held.movement_id in ids and is_to_be_listed(held):
            begin, end = held.listed_from or first, held.listed_to or last
            begin, end = max(begin, first), min(end, last)
            if begin > end:
                begin, end = first, last
            if (held.listed_from, held.listed_to) != (begin, end):
                held.write({"listed_from": begin, "listed_to": end})


def place(held):
    """Return the first and last day between which the bank should list it."""
    first, last = held.listed_from, held.listed_to
    if first and not (held.day and first <= held.day <= last):
        return first, last
    if held.day:
        return held.day, held.day
    last = georgian_day(held.create_date)
    return last - LONGEST_LOOK_BACK, last


def unlisted(account, first, last, ids):
    """Return what should be in a complete list of these days, and is not.

    :param ids: what is listed on these days, or was elsewhere in this read
    """
    return account.held_ids.filtered(
        lambda held: (
            is_to_be_listed(held)
            and held.movement_id not in ids
            and first <= place(held)[0]
            and place(held)[1] <= last
        )
    )


def let_go(account, held, run=None):
    """Take these off hold, and tell it on the account and in the read's history."""
    if not held:
        return
    sentences = [_gone_sentence(account, record) for record in held]
    held.unlink()
    for sentence in sentences:
        write_note(account, sentence)
    if run and "note" in run._fields:
        run.note = "\n".join([*filter(None, [run.note]), *sentences])


def _gone_sentence(account, held):
    if not held.day:
        return account.env._(
            "The bank does not list the transaction %(number)s any more: it is not on "
            "hold any longer.",
            number=held.movement_id,
        )
    return account.env._(
        "The bank does not list the transaction %(number)s of %(day)s any more: it is "
        "not on hold any longer.",
        number=held.movement_id,
        day=format_date(account.env, held.day),
    )


def unlisted_of_day(account, day, listed):
    """Return what is held for ``day``, and is not among the ids listed on it any more.

    It must not be booked once its obstacle is gone.
    """
    return account.held_ids.filtered(
        lambda held: (
            held.day == day
            and held.reason != "waiting"
            and held.movement_id not in listed
        )
    )
