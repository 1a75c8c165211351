"""Who may see, queue and initiate; and what an attacker inside finds closed."""

import contextlib
import time
from datetime import datetime, timedelta
from unittest.mock import patch
from xml.etree import ElementTree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import DotDict

from ..services.transfers.initiate import initiate
from ..services.transfers.prepare import queue_payments
from ..services.transfers.send import send_marked
from .common import IBAN, OTHER_IBAN
from .shown import shown
from .transfer_common import BANK_OF_GEORGIA_IBAN, TBC_IBAN, identity
from .transfer_shared import SharedTransferCase

# What nobody may write, with a value that an attacker would like.
FORBIDDEN = {
    "state": "queued",
    "initiated_at": "2026-06-30 08:00:00",
    "queued_at": "2026-06-30 08:00:00",
    "sent_at": "2026-06-30 08:00:00",
    "initiation_seal": "sealed",
    "external_id": "123456789012345678",
    "bank_transfer_id": "502341",
    "amount": 999.0,
    "credit_account": BANK_OF_GEORGIA_IBAN,
    "beneficiary_name": "Somebody else",
    "bank_status": "Finished",
    "goes_alone": True,
    "was_doubtful": True,
    "is_missing_at_bank": True,
    "goes_on_if_missing": True,
    "closed_by_id": 1,
    "problem": "None",
}


