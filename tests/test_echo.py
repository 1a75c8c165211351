"""A bank that says back what it was sent: nothing of it is kept, shown or logged."""

import base64
import logging
import os
import sys
import unittest
from functools import partial
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.addons.account_tbc_bank.services.connecting import (
    TOKENS,
    open_client,
)
from odoo.addons.account_tbc_bank.tbc import TbcError
from odoo.api import Environment
from odoo.exceptions import UserError
from odoo.models import BaseModel
from odoo.sql_db import BaseCursor
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import IBAN
from .transfer_common import TransferCase
from .walk import clear_values

MODELS = str(Path(__file__).parents[1] / "models")

CLIENT_ID = "Cl13nt-of-the-echo"
SECRET = "S3cret-of-the-echo"
PAIR = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()


class _Kept(logging.Handler):
    """Whatever any logger says at any level, as it is written."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@tagged("post_install", "-at_install")
class TestEcho(TransferCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(
            patch("odoo.addons.account_tbc_bank.tbc.transport.PAUSES", (0.0, 0.0))
        )
        self.bank.add_client(CLIENT_ID, SECRET)
        self.integration.with_user(self.director).set_credentials(CLIENT_ID, SECRET)
        self.integration.with_user(self.director).action_test_connection()
        self.log = _Kept()
        root = logging.getLogger()
        root.addHandler(self.log)
        self.addCleanup(root.removeHandler, self.log)
        # Those of Odoo that write each statement in SQL say nothing of the bank.
        for name in ("odoo.addons.account_tbc_bank", "urllib3", "requests"):
            logger = logging.getLogger(name)
            self.addCleanup(logger.setLevel, logger.level)
            logger.setLevel(logging.DEBUG)

    def clear(self):
        """What must be nowhere, in clear or in the codings of the echo."""
        plain = [CLIENT_ID, SECRET, PAIR, *self.bank.tokens._granted]
        hidden = [base64.b64encode(one.encode()).decode()[:20] for one in plain]
        hidden += ["".join(f"%25{ord(s):02x}" for s in one[:9]) for one in plain]
        hidden += ["".join(f"u{ord(s):04x}" for s in one[:9]) for one in plain]
        return plain + hidden

    def assert_nowhere(self, *shown):
        """In no line of the log, nor in anything that was returned."""
        text = "\n".join([*self.log.lines, *map(str, shown)]).lower()
        # Not assertNotIn: what it says would be in the log of the next test.
        found = [
            number for number, one in enumerate(self.clear()) if one.lower() in text
        ]
        self.assertEqual(found, [])

    def assert_nowhere_in_the_database(self):
        """In no column of a table that something of the module is kept in.

        Rows that are older than this transaction can't have what it has heard.
        """
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND (table_name ~ '^(tbc|mail|account|bus)_'"
            " OR table_name IN ('ir_logging', 'ir_attachment', 'res_partner'))"
        )
        tables = [name for (name,) in self.env.cr.fetchall()]
        self.assertIn("mail_message", tables)
        patterns = [f"%{one}%".replace("_", r"\_").lower() for one in self.clear()]
        for table in tables:
            self.env.cr.execute(
                f'SELECT 1 FROM (SELECT t::text AS kept FROM "{table}" t'
                "  WHERE age(t.xmin) <= 0 OFFSET 0) own"
                " WHERE lower(replace(own.kept, '\\', '')) LIKE ANY(%s) LIMIT 1",
                [patterns],
            )
            self.assertFalse(self.env.cr.rowcount, table)

    def tearDown(self):
        self.assert_nowhere_in_the_database()
        super().tearDown()

    def echo(self, on, name="echo", times=None, **options):
        self.bank.clear_faults()
        self.bank.add_fault(name, on=on, times=times, **options)

    REFUSALS = (
        {"status": 400},
        {"status": 401},
        {"status": 403},
        {"status": 404, "code": "ObjectNotFound"},
        {"status": 429},
        {"status": 500},
        {"status": 502, "page": True},
        {"status": 200, "page": True},
    )

    def refusals(self, on):
        """Order each kind of refusal in turn."""
        for options in self.REFUSALS:
            self.echo(on, **options)
            # Each is heard by an integration that is well.
            self.integration.write({"state": "connected", "pause_reason": False})
            yield options

    def test_the_token_request(self):
        for options in self.refusals("token"):
            with self.subTest(**options):
                TOKENS._tokens.clear()
                notice = self.integration.action_test_connection()
                run = self.account.sync()
                self.assert_nowhere(
                    notice, run.error, self.integration.connection_report
                )
                self.assertTrue(run.error)

    def test_reading(self):
        self.add("10.00")
        for on in ("movements", "statements"):
            for options in self.refusals(on):
                with self.subTest(on=on, **options):
                    run = self.account.sync()
                    notice = self.integration.action_test_connection()
                    self.assert_nowhere(run.error, run.trace_id, notice)

    def test_what_is_read(self):
        movement_id = self.add("10.00", purpose="Invoice 254")
        self.echo("any", "echo_in_answer")
        run = self.account.sync()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.ids(self.account), [movement_id])
        line = self.lines(self.account)
        self.assertIn("Invoice 254", line.payment_ref)
        self.assertIn("…", line.payment_ref)
        self.assertEqual(line.amount, 10)
        card = self.account.journal_id._get_journal_dashboard_data_batched()
        self.assert_nowhere(line.read(), card, run.read())

    def test_orders_that_are_refused(self):
        payments = self.pay_many([10.0] * len(self.REFUSALS))
        refusals = self.refusals("import_single")
        for options, payment in zip(refusals, payments, strict=True):
            with self.subTest(**options), mute_logger("odoo.sql_db"):
                order = self.send(payment)
                self.assert_nowhere(order.read(), payment.read(["tbc_transfer_ids"]))
                self.echo("find_single")
                self.refresh()
                self.assert_nowhere(order.read())
                self.bank.clear_faults()
                self.refresh()

    def test_orders_that_are_taken(self):
        self.echo("any", "echo_in_answer")
        order = self.send(self.pay(10))
        self.assertEqual(order.state, "submitted")
        self.assert_nowhere(order.read())
        self.echo("single_status", "echo_in_answer", word="Under review")
        self.refresh()
        self.assert_nowhere(order.read())
        self.assertIn("Under review", order.bank_status)

    def test_a_reason_of_the_bank(self):
        self.echo("import_single", "partial", positions=[1], reasons=[f"No: {SECRET}"])
        payment = self.pay(10)
        order = self.send(payment)
        self.assertEqual(order.state, "refused")
        self.assertIn("No: …", order.bank_reason_en)
        self.assert_nowhere(order.read())

    def test_questions_that_are_refused(self):
        order = self.send(self.pay(10))
        for on in ("single_status", "any"):
            for options in self.refusals(on):
                with self.subTest(on=on, **options):
                    self.refresh()
                    self.assert_nowhere(order.read())
        self.assertEqual(order.state, "submitted")


@tagged("post_install", "-at_install")
class TestClearValues(TransferCase):
    """Neither client, cache of tokens nor error leads to a clear value or a key."""

    def setUp(self):
        super().setUp()
        self.bank.add_client(CLIENT_ID, SECRET)
        self.integration.with_user(self.director).set_credentials(CLIENT_ID, SECRET)

    def assert_none(self, *roots):
        clear = [CLIENT_ID, SECRET, PAIR, *self.bank.tokens._granted]
        clear += os.environ["TBC_BIS_ENCRYPTION_KEY"].split(",")
        # Behind a record lies the database, behind a test the bank.
        beyond = (
            BaseModel,
            Environment,
            BaseCursor,
            unittest.TestCase,
            type(os.environ),
        )
        self.assertEqual(clear_values(clear, *roots, beyond=beyond), [])

    def error_of(self, call):
        """What ``call()`` raises; its frames are kept, which assertRaises empties."""
        try:
            call()
        except (TbcError, UserError) as error:
            self.assertIsNone(error.__context__)
            return error
        return self.fail("nothing was raised")

    def test_the_client(self):
        with open_client(self.integration) as client:
            self.assert_none(client, TOKENS)
            client.movements()
            self.assert_none(client, TOKENS)
            for name, options in (("401", {}), ("html500", {}), ("drop", {})):
                self.bank.add_fault(name, on="balances", times=9, **options)
                error = self.error_of(lambda: client.balance(IBAN, "GEL"))
                self.assert_none(client, TOKENS, error)
                self.bank.clear_faults()

    def test_credentials_that_do_not_open(self):
        """Neither the values nor the key, in all that can be wrong with the seal."""
        other = self.integration.copy({"name": "Other"})
        names = ["client_id_sealed", "client_secret_sealed", "integration_id"]
        self.env["tbc.credential"].sudo().create(
            {name: self.integration.sudo().credential_ids[name] for name in names[:2]}
            | {"integration_id": other.id}
        )
        open_it = partial(open_client, self.integration)
        self.assert_none(self.error_of(partial(open_client, other)))
        for key in (Fernet.generate_key().decode(), "no-key-at-all-but-a-text"):
            with patch.dict(os.environ, {"TBC_BIS_ENCRYPTION_KEY": key}):
                self.assert_none(self.error_of(open_it))
                reseal = self.env["tbc.credential"]._reseal_all
                self.assert_none(self.error_of(reseal))
        self.integration.sudo().credential_ids.write({"client_secret_sealed": False})
        self.assert_none(self.error_of(open_it))

    def test_values_that_are_refused_at_entering(self):
        as_director = self.integration.with_user(self.director)
        for pair in ((f"{CLIENT_ID}\n1", SECRET), (CLIENT_ID, ""), ("", SECRET)):
            self.assert_none(self.error_of(partial(as_director.set_credentials, *pair)))

    def test_no_frame_has_them_while_others_code_runs(self):
        """Automations, mails, computed fields: what keeps the values calls them all."""
        found = []

        def look(*_arguments, **_options):
            frame = sys._getframe(1)
            while frame:
                if frame.f_code.co_filename.startswith(MODELS):
                    found.append(dict(frame.f_locals))
                frame = frame.f_back
            return True

        as_director = self.integration.with_user(self.director)
        integration, credential = (
            type(self.integration),
            type(self.env["tbc.credential"]),
        )
        for kind, name in (
            (credential, "write"),
            (integration, "write"),
            (integration, "activity_unlink"),
            (integration, "message_post"),
        ):
            with patch.object(kind, name, look):
                as_director.set_credentials(CLIENT_ID, SECRET)
        self.assertGreaterEqual(len(found), 4)
        self.assert_none(*found)
