"""Every button of ours on nothing at all: a sentence, and never a traceback."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..services.transfers.prepare import queue_payments
from .transfer_common import identity
from .transfer_shared import SharedTransferCase

MODULE = "odoo.addons.account_tbc_bank."
ALSO = ("sync",)


@tagged("post_install", "-at_install")
class TestEmpty(SharedTransferCase):
    def doors(self):
        """``[(model, name)]`` of every public act of ours, found by itself."""
        found = set()
        for model in self.env.registry.values():
            for base in model.__mro__:
                if base.__module__.startswith(MODULE):
                    found |= {
                        (model._name, name)
                        for name in vars(base)
                        if name.startswith("action_") or name in ALSO
                    }
        return sorted(found)

    def test_every_button_on_nothing(self):
        doors = self.doors()
        self.assertIn(("account.payment", "action_tbc_queue"), doors)
        self.assertGreater(len(doors), 40)
        # Who may do all of it: what is refused is refused for the right reason.
        groups = (
            "account_tbc_bank.group_tbc_administrator",
            "account.group_account_user",
        )
        for group in groups:
            self.director.group_ids += self.env.ref(group)
        for model, name in doors:
            with self.subTest(f"{model}.{name}"), identity(self.director):
                nothing = self.env[model].with_user(self.director)
                with self.env.cr.savepoint():
                    try:
                        getattr(nothing, name)()
                        self.env.flush_all()
                    except UserError as error:
                        self.assertTrue(str(error))
                        self.assertNotIn("Expected singleton", str(error))

    def test_nothing_to_queue_is_said(self):
        payments = self.env["account.payment"].with_user(self.bookkeeper)
        orders = self.env["tbc.transfer"].with_user(self.bookkeeper)
        batches = self.env["tbc.transfer.batch"].with_user(self.bookkeeper)
        for act in (
            payments.action_tbc_queue,
            payments.action_tbc_queue_batch,
            payments.action_tbc_pay_again,
            payments.action_tbc_review,
            payments.action_tbc_refresh_status,
            lambda: queue_payments(payments, batch_name="June"),
            orders.action_withdraw,
            orders.action_queue_again,
            orders.action_review,
            orders.action_refresh_status,
            batches.action_review,
            batches.action_withdraw,
            batches.action_queue_again,
            batches.action_refresh_status,
            batches.action_open_orders,
        ):
            with self.subTest(act), self.assertRaises(UserError):
                act()
        with identity(self.director):
            for records in (payments, orders):
                records = records.with_user(self.director)
                name = "action_initiate"
                if records._name == "account.payment":
                    name = "action_tbc_initiate"
                with self.subTest(records._name), self.assertRaises(UserError):
                    getattr(records, name)()
