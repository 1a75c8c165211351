from datetime import timedelta
from functools import partial

from odoo import models

from .. import messages
from ..services.chatter import post_note
from ..services.clock import bank_today
from ..tbc import SCOPE_ACCOUNTS, SCOPE_TRANSFERS, TbcError
from .currency_rate import Rates
from .guard import only_one
from .period_limit import PeriodLimit, to_last
from .tbc_integration import ATTENTION
from .tbc_integration_credentials import open_client

# How far back the bank is asked for movements when accounts are looked for.
DISCOVER_DAYS = 92
# A click must end before the web server's time limit, however many movements there are.
DISCOVER_PAGES = 40


class TbcIntegration(models.Model):
    _inherit = "tbc.integration"

    # === TEST AND DISCOVERY === #

    def action_test_connection(self):
        """Ask the bank for a token of each scope and for the accounts it shows.

        The result stands in words on the integration and in the notice. A success
        connects the integration; a refusal by the bank pauses it.
        """
        only_one(self)
        self._check_may_configure()
        integration_sudo = self.sudo()
        report = []
        with open_client(integration_sudo) as client:
            granted, errors = integration_sudo._test_scopes(client, report)
            if SCOPE_ACCOUNTS in granted:
                try:
                    pairs = integration_sudo._seen_accounts(client, pages=1)
                except TbcError as error:
                    errors.insert(0, error)
                    granted.discard(SCOPE_ACCOUNTS)
                    report.append(messages.user_message(self.env, error))
                else:
                    report.append(
                        self.env._("Accounts seen: %(count)s", count=len(pairs))
                    )
                    report += integration_sudo._missing_rate_sentences(pairs)
        return integration_sudo._finish_test(report, granted, errors)

    def _missing_rate_sentences(self, pairs):
        """Say which currencies of the accounts have no rate in Odoo."""
        codes = {code for _iban, code in pairs}
        codes |= set(self.account_ids.currency_id.mapped("name"))
        currencies = self.env["res.currency"].with_context(active_test=False)
        return [
            self.env["tbc.account"]._no_rate_sentence(currency)
            for currency in currencies.search([("name", "in", sorted(codes))])
            if Rates(currency, self.company_id).is_missing
        ]

    def _test_scopes(self, client, report):
        """Append a sentence per permission; return scopes granted and errors met."""
        granted, errors, lines = set(), [], []
        for wanted, scope, label in (
            (self.can_read_statements, SCOPE_ACCOUNTS, self.env._("Statements")),
            (self.can_initiate_transfers, SCOPE_TRANSFERS, self.env._("Transfers")),
        ):
            if not wanted:
                lines.append(self.env._("%(scope)s: not asked for", scope=label))
                continue
            try:
                client.check_scope(scope)
                granted.add(scope)
                lines.append(self.env._("%(scope)s: permitted", scope=label))
            except TbcError as error:
                errors.append(error)
                lines.append(f"{label}: {messages.user_message(self.env, error)}")
        if granted:
            report.append(self.env._("Token: the bank gave one"))
        report += lines
        return granted, errors

    def _finish_test(self, report, granted, errors):
        """Keep the report; one permission that works is enough to be connected."""
        text = "\n".join(report)
        self.connection_report = text
        post_note(self, text)
        if granted:
            self.write(
                {"state": "connected", "pause_reason": False, "not_before": False}
            )
            self.activity_unlink([ATTENTION])
            # They are asked for again at the next read.
            self.account_ids._forget_refusal()
        elif errors:
            self._record_refusal(errors[0])
        if not errors:
            title, kind = self.env._("The connection works"), "success"
        elif granted:
            title, kind = self.env._("The connection works in part"), "warning"
        else:
            title, kind = self.env._("The connection does not work"), "danger"
        return self._notice(text, kind=kind, title=title)

    def action_discover_accounts(self):
        """Make a ``tbc.account`` for each (IBAN, currency) in the bank's movements.

        :return: the action that lists them, to link or create a journal for each.
        """
        only_one(self)
        self._check_may_configure()
        integration_sudo = self.sudo()
        try:
            with open_client(integration_sudo) as client:
                pairs = integration_sudo._seen_accounts(client)
        except TbcError as error:
            integration_sudo._record_refusal(error)
            return self._notice(messages.user_message(self.env, error), kind="danger")
        integration_sudo._add_accounts(pairs)
        action = self.action_open_accounts()
        if sentences := integration_sudo._missing_rate_sentences(pairs):
            notice = self._notice("\n".join(sentences), kind="warning")
            notice["params"]["next"] = action
            return notice
        return action

    def _seen_accounts(self, client, pages=DISCOVER_PAGES):
        """Return ``{(iban, currency code): account name}`` of the last months.

        The newest days first, so many at once as the bank answers for.
        """
        limit, pairs = PeriodLimit(None, "longest_list"), {}
        last = bank_today()
        since = last - timedelta(days=DISCOVER_DAYS)
        limit.days = DISCOVER_DAYS + 1
        while since <= last and pages > 0:
            see = partial(self._see_accounts, client, pairs, pages)
            first, read = limit.ask(to_last(since, last), see)
            last, pages = first - timedelta(days=1), pages - read
        return pairs

    def _see_accounts(self, client, pairs, pages, spans):
        """Add the accounts of some days' movements; return first day, pages read."""
        [(since, until)] = spans
        walk = client.movement_pages(period_from=since, period_to=until)
        for read, page in enumerate(walk, start=1):
            for movement in page.movements:
                if movement.account_iban and movement.currency:
                    pair = (movement.account_iban, movement.currency)
                    pairs.setdefault(pair, movement.account_name)
            if page.is_last or read == pages:
                return since, read

    def _add_accounts(self, pairs):
        accounts = self.env["tbc.account"].with_context(active_test=False)
        known = accounts.search([("company_id", "=", self.company_id.id)])
        known_pairs = {(account.iban, account.currency_id.name) for account in known}
        currencies = {
            currency.name: currency.id
            for currency in self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "in", [code for _iban, code in pairs])])
        }
        accounts.create(
            [
                {
                    "integration_id": self.id,
                    "iban": iban,
                    "currency_id": currencies[code],
                    "name": name,
                }
                for (iban, code), name in sorted(pairs.items())
                if (iban, code) not in known_pairs and code in currencies
            ]
        )
