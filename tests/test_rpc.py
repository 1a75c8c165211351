"""The same questions over HTTP, as a browser or a script would ask them."""

import json
import logging
import re
import time
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import models
from odoo.addons.account_tbc_bank.models.res_users import of_anyone, watch
from odoo.addons.account_tbc_bank.services.connecting import (
    open_client,
)
from odoo.addons.account_tbc_bank.services.identity import (
    MARKS,
    PRESENCE,
    in_person,
    is_granted,
)
from odoo.addons.account_tbc_bank.services.sealing import open_credential
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import TbcCase
from .session import identity, session_of

CLIENT, SECRET = "Cl13nt-value", "S3cret-value"


@tagged("post_install", "-at_install")
class TestRpc(TbcCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.integration.with_user(self.director).set_credentials(CLIENT, SECRET)
        self.credential = self.integration.sudo().credential_ids

    def login(self, user):
        self.authenticate(user.login, user.login)

    def call(self, model, method, *args, button=False, **kwargs):
        route = "call_button" if button else "call_kw"
        return self.make_jsonrpc_request(
            f"/web/dataset/{route}/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def strangers(self):
        return (self.administrator, self.accountant, self.clerk, self.payer)

    @mute_logger("odoo.http")
    def test_strangers_get_nothing(self):
        for user in self.strangers():
            self.login(user)
            with self.subTest(user.login):
                found = self.call("tbc.credential", "search_read", [], [])
                self.assertEqual(found, [])
                for method, args in (
                    ("read", ([self.credential.id], [])),
                    ("web_read", ([self.credential.id], {"client_secret_sealed": {}})),
                    ("export_data", ([self.credential.id], ["client_secret_sealed"])),
                    ("search", ([["client_secret_sealed", "like", "g"]],)),
                    ("_seal", ([self.credential.id], "a", "b")),
                ):
                    with self.subTest(method), self.assertRaises(JsonRpcException):
                        self.call("tbc.credential", method, *args)
                for method in ("set_credentials", "_client"):
                    with self.subTest(method), self.assertRaises(JsonRpcException):
                        self.call(
                            "tbc.integration", method, [self.integration.id], "a", "b"
                        )

    def confirm_identity(self, user):
        """Press the button, give the password, return what the button gives then."""
        asked = self.call(
            "tbc.integration",
            "action_reveal_credentials",
            [self.integration.id],
            button=True,
        )
        self.assertEqual(asked["res_model"], "res.users.identitycheck")
        return self.call(
            "res.users.identitycheck",
            "run_check",
            [asked["res_id"]],
            button=True,
            context={"password": user.login},
        )

    def read_reveal(self, reveal_id):
        [values] = self.call(
            "tbc.credential.reveal",
            "web_read",
            [reveal_id],
            specification={"client_id": {}, "client_secret": {}},
        )
        return values["client_id"], values["client_secret"]

    def test_the_owner_sees_both_after_the_check(self):
        self.login(self.director)
        before = self.call(
            "tbc.credential.reveal", "create", {"integration_id": self.integration.id}
        )
        self.assertEqual(self.read_reveal(before), (False, False))
        action = self.confirm_identity(self.director)
        self.assertEqual(action["res_model"], "tbc.credential.reveal")
        self.assertEqual(self.read_reveal(action["res_id"]), (CLIENT, SECRET))

    @mute_logger("odoo.http")
    def test_a_stranger_sees_nothing_after_the_check(self):
        self.login(self.administrator)
        with self.assertRaises(JsonRpcException):
            self.confirm_identity(self.administrator)
        reveal = self.call(
            "tbc.credential.reveal", "create", {"integration_id": self.integration.id}
        )
        self.assertEqual(self.read_reveal(reveal), (False, False))

    @mute_logger("odoo.http")
    def test_the_export_screen(self):
        self.login(self.administrator)
        response = self.url_open(
            "/web/export/csv",
            data={
                "data": json.dumps(
                    {
                        "model": "tbc.credential",
                        "fields": [{"name": "client_secret_sealed", "label": "Secret"}],
                        "ids": [self.credential.id],
                        "domain": [],
                        "import_compat": False,
                    }
                ),
            },
        )
        self.assertNotIn(self.credential.client_secret_sealed, response.text)
        self.assertNotEqual(response.status_code, 200)

    def test_a_server_action_of_the_administrator(self):
        """Its code runs as it likes, but the way to the values has closed names."""
        reachable = self.run_code("action = {'x': record.sudo().name}")
        self.assertEqual(reachable, {"x": self.integration.name}, "the code does run")
        for code in (
            "action = {'x': record.sudo()._client()}",
            "action = {'x': record.sudo()._open_client()}",
            "action = {'x': record.sudo().credential_ids._open()}",
            "action = {'x': open_client(record.sudo())}",
            "action = {'x': record.sudo().set_credentials.__globals__}",
            "action = {'x': getattr(record.sudo().set_credentials, '__globals__')}",
            "import odoo",
        ):
            with self.subTest(code), self.assertRaises(Exception) as caught:
                self.run_code(code)
            self.assertNotIn(SECRET, str(caught.exception))

    @mute_logger("odoo.http")
    def test_an_identity_check_of_ones_own_opens_nothing_of_others(self):
        """Code that runs as the integration user still runs in the other's session."""
        reveal = f"env['tbc.credential.reveal'].with_user({self.director.id})"
        reveal += f".create({{'integration_id': {self.integration.id}}})"
        for user in (self.administrator, self.director):
            with identity(user):
                self.assertEqual(
                    self.run_code(f"action = {{'x': {reveal}.client_secret}}"),
                    {"x": False},
                )

    def test_another_persons_password_erases_the_credentials(self):
        """Or an administrator could log in as the integration user."""
        self.integration.with_user(self.director).action_test_connection()
        self.login(self.administrator)
        self.call("res.users", "write", [self.director.id], {"password": "mine now"})
        self.integration.invalidate_recordset()
        self.assertFalse(self.integration.has_credentials)
        self.assertEqual(self.integration.state, "paused")
        self.assertIn("somebody else", self.integration.pause_reason)

    def test_ones_own_password_changes_nothing(self):
        self.login(self.director)
        self.call("res.users", "change_password", self.director.login, "another one")
        self.integration.invalidate_recordset()
        self.assertTrue(self.integration.has_credentials)

    def test_the_same_login_again_changes_nothing(self):
        """As a synchronisation with a directory writes it."""
        self.director.write({"login": self.director.login, "name": "N. Beridze"})
        self.assertTrue(self.integration.has_credentials)
        self.director.login = "tbc_other_login"
        self.assertFalse(self.integration.has_credentials)

    def test_acting_as_the_user_is_not_the_user(self):
        self.login(self.administrator)
        self.director.with_user(self.director).sudo().password = "mine now"
        self.assertFalse(self.integration.has_credentials)

    def run_code(self, code):
        """What the code of a server action of the administrator's gives."""
        server_action = self.env["ir.actions.server"].create(
            {
                "name": "Pry",
                "model_id": self.env["ir.model"]._get_id("tbc.integration"),
                "state": "code",
                "code": code,
            }
        )
        with mute_logger("odoo.addons.base.models.ir_actions"):
            return (
                server_action.with_user(self.administrator)
                .with_context(
                    active_model="tbc.integration", active_id=self.integration.id
                )
                .run()
            )

    def test_logs_and_chatter_do_not_tell(self):
        """At the levels debug_rpc and debug_sql, from the first box to the last look."""
        told = []
        catcher = logging.Handler()
        catcher.emit = lambda record: told.append(record.getMessage())
        levels = {"": "DEBUG", "odoo": "DEBUG", "odoo.sql_db": "DEBUG"}
        levels |= {"odoo.http.rpc": "DEBUG", "werkzeug": "DEBUG"}
        for name, level in levels.items():
            logger = logging.getLogger(name)
            self.addCleanup(logger.setLevel, logger.level)
            logger.setLevel(level)
        logging.getLogger().addHandler(catcher)
        self.addCleanup(logging.getLogger().removeHandler, catcher)
        self.login(self.director)
        self.bank.add_client(CLIENT + "-new", SECRET + "-new")
        self.enter(CLIENT + "-new", SECRET + "-new")
        action = self.confirm_identity(self.director)
        values = self.read_reveal(action["res_id"])
        logging.getLogger().removeHandler(catcher)
        self.assertEqual(values, (CLIENT + "-new", SECRET + "-new"))
        self.assertTrue(any("action_keep_credentials" in line for line in told))
        self.assertTrue(any("INSERT INTO" in line for line in told))
        words = "\n".join(told) + str(self.integration.message_ids.mapped("body"))
        self.assertNotIn(SECRET, words)
        self.assertNotIn(CLIENT, words)

    # --- entering ---------------------------------------------------------------------

    def press(self, method):
        return self.call("tbc.integration", method, [self.integration.id], button=True)

    def enter(self, client_id, secret, *, password=None):
        """Press the button, give the password, fill in both boxes."""
        asked = self.press("action_enter_credentials")
        self.assertEqual(asked["res_model"], "res.users.identitycheck")
        boxes = self.call(
            "res.users.identitycheck",
            "run_check",
            [asked["res_id"]],
            button=True,
            context={"password": password or self.director.login},
        )
        self.assertEqual(boxes["tag"], "tbc_enter_credentials")
        return self.keep(client_id, secret)

    def keep(self, client_id, secret):
        return self.call(
            "tbc.integration",
            "action_keep_credentials",
            [self.integration.id],
            context={"tbc_client_id": client_id, "tbc_client_secret": secret},
        )

    def opened(self):
        self.env.invalidate_all()
        return open_credential(self.credential, self.director)

    @mute_logger("odoo.http")
    def test_entering_needs_the_password_each_time(self):
        self.login(self.director)
        self.bank.add_client("new", "new")
        with self.assertRaises(JsonRpcException):
            self.keep("new", "new")
        with self.assertRaises(JsonRpcException):
            self.enter("new", "new", password="wrong")
        self.enter("new", "new")
        self.assertEqual(self.opened(), ("new", "new"))
        # It was for once.
        with self.assertRaises(JsonRpcException):
            self.keep("newer", "newer")
        asked = self.press("action_enter_credentials")
        self.assertEqual(asked["res_model"], "res.users.identitycheck")
        self.assertEqual(self.opened(), ("new", "new"))

    @mute_logger("odoo.http")
    def test_entering_is_no_call_of_a_script(self):
        """Neither as arguments, nor with a key instead of a person."""
        keys = self.env["res.users.apikeys"].with_user(self.director)
        key = keys._generate("rpc", "Script", datetime.now() + timedelta(days=1))
        self.login(self.director)
        with self.assertRaises(JsonRpcException):
            self.call(
                "tbc.integration", "set_credentials", [self.integration.id], "x", "y"
            )
        values = {"tbc_client_id": "x", "tbc_client_secret": "y"}
        for method, more in (
            ("set_credentials", {"client_id": "x", "client_secret": "y"}),
            ("action_keep_credentials", {"context": values}),
            ("action_enter_credentials", {}),
            ("action_reveal_credentials", {}),
        ):
            with self.subTest(method):
                # Refused, or asked for the password, which a key is not.
                response = self.url_open(
                    f"/json/2/tbc.integration/{method}",
                    json={"ids": self.integration.ids, **more},
                    headers={"Authorization": f"bearer {key}"},
                )
                asked = "res.users.identitycheck" in response.text
                self.assertTrue(asked or response.status_code == 403, response.text)
                self.assertNotIn("tbc_enter_credentials", response.text)
        self.assertEqual(self.opened(), (CLIENT, SECRET))

    # --- asked each time --------------------------------------------------------------

    def test_revealing_needs_the_password_each_time(self):
        self.login(self.director)
        first = self.confirm_identity(self.director)
        self.assertEqual(self.read_reveal(first["res_id"]), (CLIENT, SECRET))
        asked = self.press("action_reveal_credentials")
        self.assertEqual(asked["res_model"], "res.users.identitycheck")
        other = self.call(
            "tbc.credential.reveal", "create", {"integration_id": self.integration.id}
        )
        self.assertEqual(self.read_reveal(other), (False, False))
        later = time.time() + 61
        with patch("time.time", lambda: later):
            self.assertEqual(self.read_reveal(first["res_id"]), (False, False))

    def test_the_figure_in_the_session_opens_nothing(self):
        """Not even one of the future, nor a mark of another session or another user."""
        for moment in (time.time(), time.time() + 10**6):
            self.authenticate(
                self.director.login,
                self.director.login,
                session_extra={"identity-check-last": moment},
            )
            for method in ("action_reveal_credentials", "action_enter_credentials"):
                asked = self.press(method)
                self.assertEqual(asked["res_model"], "res.users.identitycheck")

    def test_a_mark_is_of_one_user_session_purpose_and_time(self):
        with identity(self.director) as session:
            self.assertTrue(in_person(self.director))
            [moment, signature] = session[MARKS][PRESENCE]
            self.assertFalse(is_granted(self.director, "reveal 1", 600))
            session[MARKS] = {"reveal 1": [moment, signature]}
            self.assertFalse(is_granted(self.director, "reveal 1", 600))
            for forged in (
                [moment + 1, signature],
                [moment + 10**6, signature],
                [moment, signature[::-1]],
                [moment, ""],
                [moment],
                "mark",
                None,
            ):
                session[MARKS] = {PRESENCE: forged}
                self.assertFalse(in_person(self.director), forged)
            session[MARKS] = {PRESENCE: [moment, signature]}
            self.assertTrue(in_person(self.director))
            session["uid"] = self.administrator.id
            self.assertFalse(in_person(self.administrator))
            self.assertFalse(in_person(self.director))
        marks = {PRESENCE: [moment, signature]}
        with session_of(self.director, **{MARKS: marks}) as session:
            self.assertTrue(in_person(self.director))
            session.sid = "another-session"
            self.assertFalse(in_person(self.director))
        with identity(self.director) as session:
            moment = session[MARKS][PRESENCE][0] - 1
            with patch("time.time", lambda: moment):
                self.assertFalse(in_person(self.director), "from the future")

    # --- whoever is named by another road ---------------------------------------------

    def give_to(self, user, road):
        """Name another integration user past our own ``write``."""
        if road == "orm":
            models.Model.write(self.integration.sudo(), {"user_id": user.id})
        else:
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE tbc_integration SET user_id = %s WHERE id = %s",
                [user.id, self.integration.id],
            )
        self.env.invalidate_all()

    @mute_logger("odoo.http")
    def test_what_one_user_entered_opens_for_no_other(self):
        for road in ("orm", "sql"):
            with self.subTest(road):
                self.give_to(self.clerk, road)
                self.assertTrue(self.integration.has_credentials)
                with self.assertRaisesRegex(UserError, "another user"):
                    open_client(self.integration)
                self.login(self.clerk)
                action = self.confirm_identity(self.clerk)
                with self.assertRaises(JsonRpcException):
                    self.read_reveal(action["res_id"])
                self.give_to(self.director, road)
                self.assertEqual(self.opened(), (CLIENT, SECRET))

    # --- another way to log in --------------------------------------------------------

    def test_a_reset_link_erases_in_the_persons_own_session_too(self):
        """Whoever has the session need not be the person: the old password tells."""
        if "auth_signup" not in self.env.registry._init_modules:
            self.skipTest("no reset links without auth_signup")
        self.login(self.director)
        self.director.partner_id.signup_prepare()
        token = self.director.partner_id._generate_signup_token()
        page = self.url_open(f"/web/reset_password?token={token}")
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        self.url_open(
            f"/web/reset_password?token={token}",
            data={
                "csrf_token": csrf,
                "token": token,
                "login": self.director.login,
                "name": self.director.name,
                "password": "reset-Pa55word",
                "confirm_password": "reset-Pa55word",
            },
        )
        self.integration.invalidate_recordset()
        self.assertFalse(self.integration.has_credentials)

    def test_an_account_of_another_server_erases(self):
        for name in ("oauth_uid", "oauth_provider_id"):
            if name in self.director._fields:
                value = "x" if name == "oauth_uid" else False
                self.director.write({name: value})
        if "oauth_uid" in self.director._fields:
            self.assertFalse(self.integration.has_credentials)
        else:
            self.assertTrue(self.integration.has_credentials)

    def test_a_server_that_vouches_for_users_erases(self):
        """As the modules for LDAP and OAuth would be watched, so is this one."""
        for method in ("create", "write", "unlink"):
            self.integration.with_user(self.director).set_credentials(CLIENT, SECRET)
            watched = type("Server", (), {"env": self.env, "name": method})
            for name in ("create", "write", "unlink"):
                setattr(watched, name, lambda self, *args: "done")
            watch(watched, (method,), of_anyone)
            watch(watched, (method,), of_anyone)
            self.assertEqual(getattr(watched(), method)(), "done")
            self.integration.invalidate_recordset()
            self.assertFalse(self.integration.has_credentials)

    # As Odoo's own dialog adds one.
    ADDED_PASSKEY = {
        "auth_passkey_key_ids": [
            Command.create({"name": "Phone", "credential_identifier": "phone"})
        ]
    }

    def test_a_passkey_added_without_the_password_erases(self):
        """Whoever sits at an unlocked computer, or runs code in its session."""
        if "auth.passkey.key" not in self.env:
            self.skipTest("no passkeys without auth_passkey")
        with session_of(self.director) as session:
            session["identity-check-last"] = time.time()
            self.director.with_user(self.director).sudo().write(self.ADDED_PASSKEY)
        self.integration.invalidate_recordset()
        self.assertFalse(self.integration.has_credentials)

    def test_a_passkey_of_ones_own_erases_nothing(self):
        if "auth.passkey.key" not in self.env:
            self.skipTest("no passkeys without auth_passkey")
        with identity(self.director):
            self.director.with_user(self.director).sudo().write(self.ADDED_PASSKEY)
        self.integration.invalidate_recordset()
        self.assertTrue(self.integration.has_credentials)
