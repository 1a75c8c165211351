"""Why books and bank differ: the kept reasons, what becomes of them, and in words."""

from decimal import Decimal

from odoo.tools import LazyTranslate, format_date

from ..bookkeeping import Sums
from .amounts import format_exactly, is_nil
from .chatter import as_help
from .ledger import day_sums

# Between the bank's sums and the movements of it that we know; and between these and
# the general ledger, which is found without asking the bank.
KINDS_AT_THE_BANK = ("unlisted", "uncounted", "not_at_bank")
KINDS_IN_THE_BOOKS = ("changed", "other_day", "by_hand")
# What the bank took back, and the entry by hand against it.
REVERSIBLE = ("not_at_bank", "by_hand")

_lt = LazyTranslate(__name__)
# What mends each reason.
ADVICE = {
    "miscounted": _lt(
        "It counts other transactions than it lists, or lists one twice. What it"
        " lists is booked, and so are the other days; it is asked for again at each"
        " sync. If it stays, tell the bank's support."
    ),
    "unlisted": _lt(
        "The bank counts it, but does not list it, or not readably: it is looked"
        " for at each sync. If it stays, tell the bank's support; an entry by"
        " hand on that day makes up for it."
    ),
    "uncounted": _lt(
        "The bank lists it, but does not count it in the day's sums. If it"
        " stays, tell the bank's support."
    ),
    "not_at_bank": _lt(
        "The bank does not list this transaction on its day any more. Ask the"
        " bank; if it was withdrawn, delete the line, or reverse it by an entry"
        " by hand on the same day."
    ),
    "changed": _lt(
        "The entry of this transaction does not have the bank's amount. Post it, and "
        "give it the bank's amount again."
    ),
    "by_hand": _lt(
        "An entry by hand on the journal's bank account, which the bank does not"
        " have. Delete it if it doubles a transaction; else move it to another"
        " account."
    ),
    "statement": _lt(
        "The bank statement %(name)s differs from its transactions or from the bank "
        "now. Press Make Again. Where that does not help, something of its days was "
        "booked by hand or on another day, or stands in another statement: take it out "
        "there, or delete this statement."
    ),
    "other_day": _lt(
        "Booked on %(date)s, at the bank on %(day)s: change the date of the entry"
        " to the bank's."
    ),
}


def gap_sentence(account, amount, day):
    """Say by how much books and bank differ on a day; ``amount``: books − bank."""
    words = {
        "amount": format_exactly(account.currency_id, abs(amount)),
        "day": format_date(account.env, day),
    }
    if amount < 0:
        return account.env._(
            "On %(day)s the balance in the books is %(amount)s lower than at the bank.",
            **words,
        )
    return account.env._(
        "On %(day)s the balance in the books is %(amount)s higher than at the bank.",
        **words,
    )


def all_differences(account, *kinds):
    """Return the differences (of ``kinds``), also those that are made up for.

    The oldest first. A read asks for them often: the database is asked once a page.
    """
    found = account.with_context(active_test=False).difference_ids
    if kinds:
        found = found.filtered(lambda difference: difference.kind in kinds)
    return found.sorted(lambda difference: (difference.day, difference.id))


def known_gaps(account):
    """Return ``{day: Sums}``: ours less the bank's, of the days that are known."""
    gaps = {}
    for difference in all_differences(account, *KINDS_AT_THE_BANK):
        gap = gaps.get(difference.day, Sums())
        gaps[difference.day] = gap + _sums_of(difference)
    return gaps


def expected_sums(account, days=None):
    """Return ``{day: Sums}`` that the bank should have: what we know, less known gaps.

    Of all days since the first one wanted.

    :param days: these as :func:`.ledger.day_sums` tells them, where that is known
    """
    first = account.sync_from
    days = day_sums(account, first) if days is None else days
    expected = {day: known.told for day, known in days.items()}
    for day, gap in known_gaps(account).items():
        if day >= first:
            expected[day] = expected.get(day, Sums()) - gap
    return expected


def first_difference_sentence(account):
    """Say where books and bank disagree first, and what to do about it."""
    # Money comes first.
    first = account.difference_ids.sorted(
        lambda d: (d.kind == "statement", d.day, d.id)
    )[0]
    sentence = _difference_sentence(first)
    others = len(account.difference_ids) - 1
    if others == 1:
        sentence += " " + account.env._("There is one more difference.")
    elif others:
        sentence += " " + account.env._(
            "There are %(count)s more differences.", count=others
        )
    return sentence


