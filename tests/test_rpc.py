"""The same questions over HTTP, as a browser or a script would ask them."""

import json

from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

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
        reachable = self.run_code("action = {'x': bool(record.sudo()._client())}")
        self.assertEqual(reachable, {"x": True}, "the code does run")
        client = "record.sudo()._client()._credentials"
        for code in (
            "action = {'x': env['tbc.credential'].sudo().search([])._open()}",
            f"action = {{'x': {client}._ClientCredentials__header}}",
            f"action = {{'x': {client}.__dict__}}",
            f"action = {{'x': getattr({client}, '_ClientCredentials__header')}}",
        ):
            with self.subTest(code), self.assertRaises(Exception) as caught:
                self.run_code(code)
            self.assertNotIn(SECRET, str(caught.exception))

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
