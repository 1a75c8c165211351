"""Several pages of transactions to match, and what needs one more answer."""

from odoo.tests import tagged

from .test_matching_tour import MatchingTourCase

VIEW = "account_tbc_bank.account_bank_statement_line_view_matching"


class MatchingMoreCase(MatchingTourCase):
    def check_more(self):
        """What waited for a partner or an account went there; the rules are gone."""
        self.assertAccounts("Who is it 1", "Account Receivable")
        advance = self.settled("Who is it 1")
        self.assertEqual(advance.partner_id, self.partners["Friend LLC"])
        self.assertEqual(len(self.settled("Two at once")), 2)
        self.assertAccounts("A little short", "Account Receivable", "Tour Fees")
        parking = self.lines(self.account).filtered(
            lambda line: line.payment_ref.startswith("Parking")
        )
        self.assertEqual(len(parking), 2)
        self.assertFalse(any(parking.mapped("is_reconciled")))
        rules = self.env["tbc.operation.rule"].with_context(active_test=False)
        self.assertFalse(rules.search([("name", "=", "City Parking")]))

    def check_back(self):
        """Nothing is matched, and whatever was to be paid is."""
        lines = self.lines(self.account) | self.lines(self.other) | self.arrived
        self.assertFalse(lines.filtered("is_reconciled"))
        self.assertFalse(lines.filtered("tbc_settled_by_id"))
        documents = self.env["account.move"].search(
            [("move_type", "=", "out_invoice"), ("company_id", "=", self.company.id)]
        )
        self.assertGreater(len(documents), 20)
        self.assertEqual(set(documents.mapped("payment_state")), {"not_paid"})
        for one in lines.filtered(
            lambda line: line.payment_ref.startswith(("A newcomer", "Who is it"))
        ):
            self.assertFalse(one.partner_id)


@tagged("post_install", "-at_install")
class TestMatchingPages(MatchingMoreCase):
    def show_at_once(self, count):
        """So many rows on a page."""
        view = self.env.ref(VIEW)
        view.arch = view.arch.replace('limit="80"', f'limit="{count}"')

    def test_nothing_is_jumped_over(self):
        self.show_at_once(5)
        self.walk("account_tbc_bank_match_pages")
        self.assertEqual(len(self.booked_coffees()), 6)

    def test_the_other_leg_on_the_next_page(self):
        self.show_at_once(1)
        self.walk("account_tbc_bank_match_other_page")
        self.assertTrue(self.settled("To our other account"))

    def booked_coffees(self):
        return self.lines(self.account).filtered(
            lambda line: line.payment_ref.startswith("Morning") and line.is_reconciled
        )


@tagged("post_install", "-at_install")
class TestMatchingMore(MatchingMoreCase):
    def test_each_wish(self):
        self.account.fee_account_id = False
        self.walk("account_tbc_bank_match_more")
        self.check_more()

    def test_each_wish_taken_back(self):
        self.walk("account_tbc_bank_match_back")
        self.check_back()


@tagged("post_install", "-at_install")
class TestMatchingMorePhone(MatchingMoreCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_each_wish(self):
        self.account.fee_account_id = False
        self.walk("account_tbc_bank_match_more_phone")
        self.check_more()

    def test_each_wish_taken_back(self):
        self.walk("account_tbc_bank_match_back_phone")
        self.check_back()
