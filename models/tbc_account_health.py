from datetime import timedelta

from odoo import api, models
from odoo.tools import format_date, format_datetime

from ..services.clock import bank_today, utc_now
from .exact_amount import format_exactly, is_nil, is_rounded_away

# A read that stored no page for this long has died, or waits for its next turn.
READING_SILENCE = timedelta(minutes=15)


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    # === HEALTH === #

    @api.depends(
        "journal_id",
        "integration_id.state",
        "integration_id.pause_reason",
        "integration_id.can_read_statements",
        "integration_id.can_initiate_transfers",
        "journal_id.outbound_payment_method_line_ids.payment_account_id",
        "sync_from",
        "reading_at",
        "book_opening",
        "last_sync_at",
        "last_error",
        "refusal",
        "bank_balance",
        "held_ids",
        "difference_ids",
    )
    def _compute_health(self):
        for account in self:
            account.health, message = account._health()
            account.health_message = " ".join(filter(None, (message, account.advice)))

    def _health(self):
        """Return ``(state, sentence)``: the worst thing first, with what to do."""
        self.ensure_one()
        for check in (
            self._unlinked,
            self._unpayable,
            self._paused,
            self._refused,
            self._failed,
            self._unconnected,
            self._unread,
        ):
            if found := check():
                return found
        obstructed = self.held_ids.filtered(lambda held: held.reason != "waiting")
        if obstructed:
            sentence = self.env._(
                "Not booked yet: %(count)s. Open them to see what each waits for.",
                count=len(obstructed),
            )
            if not self.difference_ids:
                return "held", sentence
            return "difference", f"{self._first_difference_sentence()} {sentence}"
        if self.difference_ids:
            return "difference", self._first_difference_sentence()
        if not is_nil(self.difference):
            return "difference", self._difference_sentence()
        return "ok", self._agreement_sentence(self.held_count)

    def _unlinked(self):
        if not self.journal_id:
            return "unlinked", self.env._("Link a journal, or create one.")
        return None

    def _unpayable(self):
        """What calls bills paid that nobody pays can't wait for anything else."""
        if not self.integration_id.can_initiate_transfers:
            return None
        fault = self.journal_id._tbc_paying_fault()
        return fault and ("failed", fault)

    def _paused(self):
        integration_sudo = self.integration_id.sudo()
        if integration_sudo.state == "paused":
            return "paused", integration_sudo.pause_reason
        return None

    def _unconnected(self):
        integration_sudo = self.integration_id.sudo()
        if integration_sudo.state == "draft":
            return "paused", self.env._(
                "The connection has not been tested: open the integration and press"
                " Test Connection."
            )
        if not integration_sudo.can_read_statements:
            return "paused", self.env._(
                "The integration may not view statements: tick that permission."
            )
        return None

    def _failed(self):
        if not self.last_error:
            return None
        if self.last_sync_at and self._is_late():
            return "failed", f"{self._since_sentence()} {self.last_error}"
        return "failed", self.last_error

    def _unread(self):
        if self.reading_at and utc_now() - self.reading_at < READING_SILENCE:
            return "reading", self.env._(
                "Being read now. Complete until: %(day)s.",
                day=format_date(self.env, self.synced_until) or "–",
            )
        if self.sync_from > bank_today():
            return "never", self.env._(
                "Nothing is wanted before %(day)s.",
                day=format_date(self.env, self.sync_from),
            )
        if not self.last_sync_at:
            return "never", self.env._("Nothing has been read yet. Press Sync Now.")
        if self._is_late():
            advice = self.env._(
                "Check the scheduled action “TBC Bank: read statements”, or press Sync"
                " Now."
            )
            return "late", f"{self._since_sentence()} {advice}"
        return None

    def _since_sentence(self):
        return self.env._(
            "Not read since %(moment)s.",
            moment=format_datetime(self.env, self.last_sync_at, dt_format="short"),
        )

    def _agreement_sentence(self, waiting):
        sentence = self.env._("Balance agrees with the bank.")
        if waiting:
            # The bank's totals leave them out too, so they are no disagreement.
            sentence += " " + self.env._(
                "Waiting for authorisation at the bank: %(count)s.", count=waiting
            )
        return sentence

    def _difference_sentence(self):
        sentence = self._gap_sentence(self.difference, self.bank_balance_day)
        return f"{sentence} {self._difference_advice()}"

    def _gap_sentence(self, amount, day):
        """Say by how much books and bank differ on a day; ``amount``: books − bank."""
        words = {
            "amount": format_exactly(self.currency_id, abs(amount)),
            "day": format_date(self.env, day),
        }
        if amount < 0:
            return self.env._(
                "On %(day)s the books hold %(amount)s less than the bank.", **words
            )
        return self.env._(
            "On %(day)s the books hold %(amount)s more than the bank.", **words
        )

    def _difference_advice(self):
        gap = self._opening_gap()
        if is_nil(gap) or not is_nil(self.difference + gap):
            return self.env._(
                "Look for entries made by hand on the journal's bank account."
            )
        if self.opening_line_id:
            return self.env._(
                "The bank's opening balance has changed since it was booked: enter the"
                " rest in the books, on a day before the first one read."
            )
        if is_rounded_away(self.currency_id, gap):
            return self.env._(
                "That is the bank's opening balance, which Odoo's rounding of"
                " %(currency)s would change: set its Rounding Factor to 0.01 under"
                " Accounting, Configuration, Currencies, and read again.",
                currency=self.currency_id.name,
            )
        if self.book_opening:
            return self.env._(
                "That is the bank's opening balance, whose day is locked: move the lock"
                " date and read again."
            )
        return self.env._(
            "That is the bank's opening balance: enter it in the books, or press Book"
            " the Opening Balance."
        )

    def _is_late(self):
        """Whether twice the schedule's interval has passed since the last read."""
        cron_sudo = self.env.ref(
            "account_tbc_bank.ir_cron_sync", raise_if_not_found=False
        )
        if not cron_sudo:
            return True
        cron_sudo = cron_sudo.sudo()
        interval = timedelta(
            **{
                "minutes": {"minutes": 1},
                "hours": {"hours": 1},
                "days": {"days": 1},
                "weeks": {"weeks": 1},
                "months": {"days": 31},
            }[cron_sudo.interval_type]
        )
        # However rarely somebody lets it run: the calendar has an end.
        allowed = 2 * min(cron_sudo.interval_number, 10_000) * interval
        return utc_now() - self.last_sync_at > allowed
