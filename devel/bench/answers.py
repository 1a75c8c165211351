"""The bank's answer that a whole batch of transfers was executed."""

import os
from datetime import date, datetime, timedelta, timezone
from unittest.mock import patch

from company import make_account, make_company
from meter import Meter, Row, check

from odoo.addons.account_tbc_bank.services.transfers import follow
from odoo.addons.account_tbc_bank.services.transfers.prepare import queue_payments
from odoo.addons.account_tbc_bank.tests.session import identity

from fake_tbc import FakeBank
from fake_tbc.generator import make_accounts

NOW = datetime(2026, 6, 30, 12, tzinfo=timezone(timedelta(hours=4)))
ORDERS, SMALL_ORDERS = 1000, 40
ROUNDS = 3
MOST_SECONDS, MOST_QUERIES = 0.005, 0.5
VENDOR_IBAN = "GE44TB0600051509630891"


def rows(bench):
    """Yield what an order costs when the bank says "Finished" of all of a batch."""
    count = SMALL_ORDERS if bench.is_small else ORDERS
    [iban] = accounts = make_accounts(1000, 1, ("GEL",))
    bank = FakeBank(
        accounts=accounts, days=0, openings={(iban, "GEL"): 10**12}, now=NOW
    )
    with (
        bench.at(NOW),
        bank,
        patch.dict(os.environ, {"TBC_BIS_SANDBOX_URL": bank.url}),
    ):
        meter = Meter(bench.env)
        payer = Payer(bench.env, bank, iban)
        for _round in range(1 if bench.is_small else ROUNDS):
            payer.hear_of_the_end(payer.send(count), meter)
        payer.account.active = False
        bench.env.cr.commit()
    name = f"the end of a batch of {count:,}, an order"
    yield Row(name, meter.second / count, MOST_SECONDS)
    goal = None if bench.is_small else MOST_QUERIES
    yield Row(name, meter.query / count, goal, unit="queries")


class Payer:
    """A company that pays a thousand times the same at once."""

    def __init__(self, env, bank, iban):
        self.bank = bank
        company = make_company(env, "Answers LLC")
        admin = env.ref("base.user_admin")
        admin.group_ids += env.ref("account_tbc_bank.group_tbc_transfers")
        self.account = make_account(env(context={}), company, iban, date(2026, 6, 1))
        self.env = env = self.account.env
        self.account.integration_id.can_initiate_transfers = True
        self.admin = admin.with_env(env)
        self.vendor = env["res.partner"].create({"name": "Vendor LLC"})
        env["res.partner.bank"].create(
            {"acc_number": VENDOR_IBAN, "partner_id": self.vendor.id}
        ).allow_out_payment = True

    def send(self, count):
        """Send a batch, and hear that it is to be signed; return the orders."""
        payments = self._pay(count).with_user(self.admin)
        queue_payments(payments, batch_name="Salaries")
        orders = payments.sudo().tbc_transfer_ids
        with identity(self.admin):
            orders.with_user(self.admin).action_initiate()
        self.env.cr.commit()
        self.env["tbc.transfer"]._cron_submit()
        self._ask(orders)
        check("orders sent", orders.mapped("state"), ["to_sign"] * count)
        return orders

    def _pay(self, count):
        """A posted payment, and copies of its row: to create them is not measured."""
        method = self.account.journal_id.outbound_payment_method_line_ids
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": self.vendor.id,
                "amount": 12.34,
                "date": NOW.date(),
                "memo": "Salary",
                "journal_id": self.account.journal_id.id,
                "payment_method_line_id": method.filtered(
                    lambda line: line.code == "tbc_transfer"
                ).id,
            }
        )
        payment.action_post()
        self.env.flush_all()
        columns = [
            f'"{name}"'
            for name, field in payment._fields.items()
            if field.store and field.column_type and name != "id"
        ]
        names = ", ".join(columns)
        self.env.cr.execute(
            f"INSERT INTO account_payment ({names}) SELECT {names}"
            " FROM account_payment, generate_series(2, %s) WHERE id = %s RETURNING id",
            [count, payment.id],
        )
        return payment.browse([payment.id, *(row[0] for row in self.env.cr.fetchall())])

    def hear_of_the_end(self, orders, meter):
        """The bank executes them, and is asked."""
        self.bank.in_progress_questions = 0
        self.bank.sign()
        with meter:
            self._ask(orders)
        count = len(orders)
        check("orders executed", orders.mapped("state"), ["done"] * count)
        notes = [order.message_ids.sorted("id")[-1:].body for order in orders]
        check("notes", sum("Finished" in note for note in notes), count)

    def _ask(self, orders):
        """Ask as the scheduled action does, and commit."""
        self.env.cr.commit()
        self.env.invalidate_all()
        follow._ask_in_turn(self.env, orders)
        self.env.cr.commit()
        self.env.invalidate_all()