@tagged("post_install", "-at_install")
class TestTransferAccess(SharedTransferCase, HttpCase):
    """Two orders and a batch in the queue, and a user of each role, and without one."""

    @classmethod
    def _make_users(cls):
        result = super()._make_users()
        cls.other_company = cls.env["res.company"].create({"name": "Other LLC"})

        user = cls._make_user
        cls.invoicer = user("invoicer", "account.group_account_invoice")
        cls.auditor = user("auditor", "account.group_account_readonly")
        cls.second_director = user("second_director", "base.group_user")
        cls.stranger = user(
            "stranger",
            "account.group_account_manager,account_tbc_bank.group_tbc_administrator",
            cls.other_company,
        )
        return result

    def set_up_once(self):
        super().set_up_once()
        paid = self.pay_many([10, 20, 30])
        self.payments = paid[:2]
        self.payments.action_tbc_queue()
        orders = self.payments.tbc_transfer_ids
        self.queued = orders.with_user(self.env.user).sorted("id")
        self.batch = queue_payments(paid[2], batch_name="June").batch_id
        self.all = self.queued + self.batch.order_ids.with_user(self.env.user)

    def run_cron(self, name):
        """In this kind of test the registry is in test mode already."""
        self.env.flush_all()
        self.env.ref(f"account_tbc_bank.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def as_user(self, records, user):
        """The records as the user sees them, in the user's own companies."""
        return records.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )

    def with_role(self):
        return (self.bookkeeper, self.payer, self.administrator)

    def without_role(self):
        return (
            self.accountant,
            self.clerk,
            self.invoicer,
            self.auditor,
            self.second_director,
            self.stranger,
        )

    def run_code(self, code, *, name="tbc.transfer", user=None):
        """What the code of a server action of the administrator's gives."""
        server_action = self.env["ir.actions.server"].create(
            {
                "name": "Pry",
                "model_id": self.env["ir.model"]._get_id(name),
                "state": "code",
                "code": code,
            }
        )
        return server_action.with_user(user or self.administrator).run()

    # --- reading ----------------------------------------------------------------------

    def test_who_sees_orders_and_batches(self):
        for records in (self.all, self.batch.with_user(self.env.user)):
            for user in (*self.with_role(), self.director):
                with self.subTest(f"{user.login} {records._name}"):
                    mine = self.as_user(records, user)
                    self.assertEqual(mine.search([]).ids, records.sorted().ids)
                    mine.read(["display_name", "state", "amount"])
            for user in self.without_role():
                with self.subTest(f"{user.login} {records._name}"):
                    mine = self.as_user(records, user)
                    self.assertFalse(mine.search([]))
                    self.assertFalse(mine.search_count([]))
                    for attempt in (
                        lambda mine=mine: mine.read(["amount"]),
                        lambda mine=mine: mine.export_data(["external_id"]),
                        lambda mine=mine: mine.mapped("amount"),
                    ):
                        with self.assertRaises(UserError):
                            attempt()

    def test_a_dialog_tells_a_stranger_nothing(self):
        """Whoever makes one of somebody else's orders can't look into it."""
        for user in (self.accountant, self.clerk, self.second_director):
            with self.subTest(user.login), self.assertRaises(AccessError):
                dialog = self.as_user(self.env["tbc.transfer.initiate"], user).create(
                    {"order_ids": [Command.set(self.queued.ids)]}
                )
                dialog.invalidate_recordset()
                summary = dialog.web_read(
                    {"summary": {}, "order_ids": {"fields": {"amount": {}}}}
                )
                self.assertFalse(summary[0]["order_ids"])
                self.assertNotIn("30", summary[0]["summary"])
                dialog.action_confirm()

    def test_nobody_reads_the_seal(self):
        self.initiate(self.payments)
        self.assertTrue(self.queued[0].sudo().initiation_seal)
        name = "initiation_seal"
        for user in (*self.with_role(), self.director):
            orders = self.as_user(self.queued, user)
            for what, attempt in {
                "read": lambda o=orders: o.read([name]),
                "web_read": lambda o=orders: o.web_read({name: {}}),
                "search": lambda o=orders: o.search([(name, "!=", False)]),
                "group": lambda o=orders: o.formatted_read_group(
                    [], [name], ["__count"]
                ),
                "order": lambda o=orders: o.search([], order=name),
                "export": lambda o=orders: o.export_data([name]),
                "through the payment": lambda o=orders: o.payment_id.search(
                    [(f"tbc_transfer_ids.{name}", "like", "g")]
                ),
            }.items():
                with self.subTest(f"{user.login} {what}"):
                    with self.assertRaises(UserError):
                        attempt()
            self.assertNotIn(name, orders.fields_get())

    # --- acting -----------------------------------------------------------------------

    def test_who_queues_and_withdraws(self):
        for user in self.with_role():
            with self.subTest(user.login):
                orders = self.as_user(self.queued, user)
                orders.action_withdraw()
                self.assertEqual(set(self.queued.mapped("state")), {"draft"})
                self.as_user(self.payments, user).action_tbc_queue()
                self.assertEqual(self.queued.queued_by_id, user)
        self.as_user(self.queued, self.director).action_withdraw()
        self.assertEqual(set(self.queued.mapped("state")), {"draft"})
        for user in (*self.without_role(), self.director):
            with self.subTest(user.login):
                payments = self.as_user(self.payments, user)
                with self.assertRaises(AccessError):
                    payments.action_tbc_queue()
                with self.assertRaises(AccessError):
                    self.as_user(self.env["tbc.transfer.queue"], user).create(
                        {"payment_ids": [Command.set(payments.ids)], "name": "x"}
                    ).action_queue()
        for user in self.without_role():
            with self.subTest(f"{user.login} withdraws"):
                for records in (self.as_user(self.batch, user), self.all[-1]):
                    with self.assertRaises(AccessError):
                        self.as_user(records, user).action_withdraw()
                    with self.assertRaises(AccessError):
                        self.as_user(records, user).action_queue_again()
        self.assertEqual(self.batch.state, "queued")

    def test_a_stranger_of_another_company(self):
        """Neither through the company's own records nor with the company in the context."""
        payments = self.payments.with_user(self.stranger)
        for companies in (self.other_company.ids, self.company.ids):
            with self.assertRaises(AccessError):
                payments.with_context(allowed_company_ids=companies).action_tbc_queue()
            with self.assertRaises(AccessError):
                orders = self.queued.with_user(self.stranger)
                orders.with_context(allowed_company_ids=companies).action_withdraw()
        # Who works for both, but is in the other one now, does not see these.
        self.bookkeeper.company_ids += self.other_company
        orders = self.env["tbc.transfer"].with_user(self.bookkeeper)
        other = orders.with_context(allowed_company_ids=self.other_company.ids)
        self.assertFalse(other.search([]))

    def test_only_the_director_initiates(self):
        ways = {
            "order": lambda user: self.as_user(self.queued, user).action_initiate(),
            "payment": lambda user: self.as_user(
                self.payments, user
            ).action_tbc_initiate(),
            "dialog": lambda user: (
                self.as_user(self.env["tbc.transfer.initiate"], user)
                .create({"order_ids": [Command.set(self.queued.ids)]})
                .action_confirm()
            ),
        }
        reviews = {
            "review": lambda user: self.as_user(self.queued, user).action_review(),
            "batch": lambda user: self.as_user(self.batch, user).action_review(),
            "payments": lambda user: self.as_user(
                self.payments, user
            ).action_tbc_review(),
        }
        for user in (*self.with_role(), *self.without_role(), self.env.user):
            with identity(user):
                for what, way in (ways | reviews).items():
                    with self.subTest(f"{user.login} {what}"):
                        with self.assertRaises(UserError):
                            way(user)
        self.assertFalse(self.all.initiated_by_id)
        ways["dialog"] = lambda user: self.review().with_user(user).action_confirm()
        for what, way in ways.items():
            with self.subTest(f"director {what}"):
                with identity(self.director):
                    way(self.director)
                self.assertEqual(self.queued.initiated_by_id, self.director)
                self.assertFalse(self.batch.order_ids.initiated_by_id)
                self.queued.with_user(self.director).action_withdraw()
                self.payments.action_tbc_queue()

    def test_only_in_person_and_just_checked(self):
        """Without a request, with a check too long ago, in somebody else's session."""
        orders = self.queued.with_user(self.director)
        with self.assertRaises(UserError):
            orders.action_initiate()
        with self.assertRaises(AccessError):
            initiate(orders)
        with identity(self.administrator), self.assertRaises(AccessError):
            orders.action_initiate()
        with identity(self.director, seconds_ago=601):
            asked = orders.action_initiate()
            self.assertEqual(asked["res_model"], "res.users.identitycheck")
            with self.assertRaises(AccessError):
                initiate(orders)
        for session in ({}, {"uid": None, "identity-check-last": time.time()}):
            request = DotDict({"session": session})
            with patch("odoo.addons.base.models.res_users.request", request):
                with self.assertRaises(AccessError):
                    initiate(orders)
        self.assertFalse(self.queued.initiated_by_id)

    def test_who_was_director_is_not_any_more(self):
        self.initiate(self.payments)
        self.integration.user_id = self.second_director
        self.submit()
        self.assertFalse(self.posts())
        self.assertEqual(set(self.queued.mapped("state")), {"queued"})
        self.assertFalse(self.queued.initiated_by_id)
        with identity(self.director), self.assertRaises(AccessError):
            self.queued.with_user(self.director).action_initiate()
        # The new one has no credentials yet.
        with identity(self.second_director), self.assertRaises(UserError):
            self.queued.with_user(self.second_director).action_initiate()
        self.assertFalse(self.queued.initiated_by_id)

    def test_who_is_named_past_odoo_initiates_nothing(self):
        """By SQL: the credentials stay, and do not open for the new name."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE tbc_integration SET user_id = %s WHERE id = %s",
            [self.second_director.id, self.integration.id],
        )
        self.env.invalidate_all()
        self.assertTrue(self.integration.has_credentials)
        with identity(self.second_director):
            with self.assertRaisesRegex(UserError, "another user"):
                self.queued.with_user(self.second_director).action_initiate()
        self.assertFalse(self.queued.initiated_by_id)
        self.submit()
        self.assertFalse(self.posts())

    def test_who_asks_for_the_status(self):
        self.initiate(self.payments)
        self.submit()
        for user in (*self.with_role(), self.director):
            for records in (self.queued, self.payments):
                mine = self.as_user(records, user)
                ask = getattr(mine, "action_tbc_refresh_status", None)
                notice = (ask or mine.action_refresh_status)()
                self.assertEqual(notice["params"]["type"], "success")
        for user in self.without_role():
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self.as_user(self.queued, user).action_refresh_status()
                with self.assertRaises(AccessError):
                    self.as_user(self.payments, user).action_tbc_refresh_status()

    def review(self):
        action = self.queued.with_user(self.director).action_review()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_nothing_is_slipped_under_an_open_dialog(self):
        """Whatever others write into it, the director initiates what it showed."""
        for user in (*self.with_role(), self.accountant):
            dialog = self.review()
            with self.subTest(user.login):
                with contextlib.suppress(AccessError):
                    dialog.with_user(user).order_ids = self.all
                with identity(self.director), contextlib.suppress(UserError):
                    dialog.with_user(self.director).action_confirm()
                self.assertFalse(self.batch.order_ids.initiated_by_id)
                if any(self.queued.mapped("initiated_at")):
                    self.queued.with_user(self.director).action_withdraw()
                    self.payments.action_tbc_queue()

    def test_what_was_seen_is_what_is_initiated(self):
        """Taken out, changed and queued again behind the open dialog."""
        dialog = self.review()
        order, payment = self.queued[0], self.payments[0]
        order.with_user(self.bookkeeper).action_withdraw()
        payment.memo = "Something else"
        payment.action_tbc_queue()
        self.assertEqual(order.description, "Something else")
        with identity(self.director), self.assertRaises(UserError):
            dialog.with_user(self.director).action_confirm()
        self.assertFalse(self.queued.initiated_by_id)

    # --- writing ----------------------------------------------------------------------

    def test_nobody_writes_orders_or_batches(self):
        draft = self.pay_many([5])
        values = {
            "payment_id": draft.id,
            "account_id": self.account.id,
            "transfer_type": "TransferWithinBank",
            "amount": 5,
            "currency_id": self.gel.id,
        }
        for user in (*self.with_role(), *self.without_role(), self.director):
            orders = self.as_user(self.queued, user)
            batch = self.as_user(self.batch, user)
            payment = self.as_user(self.payments[0], user)
            attempts = {
                "create": lambda o=orders: o.create(values),
                "create with defaults": lambda o=orders: o.with_context(
                    **{f"default_{name}": value for name, value in values.items()}
                ).create({}),
                "name_create": lambda o=orders: o.name_create("1"),
                "copy": lambda o=orders: o[0].copy(),
                "delete": lambda o=orders: o.unlink(),
                "web_save": lambda o=orders: o[0].web_save({"amount": 1}, {}),
                "create batch": lambda b=batch: b.create(
                    {"name": "x", "account_id": self.account.id}
                ),
                "delete batch": lambda b=batch: b.unlink(),
                "write batch": lambda b=batch: b.write({"external_id": "1"}),
                "batch's orders": lambda b=batch: b.write(
                    {"order_ids": [Command.link(self.queued[0].id)]}
                ),
                "payment's new order": lambda p=payment: p.write(
                    {"tbc_transfer_ids": [Command.create(values)]}
                ),
                "payment's order": lambda p=payment: p.write(
                    {
                        "tbc_transfer_ids": [
                            Command.update(self.queued[0].id, {"amount": 1})
                        ]
                    }
                ),
                "payment takes an order": lambda p=payment: p.write(
                    {"tbc_transfer_ids": [Command.link(self.queued[1].id)]}
                ),
                "director": lambda o=orders: o.write(
                    {"initiated_by_id": self.director.id}
                ),
            }
            attempts |= {
                f"write {name}": lambda o=orders, n=name, v=value: o.write({n: v})
                for name, value in FORBIDDEN.items()
            }
            for what, attempt in attempts.items():
                with self.subTest(f"{user.login} {what}"):
                    with self.assertRaises(UserError):
                        attempt()
            # Odoo tells of these two in other ways.
            self.assertFalse(orders.load(["external_id"], [["1"]])["ids"])
            with contextlib.suppress(AccessError):
                payment.write({"tbc_transfer_ids": [Command.clear()]})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.orders(self.payments), self.queued)
        self.assertEqual(self.queued.mapped("amount"), [10, 20])
        self.assertFalse(self.queued.initiated_by_id)

    def test_defaults_of_the_context_write_nothing_either(self):
        """Whoever may queue chooses the context over RPC, and with it any default."""
        payments = self.pay_many([7])
        defaults = {
            **FORBIDDEN,
            "initiated_by_id": self.director.id,
            "batch_id": self.batch.id,
            "queued_by_id": self.director.id,
            "next_question_at": "2026-06-30 08:00:00",
            "bank_batch_id": "184729",
        }
        context = {f"default_{name}": value for name, value in defaults.items()}
        payments.with_context(**context).action_tbc_queue()
        order = self.order(payments)
        self.assertEqual((order.state, order.amount), ("queued", 7))
        self.assertEqual(order.queued_by_id, self.bookkeeper)
        for name in defaults.keys() - {"state", "queued_by_id", "bank_batch_id"}:
            with self.subTest(name):
                value = order.sudo()._fields[name].convert_to_write(order[name], order)
                self.assertNotEqual(value, defaults[name])
        for name in ("initiated_at", "sent_at", "next_question_at"):
            with self.subTest(name):
                self.assertFalse(order[name])
        batch = queue_payments(
            self.pay_many([8]).with_context(**context), batch_name="July"
        ).batch_id
        self.assertNotEqual(batch.external_id, FORBIDDEN["external_id"])
        self.assertFalse(batch.bank_batch_id)
        self.assertEqual(batch.order_ids.amount, 8)

    # --- code in another person's name ------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_actions")
    def test_code_in_the_directors_name(self):
        """An administrator's server action, in the administrator's checked session."""
        ids = self.queued.ids
        director = f"env['tbc.transfer'].with_user({self.director.id}).browse({ids})"
        dialog = (
            f"env['tbc.transfer.initiate'].with_user({self.director.id})"
            f".create({{'order_ids': [(6, 0, {ids})]}})"
        )
        payments = f"env['account.payment'].with_user({self.director.id})"
        with identity(self.administrator) as session:
            session["identity-check-last"] = time.time()
            for code in (
                f"{director}.action_initiate()",
                f"{director}._initiate()",
                f"{director}.sudo()._initiate()",
                f"{director}.with_user(1)._initiate()",
                f"{dialog}.action_confirm()",
                f"{payments}.browse({self.payments.ids}).action_tbc_initiate()",
                f"seal_initiation({director}.sudo())",
                f"{director}.sudo()._take()",
                f"{director}.sudo()._send_taken()",
            ):
                with self.subTest(code):
                    with contextlib.suppress(Exception):
                        with self.env.cr.savepoint():
                            self.run_code(code)
                    self.assertFalse(self.queued.initiated_by_id)
        self.submit()
        self.assertFalse(self.posts())

    def forge(self, values, orders=None):
        """Write as the superuser what a server action's code could write, and send."""
        orders = orders or self.queued
        self.run_code(
            f"env['tbc.transfer'].sudo().browse({orders.ids}).write({values})"
        )
        self.env.invalidate_all()
        self.submit()

    def initiated(self):
        return {
            "initiated_by_id": self.director.id,
            "initiated_at": "2026-06-30 07:00:00",
            "state": "queued",
        }

    def test_a_forged_initiation_sends_nothing(self):
        self.forge(self.initiated())
        self.assertFalse(self.posts())
        self.assertEqual(set(self.queued.mapped("state")), {"queued"})
        self.assertFalse(self.queued.initiated_by_id)
        self.assertIn("does not fit this transfer", self.queued[0].problem)
        # Nor with the seal of another order that the director did initiate.
        self.initiate(self.payments[0])
        seal = self.queued[0].sudo().initiation_seal
        self.forge({**self.initiated(), "initiation_seal": seal}, self.queued[1])
        sent = [order["amount"]["amount"] for order in self.told()]
        self.assertEqual(sent, [10])
        self.assertEqual(self.queued[1].state, "queued")

    def test_code_that_sends_by_itself(self):
        """It can call the methods, but what it sends must have been initiated."""
        orders = f"env['tbc.transfer'].sudo().browse({self.queued[0].ids})"
        values = {
            **self.initiated(),
            "position": 1,
            "state": "sending",
            "sent_at": "2026-06-30 08:00:00",
        }
        with mute_logger("odoo.addons.base.models.ir_actions"):
            with contextlib.suppress(Exception):
                self.run_code(f"{orders}.write({values})\n{orders}._send_taken()")
        self.assertFalse(self.posts())
        self.run_code(f"{orders}.write({values})")
        send_marked(self.queued[0].sudo())
        self.assertFalse(self.posts())

    def told(self):
        return [
            order
            for request in self.bank.requests_to("import_single")
            for order in request.body["singleTransferOrders"]
        ]

    def test_an_initiated_order_is_sent_as_it_was_initiated(self):
        """The seal holds what the director saw: the account as well as the amount."""
        forged = (
            {"amount": 11.0},
            {"credit_account": "GE41TB7849963286076183"},
            {"beneficiary_name": "Somebody else"},
            {"description": "Something else"},
            {
                "transfer_type": "TransferToOtherBankNationalCurrency",
                "credit_account": BANK_OF_GEORGIA_IBAN,
            },
        )
        payments = self.env["account.payment"]
        for number in range(1, len(forged) + 1):
            vendor = self.make_vendor(f"Vendor {number}", TBC_IBAN)
            payments |= self.pay_many([number], vendor)
        payments.action_tbc_queue()
        self.initiate(payments)
        orders = self.orders(payments)
        for order, values in zip(orders, forged, strict=True):
            if account := values.get("credit_account"):
                order.payment_id.partner_bank_id.acc_number = account
            order.write(values)
        self.submit()
        told = {order["transferExternalId"]: order for order in self.told()}
        for order, values in zip(orders, forged, strict=True):
            with self.subTest(values):
                self.assertNotIn(order.external_id, told)
                self.assertEqual(order.state, "queued")
                self.assertIn("does not fit this transfer", order.problem or "")

    def test_the_account_that_pays_is_sealed_too(self):
        self.initiate(self.payments)
        with contextlib.suppress(UserError):
            self.account.sudo().iban = OTHER_IBAN
        self.submit()
        for order in self.told():
            self.assertEqual(order["debitAccount"]["accountNumber"], IBAN)

    def test_what_was_taken_back_is_not_initiated_any_more(self):
        """An old seal does not let an order go that was withdrawn and queued again."""
        self.initiate(self.payments)
        self.queued.with_user(self.bookkeeper).action_withdraw()
        self.payments.action_tbc_queue()
        self.forge(self.initiated())
        self.assertFalse(self.posts())

    # --- people without a role --------------------------------------------------------

    def fields_of(self, arch):
        """A specification of every field of a view, as the browser asks for them."""
        spec = {}
        for node in arch:
            if node.tag != "field":
                spec |= self.fields_of(node)
                continue
            inner = self.fields_of(node)
            spec[node.get("name")] = {"fields": {"display_name": {}, **inner}}
        return spec

    def open_views(self, model, records, user):
        """Read a model's list, kanban and form as the user's browser does."""
        mine = self.as_user(records, user)
        views = mine.get_views([(False, kind) for kind in ("list", "form", "search")])
        for kind in ("list", "form"):
            arch = ElementTree.fromstring(views["views"][kind]["arch"])
            spec = {
                name: inner if mine._fields[name].relational else {}
                for name, inner in self.fields_of(arch).items()
            }
            with self.subTest(f"{user.login} {model} {kind}"):
                self.env.invalidate_all()
                self.assertEqual(len(mine.web_read(spec)), len(records))
        with self.subTest(f"{user.login} {model} form"):
            Form(mine[0])

    def test_a_director_without_any_accounting_role_can_work(self):
        director = self.director
        self.assertFalse(director.has_group("account.group_account_invoice"))
        self.open_views("tbc.transfer", self.all, director)
        self.open_views("tbc.transfer.batch", self.batch, director)
        review = self.as_user(self.queued, director).action_review()
        dialog = self.env[review["res_model"]].browse(review["res_id"])
        self.open_views(review["res_model"], dialog, director)
        self.assertEqual(
            dialog.with_user(director).summary.replace("\xa0", " "),
            "2 transfers, 30.00 ლ",
        )
        with identity(director):
            dialog.with_user(director).action_confirm()
        self.submit()
        self.as_user(self.queued, director).action_refresh_status()
        self.assertEqual(set(self.queued.mapped("state")), {"to_sign"})
        order = self.as_user(self.queued[0], director)
        self.assertTrue(order.message_ids.mapped("body"))
        review = self.as_user(self.batch, director).action_review()
        dialog = self.env[review["res_model"]].browse(review["res_id"])
        self.assertEqual(dialog.with_user(director).batch_names, "June")
        self.as_user(self.batch, director).action_open_orders()

    def test_a_director_finds_the_way(self):
        """Who has no menu in accounting is called, and gets from there to the orders."""
        activity = self.account.activity_ids.with_user(self.director)
        self.assertEqual(activity.user_id, self.director)
        account = self.env[activity.res_model].browse(activity.res_id)
        action = account.with_user(self.director).action_open_transfers()
        orders = shown(account.with_user(self.director), action)
        self.assertEqual(orders & self.queued, self.queued)

    def test_accounting_without_a_role_goes_on(self):
        """Payments, bills and journals open; a payment may be registered with TBC."""
        self.initiate(self.payments[0])
        self.submit()
        method, bill = self.method_line(), self.make_bill(40)
        for user in (self.accountant, self.invoicer):
            self.open_views("account.payment", self.payments, user)
            self.open_views("account.move", bill, user)
            wizard = (
                self.as_user(self.env["account.payment.register"], user)
                .with_context(active_model="account.move", active_ids=bill.ids)
                .create({"journal_id": method.journal_id.id})
            )
            with self.subTest(user.login):
                wizard.payment_method_line_id = method
                payment = wizard._create_payments()
                self.assertEqual(payment.tbc_transfer_type, "TransferWithinBank")
                self.assertEqual(payment.state, "in_process")
                self.assertFalse(payment.tbc_state)
                payment.action_draft()
                payment.amount = 39
                payment.action_post()
                payment.action_cancel()
                self.as_user(self.payments[1], user).copy().unlink()
        self.open_views("account.journal", method.journal_id, self.accountant)
        self.open_views("account.payment", self.payments, self.auditor)
        # Who can't see an order may still take its payment back, unless it was sent.
        mine = self.as_user(self.payments, self.accountant)
        mine[1].action_cancel()
        self.assertEqual(self.queued[1].state, "cancelled")
        with self.assertRaises(UserError):
            mine[0].action_cancel()

    # --- over HTTP --------------------------------------------------------------------

    def login(self, user, *, checked=False):
        """A new session; ``checked``: who it is was asked just now, as Odoo keeps it."""
        extra = {"identity-check-last": time.time()} if checked else None
        self.authenticate(user.login, user.login, session_extra=extra)

    def call(self, model, method, *args, button=False, **kwargs):
        route = "call_button" if button else "call_kw"
        return self.make_jsonrpc_request(
            f"/web/dataset/{route}/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def is_initiated(self):
        self.env.invalidate_all()
        return bool(self.queued[0].initiated_at)

    def give_password(self, asked, password):
        """Answer the box that asks for the password; what the button gives then."""
        self.assertEqual(asked["res_model"], "res.users.identitycheck")
        return self.call(
            "res.users.identitycheck",
            "run_check",
            [asked["res_id"]],
            button=True,
            context={"password": password},
        )

    def dialog(self):
        """The id of the dialog that the button Initiate opens."""
        action = self.call(
            "tbc.transfer", "action_review", [self.queued[0].id], button=True
        )
        self.assertEqual(action["res_model"], "tbc.transfer.initiate")
        return action["res_id"]

    def confirm(self, dialog):
        return self.call(
            "tbc.transfer.initiate", "action_confirm", [dialog], button=True
        )

    @mute_logger("odoo.http")
    def test_the_director_is_asked_who_it_is(self):
        self.login(self.director)
        dialog = self.dialog()
        asked = self.confirm(dialog)
        self.assertFalse(self.is_initiated())
        with self.assertRaises(JsonRpcException):
            self.give_password(asked, "wrong")
        self.assertFalse(self.is_initiated())
        notice = self.give_password(asked, self.director.login)
        self.assertEqual(notice["tag"], "display_notification")
        self.assertTrue(self.is_initiated())
        # Within ten minutes it is not asked again; after them it is.
        self.queued[0].action_withdraw()
        self.payments[0].action_tbc_queue()
        self.assertFalse(self.is_initiated())
        later = time.time() + 9 * 60
        with patch("time.time", lambda: later):
            notice = self.confirm(dialog)
        self.assertEqual(notice["tag"], "display_notification")
        self.assertTrue(self.is_initiated())
        self.queued[0].action_withdraw()
        self.payments[0].action_tbc_queue()
        later += 2 * 60
        with patch("time.time", lambda: later):
            self.assertEqual(
                self.confirm(dialog)["res_model"], "res.users.identitycheck"
            )
        self.assertFalse(self.is_initiated())

    @mute_logger("odoo.http")
    def test_somebody_elses_check_is_not_the_directors(self):
        """Neither one's own check, nor answering the box that the director was asked."""
        self.login(self.director)
        asked = self.confirm(self.dialog())
        for user in (self.administrator, self.bookkeeper):
            self.login(user)
            with self.subTest(user.login):
                for password in (user.login, self.director.login):
                    with self.assertRaises(JsonRpcException):
                        self.give_password(asked, password)
                for model, record, method in (
                    ("tbc.transfer", self.queued[0], "action_initiate"),
                    ("account.payment", self.payments[0], "action_tbc_initiate"),
                ):
                    self.login(user)
                    own = self.call(model, method, record.ids, button=True)
                    with self.assertRaises(JsonRpcException) as caught:
                        self.give_password(own, user.login)
                    self.assertIn("AccessError", str(caught.exception))
                    # In a session of which Odoo says that it was checked.
                    self.login(user, checked=True)
                    asked = self.call(model, method, record.ids, button=True)
                    with self.assertRaises(JsonRpcException) as caught:
                        self.give_password(asked, user.login)
                    self.assertIn("AccessError", str(caught.exception))
        self.assertFalse(self.is_initiated())

    @mute_logger("odoo.http")
    def test_strangers_and_attackers_over_http(self):
        orders, payments = self.queued[0].ids, self.payments[0].ids
        order = "tbc.transfer"
        everybody = (
            (order, "create", ({"payment_id": payments[0]},)),
            (order, "write", (orders, {"state": "done"})),
            (order, "write", (orders, {"initiated_by_id": self.director.id})),
            (order, "write", (orders, {"initiation_seal": "x"})),
            (order, "web_save", (orders, {"amount": 1}, {})),
            (order, "unlink", (orders,)),
            (order, "read", (orders, ["initiation_seal"])),
            (order, "web_read", (orders, {"initiation_seal": {}})),
            (order, "export_data", (orders, ["initiation_seal"])),
            (order, "_initiate", (orders,)),
            (order, "_queue", (orders,)),
            (order, "_take", (orders,)),
            (order, "_send_taken", (orders,)),
            (order, "_cron_submit", ()),
            (order, "_accept", (orders, {}, "x")),
            (order, "_conclude", (orders, "failed", "", "", "")),
            ("tbc.transfer.batch", "create", ({"name": "x"},)),
            ("account.payment", "_tbc_reject", (payments, "x")),
            ("account.payment", "_tbc_queue", (payments,)),
        )
        without = (
            (order, "read", (orders, ["amount"])),
            (order, "export_data", (orders, ["amount"])),
            (order, "action_withdraw", (orders,)),
            (order, "action_refresh_status", (orders,)),
            (order, "action_review", (orders,)),
            ("account.payment", "action_tbc_queue", (payments,)),
            ("account.payment", "action_tbc_review", (payments,)),
        )
        for user, closed in (
            (self.administrator, everybody),
            (self.director, everybody),
            (self.accountant, everybody + without),
            (self.clerk, everybody + without),
            (self.stranger, everybody + without),
        ):
            self.login(user)
            for model, method, args in closed:
                with self.subTest(f"{user.login} {model} {method}"):
                    with self.assertRaises(JsonRpcException):
                        self.call(model, method, *args)
        self.env.invalidate_all()
        self.assertEqual(self.queued[0].state, "queued")
        self.assertFalse(self.queued[0].initiated_by_id)
        self.assertFalse(self.posts())

    def test_code_over_the_scripts_door(self):
        """A script's call has no session of a person, whatever password it gives."""
        code = f"""
check = env['res.users.identitycheck'].create({{}})
try:
    check.run_check()
except Exception:
    pass
orders = env['tbc.transfer'].with_user({self.director.id}).browse({self.queued[0].ids})
orders.action_initiate()
"""
        action = self.env["ir.actions.server"].create(
            {
                "name": "Pry",
                "model_id": self.env["ir.model"]._get_id("tbc.transfer"),
                "state": "code",
                "code": code,
            }
        )
        keys = self.env["res.users.apikeys"].with_user(self.administrator)
        key = keys._generate("rpc", "Script", datetime.now() + timedelta(days=1))
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_actions"):
            response = self.url_open(
                "/json/2/ir.actions.server/run",
                json={
                    "ids": action.ids,
                    "context": {"password": self.administrator.login},
                },
                headers={"Authorization": f"bearer {key}"},
            )
        self.assertIn("in person", response.text)
        self.assertFalse(self.is_initiated())
