"""An initiation that was taken back holds no more, whoever writes it back."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .transfer_shared import SharedTransferCase


@tagged("post_install", "-at_install")
class TestTransferSeal(SharedTransferCase):
    def row(self, order):
        """Everything that the order's row holds."""
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM tbc_transfer WHERE id = %s", [order.id])
        return self.env.cr.dictfetchone()

    def put_back(self, row):
        """Write the whole row back, past all models."""
        self.env.flush_all()
        columns = [name for name in row if name != "id"]
        names = ", ".join(f'"{name}" = %s' for name in columns)
        self.env.cr.execute(
            f"UPDATE tbc_transfer SET {names} WHERE id = %s",
            [*(row[name] for name in columns), row["id"]],
        )
        self.env.invalidate_all()

    def initiated(self):
        payment = self.pay()
        payment.action_tbc_queue()
        self.initiate(payment)
        return payment, self.row(self.order(payment))

    def assertNotSent(self, payment, row):
        self.put_back(row)
        order = self.order(payment)
        self.assertEqual((order.state, bool(order.initiated_at)), ("queued", True))
        self.submit()
        self.assertFalse(self.posts())
        self.assertIn("does not fit this transfer", order.problem)
        self.assertFalse(order.initiated_at)

    def test_withdrawn(self):
        payment, row = self.initiated()
        self.order(payment).with_user(self.bookkeeper).action_withdraw()
        self.assertNotSent(payment, row)
        # And again, after the sending has taken it back.
        self.assertNotSent(payment, row)

    def test_queued_again(self):
        """The same words and the same moment: it was another initiation."""
        payment, row = self.initiated()
        self.order(payment).with_user(self.bookkeeper).action_withdraw()
        payment.action_tbc_queue()
        self.assertNotSent(payment, row)
        self.initiate(payment)
        self.submit()
        self.assertOneOfEach(self.order(payment))

    def test_an_old_one_for_a_new_one(self):
        payment, row = self.initiated()
        self.order(payment).with_user(self.bookkeeper).action_withdraw()
        payment.action_tbc_queue()
        self.initiate(payment)
        self.assertNotSent(payment, row)

    def test_lapsed(self):
        payment, row = self.initiated()
        self.vendor.bank_ids.allow_out_payment = False
        self.submit()
        self.vendor.bank_ids.allow_out_payment = True
        self.assertNotSent(payment, row)

    def test_changed(self):
        payment, row = self.initiated()
        memo = payment.memo
        payment.memo = "Changed"
        payment.memo = memo
        self.assertNotSent(payment, row)

    def test_closed_with_its_payment(self):
        payment, row = self.initiated()
        payment.with_user(self.env.user).action_cancel()
        payment.with_user(self.env.user).action_draft()
        payment.action_post()
        bill = payment.invoice_ids
        items = (payment.move_id + bill).sudo().line_ids
        items.filtered(lambda o: o.account_type == "liability_payable").reconcile()
        self.assertNotSent(payment, row)

    def test_refused_by_the_bank(self):
        """What was used up is not used twice."""
        payment, row = self.initiated()
        self.bank.add_fault("VALIDATION_ERROR", on="import_single")
        self.submit()
        self.assertEqual(self.order(payment).state, "refused")
        self.bank.forget_requests()
        self.assertNotSent(payment, row)

    def test_emptied_before_it_is_withdrawn(self):
        """Who hides the seal from the withdrawal hides nothing."""
        payment, row = self.initiated()
        self.put_back({**row, "initiation_seal": None, "initiated_at": None})
        self.order(payment).with_user(self.bookkeeper).action_withdraw()
        self.assertNotSent(payment, row)

    def test_in_doubt(self):
        self.bank.add_fault("drop", on="import_single")
        payment, _row = self.initiated()
        self.submit()
        self.refresh()
        order = self.order(payment)
        self.assertTrue(order.is_missing_at_bank)
        order.with_user(self.bookkeeper).action_queue_again()
        self.initiate(payment)
        row = self.row(order)
        order.with_user(self.bookkeeper).action_withdraw()
        self.assertEqual(order.state, "unknown")
        self.bank.forget_requests()
        self.assertNotSent(payment, row)

    def test_one_that_waits_for_the_bank_holds(self):
        """A bank that is busy breaks nothing."""
        payment, _row = self.initiated()
        self.bank.add_fault("429", on="import_single", retry_after=1)
        self.submit()
        self.assertTrue(self.order(payment).initiated_at)
        self.integration.not_before = False
        self.submit()
        self.assertOneOfEach(self.order(payment))

    def test_nobody_mends_a_seal(self):
        payment, _row = self.initiated()
        self.order(payment).with_user(self.bookkeeper).action_withdraw()
        broken = self.env["tbc.broken.seal"]
        self.assertTrue(broken.sudo().search([]))
        for user in (self.bookkeeper, self.director, self.administrator):
            for right in ("read", "write", "create", "unlink"):
                with self.subTest(user.login, right=right):
                    self.assertFalse(broken.with_user(user).has_access(right))
        with self.assertRaises(UserError):
            broken.search([]).unlink()
