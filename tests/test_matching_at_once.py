"""What is certain is booked at once, and one that Odoo refuses keeps no other one out."""

from odoo.addons.account_tbc_bank.services.at_once import AtOnce, write_at_once
from odoo.addons.account_tbc_bank.services.counterpart import suspense_item
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .test_matching import MatchingCase

# What five lines may cost, and one line more: where all go to one account, and where
# each pays an invoice, of which Odoo makes the reconciliation one by one.
FIVE, MORE_FOR_A_LINE = 58, 0.3
FIVE_INVOICES, MORE_FOR_AN_INVOICE = 160, 14
# What a write adds rows to, and what of them is new each time.
ADDED = ("mail_message", "mail_tracking_value", "account_analytic_line")
PASSING = {"id", "message_id", "date", "create_date", "write_date"}


class AtOnceCase(MatchingCase):
    """A rule that puts taxes on an account, and movements that it takes."""

    def set_up_once(self):
        super().set_up_once()
        self.taxes = self.expense("990002")
        self.rule("treasury", self.taxes)

    def expense(self, code):
        values = {"name": f"Expense {code}", "code": code, "account_type": "expense"}
        return self.env["account.account"].create(values)

    def rule(self, name, account):
        rule = self.env.ref(f"account_tbc_bank.tbc_operation_rule_{name}")
        rule.with_company(self.company).account_id = account

    def pay_taxes(self, count):
        return [
            self.add(-3 - number, transactionType=32, purpose=f"Taxes {number}")
            for number in range(count)
        ]

    def booked(self, movements):
        """The bank lines of these movements, which nobody has matched."""
        self.sync(self.account)
        lines = self.env["account.bank.statement.line"]
        return lines.concat(*map(self.line, movements))


@tagged("post_install", "-at_install")
class TestMatchingQueries(AtOnceCase):
    def queries(self, lines):
        """How many it takes to match these, of which nothing is in the cache."""
        account = self.account
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.match_accounts(account)
        self.env.flush_all()
        count = self.env.cr.sql_log_count - before
        self.assertTrue(all(lines.mapped("is_reconciled")))
        return count

    def test_by_a_rule(self):
        """Twenty cost little more than five."""
        self.queries(self.booked(self.pay_taxes(1)))
        found = [self.queries(self.booked(self.pay_taxes(n))) for n in (5, 20)]
        few, many = found
        self.assertLess(few, FIVE, found)
        self.assertLess(many - few, 15 * MORE_FOR_A_LINE, found)

    def test_an_invoice_each(self):
        """Of as many customers."""
        found = [self.queries(self.paid_by_customers(count)) for count in (1, 5, 10)]
        _one, few, many = found
        self.assertLess(few, FIVE_INVOICES, found)
        self.assertLess(many - few, 5 * MORE_FOR_AN_INVOICE, found)

    def paid_by_customers(self, count):
        """The lines of as many customers, each of whom pays his invoice."""
        names = [f"Buyer {count} {number}" for number in range(count)]
        partners = self.env["res.partner"].create([{"name": name} for name in names])
        amounts = [100 * count + number for number in range(count)]
        self.invoices(list(zip(amounts, partners, strict=True)))
        lines = self.booked(
            [
                self.receive(amount, partnerAccountInfo={"partnerName": name})
                for amount, name in zip(amounts, names, strict=True)
            ]
        )
        for line, partner in zip(lines, partners, strict=True):
            line.partner_id = partner
        return lines


