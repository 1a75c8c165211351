"""Bank lines are looked up by their own columns, and by whom they were before."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_matching import MatchingCase

ENTRY = '"account_move"'
ROLE = "account.group_account_user"


@tagged("post_install", "-at_install")
class TestOwnColumns(MatchingCase):
    def set_up_once(self):
        super().set_up_once()
        self.movement = self.receive(77, "Own columns")
        self.read()
        self.found = self.line(self.movement)

    def person(self, login, company):
        user = self._make_user(login, ROLE, company)
        lines = self.env["account.bank.statement.line"].with_user(user)
        return lines.with_context(allowed_company_ids=company.ids)

    def where(self, lines, domain):
        return str(lines._search(domain, limit=10).select().code)

    def test_no_entry_is_joined_for_company_and_journal(self):
        lines = self.person("own", self.company)
        journal = self.account.journal_id
        for domain in (
            [("tbc_movement_id", "!=", False)],
            [("journal_id", "=", journal.id)],
            [("journal_id", "in", journal.ids), ("company_id", "=", self.company.id)],
        ):
            self.assertNotIn(ENTRY, self.where(lines, domain))
            self.assertIn(self.found.id, lines.search(domain).ids)
            self.assertEqual(lines.search_count(domain, limit=1), 1)
        self.assertFalse(lines.search([("journal_id", "=", -1)]))
        self.assertFalse(lines.search([("journal_id", "in", [])]))

    def test_what_else_is_asked_is_left_to_odoo(self):
        lines = self.person("own", self.company)
        name = self.account.journal_id.name
        for domain in (
            [("journal_id", "ilike", name)],
            [("journal_id", "!=", False)],
            [("journal_id.name", "=", name)],
            [("company_id", "child_of", self.company.id)],
            ["!", ("journal_id", "=", -1)],
            [("journal_id", "in", self.account.journal_id._as_query())],
        ):
            self.assertIn(self.found.id, lines.search(domain).ids, domain)

    def test_the_state_of_open_lines_is_looked_up_one_by_one(self):
        lines = self.person("own", self.company)
        is_open, is_posted = ("is_reconciled", "=", False), ("state", "=", "posted")
        where = self.where(lines, [is_open, is_posted])
        self.assertNotIn(f"JOIN {ENTRY}", where)
        self.assertIn("SELECT move.state", where)
        for many in ([is_posted], [("is_reconciled", "=", True), is_posted]):
            self.assertIn(f"JOIN {ENTRY}", self.where(lines, many))
        own = ("id", "=", self.found.id)
        for domain, is_found in (
            ([own, is_open, is_posted], True),
            ([own, is_open, ("state", "!=", "posted")], False),
            ([own, is_open, ("state", "=", "draft")], False),
            ([own, is_open, "!", is_posted], False),
        ):
            self.assertEqual(lines.search(domain).ids, [self.found.id] * is_found)
            self.assertEqual(bool(self.found.filtered_domain(domain)), is_found)
        # Also what is not in the database yet.
        self.found.move_id.button_draft()
        self.assertFalse(lines.search([own, is_open, is_posted]))
        self.assertTrue(lines.search([own, is_open, ("state", "=", "draft")]))

    def test_another_companys_people_see_none(self):
        other = self.env["res.company"].create({"name": "Other LLC"})
        lines = self.person("elsewhere", other)
        domain = [("id", "=", self.found.id)]
        self.assertFalse(lines.search(domain))
        self.assertEqual(lines.search_count(domain, limit=5), 0)
        self.assertFalse(lines._read_group(domain, [], ["__count"])[0][0])
        with self.assertRaises(AccessError):
            lines.browse(self.found.id).check_access("read")
        self.assertFalse(lines.browse(self.found.id)._filtered_access("read"))
        ours = self.person("own", self.company).browse(self.found.id)
        self.assertEqual(ours._filtered_access("read"), ours)
