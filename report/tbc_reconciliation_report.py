from dataclasses import dataclass

from odoo import api, models
from odoo.tools import format_date, format_datetime, formatLang

from ..services.clock import utc_now
from .tbc_reconciliation_choice import chosen_accounts, xlsx_url
from .tbc_reconciliation_figures import Figures, Row, total


@dataclass(slots=True)
class Section:
    """One account of the report: its months, oldest first, and what to say of it.

    ``tone`` is Bootstrap's word for the verdict: success, danger, warning.
    """

    account: object
    name: str
    rows: list
    total: Row | None
    verdict: str
    tone: str
    notes: list


class ReportTbcReconciliation(models.AbstractModel):
    """Puts the figures of a reconciliation into words: on screen, on paper, as XLSX."""

    _name = "report.account_tbc_bank.report_tbc_reconciliation"
    _description = "TBC Reconciliation Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        wizard = self.env["tbc.reconciliation"].browse(docids)
        wizard.check_access("read")
        wizard.ensure_one()
        accounts = chosen_accounts(wizard)
        return {
            "doc_ids": docids,
            "doc_model": wizard._name,
            "docs": wizard,
            "sections": self._sections(accounts, wizard.month_from, wizard.month_to),
            "title": self.env._("TBC Reconciliation"),
            "period": self._period(wizard),
            "companies": ", ".join(accounts.company_id.sudo().mapped("name")),
            "made": format_datetime(
                self.env, utc_now(), tz="Asia/Tbilisi", dt_format="short"
            ),
            "xlsx_url": xlsx_url(wizard),
            "money": self._money,
            "notes_of": self._notes,
            "month_name": self._month_name,
        }

    def _period(self, wizard):
        first, last = map(self._month_name, (wizard.month_from, wizard.month_to))
        return first if first == last else f"{first} – {last}"

    def _month_name(self, month):
        # LLLL is the month's name by itself: some languages decline it beside a day.
        return format_date(self.env, month, date_format="LLLL y")

    def _money(self, amount, currency):
        return formatLang(self.env, amount, digits=currency.decimal_places)

    def _sections(self, accounts, month_from, month_to):
        """Return a ``Section`` for each of ``accounts``, which the user may see."""
        rows = Figures(accounts.sudo(), month_from, month_to).rows()
        sections = []
        for account in accounts.sudo():
            account_rows = rows[account.id] if account.journal_id else []
            verdict, tone = self._verdict(account, account_rows)
            sections.append(
                Section(
                    account=account,
                    name=_in_groups(account.iban),
                    rows=account_rows,
                    total=total(account_rows, account.currency_id),
                    verdict=verdict,
                    tone=tone,
                    notes=self._account_notes(account),
                )
            )
        return sections

    def _verdict(self, account, rows):
        """Return the sentence that says how the account stands, and its tone."""
        if not account.journal_id:
            return self.env._("No journal is linked."), "warning"
        if not rows:
            return self.env._("Nothing is wanted in these months."), "warning"
        unasked = [row for row in rows if not row.bank]
        differing = [row for row in rows if row.differs]
        last = rows[-1]
        if "closing" in last.differs:
            return self._difference_sentence(account, rows), "danger"
        if differing:
            sentence = self.env._(
                "Months that differ from the bank: %(count)s.", count=len(differing)
            )
            return sentence, "danger"
        if unasked:
            sentence = self.env._(
                "Months that the bank has not been asked about yet: %(count)s.",
                count=len(unasked),
            )
            return sentence, "warning"
        return self.env._("Agrees with the bank in every month."), "success"

    def _difference_sentence(self, account, rows):
        """Say how much differs at the end, and since which month."""
        last = rows[-1]
        amount = account.currency_id.format(abs(last.difference))
        begins = [row for row in rows if row.differs and not row.is_carried]
        # The month before it may be one that the bank was not asked about.
        month = self._month_name((begins or [last])[-1].month)
        if last.difference > 0:
            return self.env._(
                "The books hold %(amount)s more than the bank, since %(month)s.",
                amount=amount,
                month=month,
            )
        return self.env._(
            "The books hold %(amount)s less than the bank, since %(month)s.",
            amount=amount,
            month=month,
        )

    def _account_notes(self, account):
        undated = account.held_ids.filtered(lambda h: not h.day)
        if not undated:
            return []
        return [
            self.env._(
                "Movements that can't be read, without a day: %(count)s.",
                count=len(undated),
            )
        ]

    def _notes(self, row, currency):
        """Return the sentences that explain one month."""
        notes = []
        if "opening" in row.differs and not row.is_carried:
            notes.append(self.env._("The opening balance differs already."))
        if not row.bank:
            notes.append(self.env._("The bank was not asked yet."))
        elif row.bank_until:
            notes.append(
                self.env._("Until %(day)s.", day=format_date(self.env, row.bank_until))
            )
        if row.unread_days:
            notes.append(
                self.env._(
                    "Days not read completely: %(count)s.", count=row.unread_days
                )
            )
        if row.held:
            notes.append(
                self.env._(
                    "Not booked yet: %(count)s (%(amount)s).",
                    count=row.held,
                    amount=currency.format(row.held_amount),
                )
            )
        if row.differing_days:
            notes.append(
                self.env._("Days that differ: %(count)s.", count=row.differing_days)
            )
        if row.moved:
            notes.append(
                self.env._("Booked on another day: %(count)s.", count=row.moved)
            )
        return notes


def _in_groups(iban):
    """``GE48 TB78 7344 0574 6312 92``, as on paper."""
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
