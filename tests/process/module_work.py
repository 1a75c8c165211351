"""The module's comings and goings, and the books in words that are Odoo's alone."""

from work import COMPANY, PEOPLE, Work

from odoo import models
from odoo.fields import Command
from odoo.modules.registry import Registry

MODULE = "account_tbc_bank"


class ModuleWork(Work):
    """Pieces of work that do with the module, or without it."""

    def install(self, names):
        """Install modules, as the button does."""
        self._press("button_immediate_install", names)

    def uninstall(self, names):
        """Uninstall modules, as the button does."""
        self._press("button_immediate_uninstall", names)

    def _press(self, button, names):
        with self.env() as env:
            getattr(self._modules(env, names), button)()
        self.registry = Registry(self.registry.db_name)

    def _modules(self, env, names):
        return env["ir.module.module"].search([("name", "in", names)])

    def installed(self, names):
        """Which of these modules are installed."""
        with self.env() as env:
            modules = self._modules(env, names)
            return modules.filtered(lambda m: m.state == "installed").mapped("name")

    def appoint_people(self):
        """Give the company's people the groups that went with the module."""
        with self.env() as env:
            for login, groups in PEOPLE.items():
                user = env["res.users"].search([("login", "=", login)])
                user.group_ids += env["res.groups"].union(*map(env.ref, groups))

    def want_opening(self, account_id):
        """Have the bank's opening balance booked with the next read."""
        with self.env() as env:
            env["tbc.account"].browse(account_id).book_opening = True

    def open_books(self):
        """Make the company and its people, before there is an account."""
        with self.env() as env:
            self._company(env)

    def reconcile_automatically(self, label):
        """Have bank lines whose label holds ``label`` booked as income, by a model that
        acts by itself.
        """
        with self._company_env() as env:
            income = env["account.account"].search(
                [("account_type", "=", "income")], limit=1
            )
            env["account.reconcile.model"].create(
                {
                    "name": label,
                    "company_id": env.company.id,
                    "trigger": "auto_reconcile",
                    "match_label": "contains",
                    "match_label_param": label,
                    "line_ids": [Command.create({"account_id": income.id})],
                }
            )

    def opens(self, journal_id):
        """The external id of the action that a click on the journal opens."""
        with self._company_env() as env:
            action = env["account.journal"].browse(journal_id).open_action()
            return action["xml_id"]

    def values(self, model, fields):
        """The values of all records of a model in the company, as a list of dicts."""
        with self._company_env() as env:
            return self._read(env, model, fields)

    def _read(self, env, model, fields):
        domain = [("company_id", "=", env.company.id)]
        return env[model].search(domain, order="id").read(fields, load=False)

    # --- bills ------------------------------------------------------------------------

    def bill(self, vendor, amounts, day="2026-06-20"):
        """Post bills of a vendor; return their ids."""
        with self._company_env() as env:
            return self._post_bills(env, vendor, amounts, day).ids

    def _company_env(self):
        return _InCompany(self)

    def _post_bills(self, env, vendor, amounts, day="2026-06-20"):
        partner = env["res.partner"].search([("name", "=", vendor)], limit=1)
        bills = env["account.move"].create(
            [
                {
                    "move_type": "in_invoice",
                    "partner_id": partner.id,
                    "invoice_date": day,
                    "date": day,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": amount, "tax_ids": [(5,)]}
                        )
                    ],
                }
                for amount in amounts
            ]
        )
        bills.action_post()
        return bills

    def pay_bills(self, bill_ids, journal_id, code):
        """Register a payment of each bill by a method of the journal; return ids."""
        with self._company_env() as env:
            bills = env["account.move"].browse(bill_ids)
            return self._register(bills, journal_id, code).ids

    def _register(self, bills, journal_id, code):
        journal = bills.env["account.journal"].browse(journal_id)
        lines = journal._get_available_payment_method_lines("outbound")
        line = lines.filtered(lambda one: one.code == code)[:1]
        return (
            bills.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=bills.ids)
            .create(
                {
                    "journal_id": journal.id,
                    "payment_method_line_id": line.id,
                    "payment_date": "2026-06-30",
                    "group_payment": False,
                }
            )
            ._create_payments()
        )

    def draft_payment(self, payment_id):
        """Leave a draft beside a payment: the same once more; return its id."""
        with self._company_env() as env:
            return env["account.payment"].browse(payment_id).copy().id

    def make_statement(self, journal_id):
        """Gather the journal's lines in a statement; return its id."""
        with self._company_env() as env:
            lines = env["account.bank.statement.line"].search(
                [("journal_id", "=", journal_id)]
            )
            statement = env["account.bank.statement"].create(
                {
                    "name": "June",
                    "line_ids": [Command.set(lines.ids)],
                    "balance_start": 0.0,
                    "balance_end_real": sum(lines.mapped("amount")),
                }
            )
            return statement.id

    # --- what there is ----------------------------------------------------------------

    def books(self):
        """The company's books, as lists that can be compared."""
        with self._company_env() as env:
            domain = [("company_id", "=", env.company.id)]
            seen = {
                name: self._read(env, model, fields.split())
                for name, (model, fields) in _BOOKS.items()
            }
            banks = env["account.journal"].search([*domain, ("type", "=", "bank")])
            seen["balances"] = {
                journal.name: self._balance(journal) for journal in banks
            }
            seen["movements"] = [
                line.transaction_details and line.transaction_details.get("movementId")
                for line in env["account.bank.statement.line"].search(domain)
            ]
            return seen

    def missing(self):
        """What an update should have made and has not: indexes, and lines' words."""
        with self.env() as env:
            wanted = {
                name
                for model in env.registry.values()
                for name, made in model._table_objects.items()
                if isinstance(made, models.Index) and "tbc" in name
            }
            wanted.add("account_bank_statement_line__tbc_words_index")
            env.cr.execute("SELECT indexname FROM pg_indexes")
            there = {name for (name,) in env.cr.fetchall()}
            env.cr.execute(_WITHOUT_WORDS)
            return {
                "indexes": sorted(wanted - there),
                "lines without words": [line_id for (line_id,) in env.cr.fetchall()],
            }

    def _balance(self, journal):
        [[balance, count]] = journal.env["account.move.line"]._read_group(
            [
                ("account_id", "=", journal.default_account_id.id),
                ("parent_state", "=", "posted"),
            ],
            aggregates=["balance:sum", "__count"],
        )
        return [balance, count]

    def leftovers(self):
        """What an uninstallation has forgotten, by kind; nothing of it is good."""
        with self.env() as env:
            journals = env["account.journal"].search([])
            field = journals._fields["bank_statements_source"]
            sources = dict(field._description_selection(env))
            methods = env["account.payment.method"].search([])
            known = methods._get_payment_method_information()
            found = {
                "sources": journals.filtered(
                    lambda one: one.bank_statements_source not in sources
                ).mapped("name"),
                "methods": methods.filtered(lambda one: one.code not in known).mapped(
                    "code"
                ),
                "lines without a journal": env["account.payment.method.line"]
                .search([("journal_id", "=", False)])
                .mapped("name"),
            }
            for kind, query in _LEFTOVERS.items():
                env.cr.execute(query)
                found[kind] = [row[0] for row in env.cr.fetchall()]
            return {kind: names for kind, names in found.items() if names}

    # --- ordinary work, undone at the end ---------------------------------------------

    def use(self, journal_id, draft_id):
        """Do with the books what people do, and undo it all.

        :param draft_id: a draft payment
        """
        with self._company_env() as env:
            journal = env["account.journal"].browse(journal_id)
            self._open_screens(env, journal)
            self._use_lines(journal)
            self._use_payments(journal, env["account.payment"].browse(draft_id))
            env.flush_all()
            env.cr.rollback()

    def _open_screens(self, env, journal):
        for model in ("account.journal", "account.payment", "account.move"):
            env[model].get_views([(False, "form"), (False, "list"), (False, "search")])
        env["account.bank.statement.line"].get_views([(False, "list")])
        env["ir.ui.menu"].load_menus(False)
        journal._get_journal_dashboard_data_batched()
        journal.open_action()

    def _use_lines(self, journal):
        lines = journal.env["account.bank.statement.line"].search(
            [("journal_id", "=", journal.id)]
        )
        matched = lines.filtered("is_reconciled")
        assert matched, "no line is matched"
        matched.action_undo_reconciliation()
        assert not any(matched.mapped("is_reconciled")), "they can't be undone"
        lines.payment_ref = "edited"
        lines[-1].amount += 1
        new_line = lines.create(
            {"journal_id": journal.id, "date": "2026-06-30", "amount": 5.0}
        )
        assert new_line.state == "posted", new_line.state
        lines[-1].move_id.button_draft()
        lines[-1].unlink()

    def _use_payments(self, journal, draft):
        draft.amount += 1
        draft.action_post()
        assert draft.state == "in_process", draft.state
        assert draft.move_id.state == "posted", draft.move_id.state
        payments = draft.search([("journal_id", "=", journal.id)])
        payments.action_draft()
        payments.action_cancel()
        bill = self._post_bills(journal.env, "Vendor in TBC", [33.0])
        again = self._register(bill, journal.id, "manual")
        assert again.payment_method_line_id.journal_id == journal
        assert bill.payment_state in ("paid", "in_payment"), bill.payment_state


