from collections import namedtuple

from odoo import api, models
from odoo.tools import format_date, format_datetime, formatLang

from ..services.clock import utc_now
from ..services.proof.month_books import differing, is_carried, notes, rows_of, total_of

# One account. ``rows``: a ``tbc.month`` for each month, the oldest first; ``tone``:
# Bootstrap's word for the verdict.
Section = namedtuple("Section", "account rows total verdict tone")


class ReportTbcReconciliation(models.AbstractModel):
    """Puts the months of a reconciliation into words, on screen and on paper."""

    _name = "report.account_tbc_bank.report_tbc_reconciliation"
    _description = "TBC Reconciliation Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        wizard = self.env["tbc.reconciliation"].browse(docids)
        wizard.check_access("read")
        wizard.ensure_one()
        accounts = wizard._chosen_accounts()
        months = (wizard.month_from, wizard.month_to)
        first, last = map(self._month_name, months)
        return {
            "docs": wizard,
            "sections": [self._section(one, *months) for one in accounts.sudo()],
            "title": self.env._("TBC Reconciliation Report"),
            "period": first if first == last else f"{first} – {last}",
            "companies": ", ".join(accounts.company_id.sudo().mapped("name")),
            "made": format_datetime(
                self.env, utc_now(), tz="Asia/Tbilisi", dt_format="short"
            ),
            "in_groups": _in_groups,
            "money": lambda amount, currency: formatLang(
                self.env, amount, digits=currency.decimal_places
            ),
            "month_name": self._month_name,
            "remarks_of": self._remarks,
            "differing": differing,
            "is_carried": is_carried,
            "notes": notes,
        }

    def _month_name(self, month):
        # LLLL is the month's name by itself: some languages decline it beside a day.
        return format_date(self.env, month, date_format="LLLL y")

    def _section(self, account, month_from, month_to):
        rows = self.env["tbc.month"]
        if account.journal_id:
            rows = rows_of(account, month_from, month_to)
        verdict, tone = self._verdict(account, rows)
        total = rows and total_of(rows)
        return Section(account, rows, total, verdict, tone)

    def _verdict(self, account, rows):
        """Return the sentence that says how the account stands, and its tone."""
        if not account.journal_id:
            return self.env._("No journal is linked."), "warning"
        if not rows:
            return self.env._("The account is synced from a later month on."), "warning"
        if "closing" in differing(rows[-1]):
            return self._difference_sentence(rows), "danger"
        if found := rows.filtered(differing):
            sentence = self.env._(
                "Months that differ from the bank: %(count)s.", count=len(found)
            )
            return sentence, "danger"
        if found := rows.filtered(lambda row: not row.asked_at):
            sentence = self.env._(
                "Months not checked with the bank yet: %(count)s.",
                count=len(found),
            )
            return sentence, "warning"
        return self.env._("Balance checked: no month differs."), "success"

    def _difference_sentence(self, rows):
        """Say how much differs at the end, and since which month."""
        last = rows[-1]
        amount = last.currency_id.format(abs(last.difference))
        words = {"amount": amount, "month": self._month_name(_differs_since(rows))}
        if last.difference > 0:
            return self.env._(
                "Since %(month)s the balance in the books is %(amount)s higher than "
                "at the bank.",
                **words,
            )
        return self.env._(
            "Since %(month)s the balance in the books is %(amount)s lower than at the"
            " bank.",
            **words,
        )

    def _remarks(self, account):
        """Return the sentences about what belongs to no month."""
        count = len(account.held_ids.filtered(lambda held: not held.day))
        sentence = self.env._(
            "Transactions on hold that can't be read, without a day: %(count)s.",
            count=count,
        )
        return [sentence] if count else []


def _in_groups(iban):
    """``GE48 TB78 7344 0574 6312 92``, as on paper."""
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))


def _differs_since(rows):
    """The month since which they differ: of what was carried over, where it began."""
    # The month before the first may be one that the bank was not asked about.
    month, before = rows[-1].month, rows.browse()
    for row in rows:
        if differing(row) and not is_carried(row, before):
            month = row.month
        before = row
    return month
