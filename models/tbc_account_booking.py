import json
from datetime import timedelta
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..bookkeeping import statement_line_values
from ..services.chatter import as_html
from ..services.clock import bank_today
from ..services.partners import find_partner_ids
from ..tbc import json_value, parse_movement_page
from .exact_amount import is_rounded_away
from .tbc_held_movement import HELD_BY_ODOO


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    # === BOOKING === #

    def _known_movement_ids(self, movement_ids):
        """Return which of ``movement_ids`` are booked, in one query."""
        return set(self._known_lines(movement_ids).mapped("tbc_movement_id"))

    def _known_lines(self, movement_ids):
        """Return the lines of those ``movement_ids`` that are booked, in one query."""
        return self.env["account.bank.statement.line"].search_fetch(
            [
                ("tbc_account_id", "=", self.id),
                ("tbc_movement_id", "in", movement_ids),
            ],
            [
                "amount",
                "date",
                "tbc_amount",
                "tbc_day",
                "tbc_movement_id",
                "transaction_details",
            ],
            order="id",
        )

    def _sort_out(self, movements):
        """Part movements into a list to book and ``{id: (reason, detail, movement)}``."""
        bookable, held = [], {}
        currencies = self._active_currencies()
        days = self._booking_days(movements)
        lacks_rate = self._rates().is_missing
        own_currency = self.company_id.currency_id.name
        for movement in movements:
            values = statement_line_values(movement)
            needed = {self.currency_id.name, values["foreign_currency"]} - {None}
            missing = needed - currencies.keys()
            if not movement.is_authorised:
                reason, detail = "waiting", None
            elif not self._is_own(movement):
                reason, detail = "account", None
            elif missing:
                reason, detail = "currency", ", ".join(sorted(missing))
            elif lacks_rate and values["foreign_currency"] != own_currency:
                reason, detail = "rate", self.currency_id.name
            elif rounded := self._rounded_currency(values, currencies):
                reason, detail = "rounding", rounded
            elif not days[movement.day]:
                reason, detail = "locked", str(self._locked_until(movement.day))
            elif self.journal_id.restrict_mode_hash_table:
                reason, detail = "secured", self.journal_id.display_name
            else:
                bookable.append(movement)
                continue
            held[movement.movement_id] = (reason, detail, movement)
        return bookable, held

    def _rounded_currency(self, values, currencies):
        """Return the code of the currency whose rounding would change an amount."""
        amounts = {self.currency_id.name: values["amount"]}
        if values["foreign_currency"]:
            amounts[values["foreign_currency"]] = values["amount_currency"]
        for code, amount in amounts.items():
            currency = self.env["res.currency"].browse(currencies[code])
            if is_rounded_away(currency, amount):
                return code
        return None

    def _is_own(self, movement):
        return movement.currency == self.currency_id.name and (
            movement.account_iban in (None, self.iban)
        )

    def _active_currencies(self):
        """Return ``{ISO code: id}`` of the currencies that are switched on."""
        currencies = self.env["res.currency"].search_fetch([], ["name"])
        return {currency.name: currency.id for currency in currencies}

    def _lock_violations(self, day):
        return self.company_id._get_lock_date_violations(
            day, sale=False, purchase=False, tax=False
        )

    def _locked_until(self, day):
        """Return the last locked day, if ``day`` is locked; else ``None``."""
        locks = [lock for lock, _name in self._lock_violations(day)]
        return max(locks, default=None)

    def _booking_days(self, movements):
        """Return ``{bank's day: day to book on}``; ``None`` where that is locked.

        Where the account says so, a locked day's movement goes to the first open day;
        never one of a day before the first day wanted: the books hold it in their
        opening balance, and nobody wants a closed year in the new one.
        """
        days = {}
        for day in {movement.day for movement in movements}:
            locked_until = self._locked_until(day)
            days[day] = day if not locked_until else None
            if (
                locked_until
                and self.locked_policy == "first_open_day"
                and day >= self.sync_from
                and locked_until < bank_today()
            ):
                days[day] = locked_until + timedelta(days=1)
        return days

    def _other_day_note(self, day, booked_on):
        return self.env._(
            "The bank's day %(day)s is locked, so this was booked on %(booked_on)s.",
            day=format_date(self.env, day, date_format="d MMMM yyyy"),
            booked_on=format_date(self.env, booked_on, date_format="d MMMM yyyy"),
        )

    def _create_statement_lines(self, movements):
        """Create the lines of ``movements`` in one call.

        Where Odoo refuses, one by one, so that one bad movement keeps nobody out.

        :return: ids booked, and ``{id: (reason, detail, movement)}`` of those refused.
        """
        vals_list = self._prepare_statement_line_vals_list(movements)
        try:
            self._create_movement_lines(vals_list)
            return [movement.movement_id for movement in movements], {}
        except UserError:
            booked, refused = [], {}
        for movement, vals in zip(movements, vals_list, strict=True):
            try:
                self._create_movement_lines([vals])
                booked.append(movement.movement_id)
            except UserError as error:
                refused[movement.movement_id] = ("refused", str(error), movement)
        return booked, refused

    def _create_movement_lines(self, vals_list):
        """Create lines; what came before the first day leaves the opening line."""
        with self.env.cr.savepoint():
            self.env["account.bank.statement.line"].create(vals_list)
            self._draw_from_opening(
                sum(
                    vals["amount"]
                    for vals in vals_list
                    if vals["tbc_day"] < self.sync_from
                )
            )

    def _create_together(self, vals_list):
        with self.env.cr.savepoint():
            return self.env["account.bank.statement.line"].create(vals_list)

    def _prepare_statement_line_vals_list(self, movements):
        """Turn the core's plain values into Odoo's: ids for codes, and the partner."""
        currencies = self._active_currencies()
        partners = self._match_partners(movements)
        days = self._booking_days(movements)
        vals_list = []
        for movement in movements:
            vals = statement_line_values(movement)
            code = vals.pop("foreign_currency")
            vals["date"] = days[movement.day]
            if vals["date"] != movement.day:
                note = self._other_day_note(movement.day, vals["date"])
                vals["narration"] = as_html(note)
            vals_list.append(
                {
                    **vals,
                    "journal_id": self.journal_id.id,
                    "tbc_account_id": self.id,
                    "partner_id": partners.get(movement.movement_id, False),
                    "foreign_currency_id": currencies[code] if code else False,
                    "amount": float(vals["amount"]),
                    "tbc_amount": float(vals["amount"]),
                    "amount_currency": float(vals["amount_currency"] or 0),
                }
            )
        return vals_list

    def _match_partners(self, movements):
        """Return ``{movement id: partner id}``; see :func:`.partners.find_partner_ids`."""
        return find_partner_ids(
            self.company_id,
            {
                movement.movement_id: (
                    movement.counterparty.tax_code,
                    movement.counterparty.iban,
                )
                for movement in movements
            },
        )

    # === HELD MOVEMENTS === #

    def _held_from_books(self):
        """Return the held movements whose obstacle was Odoo's, to be tried again."""
        held = self.held_ids.filtered(lambda record: record.reason in HELD_BY_ODOO)
        raws = json.loads(json.dumps(held.mapped("raw")), parse_float=Decimal)
        page = parse_movement_page({"transactions": raws, "total": len(raws)})
        return page.movements, page.unreadable

    def _hold(self, held, *, released):
        """Keep ``{id: (reason, detail, movement)}``; drop the ids ``released``."""
        if not held and not self.held_ids:
            return
        records = {record.movement_id: record for record in self.held_ids}
        for movement_id in released & records.keys():
            records.pop(movement_id).unlink()
        for movement_id, (reason, detail, movement) in held.items():
            vals = self._prepare_held_vals(reason, detail, movement)
            if record := records.get(movement_id):
                # Unchanged rows stay unwritten: another worker may hold the same.
                changed = {
                    name: value
                    for name, value in vals.items()
                    if record[name] != (value if value is not None else False)
                }
                if changed:
                    record.write(changed)
            else:
                self.env["tbc.held.movement"].create(
                    {**vals, "account_id": self.id, "movement_id": movement_id}
                )

    def _prepare_held_vals(self, reason, detail, movement):
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

    # === OPENING BALANCE === #

    def _opening_gap(self):
        """What the books lack of the bank's balance when the first day wanted began."""
        if self.bank_opening_day != self.sync_from:
            return 0.0
        before = self._books_balance(self.sync_from - timedelta(days=1))
        return round(self.bank_opening_balance - before, 3)

    def _forget_figures(self):
        """Drop what was computed from the books before lines were added to them."""
        self.invalidate_recordset(
            [
                "advice",
                "books_balance",
                "difference",
                "difference_count",
                "health",
                "health_message",
                "line_count",
                "opening_missing",
            ]
        )