class _InCompany:
    """An environment in the tests' company, without the module's people."""

    def __init__(self, work):
        self._env = work.env()

    def __enter__(self):
        env = self._env.__enter__()
        company = env["res.company"].search([("name", "=", COMPANY)])
        return env(context={"allowed_company_ids": company.ids})

    def __exit__(self, *error):
        return self._env.__exit__(*error)


# Lines whose text to search for is not there, or is not theirs.
_WITHOUT_WORDS = """
    SELECT line.id
      FROM account_bank_statement_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.tbc_words IS NULL
        OR POSITION(COALESCE(line.payment_ref, '') IN line.tbc_words) = 0
        OR POSITION(COALESCE(line.partner_name, '') IN line.tbc_words) = 0
        OR POSITION(COALESCE(move.ref, '') IN line.tbc_words) = 0
     ORDER BY line.id
"""

# Kind → model, and the fields that must stay as they are.
_BOOKS = {
    "lines": (
        "account.bank.statement.line",
        """date amount payment_ref journal_id move_id partner_id is_reconciled
        statement_id state transaction_type""",
    ),
    "statements": (
        "account.bank.statement",
        "name balance_start balance_end_real is_complete is_valid",
    ),
    "entries": (
        "account.move",
        "name date state payment_state amount_total partner_id",
    ),
    "items": (
        "account.move.line",
        """account_id debit credit amount_currency amount_residual reconciled
        full_reconcile_id partner_id date""",
    ),
    "payments": (
        "account.payment",
        """state amount date memo journal_id partner_id move_id partner_bank_id
        outstanding_account_id is_matched is_reconciled payment_method_line_id""",
    ),
}
_NAMED = "LIKE 'tbc\\_%'"
_LEFTOVERS = {
    "columns": "SELECT table_name || '.' || column_name FROM information_schema.columns"
    f" WHERE column_name {_NAMED} AND table_schema = 'public'",
    "tables": "SELECT table_name FROM information_schema.tables"
    f" WHERE table_name {_NAMED} AND table_schema = 'public'",
    "fields": f"SELECT model || '.' || name FROM ir_model_fields WHERE name {_NAMED}",
    "models": "SELECT model FROM ir_model WHERE model LIKE 'tbc.%'",
    "crons": "SELECT cron_name FROM ir_cron WHERE cron_name LIKE 'TBC%'",
    "menus": "SELECT id FROM ir_ui_menu WHERE name::text LIKE '%TBC%'",
    "groups": "SELECT id FROM res_groups WHERE name::text LIKE '%TBC%'",
    "views": "SELECT name FROM ir_ui_view WHERE arch_db::text LIKE '%tbc\\_%'",
    "activity types": "SELECT id FROM mail_activity_type WHERE name::text LIKE '%TBC%'",
    "activities": "SELECT res_model FROM mail_activity WHERE res_model LIKE 'tbc.%'",
    "actions": "SELECT name FROM ir_act_window WHERE res_model LIKE 'tbc.%'",
    "filters": "SELECT name FROM ir_filters WHERE model_id LIKE 'tbc.%'",
    "external ids": "SELECT name FROM ir_model_data WHERE module = 'account_tbc_bank'",
}
