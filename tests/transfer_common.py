"""People, vendors and bills for the tests of transfers."""

import contextlib
import time
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from . import session
from .common import IBAN, OTHER_IBAN, TbcCase
from .company import PEOPLE

# A vendor in TBC, one in another bank, one abroad (the bank's own sandbox accounts).
TBC_IBAN = "GE44TB0600051509630891"
BANK_OF_GEORGIA_IBAN = "GE90BG0000000589021505"
FOREIGN_IBAN = "CZ6508000000192000145399"
TREASURY_CODE = "101001000"


@contextlib.contextmanager
def identity(user, *, seconds_ago=0):
    """The session of ``user``, who gave the password ``seconds_ago``."""
    moment = time.time()
    with patch("time.time", lambda: moment - seconds_ago):
        present = session.identity(user)
        found = present.__enter__()
    with contextlib.ExitStack() as stack:
        stack.push(present)
        yield found


@tagged("post_install", "-at_install")
class TransferCase(TbcCase):
    """An account to pay from, and vendors in each kind of bank."""

    bank_options = {
        "accounts": {IBAN: ("GEL", "USD", "EUR"), OTHER_IBAN: ("GEL",)},
        "days": 0,
        "openings": {(IBAN, code): 100_000_00 for code in ("GEL", "USD", "EUR")},
    }

    # Whether most tests begin with a payment, so that one is made for all of them.
    begins_with_a_payment = False

    @classmethod
    def _make_users(cls):
        result = super()._make_users()
        cls.bookkeeper = cls._make_user("bookkeeper", PEOPLE["bookkeeper"])
        return result

    def set_up_once(self):
        super().set_up_once()
        self.integration.can_initiate_transfers = True
        self.account = self.make_account()
        self.account.book_opening = False
        self.integration.with_user(self.director).action_test_connection()
        self.vendor = self.make_vendor("Vendor LLC", TBC_IBAN, vat="204567891")
        self.paid = []
        if self.begins_with_a_payment:
            self.paid.append(self.pay())
        self.bank.forget_requests()

    # --- what there is to pay ---------------------------------------------------------

    def make_vendor(self, name, account, *, trusted=True, **values):
        """Return a partner with one bank account, trusted."""
        partner = self.env["res.partner"].create(
            {"name": name, "is_company": True, "company_id": False, **values}
        )
        self.env["res.partner.bank"].create(
            {"acc_number": account, "partner_id": partner.id}
        ).allow_out_payment = trusted
        return partner

    def make_bill(self, amount=100.0, vendor=None, *, currency=None):
        """Return a posted vendor bill."""
        return self.make_bills([amount], vendor, currency=currency)

    def make_bills(self, amounts, vendor=None, *, currency=None):
        """Return such bills, posted at once, one for each amount."""
        bills = self.env["account.move"].create(
            [
                {
                    "move_type": "in_invoice",
                    "partner_id": (vendor or self.vendor).id,
                    "invoice_date": "2026-06-20",
                    "date": "2026-06-20",
                    "currency_id": (currency or self.gel).id,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": amount, "tax_ids": [(5,)]}
                        )
                    ],
                }
                for amount in amounts
            ]
        )
        bills.action_post()
        return bills

    def method_line(self, account=None):
        """The payment method line of an account's journal."""
        journal = (account or self.account).journal_id
        lines = journal.outbound_payment_method_line_ids
        return lines.filtered(lambda line: line.code == "tbc_transfer")

    def register(self, bills, account=None, **values):
        """Register Payment on bills, as the bookkeeper does; return the payments."""
        line = self.method_line(account)
        wizard = (
            self.env["account.payment.register"]
            .with_user(self.bookkeeper)
            .with_context(active_model="account.move", active_ids=bills.ids)
            .create(
                {
                    "journal_id": line.journal_id.id,
                    "payment_method_line_id": line.id,
                    "payment_date": "2026-06-30",
                    **values,
                }
            )
        )
        payments = wizard._create_payments()
        return payments.with_user(self.bookkeeper)

    def pay(self, amount=100.0, vendor=None, **values):
        """A bill and its payment in one; the first of 100 lari may be there already."""
        if self.paid and (amount, vendor, values) == (100.0, None, {}):
            return self.paid.pop()
        return self.register(self.make_bill(amount, vendor), **values)

    def pay_many(self, amounts, vendor=None):
        """Payments without bills, one for each amount."""
        payments = self.env["account.payment"].create(
            [
                {
                    "payment_type": "outbound",
                    "partner_type": "supplier",
                    "partner_id": (vendor or self.vendor).id,
                    "amount": amount,
                    "date": "2026-06-30",
                    "memo": f"Salary {number}",
                    "journal_id": self.account.journal_id.id,
                    "payment_method_line_id": self.method_line().id,
                }
                for number, amount in enumerate(amounts, 1)
            ]
        )
        payments.action_post()
        return payments.with_user(self.bookkeeper)

    def copy_payment(self, payment, times):
        """Return ``payment`` and copies of its row, for tests that stop at the bank.

        Odoo takes half a minute to create a thousand payments with their entries.
        """
        self.env.flush_all()
        columns = [
            name
            for name, field in payment._fields.items()
            if field.store and field.column_type and name != "id"
        ]
        names = ", ".join(f'"{name}"' for name in columns)
        self.env.cr.execute(
            f"INSERT INTO account_payment ({names}) SELECT {names}"
            " FROM account_payment, generate_series(1, %s) WHERE id = %s RETURNING id",
            [times, payment.id],
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        return payment.browse([payment.id, *ids])

    # --- the way of an order ----------------------------------------------------------

    def order(self, payment):
        """The payment's last order."""
        return payment.sudo().with_user(self.env.user).tbc_transfer_ids.sorted("id")[-1]

    def orders(self, payments):
        """The orders of payments, in the order of the payments."""
        return self.env["tbc.transfer"].union(*map(self.order, payments))

    def initiate(self, payments, user=None):
        """Initiate as the integration user, who has just proved who it is."""
        user = user or self.director
        with identity(user):
            orders = self.orders(payments)
            return orders.with_user(user).action_initiate()

    def submit(self):
        """Run the scheduled action that sends."""
        self.run_cron("ir_cron_submit")

    def reject(self, payment):
        """Have this payment prepared, initiated, sent, and rejected in the bank."""
        if not payment.tbc_state:
            payment.action_tbc_queue()
        self.initiate(payment)
        self.submit()
        self.refresh()
        self.bank.reject()
        self.refresh()
        self.assertEqual(payment.state, "rejected")

    def refresh(self):
        """Run the scheduled action that follows, whatever the hour."""
        orders = self.env["tbc.transfer"].search([("next_question_at", "!=", False)])
        orders.next_question_at = "2026-01-01 00:00:00"
        self.run_cron("ir_cron_refresh_status")

    def run_cron(self, name):
        """Run a scheduled action once, as Odoo's scheduler does."""
        with self.enter_registry_test_mode():
            self.env.ref(f"account_tbc_bank.{name}").method_direct_trigger()

    def send(self, payments):
        """Queue, initiate and send; return the orders."""
        payments.action_tbc_queue()
        self.initiate(payments)
        self.submit()
        return self.orders(payments)

    def at_the_bank(self):
        """``[(external id, amount)]`` of what the bank has, in order of arrival."""
        return [
            (order.external_id, order.payload["amount"]["amount"])
            for order in self.bank.transfers.orders
        ]

    def posts(self):
        """How many import requests the bank has seen."""
        return len(self.bank.requests_to("import_single")) + len(
            self.bank.requests_to("import_batch")
        )

    def assertOneOfEach(self, orders):
        """The bank has each order once, with its amount, and nothing else."""
        expected = sorted((order.external_id, order.amount) for order in orders)
        self.assertEqual(sorted(self.at_the_bank()), expected)
