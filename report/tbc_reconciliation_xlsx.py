"""The TBC Reconciliation report as a workbook: one sheet for each currency."""

import io
from datetime import timezone

import xlsxwriter

from ..tbc import GEORGIAN_TIME

FIGURES = ("opening", "credits", "debits", "closing")
WIDTHS = (28, 28, 16, 12, *[15] * 9, 10, 15, 18, 60)
HEADER_ROW = 3


class Workbook:
    """Writes the report's sections into one .xlsx file.

    :param report: ``report.account_tbc_bank.report_tbc_reconciliation``, for its words
    :param values: what that gives to the template
    """

    def __init__(self, report, values):
        self.report, self.values, self.env = report, values, report.env
        self.stream = io.BytesIO()
        # What others wrote is text: never a formula, never a link.
        options = {"strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self.stream, {"in_memory": True, **options})
        self.formats = {}

    def content(self):
        """Return the file, as bytes."""
        by_currency = {}
        for section in self.values["sections"]:
            by_currency.setdefault(section.account.currency_id, []).append(section)
        for currency in sorted(by_currency, key=lambda c: c.name):
            self._write_sheet(currency, by_currency[currency])
        if not by_currency:
            self.book.add_worksheet(self.env._("Nothing"))
        self.book.close()
        return self.stream.getvalue()

    def _write_sheet(self, currency, sections):
        sheet = self.book.add_worksheet(currency.name)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        title = f"{self.values['title']} · {currency.name}"
        sheet.write_string(0, 0, title, self._format(bold=True, font_size=14))
        sheet.write_string(1, 0, self._subtitle())
        self._write_header(sheet)
        index = HEADER_ROW + 1
        for section in sections:
            index = self._write_section(sheet, index, section)
        sheet.freeze_panes(HEADER_ROW + 1, 4)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)
        sheet.set_footer("&L&A&R&P / &N")

    def _subtitle(self):
        made = self.env._("made %(moment)s", moment=self.values["made"])
        return " · ".join(
            filter(None, [self.values["companies"], self.values["period"], made])
        )

    def _write_header(self, sheet):
        names = [
            self.env._("Account Holder"),
            self.env._("IBAN"),
            self.env._("Journal"),
            self.env._("Month"),
            self.env._("Books: opening"),
            self.env._("Books: credits"),
            self.env._("Books: debits"),
            self.env._("Books: closing"),
            self.env._("Bank: opening"),
            self.env._("Bank: credits"),
            self.env._("Bank: debits"),
            self.env._("Bank: closing"),
            self.env._("Difference"),
            self.env._("Unmatched lines"),
            self.env._("Unmatched amount"),
            self.env._("Bank asked"),
            self.env._("Notes"),
        ]
        style = self._format(
            bold=True, text_wrap=True, bottom=1, bg_color="#EEEEEE", valign="top"
        )
        sheet.write_row(HEADER_ROW, 0, names, style)

    def _write_section(self, sheet, index, section):
        """Write an account from row ``index`` on; return the row for the next one."""
        account = section.account
        labels = (account.name or "", section.name, account.journal_id.name or "")
        for row in section.rows:
            self._write_labels(sheet, index, labels)
            month = self._format(num_format="mmm yyyy", align="left")
            sheet.write_datetime(index, 3, row.month, month)
            self._write_row(sheet, index, row, account.currency_id)
            notes = " ".join(self.report._notes(row, account.currency_id))
            sheet.write_string(index, 16, notes)
            index += 1
        style = {"bold": True, "top": 1} if section.total else {}
        self._write_labels(sheet, index, labels, **style)
        if section.total:
            total = self._format(**style)
            sheet.write_string(index, 3, self.env._("Total"), total)
            self._write_row(sheet, index, section.total, account.currency_id, **style)
        verdict = " ".join([section.verdict, *section.notes])
        sheet.write_string(index, 16, verdict, self._format(**style))
        return index + 2

    def _write_labels(self, sheet, index, labels, **style):
        for column, label in enumerate(labels):
            sheet.write_string(index, column, label, self._format(**style))

    def _write_row(self, sheet, index, row, currency, **style):
        money = self._money(currency, **style)
        for column, name in enumerate(FIGURES, 4):
            sheet.write_number(index, column, getattr(row.books, name), money)
        if row.bank:
            self._write_bank(sheet, index, row, currency, **style)
        else:
            # A total without one of its months would be none.
            word = "–" if style else self.env._("not asked")
            grey = self._format(font_color="#888888", align="right", **style)
            sheet.write_row(index, 8, [word] * 5, grey)
        count = self._format(num_format="#,##0", **style)
        sheet.write_number(index, 13, row.unmatched, count)
        sheet.write_number(index, 14, row.unmatched_amount, money)
        self._write_moment(sheet, index, row.asked_at, **style)

    def _write_bank(self, sheet, index, row, currency, **style):
        figures = [(name, getattr(row.bank, name)) for name in FIGURES]
        for column, (name, amount) in enumerate(
            [*figures, ("closing", row.difference)], 8
        ):
            money = self._money(currency, red=name in row.differs, **style)
            sheet.write_number(index, column, amount, money)

    def _write_moment(self, sheet, index, moment, **style):
        if not moment:
            sheet.write_blank(index, 15, None, self._format(**style))
            return
        local = moment.replace(tzinfo=timezone.utc).astimezone(GEORGIAN_TIME)
        style = self._format(num_format="yyyy-mm-dd hh:mm", align="left", **style)
        sheet.write_datetime(index, 15, local.replace(tzinfo=None), style)

    def _money(self, currency, *, red=False, **style):
        digits = "." + "0" * currency.decimal_places if currency.decimal_places else ""
        number = f'#,##0{digits} "{currency.symbol or currency.name}"'
        if red:
            style = {**style, "font_color": "#B02A37", "bold": True}
        return self._format(num_format=f"{number};[Red]-{number}", **style)

    def _format(self, **properties):
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(properties)
        return self.formats[key]
