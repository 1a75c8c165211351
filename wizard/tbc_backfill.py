from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..services.buttons import notice, only_one
from ..services.clock import DAY, EARLIEST, bank_today
from ..services.statements.adoption import booked_elsewhere_sentence
from ..services.statements.backfill import trigger_backfill
from ..services.statements.coverage import unfinished_backfills, unfinished_sentence
from ..services.statements.health import shelved, unlinked
from ..services.statements.opening import entered_otherwise_before


class TbcBackfillStart(models.TransientModel):
    """Asks which days of the past to read, and of which accounts."""

    _name = "tbc.backfill.start"
    _description = "Import History"

    account_ids = fields.Many2many("tbc.account", string="Accounts", required=True)
    day_from = fields.Date("Import From", required=True)
    day_to = fields.Date(
        "Last Day", required=True, default=lambda self: bank_today() - DAY
    )
    order = fields.Selection(
        [("newest", "Newest First"), ("oldest", "Oldest First")],
        required=True,
        default="newest",
        help="Newest First: the books reach back month by month. Oldest First: they"
        " reach back when all is imported.",
    )
    warning = fields.Text(compute="_compute_warning")

    @api.depends("account_ids", "day_from")
    def _compute_warning(self):
        for dialog in self:
            sentences = map(dialog._warn_of, dialog.account_ids)
            dialog.warning = "\n".join(filter(None, sentences))

    def _warn_of(self, account):
        """Say which balance the movements of these days would count a second time."""
        account_sudo = account._origin.sudo()
        if not self.day_from or self.day_from >= account_sudo.sync_from:
            return None
        amount = entered_otherwise_before(account_sudo)
        if account_sudo.currency_id.is_zero(amount):
            return None
        return self.env._(
            "%(account)s: the books have %(amount)s before %(day)s already, which the"
            " import books a second time. Cancel the old entries once these days are "
            "imported.",
            account=account.display_name,
            day=format_date(self.env, account_sudo.sync_from),
            amount=account_sudo.currency_id.format(amount),
        )

    def action_start(self):
        only_one(self)
        self.account_ids._check_may_sync()
        self._check_days()
        self._check_accounts()
        days = {"day_from": self.day_from, "day_to": self.day_to, "order": self.order}
        wanted = [{"account_id": account.id, **days} for account in self.account_ids]
        self.env["tbc.backfill"].sudo().create(wanted)
        trigger_backfill(self.env)
        sentence = self.env._(
            "The days from %(first)s to %(last)s are imported in the background.",
            first=format_date(self.env, self.day_from),
            last=format_date(self.env, self.day_to),
        )
        close = {"type": "ir.actions.act_window_close"}
        return notice(self.env, sentence, after=close)

    def _check_days(self):
        env, last = self.env, bank_today() - DAY
        sentence = None
        if self.day_from > self.day_to:
            sentence = env._("The first day comes after the last one.")
        elif self.day_to > last:
            sentence = env._(
                "Choose days that are over: the last one is %(day)s.",
                day=format_date(env, last),
            )
        elif self.day_from < EARLIEST:
            sentence = env._(
                "Choose a first day from %(day)s on.", day=format_date(env, EARLIEST)
            )
        if sentence:
            raise UserError(sentence)

    def _check_accounts(self):
        if not self.account_ids:
            raise UserError(self.env._("Choose an account."))
        for account_sudo in self.account_ids.sudo():
            if sentence := self._account_obstacle(account_sudo):
                raise UserError(sentence)

    def _account_obstacle(self, account_sudo):
        """Return why these days of an account can't be read, or ``None``."""
        if backfill := unfinished_backfills(account_sudo):
            return unfinished_sentence(backfill)
        if found := unlinked(account_sudo) or shelved(account_sudo):
            return self.env._(
                "%(account)s can't be synced: %(reason)s",
                account=account_sudo.display_name,
                reason=found[1],
            )
        return booked_elsewhere_sentence(account_sudo, self.day_from)
