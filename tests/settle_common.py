"""An accountant and what there is to settle."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import IBAN, OTHER_IBAN
from .test_matching import CUSTOMER, MatchingCase

STRANGER = {"partnerName": "Stranger LLC"}
FIELDS = ("account_id", "partner_id", "amount_currency", "balance", "currency_id")


@tagged("post_install", "-at_install")
class SettleCase(MatchingCase):
    """Accounts in lari and dollars, at 2.70; the accountant is who acts."""

    # Whether most tests begin with a line of 100 lari: it is read once for all of them.
    begins_with_a_line = False

    def set_up_once(self):
        super().set_up_once()
        self.usd_account = self.make_account(self.usd)
        self.usd_account.book_opening = False
        self.other_account = self.make_account(iban=OTHER_IBAN)
        self.other_account.book_opening = False
        self.fuel = self.account_of("600000")
        self.fees = self.account_of("620000")
        self.ready = []
        if self.begins_with_a_line:
            self.ready.append(self.booked())

    def account_of(self, code):
        """An expense account of this code, the chart's or a new one."""
        accounts = self.env["account.account"].with_company(self.company)
        return accounts.search([("code", "=", code)]) or accounts.create(
            {"code": code, "name": f"Account {code}", "account_type": "expense"}
        )

    def booked(self, amount=100, account=None, **members):
        """A line that the matching leaves alone, as the accountant sees it.

        The first of 100 lari may be there already.
        """
        if self.ready and (amount, account, members) == (100, None, {}):
            return self.ready.pop()
        return self.booked_at_once([{"amount": amount, **members}], account)

    def booked_at_once(self, several, account=None):
        """Such lines, of one read: a dictionary of each, in their order."""
        account = account or self.account
        movements = [self.arrive(account, **members) for members in several]
        self.sync(account)
        lines = [self.line(movement) for movement in movements]
        return self.mine(lines[0].union(*lines))

    def arrive(self, account, amount, **members):
        """A movement of this account at the bank; return its id."""
        members = {
            "currency": account.currency_id.name,
            "iban": account.iban,
            "partnerAccountInfo": STRANGER,
            "purpose": "Something",
            **members,
        }
        return self.add(amount, **members)

    def mine(self, records, user=None):
        user = user or self.accountant
        return records.with_user(user).with_context(
            allowed_company_ids=self.company.ids
        )

    def of_customer(self, amount=100, account=None, **members):
        """Money of the customer, which nobody has matched."""
        return self.booked(amount, account, partnerAccountInfo=CUSTOMER, **members)

    def receivable(self, *moves):
        """What is open of these documents, an item of each."""
        items = self.env["account.move.line"]
        for move in moves:
            items += move.line_ids.filtered(
                lambda one: (
                    one.account_type in ("asset_receivable", "liability_payable")
                )
            )
        return items

    def paying(self, *moves, **more):
        """The settlement that pays these documents."""
        items = [{"id": item.id, "amount": None} for item in self.receivable(*moves)]
        return {"items": items, **more}

    def part(self, account, amount=None, **more):
        return {"account_id": account.id, "amount": amount, **more}

    def items(self, line):
        """``[(account code, amount in its currency, balance)]`` without the bank's own."""
        liquidity, _suspense, _others = line._seek_for_lines()
        return sorted(
            (item.account_id.code, item.amount_currency, item.balance)
            for item in line.sudo().line_ids - liquidity.sudo()
        )

    def code(self, account):
        return account.with_company(self.company).code

    def entry(self, line):
        """The values of all its items, for a comparison."""
        return sorted(
            tuple(str(item[name]) for name in FIELDS) for item in line.sudo().line_ids
        )

    def assertSettled(self, line, *, user=None):
        line.invalidate_recordset()
        user = user or self.accountant
        self.assertTrue(line.is_reconciled)
        self.assertEqual(line.amount_residual, 0)
        self.assertEqual(line.tbc_settled_by_id, user)
        self.assertTrue(line.tbc_settled_at)
        self.assertIn(user.name, line.tbc_match_note)
        bodies = str(line.move_id.message_ids.mapped("body"))
        self.assertIn(user.name, bodies)
        self.assertEqual(line.move_id.state, "posted")
        self.assertFalse(round(sum(line.move_id.line_ids.mapped("balance")), 2))

    def assertOpen(self, line):
        line.invalidate_recordset()
        self.assertFalse(line.is_reconciled)
        self.assertFalse(line.tbc_settled_by_id)
        self.assertFalse(line.tbc_settled_at)
        self.assertFalse(line.tbc_match_note)

    def lock_until(self, day):
        """Lock the books, although something waits in suspense.

        Odoo refuses that; whoever undoes a match later has it all the same.
        """
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET fiscalyear_lock_date = %s WHERE id = %s",
            [day, self.company.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def make_tax(self, amount=18, kind="purchase", **values):
        """A tax; the one there is of that amount and kind."""
        name = f"VAT {amount} {kind}"
        domain = [("name", "=", name), ("company_id", "=", self.company.id)]
        if known := self.env["account.tax"].search(domain):
            return known
        return self.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "type_tax_use": kind,
                "company_id": self.company.id,
                **values,
            }
        )

    def usd_invoice(self, amount=100.0, **values):
        return self.invoice(amount, currency_id=self.usd.id, **values)

    def other_bank(self, amount=100.0, currency=None, **values):
        """A line of another bank's journal, entered by hand."""
        journal = self.env["account.journal"].create(
            {
                "name": "Bank of Georgia",
                "type": "bank",
                "code": "BOG",
                "company_id": self.company.id,
                "currency_id": currency.id if currency else False,
            }
        )
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": "2026-06-15",
                "payment_ref": "From TBC",
                "amount": amount,
                **values,
            }
        )
        return self.mine(line)


__all__ = ["CUSTOMER", "IBAN", "OTHER_IBAN", "Command", "SettleCase"]
