"""A page of bank lines is created in one go, with the very rows of Odoo's own create."""

from datetime import date
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services.statements import page_create
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import IBAN, TbcCase

TABLES = (
    "account_move",
    "account_move_line",
    "account_bank_statement_line",
    "account_analytic_line",
    "mail_message",
    "account_partial_reconcile",
)
# What is new each time: times, and texts that nobody can guess.
PASSING = {"create_date", "write_date", "access_token", "message_id"}
REFERS_TO = {
    "move_id": "account_move",
    "statement_line_id": "account_bank_statement_line",
    "move_line_id": "account_move_line",
}


@tagged("post_install", "-at_install")
class TestPageCreate(TbcCase):
    bank_options = {"accounts": {IBAN: ("GEL", "USD")}, "days": 0}

    def set_up_once(self):
        super().set_up_once()
        self.partners = self.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("Alpha", "Beta")]
        )
        self.partners += self.env["res.partner"].create(
            {"name": "Gamma of Alpha", "parent_id": self.partners[0].id}
        )
        plan = self.env["account.analytic.plan"].create({"name": "Projects"})
        project = self.env["account.analytic.account"].create(
            {"name": "Bridge", "plan_id": plan.id, "company_id": self.company.id}
        )
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.partners[1].id,
                "analytic_distribution": {str(project.id): 100},
                "company_id": self.company.id,
            }
        )

    def vals_list(self, currency=None, count=60):
        """A page with everything in it: years, partners, notes, foreign amounts."""
        journal = self.make_account(currency=currency).journal_id
        other = self.gel if currency else self.usd
        days = (
            date(2025, 12, 30),
            date(2025, 12, 31),
            date(2026, 1, 1),
            date(2026, 2, 3),
        )
        partner_ids = [False, *self.partners.ids]
        vals_list = []
        for number in range(count):
            amount = (number * 37 - 900) / 100 or 0.01
            foreign = number % 7 == 3
            vals_list.append(
                {
                    "journal_id": journal.id,
                    "date": days[number * 13 % 4],
                    "amount": amount,
                    "payment_ref": f"Purpose {number}",
                    "partner_id": partner_ids[number % 4],
                    "partner_name": f"Somebody {number}",
                    "account_number": f"GE{number:02}TB00",
                    "transaction_type": "GIB",
                    "transaction_details": {"amount": number},
                    "ref": f"D{number % 5}" if number % 3 else False,
                    "narration": "<p>Booked later</p>" if number % 11 == 2 else False,
                    "foreign_currency_id": other.id if foreign else False,
                    "amount_currency": round(amount * 2.7, 2) if foreign else 0.0,
                }
            )
        return vals_list

    def rows_after(self, create, vals_list):
        """The rows that ``create`` adds, without what is new each time; then undo it."""
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            last_ids = {table: self.last_id(table) for table in TABLES}
            create([dict(vals) for vals in vals_list])
            self.env.flush_all()
            rows = {table: self.rows(table, last_ids[table]) for table in TABLES}
            savepoint.rollback()
        self.env.invalidate_all()
        self.env.cr.precommit.data.pop("sequence.mixin", None)
        first_ids = {table: rows[table][0]["id"] for table in TABLES if rows[table]}
        return {
            table: [self.normalised(table, row, first_ids) for row in rows[table]]
            for table in TABLES
        }

    def normalised(self, table, row, first_ids):
        """The row, with the ids of new rows as their distance from the first new one."""
        row = {name: value for name, value in row.items() if name not in PASSING}
        row["id"] -= first_ids[table]
        for name, target in REFERS_TO.items():
            if row.get(name):
                row[name] -= first_ids[target]
        if row.get("internal_index"):
            # Its last ten digits are the id.
            row["internal_index"] = row["internal_index"][:-10]
        if table == "mail_message":
            del row["date"]
            row["res_id"] -= first_ids["account_move"]
        return row

    def last_id(self, table):
        self.env.cr.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
        return self.env.cr.fetchone()[0]

    def rows(self, table, last_id):
        self.env.cr.execute(
            f"SELECT to_jsonb(t) FROM {table} t WHERE id > %s ORDER BY id",
            [last_id],
        )
        return [row for (row,) in self.env.cr.fetchall()]

    def plain(self, vals_list):
        return self.env["account.bank.statement.line"].create(vals_list)

    def quick(self, vals_list):
        return page_create.create_lines(self.env, vals_list)

    def assert_alike(self, vals_list):
        expected = self.rows_after(self.plain, vals_list)
        found = self.rows_after(self.quick, vals_list)
        for table in TABLES:
            self.assertEqual(len(found[table]), len(expected[table]), table)
            for one, other in zip(found[table], expected[table], strict=True):
                differing = {
                    name: (value, other.get(name))
                    for name, value in one.items()
                    if value != other.get(name)
                }
                self.assertFalse(differing, table)
        return expected

    def test_each_column_is_as_of_odoo(self):
        rows = self.assert_alike(self.vals_list())
        self.assertEqual(len(rows["account_move"]), 60)
        self.assertEqual(len(rows["account_move_line"]), 120)
        self.assertTrue(rows["account_analytic_line"])

    def test_each_column_of_a_foreign_account(self):
        self.assert_alike(self.vals_list(self.usd))

    def test_a_single_line(self):
        self.assert_alike(self.vals_list(count=1))

    def test_a_second_page_of_a_journal_that_has_lines(self):
        vals_list = self.vals_list()
        self.quick(vals_list[:20])
        self.assert_alike(vals_list[20:])

    def test_numbers_that_a_person_changed_go_on(self):
        vals_list = self.vals_list()
        first = self.quick(vals_list[:1])
        first.move_id.name = (
            "OWN/2026/0007" if first.date.year == 2026 else "OWN/2025/0007"
        )
        self.assert_alike(vals_list[1:])

    def test_queries_grow_little(self):
        vals_list = self.vals_list(count=160)
        counts = []
        for part in (vals_list[:40], vals_list[40:]):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.quick(part)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        few, many = counts
        self.assertLessEqual(many - few, 3 * 80)
        self.assertLessEqual(many, 3 * 120)

    def test_an_entry_that_is_not_balanced_is_refused(self):
        lines = self.env.registry["account.bank.statement.line"]
        prepare = lines._prepare_move_line_default_vals

        def lopsided(line, *args):
            liquidity, suspense = prepare(line, *args)
            names = ("name", "move_id", "account_id", "currency_id")
            kept = {name: suspense[name] for name in names}
            return [liquidity, {**kept, "balance": 7.0, "amount_currency": 7.0}]

        vals_list = self.vals_list(count=3)
        for create in (self.plain, self.quick):
            with (
                self.subTest(create=create.__name__),
                patch.object(lines, "_prepare_move_line_default_vals", lopsided),
                self.assertRaisesRegex(UserError, "balanced"),
            ):
                create([dict(vals) for vals in vals_list])

    def test_another_method_of_odoo_takes_the_plain_way(self):
        changed = dict.fromkeys(page_create._KNOWN, "")
        self.addCleanup(page_create._is_known.cache_clear)
        page_create._is_known.cache_clear()
        with (
            patch.object(page_create, "_KNOWN", changed),
            self.assertLogs(page_create.__name__, "WARNING") as log,
        ):
            vals_list = self.vals_list(count=4)
            plain = self.rows_after(self.plain, vals_list)
            self.assertEqual(self.rows_after(self.quick, vals_list), plain)
        self.assertEqual(len(log.output), 1)
        self.assertIn("AccountMove.write", log.output[0])