def reversed_lines(account):
    """The lines that the bank took back, and what was entered against them."""
    return all_differences(account).filtered(is_reversed).line_id


def _difference_sentence(difference):
    """Say day, amount, reason and what to do."""
    if difference.kind == "statement":
        # Books and bank may agree all the same.
        return difference.message
    if difference.kind == "miscounted":
        return f"{miscounted_sentence(difference)} {difference.message}"
    sentence = gap_sentence(difference.account_id, difference.amount, difference.day)
    return f"{sentence} {difference.message}"


def miscounted_sentence(difference):
    """Name the days whose list contradicts its own count."""
    first, last = (
        format_date(difference.env, day) for day in (difference.day, difference.day_to)
    )
    if first == last:
        return difference.env._(
            "The bank's list of %(day)s contradicts its own count.", day=first
        )
    return difference.env._(
        "The bank's list of the days from %(first)s to %(last)s contradicts its own"
        " count.",
        first=first,
        last=last,
    )


def advice(difference):
    """Say what mends it, as a sentence."""
    env, line_sudo = difference.env, difference.line_id.sudo()
    sentence = env._(ADVICE[difference.kind])
    return sentence % {
        "name": difference.statement_id.sudo().name,
        "date": format_date(env, line_sudo.date),
        "day": format_date(env, line_sudo.tbc_day),
    }


def is_reversed(difference):
    """Whether this is a half of a pair that makes up for each other."""
    return not difference.active and difference.kind in REVERSIBLE


def _sums_of(difference):
    """What ours have more than the bank's sums because of this, as ``Sums``."""
    amount = Decimal(str(difference.amount))
    if difference.kind == "unlisted":
        # We lack what came in, or what went out.
        return Sums(credit=amount) if amount < 0 else Sums(debit=-amount)
    return Sums.of(amount)


def no_differences_help(env):
    """What an empty list of differences may say, as HTML."""
    accounts = env["tbc.account"].search([("journal_id", "!=", False)])
    unchecked = accounts.filtered(lambda account: account.health != "ok")
    if not accounts:
        title = env._("No bank is connected yet")
        text = env._("Once one is, each sync compares its books day by day.")
    elif unchecked:
        title = env._("No differences are known")
        text = env._(
            "Not synced and checked: %(accounts)s.",
            accounts=", ".join(unchecked.mapped("display_name")),
        )
    else:
        title = env._("Books and bank agree")
        text = env._("Each sync compares them day by day.")
    return as_help(title, text)


def replace_differences(differences, account, reasons):
    """Let ``reasons`` (values) take the place of these; the same ones stay."""
    left, new = {_identity(d): d for d in differences}, []
    for vals in reasons:
        difference = left.pop(_identity(differences.new(vals)), None)
        if difference is None:
            new.append({**vals, "account_id": account.id})
        elif (
            not is_nil(difference.amount - vals["amount"])
            or difference.day != vals["day"]
        ):
            difference.write({"amount": vals["amount"], "day": vals["day"]})
    differences.browse(gone.id for gone in left.values()).unlink()
    differences.create(new)


def archive_made_up(differences):
    """Archive each pair of an entry by hand and what it makes up for."""
    waiting = {}
    for difference in differences:
        if difference.kind in (*KINDS_AT_THE_BANK, "changed"):
            waiting.setdefault(_day_and_amount(difference), []).append(difference)
    pairs = differences.browse()
    for entry in differences.filtered(lambda d: d.kind == "by_hand"):
        if others := waiting.get(_day_and_amount(entry, -1)):
            pairs |= entry | others.pop(0)
    pairs.filtered("active").active = False
    (differences - pairs).filtered(lambda d: not d.active).active = True


def _day_and_amount(difference, sign=1):
    """What two that make up for each other have alike, but for the sign."""
    return difference.day, round(sign * difference.amount, 2)


def _identity(difference):
    """What makes a reason the same one at the next read."""
    items = difference.line_id.id or None, difference.move_line_id.id or None
    nameless = None if any(items) else (difference.day, difference.amount > 0)
    return difference.kind, items, nameless
