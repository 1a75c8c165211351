"""Booking the bank's movements as bank statement lines, a page at a time."""

import json
from datetime import timedelta
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tools import format_date

from ...bookkeeping import statement_line_values
from ...tbc import TbcError, parse_movement
from ..amounts import is_rounded_away
from ..chatter import as_html
from ..clock import bank_today
from ..ledger import locked_until
from ..rates import rates_of
from .opening import draw_from_opening
from .page_create import create_lines


def book_movements(account, movements):
    """Book what can be booked of a page's new movements.

    :return: the ids booked, and ``{id: (reason, detail, movement)}`` of the others
    """
    if not movements:
        return set(), {}
    booking = Booking(account, movements)
    bookable, held = booking.split()
    booked, refused = booking.create_lines(bookable)
    return booked, held | refused


class Booking:
    """Plans the bank lines of a page's new movements once, and creates them."""

    def __init__(self, account, movements):
        self.account, self.env = account, account.env
        self.movements = movements
        self.currencies = active_currencies(self.env)
        self.values = {m.movement_id: statement_line_values(m) for m in movements}
        self.days = {day: self._booking_day(day) for day in {m.day for m in movements}}
        self.lacks_rate = rates_of(account).is_missing

    def split(self):
        """Part them into a list to book and ``{id: (reason, detail, movement)}``."""
        bookable, held = [], {}
        for movement in self.movements:
            if obstacle := self._obstacle(movement):
                held[movement.movement_id] = (*obstacle, movement)
            else:
                bookable.append(movement)
        return bookable, held

    def _obstacle(self, movement):
        """Return (reason, detail) why a movement can't be booked now, or ``None``."""
        account, values = self.account, self.values[movement.movement_id]
        foreign_currency, currency = values["foreign_currency"], account.currency_id
        missing = {currency.name, foreign_currency} - {None} - self.currencies.keys()
        if not movement.is_authorised:
            return "waiting", None
        if not is_own(account, movement):
            return "account", None
        if missing:
            return "currency", ", ".join(sorted(missing))
        if self.lacks_rate and foreign_currency != account.company_id.currency_id.name:
            return "rate", currency.name
        if rounded := self._rounded_currency(values):
            return "rounding", rounded
        if not self.days[movement.day]:
            return "locked", str(locked_until(account, movement.day))
        if account.journal_id.restrict_mode_hash_table:
            return "secured", account.journal_id.display_name
        return None

    def _rounded_currency(self, values):
        amounts = {self.account.currency_id.name: values["amount"]}
        if values["foreign_currency"]:
            amounts[values["foreign_currency"]] = values["amount_currency"]
        for code, amount in amounts.items():
            if is_rounded_away(self.currencies[code], amount):
                return code
        return None

    def _booking_day(self, day):
        """Return the day to book a day of the bank's on; ``None`` where that is locked.

        Where the account says so, a locked day's movement goes to the first open day.
        Never one from before the first day wanted: the opening balance holds it.
        """
        locked = locked_until(self.account, day)
        if not locked:
            return day
        is_movable = (
            self.account.locked_policy == "first_open_day"
            and day >= self.account.sync_from
            and locked < bank_today()
        )
        return locked + timedelta(days=1) if is_movable else None

    def create_lines(self, movements):
        """Create the lines of ``movements`` in one call.

        Where Odoo refuses, one by one, so that one bad movement keeps nobody out.

        :return: ids booked, and ``{id: (reason, detail, movement)}`` of those refused.
        """
        vals_by_id, refused = self.prepare_lines_vals(movements), {}
        if self._objection(list(vals_by_id.values())) is None:
            return set(vals_by_id), {}
        for movement in movements:
            objection = self._objection([vals_by_id[movement.movement_id]])
            if objection is not None:
                refused[movement.movement_id] = ("refused", objection, movement)
        return vals_by_id.keys() - refused.keys(), refused

    def _objection(self, vals_list):
        """Create lines; return what Odoo says against it, or ``None``."""
        try:
            create_movement_lines(self.account, vals_list)
        except UserError as error:
            return str(error)
        return None

    def prepare_lines_vals(self, movements):
        partners = self.account._match_partners(movements)
        return {
            movement.movement_id: self.account._prepare_statement_line_vals(
                movement, self._prepare_vals(movement, partners)
            )
            for movement in movements
        }

    def _prepare_vals(self, movement, partners):
        """Turn the core's plain values into Odoo's: ids for codes, and the partner."""
        vals = dict(self.values[movement.movement_id])
        code, day = vals.pop("foreign_currency"), self.days[movement.day]
        if day != movement.day:
            vals["narration"] = as_html(self._other_day_note(movement, day))
        return {
            **vals,
            "date": day,
            "journal_id": self.account.journal_id.id,
            "tbc_account_id": self.account.id,
            "partner_id": partners.get(movement.movement_id, False),
            "foreign_currency_id": self.currencies[code].id if code else False,
            "amount": float(vals["amount"]),
            "tbc_amount": float(vals["amount"]),
            "amount_currency": float(vals["amount_currency"] or 0),
        }

    def _other_day_note(self, movement, booked_on):
        return self.env._(
            "The bank's day %(day)s is locked, so this was booked on %(booked_on)s.",
            day=format_date(self.env, movement.day, date_format="d MMMM yyyy"),
            booked_on=format_date(self.env, booked_on, date_format="d MMMM yyyy"),
        )


def create_movement_lines(account, vals_list):
    """Create lines; what came before the first day leaves the opening line."""
    with account.env.cr.savepoint():
        create_lines(account.env, vals_list)
        early = [v["amount"] for v in vals_list if v["tbc_day"] < account.sync_from]
        draw_from_opening(account, sum(early))


def known_lines(account, movement_ids):
    """Return the lines of those ``movement_ids`` that are booked, in one query."""
    return account.env["account.bank.statement.line"].search_fetch(
        [("tbc_account_id", "=", account.id), ("tbc_movement_id", "in", movement_ids)],
        ["tbc_movement_id"],
        order="id",
    )


def is_own(account, movement):
    """Whether the bank names this account, in its currency, on a movement of its."""
    is_of_account = movement.account_iban in (None, account.iban)
    return is_of_account and movement.currency == account.currency_id.name


def active_currencies(env):
    """Return ``{ISO code: currency}`` of those that are switched on."""
    return env["res.currency"].search([]).grouped("name")


def movement_of(details):
    """Return the movement that the JSON kept on a line tells of, or ``None``."""
    try:
        return parse_movement(json.loads(json.dumps(details), parse_float=Decimal))
    except TbcError:
        return None
