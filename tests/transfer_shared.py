"""``TransferCase`` set up once for all tests of a class: many small ones need it."""

import os
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.tests import tagged

from .common import NOON, TbcCase
from .fake_tbc import FakeBank
from .fake_tbc.bank import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET
from .fake_tbc.order_book import OrderBook
from .transfer_common import TBC_IBAN, TransferCase


@tagged("post_install", "-at_install")
class SharedTransferCase(TransferCase):
    """The database is rolled back after each test, and the bank forgets its orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo's notes of who changed which field take a third of the time.
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.bank = FakeBank(now=NOON, **cls.bank_options).start()
        cls.addClassCleanup(cls.bank.stop)
        cls.startClassPatcher(
            patch.dict(
                os.environ,
                {
                    "TBC_BIS_SANDBOX_URL": cls.bank.url,
                    "TBC_BIS_ENCRYPTION_KEY": Fernet.generate_key().decode(),
                    "TBC_BIS_TIMEOUT": "10",
                },
            )
        )
        # An instance that is never run: it finds what it needs in the class.
        cls._set_up_once(object.__new__(cls))

    @classmethod
    def _set_up_once(cls, case):
        """What the cases above do before each test, with the methods of ``case``."""
        cls.integration = cls.env["tbc.integration"].create(
            {
                "name": "Odoo",
                "company_id": cls.company.id,
                "environment": "sandbox",
                "user_id": cls.director.id,
                "can_initiate_transfers": True,
            }
        )
        as_director = cls.integration.with_user(cls.director)
        as_director.set_credentials(FAKE_CLIENT_ID, FAKE_CLIENT_SECRET)
        cls.account = case.make_account()
        cls.account.book_opening = False
        as_director.action_test_connection()
        cls.vendor = case.make_vendor("Vendor LLC", TBC_IBAN, vat="204567891")

    def setUp(self):
        # Past the two cases above, to Odoo's own.
        super(TbcCase, self).setUp()
        self.bank.transfers = OrderBook(self.bank.ledger, self.bank.clock, False)
        self.bank.clear_faults()
        self.bank.forget_requests()
