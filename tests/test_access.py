"""Who sees what. Each role asks as itself; none may open the bank's credentials."""

import contextlib

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import OTHER_IBAN, TbcCase

SEALED = ("client_id_sealed", "client_secret_sealed")


@tagged("post_install", "-at_install")
class TestAccess(TbcCase):
    @classmethod
    def _make_users(cls):
        result = super()._make_users()
        cls.portal = new_test_user(cls.env, "tbc_portal", groups="base.group_portal")
        cls.public = cls.env.ref("base.public_user")
        cls.other_company = cls.env["res.company"].create({"name": "Other LLC"})
        cls.other_director = new_test_user(
            cls.env,
            "tbc_other_director",
            groups="account_tbc_bank.group_tbc_administrator",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        return result

    def set_up_once(self):
        super().set_up_once()
        self.other_integration = self.env["tbc.integration"].create(
            {
                "name": "Other",
                "company_id": self.other_company.id,
                "environment": "sandbox",
                "user_id": self.other_director.id,
            }
        )
        self.credential = self.integration.sudo().credential_ids

    def strangers(self):
        return {
            "administrator": self.administrator,
            "accountant": self.accountant,
            "statements": self.clerk,
            "transfers": self.payer,
            "portal": self.portal,
            "public": self.public,
            "integration user of another company": self.other_director,
        }

    def as_user(self, user):
        companies = user.company_ids.ids
        return (
            self.env["tbc.credential"]
            .with_user(user)
            .with_context(allowed_company_ids=companies)
        )

    def chief_accountant(self):
        """Who may change the operation rules of the company."""
        return self._make_user("chief", "account.group_account_manager")

    def test_operation_rules_are_their_company_s(self):
        rules = self.env["tbc.operation.rule"]
        theirs = rules.create({"name": "Rent", "company_id": self.other_company.id})
        mine = theirs.with_user(self.chief_accountant())
        self.assertNotIn(theirs.id, mine.search([]).ids)
        for attempt in (
            lambda: mine.read(["name"]),
            lambda: mine.write({"words": "rent"}),
            lambda: mine.unlink(),
            lambda: mine.create({"name": "x", "company_id": self.other_company.id}),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_a_rule_of_all_companies_lets_each_choose_its_account(self):
        rule = self.env.ref("account_tbc_bank.tbc_operation_rule_salary")
        mine = rule.with_user(self.chief_accountant()).with_company(self.company)
        account = self.env["account.account"].search(
            [
                ("company_ids", "in", self.company.ids),
                ("account_type", "=", "expense"),
            ],
            limit=1,
        )
        mine.account_id = account
        self.assertEqual(rule.with_company(self.company).account_id, account)
        self.assertFalse(rule.with_company(self.other_company).account_id)
        for attempt in (lambda: mine.write({"words": "x"}), lambda: mine.unlink()):
            with self.assertRaises(AccessError):
                attempt()

    def test_strangers_do_not_reach_the_record(self):
        for role, user in self.strangers().items():
            credentials = self.as_user(user)
            record = credentials.browse(self.credential.id)
            attempts = {
                "read": lambda r=record: r.read(["integration_id"]),
                "write": lambda r=record: r.write({"integration_id": 1}),
                "copy": lambda r=record: r.copy(),
                "delete": lambda r=record: r.unlink(),
                "export": lambda r=record: r.export_data(["id", "integration_id"]),
                "create": lambda c=credentials: c.create(
                    {"integration_id": self.other_integration.id}
                ),
            }
            for what, attempt in attempts.items():
                with self.subTest(f"{role} {what}"), self.assertRaises(UserError):
                    attempt()
            with self.subTest(f"{role} search"):
                with contextlib.suppress(AccessError):
                    self.assertFalse(credentials.search_read([], ["integration_id"]))

    def test_nobody_reaches_the_sealed_columns(self):
        """Not by reading, searching, grouping, ordering or exporting; the owner neither."""
        for role, user in {**self.strangers(), "owner": self.director}.items():
            credentials = self.as_user(user)
            record = credentials.browse(self.credential.id)
            for name in SEALED:
                attempts = {
                    "read": lambda r=record, n=name: r.read([n]),
                    "search_read": lambda c=credentials, n=name: c.search_read([], [n]),
                    "search": lambda c=credentials, n=name: c.search(
                        [(n, "like", "g")]
                    ),
                    "group": lambda c=credentials, n=name: c.formatted_read_group(
                        [], [n], ["__count"]
                    ),
                    "order": lambda c=credentials, n=name: c.search([], order=n),
                    "export": lambda r=record, n=name: r.export_data([n]),
                    "write": lambda r=record, n=name: r.write({n: "x"}),
                }
                for what, attempt in attempts.items():
                    with self.subTest(f"{role} {what} {name}"):
                        # Odoo refuses an export with a bare UserError.
                        with self.assertRaises(UserError):
                            attempt()
            with self.subTest(f"{role} fields_get"):
                with contextlib.suppress(AccessError):
                    self.assertFalse(set(SEALED) & credentials.fields_get().keys())

    def test_the_owner_sees_that_it_exists(self):
        self.assertEqual(self.as_user(self.director).search([]), self.credential)
        self.assertTrue(self.integration.with_user(self.director).has_credentials)

    def test_the_integration_is_bounded_by_company_and_role(self):
        integrations = self.env["tbc.integration"]
        for user, seen in (
            (self.director, self.integration),
            (self.clerk, self.integration),
            (self.administrator, self.integration),
            (self.accountant, integrations),
            (self.other_director, self.other_integration),
        ):
            with self.subTest(user.login):
                found = (
                    integrations.with_user(user)
                    .with_context(allowed_company_ids=user.company_ids.ids)
                    .search([])
                )
                self.assertEqual(found, seen)

    def test_who_reads_accounts(self):
        account = self.make_account()
        self.add("1.00")
        for user in (self.clerk, self.payer, self.administrator, self.director):
            with self.subTest(user.login):
                run = account.with_user(user).sync()
                self.assertEqual(run.state, "done", run.sudo().error)
        for user in (self.accountant, self.portal, self.other_director):
            with self.subTest(user.login), self.assertRaises(AccessError):
                account.with_user(user).with_context(
                    allowed_company_ids=user.company_ids.ids
                ).sync()

    def test_who_configures(self):
        account = self.make_account(journal=False)
        for user in (self.clerk, self.payer, self.accountant, self.director):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    account.with_user(user).action_create_journal()
                with self.assertRaises(AccessError):
                    self.integration.with_user(user).write({"user_id": user.id})
        account.with_user(self.administrator).action_create_journal()
        self.assertTrue(account.journal_id)
        for method in ("action_test_connection", "action_discover_accounts"):
            for user in (self.clerk, self.payer):
                with self.subTest(f"{user.login} {method}"):
                    with self.assertRaises(AccessError):
                        getattr(self.integration.with_user(user), method)()

    def test_what_the_bank_said_is_written_by_reads_alone(self):
        account = self.make_account()
        self.add("1.00")
        self.sync(account)
        line = self.lines(account)
        for record, values in (
            (account, {"synced_until": "2099-01-01"}),
            (account, {"opening_line_id": line.id}),
            (account, {"bank_balance": 1}),
            (self.integration, {"state": "connected"}),
            (self.integration, {"pause_reason": "x"}),
            (line, {"tbc_movement_id": "1"}),
            (line, {"tbc_account_id": False}),
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                record.with_user(self.administrator).write(values)
        with self.assertRaises(AccessError):
            line.with_user(self.clerk).unlink()
        entry = line.move_id.with_user(self.accountant)
        entry.button_draft()
        with self.assertRaises(AccessError):
            entry.unlink()
        entry.action_post()
        partner = self.env["res.partner"].create({"name": "Somebody"})
        line.with_user(self.clerk).partner_id = partner
        self.assertTrue(line.exists())

    def test_defaults_of_the_context_write_nothing_either(self):
        account = self.make_account()
        movement_id = self.add("100.00")
        lines = self.env["account.bank.statement.line"].with_user(self.accountant)
        squatter = lines.with_context(
            default_tbc_account_id=account.id, default_tbc_movement_id=movement_id
        ).create({"journal_id": account.journal_id.id, "amount": 1.0})
        self.assertFalse(squatter.tbc_movement_id)
        self.sync(account)
        self.assertEqual(self.lines(account).amount, 100.0)
        as_administrator = self.env["tbc.account"].with_user(self.administrator)
        other = as_administrator.with_context(
            default_opening_line_id=self.lines(account).id
        ).create(
            {
                "integration_id": self.integration.id,
                "iban": OTHER_IBAN,
                "currency_id": self.gel.id,
            }
        )
        self.assertFalse(other.opening_line_id)
        integration = (
            self.env["tbc.integration"]
            .with_user(self.administrator)
            .with_context(default_state="connected")
            .create({"name": "New", "user_id": self.administrator.id})
        )
        self.assertEqual(integration.state, "draft")

    def test_an_integration_user_without_any_role_can_work(self):
        """The director of a small company may have no accounting role at all."""
        account = self.make_account()
        self.add("1.00")
        mine = account.with_user(self.director)
        self.assertEqual(mine.sync().state, "done")
        [values] = mine.web_read(
            {
                "health_message": {},
                "books_balance": {},
                "difference": {},
                "line_count": {},
                "held_count": {},
                "opening_missing": {},
                "journal_id": {"fields": {"display_name": {}}},
            }
        )
        self.assertEqual(values["difference"], 0.0)
        self.assertEqual(values["line_count"], 1)
        notice = mine.action_sync()
        self.assertIn("No new transactions.", notice["params"]["message"])

    def test_revealing_needs_a_request(self):
        """Without a person's own session there is no identity to check."""
        reveal = self.env["tbc.credential.reveal"]
        for user in (self.director, self.administrator):
            record = reveal.with_user(user).create(
                {"integration_id": self.integration.id}
            )
            self.assertFalse(record.client_id)
            self.assertFalse(record.client_secret)
