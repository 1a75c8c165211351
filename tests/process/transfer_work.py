"""Paying vendors: what the bookkeeper, the integration user and the schedule do."""

import contextlib
from functools import partial

from session import identity
from stop import Stop
from work import Work, wait_until

from odoo.api import SUPERUSER_ID, Environment
from odoo.service.model import retrying

# How many payments are posted in one transaction.
PORTION = 100


class TransferWork(Work):
    """The pieces of work that pay, or look at what was paid."""

    # --- what there is ----------------------------------------------------------------

    def open_transfers(self, integration_id, vendors):
        """Let an integration initiate transfers, and make vendors.

        :param vendors: name → (account number, more values of the partner); the
            ``treasury`` is the module's own partner, ``own`` the company itself
        """
        with self.env() as env:
            integration = env["tbc.integration"].browse(integration_id)
            integration.can_initiate_transfers = True
            integration.account_ids.book_opening = False
            company = integration.company_id
            env = env(context={"allowed_company_ids": company.ids})
            for name, (account, values) in vendors.items():
                self._make_vendor(env, company, name, account, values)

    def _make_vendor(self, env, company, name, account, values):
        partners = {
            "treasury": env.ref("account_tbc_bank.partner_treasury"),
            "own": company.partner_id,
        }
        partner = partners.get(name) or env["res.partner"].search(
            [("name", "=", name)], limit=1
        )
        if not partner:
            country = env["res.country"].search(
                [("code", "=", values.pop("country", "GE"))]
            )
            vals = {
                "name": name,
                "is_company": True,
                "country_id": country.id,
                **values,
            }
            partner = partner.create(vals)
        banks = env["res.partner.bank"]
        found = partner.bank_ids.filtered(lambda one: one.acc_number == account)
        vals = {"acc_number": account, "partner_id": partner.id}
        if name == "treasury":
            vals["bank_id"] = env.ref("account_tbc_bank.bank_treasury").id
        elif not account.startswith("GE"):
            vals["bank_id"] = self._foreign_bank(env).id
        (found or banks.create(vals)).allow_out_payment = True

    def _foreign_bank(self, env):
        banks = env["res.bank"]
        vals = {"name": "Foreign Bank", "bic": "GIBACZPX"}
        return banks.search([("bic", "=", vals["bic"])], limit=1) or banks.create(vals)

    def pay(self, account_id, wanted):
        """Post payments without bills; return their ids.

        :param wanted: list of [account number of the recipient, amount]
        """
        with self.env() as env:
            return retrying(partial(self._pay, env, account_id, wanted), env)

    def pay_all(self, wanted):
        """Post payments from several accounts, some at a time; return lists of ids.

        :param wanted: list of [account, what :meth:`pay` wants]
        """
        return [
            [
                payment
                for begin in range(0, len(of_account), PORTION)
                for payment in self.pay(account, of_account[begin : begin + PORTION])
            ]
            for account, of_account in wanted
        ]

    def _pay(self, env, account_id, wanted):
        account = env["tbc.account"].browse(account_id)
        env = env(context={"allowed_company_ids": account.company_id.ids})
        numbers = list({number for number, _amount in wanted})
        banks = env["res.partner.bank"].search([("acc_number", "in", numbers)])
        # The last one made: another test's vendor may have had the account.
        by_number = {bank.acc_number: bank for bank in banks.sorted("id")}
        line = account.journal_id.outbound_payment_method_line_ids.filtered(
            lambda one: one.code == "tbc_transfer"
        )
        payments = env["account.payment"].create(
            [
                self._payment_vals(account, line, by_number[number], amount)
                for number, amount in wanted
            ]
        )
        payments.action_post()
        return payments.ids

    def _payment_vals(self, account, line, bank, amount):
        return {
            "payment_type": "outbound",
            "partner_type": "supplier",
            "partner_id": bank.partner_id.id,
            "partner_bank_id": bank.id,
            "amount": amount,
            "currency_id": account.currency_id.id,
            "date": "2026-06-30",
            "memo": f"Invoice of {bank.partner_id.name}",
            "journal_id": account.journal_id.id,
            "payment_method_line_id": line.id,
        }

    # --- what people do ---------------------------------------------------------------

    def _as_person(self, login, payment_ids, act):
        """Press a button on payments; Odoo's server repeats it on a conflict."""
        with self.person(login) as env:
            payments = env["account.payment"].browse(payment_ids)
            retrying(partial(act, payments), env)

    def queue(self, payment_ids, name=None, at=None):
        """Queue payments: singly, or as the batch ``name``."""
        wait_until(at)

        def act(payments):
            if not name:
                payments.action_tbc_queue()
                return
            dialog = payments.env["tbc.transfer.queue"].create(
                {"payment_ids": payments.ids, "name": name}
            )
            dialog.action_queue()

        self._as_person("process_bookkeeper", payment_ids, act)

    def initiate(self, payment_ids, at=None):
        """Initiate the payments' orders, in the integration user's own session."""
        wait_until(at)

        def act(payments):
            with identity(payments.env.user):
                payments.action_tbc_initiate()

        self._as_person("process_director", payment_ids, act)

    def queue_again(self, payment_ids):
        """Queue again what the bank did not know."""
        self._as_person(
            "process_bookkeeper",
            payment_ids,
            lambda payments: payments._tbc_live_orders().action_queue_again(),
        )

    def pay_again(self, payment_ids):
        """Make payments again that the bank did not make."""
        self._as_person(
            "process_bookkeeper",
            payment_ids,
            lambda payments: payments.action_tbc_pay_again(),
        )

    def withdraw(self, payment_ids):
        """Take the payments' orders out of the queue."""
        self._as_person(
            "process_bookkeeper",
            payment_ids,
            lambda payments: payments._tbc_live_orders().action_withdraw(),
        )

    def pay_bill(self, bill_id, account_id, at=None):
        """Confirm a Register Payment dialog on a bill; return the payment's id.

        ``None`` where the bill was paid already when the dialog opened.
        """

        def act():
            bill = env["account.move"].browse(bill_id)
            if not bill.amount_residual:
                return None
            line = account.journal_id.outbound_payment_method_line_ids.filtered(
                lambda one: one.code == "tbc_transfer"
            )
            dialog = env["account.payment.register"].with_context(
                active_model="account.move", active_ids=bill.ids
            )
            vals = {
                "journal_id": line.journal_id.id,
                "payment_method_line_id": line.id,
                "payment_date": "2026-06-30",
            }
            return dialog.create(vals)._create_payments().id

        wait_until(at)
        with self.env() as env:
            account = env["tbc.account"].browse(account_id)
            env = env(context={"allowed_company_ids": account.company_id.ids})
            return retrying(act, env)

    def part(self, payment_ids, at=None):
        """Take payments off their bills."""
        wait_until(at)
        self._as_person(
            "process_bookkeeper",
            payment_ids,
            lambda payments: payments.move_id.line_ids.filtered(
                lambda item: item.account_type == "liability_payable"
            ).remove_move_reconcile(),
        )

    def cancel(self, payment_ids):
        """Cancel payments."""
        self._as_person(
            "process_bookkeeper",
            payment_ids,
            lambda payments: payments.action_cancel(),
        )

    # --- what the schedule does -------------------------------------------------------

    def submit(self, at=None, stop=None):
        """Send what was initiated.

        :param at: the second (of ``time.time``) to begin at
        :param stop: arguments of :class:`stop.Stop`
        """
        self._run("_cron_submit", at, stop)

    def refresh(self, at=None, stop=None):
        """Ask the bank how far its orders are."""
        self._run("_cron_refresh_status", at, stop)

    def _run(self, name, at, stop):
        wait_until(at)
        with contextlib.ExitStack() as stack:
            env = stack.enter_context(self.env())
            if stop:
                stack.enter_context(Stop(self, **stop).watch())
            getattr(env["tbc.transfer"], name)()

    # --- what became of it ------------------------------------------------------------

    def integration(self, integration_id):
        """An integration's state, and why it is so."""
        with self.env() as env:
            integration = env["tbc.integration"].browse(integration_id)
            return [integration.state, integration.pause_reason]

    def orders(self, account_ids):
        """All orders of accounts, oldest first, with their payments and bank lines."""
        with self.env() as env:
            orders = env["tbc.transfer"].search(
                [("account_id", "in", account_ids)], order="id"
            )
            return [self._seen(order) for order in orders]

    def _seen(self, order):
        payment = order.payment_id
        lines = payment.reconciled_statement_line_ids
        return {
            "id": order.id,
            "payment_id": payment.id,
            "account_id": order.account_id.id,
            "external_id": order.external_id,
            "batch_id": order.batch_id.id,
            "batch_external_id": order.batch_id.external_id,
            "currency": order.currency_id.name,
            "to": order.treasury_code or order.credit_account,
            "amount": f"{order.amount:.2f}",
            "state": order.state,
            "transfer_id": order.bank_transfer_id,
            "problem": order.problem,
            "initiated": bool(order.initiated_at),
            "missing": order.is_missing_at_bank,
            "sent": bool(order.sent_at),
            "payment": payment.state,
            "matched": payment.is_matched,
            "lines": [[line.tbc_payment_id, f"{line.amount:.2f}"] for line in lines],
        }

    def lock(self, payment_ids):
        """Lock the payments' orders, as whoever means to change them, until
        :meth:`let_go`.
        """
        self.kept_cr = self.registry.cursor()
        env = Environment(self.kept_cr, SUPERUSER_ID, {})
        payments = env["account.payment"].browse(payment_ids)
        payments.tbc_transfer_ids.lock_for_update(allow_referencing=True)
