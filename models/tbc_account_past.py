from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.clock import bank_today, utc_now
from .guard import only_one
from .miscount import days_of, miscounted
from .tbc_account_health import READING_SILENCE
from .tbc_backfill import UNFINISHED

ONE_DAY = timedelta(days=1)
# The chart begins at least this long ago.
CHART_DAYS = 366


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    backfill_ids = fields.One2many(
        "tbc.backfill", "account_id", string="Reads of the Past"
    )
    backfill_progress = fields.Json(
        string="Read of the Past", compute="_compute_backfill_progress"
    )
    calendar = fields.Json(string="Days Read", compute="_compute_calendar")

    # === READS OF THE PAST === #

    @api.depends("backfill_ids.state", "backfill_ids.done_from")
    def _compute_backfill_progress(self):
        """What the form shows of the newest back-fill while that is not over."""
        for account in self:
            backfill = account.backfill_ids.sorted("id")[-1:]
            shown = backfill.state in (*UNFINISHED, "failed")
            account.backfill_progress = shown and account._progress_of(backfill)

    def _progress_of(self, backfill):
        return {
            "id": backfill.id,
            "state": backfill.state,
            "percent": int(backfill.progress),
            "days_done": backfill.days_done,
            "days_total": backfill.days_total,
            "movements": backfill.movement_count,
            "message": backfill.message,
        }

    def _unfinished_backfill(self):
        return self.env["tbc.backfill"].search(
            [("account_id", "in", self.ids), ("state", "in", UNFINISHED)]
        )

    def _past_obstacle(self):
        """Return why the past can't be read now, as a sentence, or ``None``."""
        if not self.active:
            return self.env._("This account is archived.")
        for obstacle in (
            self._unlinked,
            self._paused,
            self._unconnected,
            self._refused,
        ):
            if found := obstacle():
                return found[1]
        return self._reading_obstacle()

    def _is_being_read(self):
        """Whether the hourly read is at work, perhaps between two pages."""
        moment = self.reading_at
        return bool(moment) and utc_now() - moment < READING_SILENCE

    def _first_day_read(self):
        """Return the first day from which on all is read and booked, without a gap.

        What is held of an earlier day would be missing after it: then the day after.
        Nor does an opening line fit into locked days.
        """
        first = self.sync_from
        done = self.backfill_ids.filtered("done_from").sorted("done_to", reverse=True)
        for backfill in done:
            if backfill.done_to >= first - ONE_DAY:
                first = min(first, backfill.done_from)
        held = [
            record.day
            for record in self.held_ids
            if record.reason != "waiting" and record.day
        ]
        # Nor is a day complete whose list contradicts itself.
        held += days_of(miscounted(self))
        held = [day for day in held if first <= day < self.sync_from]
        first = max(held) + ONE_DAY if held else first
        if self.opening_line_id or self.book_opening:
            locked_until = self._locked_until(first)
            if locked_until and locked_until >= self.sync_from:
                return self.sync_from
            first = locked_until + ONE_DAY if locked_until else first
        return min(first, self.sync_from)

    def action_read_past(self):
        """Open the dialog that asks which days of these accounts to read."""
        self._check_may_sync()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_tbc_bank.tbc_backfill_start_action"
        )
        action["context"] = {
            "default_account_ids": self.ids,
            **{
                name: value
                for name, value in self.env.context.items()
                if name in ("default_day_from", "default_day_to")
            },
        }
        return action

    def action_open_backfills(self):
        """List the reads of this account's past."""
        only_one(self)
        return self._open("account_tbc_bank.tbc_backfill_action", "account_id")

    # === CHART OF DAYS === #

    def _compute_calendar(self):
        """One letter per day and month, newest month first; see :meth:`_day_state`."""
        stored = self.filtered("id")
        (self - stored).calendar = False
        booked = stored._booked_per_day()
        held = stored._held_per_day()
        differing = stored._differing_days()
        for account in stored:
            account.calendar = account._calendar(
                booked[account.id], held[account.id], differing[account.id]
            )

    def _calendar(self, booked, held, differing):
        today = bank_today()
        done = self.backfill_ids.filtered("done_from")
        first = min(
            self.sync_from,
            today - timedelta(days=CHART_DAYS - 1),
            *self.backfill_ids.mapped("day_from"),
        )
        read = self._days_read(done)
        months = defaultdict(lambda: {"days": "", "booked": {}, "held": {}})
        day = first.replace(day=1)
        while day <= today:
            month = months[f"{day:%Y-%m}"]
            month["days"] += self._day_state(day, read, booked, held, differing)
            for name, counts in (("booked", booked), ("held", held)):
                if counts.get(day):
                    month[name][day.day] = counts[day]
            day += ONE_DAY
        return {
            "today": str(today),
            "months": [{"month": key, **months[key]} for key in sorted(months)[::-1]],
        }

    def _days_read(self, done):
        """Return the days that were read completely, as a set."""
        spans = [(backfill.done_from, backfill.done_to) for backfill in done]
        if until := self._last_day_listed():
            spans.append((self.sync_from, until))
        return {
            first + timedelta(days=number)
            for first, last in spans
            for number in range((last - first).days + 1)
        }

    def _day_state(self, day, read, booked, held, differing):
        """Return what the chart shows of a day, as a letter.

        ``d`` differs from the bank, ``h`` holds something not booked, ``c`` complete,
        ``e`` read and empty, ``o`` not over or not complete yet, ``n`` never read.
        """
        if day in differing:
            return "d"
        if day in held:
            return "h"
        if day == bank_today():
            return "o"
        if day in read:
            return "c" if day in booked else "e"
        return "o" if day >= self.sync_from else "n"

    def _booked_per_day(self):
        """Return ``{account id: {bank's day: lines}}``."""
        self.env["account.bank.statement.line"].flush_model()
        self.env["account.move"].flush_model(["date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.tbc_account_id, COALESCE(line.tbc_day, move.date), COUNT(*)
                  FROM account_bank_statement_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.tbc_account_id IN %s
                   AND line.tbc_movement_id IS NOT NULL
                 GROUP BY 1, 2
                """,
                tuple(self.ids) or (0,),
            )
        )
        return _by_account(rows)

    def _held_per_day(self):
        rows = self.env["tbc.held.movement"]._read_group(
            [("account_id", "in", self.ids), ("day", "!=", False)],
            ["account_id", "day:day"],
            ["__count"],
        )
        return _by_account((account.id, day, count) for account, day, count in rows)

    def _differing_days(self):
        rows = self.env["tbc.difference"]._read_group(
            [("account_id", "in", self.ids), ("kind", "!=", "statement")],
            ["account_id", "day:day"],
            ["__count"],
        )
        found = _by_account((account.id, day, count) for account, day, count in rows)
        for account in self:
            found[account.id] |= dict.fromkeys(days_of(miscounted(account)), 1)
        return found


def _by_account(rows):
    found = defaultdict(dict)
    for account_id, day, count in rows:
        found[account_id][day] = count
    return found