@tagged("post_install", "-at_install")
class TestWrittenAtOnce(AtOnceCase):
    def test_every_row_is_as_of_odoo(self):
        """Items, analytic items, and what each entry's chatter tells."""
        lines = self.booked(self.pay_taxes(4))
        lines[2].partner_id = self.customer
        self.distribute()
        items = lines.browse().move_id.line_ids.concat(*map(suspense_item, lines))
        expected = self.rows_after(lambda vals: items.write(vals), items)
        found = self.rows_after(lambda vals: write_at_once(items, vals), items)
        self.assertEqual(found, expected)
        for table in ADDED:
            self.assertTrue(expected[table], table)
        self.assertEqual(len(expected["mail_message"]), 4)

    def distribute(self):
        """Let the customer have an analytic account, and everybody else another one."""
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        for name, partner in (("His", self.customer), ("All", None)):
            account = self.env["account.analytic.account"].create(
                {"name": name, "plan_id": plan.id, "company_id": self.company.id}
            )
            self.env["account.analytic.distribution.model"].create(
                {
                    "account_prefix": self.taxes.code,
                    "partner_id": partner and partner.id,
                    "analytic_distribution": {account.id: 100},
                    "company_id": self.company.id,
                }
            )

    def rows_after(self, write, items):
        """What a write to the account of taxes leaves in the database; then undo it."""
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            last_ids = {table: self.last_id(table) for table in ADDED}
            write({"account_id": self.taxes.id})
            self.env.flush_all()
            rows = {
                table: self.rows(table, "id > %s", last_id)
                for table, last_id in last_ids.items()
            }
            rows["items"] = self.rows("account_move_line", "id = ANY(%s)", items.ids)
            savepoint.rollback()
        self.env.invalidate_all()
        return rows

    def last_id(self, table):
        self.env.cr.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
        return self.env.cr.fetchone()[0]

    def rows(self, table, condition, value):
        self.env.cr.execute(
            f"SELECT to_jsonb(t) FROM {table} t WHERE {condition} ORDER BY id", [value]
        )
        rows = [row for (row,) in self.env.cr.fetchall()]
        if table == "mail_tracking_value":
            first = min(row["mail_message_id"] for row in rows)
            for row in rows:
                row["mail_message_id"] -= first
        return [
            {name: value for name, value in row.items() if name not in PASSING}
            for row in rows
        ]

    def test_a_second_message_of_an_entry(self):
        """It comes after the first one, and when all is over Odoo logs by itself."""
        move = self.booked(self.pay_taxes(1)).move_id
        before, at_once = move.message_ids, AtOnce()
        same = move.with_context(tbc_at_once=at_once)
        for body in ("First", "Second"):
            same._message_log(body=body, tracking_value_ids=[])
        at_once.end()
        same._message_log(body="Third", tracking_value_ids=[])
        same._message_log(body="Fourth")
        told = (move.message_ids - before).sorted("id").mapped("body")
        words = [html2plaintext(body) for body in told]
        self.assertEqual(words, ["First", "Second", "Third", "Fourth"])


@tagged("post_install", "-at_install")
class TestOneIsRefused(AtOnceCase):
    def test_the_others_are_booked_once(self):
        """The account of one rule was archived meanwhile, which Odoo says while booking."""
        archived = self.expense("990003")
        self.rule("utility", archived)
        taxes = self.pay_taxes(3)
        utility = self.add(-7, transactionType=31, purpose="კომუნალური გადასახადი")
        more = self.add(-9, transactionType=32, purpose="Taxes, too")
        lines = self.booked([*taxes, utility, more])
        archived.active = False
        self.match()
        refused = self.line(utility)
        self.assertUnmatched(utility)
        self.assertIn("archived account", refused.tbc_match_problem)
        self.assertTrue(refused.tbc_match_refused_at)
        for line in lines - refused:
            self.assertTrue(line.is_reconciled)
            self.assertEqual(line._seek_for_lines()[2].account_id, self.taxes)
            self.assertFalse(line.tbc_match_problem)
            notes = self.notes(line.move_id)
            self.assertEqual(notes[-1], line.tbc_match_note)
            # Once: what was tried with the others left nothing.
            self.assertEqual(len(notes), len(set(notes)), notes)
        self.assertNotIn("Booked by", " ".join(self.notes(refused.move_id)))

    def notes(self, move):
        """What the entry's chatter says, the oldest first."""
        messages = move.message_ids.sorted("id")
        return [html2plaintext(message.body) for message in messages]
