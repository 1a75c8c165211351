"""What an order was made of may change until it is sent, and never without a word."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..services.transfers.prepare import queue_payments
from .common import OTHER_IBAN
from .test_transfer_prepare import PrepareCase
from .transfer_common import BANK_OF_GEORGIA_IBAN


@tagged("post_install", "-at_install")
class TestTransferChange(PrepareCase):
    def assertLeft(self, payment, order, *names):
        """It is out of the queue, and people find out why."""
        self.assertEqual((order.state, payment.tbc_state), ("draft", "draft"))
        self.assertFalse(order.initiated_by_id or order.initiated_at)
        self.assertFalse(order.sudo().initiation_seal)
        for name in names:
            self.assertIn(name, payment.tbc_note)
        self.assertIn("A draft again", order.message_ids[0].body)
        self.submit()
        self.assertFalse(self.posts())
        with self.assertRaises(UserError):
            self.initiate(payment)

    def foreign(self, vendor=None, **values):
        account = (vendor or self.make_abroad()).bank_ids
        return self.payment(1, account, self.eur_account, **values)

    # --- the payment ------------------------------------------------------------------

    def test_a_field_of_the_payment(self):
        own = self.our_account(OTHER_IBAN)
        for make, values, name in (
            (lambda: self.payment(1), {"memo": "Invoice 2"}, "Description"),
            (lambda: self.payment(1), {"memo": "x" * 150}, "Additional Description"),
            (lambda: self.payment(1), {"memo": False}, "Description"),
            (self.foreign, {"tbc_charge_details": "OUR"}, "Charges"),
            (
                lambda: self.payment(1, own),
                {"tbc_credit_currency_id": self.usd.id},
                "Credit Currency",
            ),
            (
                lambda: self.payment(1, self.treasury()),
                {"tbc_taxpayer_code": "204567891", "tbc_taxpayer_name": "Vendor LLC"},
                "Taxpayer Code, Taxpayer Name",
            ),
        ):
            for initiated in (False, True):
                with self.subTest(values, initiated=initiated):
                    payment = make()
                    order = self.queue(payment)
                    if initiated:
                        self.initiate(payment)
                    payment.write(values)
                    self.assertLeft(payment, order, name)
                    self.assertEqual(self.queue(payment), order)
                    self.assertFalse(payment.tbc_note)
                    order.with_user(self.bookkeeper).action_withdraw()

    def test_the_new_memo_is_told(self):
        payment = self.payment(1, memo="Old")
        order = self.queue(payment)
        self.initiate(payment)
        payment.memo = "New"
        self.assertLeft(payment, order, self.bookkeeper.name)
        self.send(payment)
        [told] = self.told()
        self.assertEqual(told["description"], "New")
        self.assertEqual(told["transferExternalId"], order.external_id)

    def test_what_changes_nothing(self):
        """Written as it was, or in words that the bank is not told."""
        payment = self.payment(1, memo="Invoice 1")
        order = self.queue(payment)
        payment.write({"memo": " Invoice  1 ", "tbc_charge_details": "OUR"})
        payment.write({"tbc_taxpayer_name": "Nobody", "tbc_taxpayer_code": False})
        self.vendor.write({"name": "Vendor LLC", "phone": "1", "street": "Elsewhere"})
        self.assertEqual(order.state, "queued")

    def test_what_was_sent_stays(self):
        """Its memo may be corrected in the books: the bank was told the old one."""
        payment = self.payment(1)
        self.send(payment)
        order = self.order(payment)
        payment.memo = "For our books"
        self.vendor.name = "Renamed LLC"
        self.assertEqual(order.state, "submitted")
        self.assertEqual(order.description, "Invoice 1")
        self.assertFalse(order.problem)

    def test_one_in_doubt_goes_again_as_it_was(self):
        self.bank.add_fault("drop", on="import_single")
        payment = self.payment(1)
        self.send(payment)
        order = self.order(payment)
        self.refresh()
        self.assertTrue(order.is_missing_at_bank)
        order.with_user(self.bookkeeper).action_queue_again()
        payment.memo = "Changed"
        self.vendor.name = "Renamed LLC"
        self.assertEqual(order.state, "queued")
        self.initiate(payment)
        self.submit()
        self.assertEqual((order.state, order.description), ("submitted", "Invoice 1"))

    # --- the recipient ----------------------------------------------------------------

    def test_the_recipient(self):
        """Whoever changes it; whoever queued the payment is told."""
        self.vendor.country_id = self.env.ref("base.ge")
        for change, name in (
            (lambda v: v.write({"name": "Renamed LLC"}), "Recipient's Name"),
            (lambda v: v.write({"vat": "01234567890"}), "Recipient's Tax Code"),
            (
                lambda v: v.bank_ids.write({"acc_holder_name": "Nino"}),
                "Recipient's Name",
            ),
            (lambda v: v.write({"country_id": self.env.ref("base.tr").id}), "Tax Code"),
        ):
            with self.subTest(name):
                payment = self.payment(1)
                order = self.queue(payment)
                self.initiate(payment)
                change(self.vendor)
                self.assertLeft(payment, order, name, self.env.user.name)
                self.assertEqual(payment.activity_ids.user_id, self.bookkeeper)
                self.assertEqual(self.queue(payment), order)
                self.assertFalse(payment.activity_ids)
                order.with_user(self.bookkeeper).action_withdraw()

    def test_the_recipient_abroad(self):
        vendor = self.make_abroad()
        for change, name in (
            (lambda: vendor.write({"street": "Vodickova 2"}), "Address"),
            (lambda: vendor.write({"city": "Brno"}), "Address"),
            (lambda: vendor.bank_ids.bank_id.write({"bic": "KOMBCZPP"}), "Bank Code"),
            (lambda: vendor.bank_ids.bank_id.write({"name": "Other"}), "Bank Name"),
            (
                lambda: vendor.bank_ids.write(
                    {"bank_id": vendor.bank_ids.bank_id.copy({"bic": "GIBACZPX"}).id}
                ),
                "Bank Code",
            ),
        ):
            with self.subTest(name):
                payment = self.foreign(vendor)
                order = self.queue(payment)
                change()
                self.assertLeft(payment, order, name)

    def test_the_company_of_a_contact(self):
        contact = self.vendor.create({"name": "Nino", "parent_id": self.vendor.id})
        payment = self.payment(1, partner_id=contact.id)
        order = self.queue(payment)
        self.vendor.vat = "01234567890"
        self.assertLeft(payment, order, "Recipient's Tax Code")

    def test_our_own_company_pays_a_tax(self):
        payment = self.payment(1, self.treasury())
        other = self.payment(2)
        order, untouched = self.queue(payment), self.queue(other)
        self.company.name = "Our New Name LLC"
        self.assertEqual(untouched.state, "queued")
        self.assertEqual((order.state, payment.tbc_state), ("draft", "draft"))
        self.assertIn("Taxpayer Name", payment.tbc_note)

    def test_a_vendor_is_merged_into_another(self):
        """Odoo moves the payment in SQL, past everything that watches it."""
        other = self.make_vendor("Other LLC", BANK_OF_GEORGIA_IBAN, vat="405123457")
        payment = self.payment(1)
        order = self.queue(payment)
        self.initiate(payment)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.vendor + other).ids, other)
        self.env.invalidate_all()
        self.assertEqual(payment.partner_id, other)
        self.assertLeft(payment, order, "Recipient's Name")
        self.send(payment)
        [told] = self.told()
        self.assertEqual(told["beneficiaryName"], "Other LLC")
        self.assertEqual(told["beneficiaryTaxCode"], "405123457")

    def test_one_of_a_batch(self):
        other = self.make_vendor("Other LLC", BANK_OF_GEORGIA_IBAN)
        payments = self.payment(1) + self.payment(2, other.bank_ids)
        batch = queue_payments(payments, batch_name="June").batch_id
        orders = self.orders(payments)
        other.name = "Renamed LLC"
        self.assertEqual(orders.mapped("state"), ["queued", "draft"])
        self.assertEqual(batch.order_ids, orders[0])
        payments[0].memo = "Changed"
        self.assertFalse(batch.exists())

    # --- past the models --------------------------------------------------------------

    def sql(self, query, *values):
        self.env.flush_all()
        self.env.cr.execute(query, values)
        self.env.invalidate_all()

    def test_a_change_that_nobody_saw(self):
        """Whatever the road, it is asked at initiating, and again at sending."""
        for table, record, column, value, name in (
            ("account_payment", None, "memo", "Other", "Description"),
            ("res_partner", self.vendor, "vat", "01234567890", "Recipient's Tax Code"),
            (
                "res_partner_bank",
                self.vendor.bank_ids,
                "acc_holder_name",
                "Nino",
                "Recipient's Name",
            ),
        ):
            with self.subTest(table):
                payment = self.payment(1)
                order = self.queue(payment)
                row = (record or payment).id
                [[before]] = self.read_sql(table, column, row)
                update = f"UPDATE {table} SET {column} = %s WHERE id = %s"
                self.sql(update, value, row)
                words = self.obstacle(payment)
                self.assertIn("was changed after", words)
                self.assertIn(name, words)
                self.sql(update, before, row)
                self.initiate(payment)
                self.sql(update, value, row)
                self.submit()
                self.assertFalse(self.posts())
                self.assertIn(name, order.problem)
                self.assertFalse(order.initiated_at)
                self.sql(update, before, row)

    def read_sql(self, table, column, row):
        self.env.cr.execute(f"SELECT {column} FROM {table} WHERE id = %s", [row])
        return self.env.cr.fetchall()

    def test_an_account_of_ours(self):
        """An account that became the company's own makes another transfer of it."""
        payment = self.payment(1)
        order = self.queue(payment)
        self.make_account(iban=order.credit_account, journal=False)
        words = self.obstacle(payment)
        self.assertIn("Transfer Type", words)
