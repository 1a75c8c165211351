from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..bookkeeping import Sums
from .exact_amount import is_nil
from .guard import only_one
from .tbc_account import EXACT

# Between the bank's sums and the movements of it that we know; and between these and
# the general ledger, which is found without asking the bank.
AT_THE_BANK = ("unlisted", "uncounted", "not_at_bank")
IN_THE_BOOKS = ("changed", "other_day", "by_hand")
# What the bank took back, and the entry by hand against it.
REVERSIBLE = ("not_at_bank", "by_hand")


class TbcDifference(models.Model):
    """One reason why the books and the bank disagree on one day of one account.

    Written by the proof after each read; gone when the day agrees again. Archived while
    an entry by hand of the same day makes up for it.
    """

    _name = "tbc.difference"
    _description = "TBC Difference"
    _order = "day, id"

    account_id = fields.Many2one(
        "tbc.account", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    active = fields.Boolean(default=True, readonly=True)
    day = fields.Date(required=True, readonly=True)
    day_to = fields.Date(
        string="Last Day",
        readonly=True,
        help="Where it is about several days that can't be told apart.",
    )
    kind = fields.Selection(
        [
            ("unlisted", "Counted by the bank, not listed"),
            ("uncounted", "Listed by the bank, not counted"),
            ("not_at_bank", "Not at the bank any more"),
            ("changed", "Changed in the books"),
            ("other_day", "Booked on another day"),
            ("by_hand", "Booked by hand"),
            ("statement", "Bank statement does not agree"),
            ("miscounted", "List contradicts its count"),
        ],
        required=True,
        readonly=True,
    )
    amount = fields.Float(digits=EXACT, readonly=True, help="Books minus bank.")
    line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Transaction",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    statement_id = fields.Many2one(
        "account.bank.statement",
        string="Bank Statement",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    asked_at = fields.Datetime(
        readonly=True, help="When the bank's list of this day was last read for it."
    )
    message = fields.Text(string="What to Do", compute="_compute_message")

    @api.depends("kind", "day", "day_to", "line_id", "move_line_id", "statement_id")
    def _compute_message(self):
        for difference in self:
            difference.message = difference._advice()

    @api.depends("day", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for difference in self:
            day = format_date(self.env, difference.day)
            difference.display_name = f"{day}: {kinds.get(difference.kind, '')}"

    def action_open_entry(self):
        """Open the journal entry that differs."""
        only_one(self)
        move = self.move_line_id.move_id or self.line_id.move_id
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": move.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_delete_line(self):
        """Delete the line that the bank took back, as far as this person may."""
        only_one(self)
        if self.kind != "not_at_bank":
            raise UserError(
                self.env._("Only a line that the bank took back is deleted here.")
            )
        self.line_id.unlink()

    def action_make_statements(self):
        """Make this statement anew, and with it all others that are wrong."""
        only_one(self)
        return self.account_id.action_make_statements()

    # === SENTENCES === #

    def _sentence(self):
        """Say day, amount, reason and what to do."""
        self.ensure_one()
        if self.kind == "statement":
            # Books and bank may agree all the same.
            return self.message
        if self.kind == "miscounted":
            return f"{self._days_sentence()} {self.message}"
        sentence = self.account_id._gap_sentence(self.amount, self.day)
        return f"{sentence} {self.message}"

    def _days_sentence(self):
        """Name the days whose list contradicts its own count."""
        first, last = (format_date(self.env, day) for day in (self.day, self.day_to))
        if first == last:
            return self.env._(
                "The bank's list of %(day)s contradicts its own count.", day=first
            )
        return self.env._(
            "The bank's list of the days from %(first)s to %(last)s contradicts its own"
            " count.",
            first=first,
            last=last,
        )

    def _advice(self):
        advices = {
            "miscounted": self.env._(
                "It counts other transactions than it lists, or lists one twice. What it"
                " lists is booked, and so are the other days; it is listed again at each"
                " read. If it stays, tell the bank's support."
            ),
            "unlisted": self.env._(
                "The bank counts it, but does not list it, or not readably: it is looked"
                " for at each read. If it stays, tell the bank's support; an entry by"
                " hand on that day makes up for it."
            ),
            "uncounted": self.env._(
                "The bank lists it, but does not count it in the day's sums. If it"
                " stays, tell the bank's support."
            ),
            "not_at_bank": self.env._(
                "The bank does not list this transaction on its day any more. Ask the"
                " bank; if it was withdrawn, delete the line, or reverse it by an entry"
                " by hand on the same day."
            ),
            "changed": self.env._(
                "The entry of this transaction does not hold the bank's amount. Post it,"
                " and give it the bank's amount again."
            ),
            "by_hand": self.env._(
                "An entry by hand on the journal's bank account, which the bank does not"
                " have. Delete it if it doubles a transaction; else move it to another"
                " account."
            ),
        }
        if self.kind == "statement":
            return self._statement_advice()
        return advices.get(self.kind) or self._other_day_advice()

    def _statement_advice(self):
        return self.env._(
            "The bank statement %(name)s does not agree with its transactions or with"
            " the bank any more. Press Make Anew. Where that does not help, something of"
            " its days was booked by hand or on another day, or stands in another"
            " statement: take it out there, or delete this statement.",
            name=self.statement_id.sudo().name,
        )

    def _other_day_advice(self):
        line_sudo = self.line_id.sudo()
        return self.env._(
            "Booked on %(date)s, at the bank on %(day)s: change the date of the entry"
            " to the bank's.",
            date=format_date(self.env, line_sudo.date),
            day=format_date(self.env, line_sudo.tbc_day),
        )

    # === THE PROOF'S OWN === #

    def _is_reversed(self):
        """Whether this is a half of a pair that makes up for each other."""
        return not self.active and self.kind in REVERSIBLE

    def _sums(self):
        """What ours have more than the bank's sums because of this, as ``Sums``."""
        amount = Decimal(str(self.amount))
        if self.kind == "unlisted":
            # We lack what came in, or what went out.
            return Sums(credit=amount) if amount < 0 else Sums(debit=-amount)
        return Sums.of(amount)

    def _replace_by(self, account, reasons):
        """Let ``reasons`` (values) take the place of these; the same ones stay."""
        left = {difference._identity(): difference for difference in self}
        new = []
        for reason in reasons:
            vals = {**dict.fromkeys(("line_id", "move_line_id"), False), **reason}
            difference = left.pop(_identity(vals), None)
            if difference is None:
                new.append({**vals, "account_id": account.id})
                continue
            if not is_nil(difference.amount - vals["amount"]):
                difference.amount = vals["amount"]
            if difference.day != vals["day"]:
                difference.day = vals["day"]
        self.browse(gone.id for gone in left.values()).unlink()
        self.create(new)

    def _identity(self):
        return _identity(
            {
                "kind": self.kind,
                "day": self.day,
                "amount": self.amount,
                "line_id": self.line_id.id,
                "move_line_id": self.move_line_id.id,
            }
        )

    def _settle(self):
        """Archive each pair of an entry by hand and what it makes up for."""
        waiting = {}
        for difference in self:
            if difference.kind in (*AT_THE_BANK, "changed"):
                waiting.setdefault(difference._place(), []).append(difference)
        settled = self.browse()
        for entry in self.filtered(lambda d: d.kind == "by_hand"):
            if others := waiting.get(entry._place(-1)):
                settled |= entry | others.pop(0)
        for active, differences in ((False, settled), (True, self - settled)):
            differences.filtered(lambda d, active=active: d.active != active).write(
                {"active": active}
            )

    def _place(self, sign=1):
        """The day and the amount, which two that make up for each other have alike."""
        return self.day, round(sign * self.amount, 2)


def _identity(vals):
    """What makes a reason the same one at the next read."""
    line_id, item_id = vals["line_id"] or None, vals["move_line_id"] or None
    nameless = None if line_id or item_id else (vals["day"], vals["amount"] > 0)
    return vals["kind"], line_id, item_id, nameless
