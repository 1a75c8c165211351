"""The same questions over HTTP, as a browser or a script would ask them."""

import json
import time
from unittest.mock import patch

from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import DotDict

from .common import TbcCase

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
        reachable = self.run_code("action = {'x': record.sudo()._base_url()}")
        self.assertEqual(reachable, {"x": self.bank.url}, "the code does run")
        for code in (
            "action = {'x': record.sudo()._client()}",
            "action = {'x': record.sudo()._open_client()}",
            "action = {'x': record.sudo().credential_ids._open()}",
            "action = {'x': open_client(record.sudo())}",
            "action = {'x': record.sudo()._base_url.__globals__}",
            "action = {'x': getattr(record.sudo()._base_url, '__globals__')}",
            "import odoo",
        ):
            with self.subTest(code), self.assertRaises(Exception) as caught:
                self.run_code(code)
            self.assertNotIn(SECRET, str(caught.exception))

    @mute_logger("odoo.http")
    def test_an_identity_check_of_ones_own_opens_nothing_of_others(self):
        """Code that runs as the integration user still runs in the other's session."""
        session = {"identity-check-last": time.time(), "uid": self.administrator.id}
        values = f"env['tbc.credential.reveal'].with_user({self.director.id})"
        values += f".create({{'integration_id': {self.integration.id}}}).client_secret"
        request = DotDict({"session": session, "env": self.env, "geoip": {}})
        with patch("odoo.addons.base.models.res_users.request", request):
            self.assertEqual(self.run_code(f"action = {{'x': {values}}}"), {"x": False})
            session["uid"] = self.director.id
            self.assertEqual(
                self.run_code(f"action = {{'x': {values}}}"), {"x": SECRET}
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
        with self.assertLogs("odoo.addons.account_tbc_bank", "DEBUG") as logs:
            self.login(self.director)
            self.call(
                "tbc.credential.entry",
                "web_save",
                [],
                {
                    "integration_id": self.integration.id,
                    "client_id": CLIENT + "-new",
                    "client_secret": SECRET + "-new",
                },
                specification={"client_id": {}, "client_secret": {}},
            )
            self.integration.action_test_connection()
        told = "\n".join(logs.output) + str(self.integration.message_ids.mapped("body"))
        self.assertNotIn(SECRET, told)
        self.assertNotIn(CLIENT, told)
        self.login(self.director)
        action = self.confirm_identity(self.director)
        self.assertEqual(
            self.read_reveal(action["res_id"]), (CLIENT + "-new", SECRET + "-new")
        )
