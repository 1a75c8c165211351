from odoo import models
from odoo.exceptions import UserError
from odoo.tools import split_every

from .. import messages
from ..bookkeeping import choose_transfer_type
from ..services.locks import lock
from ..services.outstanding import outstanding_fault
from ..services.partners import (
    address_of,
    company_tree,
    georgian_code_of,
    treasury_code_of,
)
from ..tbc import (
    LONGEST_ADDITIONAL_DESCRIPTION,
    LONGEST_DESCRIPTION,
    MOST_BATCH_ORDERS,
    TransferType,
    check_order,
)
from .bill_claims import bills_fault, bills_of
from .guard import at_least_one
from .tbc_transfer import CLOSED, ORDER_FIELDS

TBC_BANK_CODE = "TB"


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _generate_journal_entry(self, *args, **kwargs):
        """A transfer has its entry even where somebody thinks that it needs none.

        Modules of others leave the entry of a payment to the own company out.
        """
        for payment in self.filtered(lambda p: not p.outstanding_account_id):
            if payment._tbc_is_transfer():
                account = payment.payment_method_line_id.payment_account_id
                payment.outstanding_account_id = (
                    account or payment._get_outstanding_account("outbound")
                )
        return super()._generate_journal_entry(*args, **kwargs)

    def action_post(self):
        """A transfer is not paid before the bank has paid it, whatever the accounts."""
        result = super().action_post()
        transfers = self.filtered(lambda payment: payment._tbc_is_transfer())
        transfers._tbc_check_waits()
        return result

    def _tbc_check_waits(self):
        """:raise UserError: Odoo calls one of these paid, and nobody has paid it."""
        for payment in self:
            if payment.currency_id.is_zero(payment.amount):
                continue
            if payment.state == "paid" or payment.is_matched:
                fault = outstanding_fault(payment.payment_method_line_id)
                raise UserError(
                    fault
                    or self.env._(
                        "%(payment)s would be called paid although no transfer was made:"
                        " on %(account)s it does not wait for the bank. Choose another"
                        " outstanding account for TBC Transfer in %(journal)s.",
                        payment=payment.display_name,
                        account=payment.outstanding_account_id.display_name,
                        journal=payment.journal_id.display_name,
                    )
                )

    # === FROM PAYMENT TO ORDER === #

    def _tbc_account_sudo(self):
        """The TBC account that this payment leaves from."""
        return self.journal_id.sudo().tbc_account_ids

    def _tbc_treasury_code(self):
        """The treasury code that is the recipient account, or ``None``."""
        recipient = self.partner_bank_id
        return treasury_code_of(recipient) if recipient else None

    def _tbc_own_ibans(self):
        """The accounts in TBC of the company and its branches: those of integrations,
        and their own."""
        accounts_sudo = self.env["tbc.account"].sudo().with_context(active_test=False)
        companies_sudo = company_tree(self.company_id.sudo())
        ibans = accounts_sudo.search([("company_id", "in", companies_sudo.ids)])
        ibans = ibans.mapped("iban")
        own = companies_sudo.partner_id.bank_ids.mapped("sanitized_acc_number")
        return {*ibans, *(iban for iban in own if iban and iban[4:6] == TBC_BANK_CODE)}

    def _tbc_choose_type(self):
        """The type of transfer that this payment is, or ``None`` where it is none."""
        if not self._tbc_is_transfer() or not self.partner_bank_id:
            return None
        return choose_transfer_type(
            currency=self.currency_id.name,
            account=self.partner_bank_id.sanitized_acc_number,
            own_ibans=self._tbc_own_ibans(),
            treasury_code=self._tbc_treasury_code(),
        )

    def _tbc_prepare_order_vals(self):
        """What the bank is told of this payment, as values of a ``tbc.transfer``."""
        chosen = self._tbc_choose_type()
        description, additional = self._tbc_description()
        return {
            "payment_id": self.id,
            "account_id": self._tbc_account_sudo().id,
            "transfer_type": chosen.value,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "description": description,
            "additional_description": additional,
            **self._tbc_prepare_side_vals(chosen),
        }

    def _tbc_prepare_side_vals(self, chosen):
        """The part of the values that the type of transfer decides."""
        recipient = self.partner_bank_id
        if chosen == TransferType.TREASURY:
            code, name = self._tbc_taxpayer()
            return {
                "treasury_code": self._tbc_treasury_code(),
                "taxpayer_code": code,
                "taxpayer_name": name,
            }
        vals = {
            "credit_account": recipient.sanitized_acc_number,
            "credit_currency_id": self.currency_id.id,
        }
        if chosen == TransferType.OWN:
            # The bank converts between own accounts only.
            currency = self.tbc_credit_currency_id or recipient.currency_id
            return {**vals, "credit_currency_id": (currency or self.currency_id).id}
        partner = self.partner_id.commercial_partner_id
        vals["beneficiary_name"] = recipient.acc_holder_name or partner.name
        if chosen != TransferType.FOREIGN:
            return {**vals, "beneficiary_tax_code": georgian_code_of(partner)}
        return {
            **vals,
            "beneficiary_address": address_of(partner),
            "beneficiary_bank_code": recipient.bank_id.bic,
            "beneficiary_bank_name": recipient.bank_id.name,
            "charge_details": self.tbc_charge_details,
        }

    def _tbc_taxpayer(self):
        """Code and name of the one for whom a tax is paid: never of two of them."""
        if self.tbc_taxpayer_code or self.tbc_taxpayer_name:
            return self.tbc_taxpayer_code, self.tbc_taxpayer_name
        return georgian_code_of(self.company_id.partner_id), self.company_id.name

    def _tbc_description(self):
        """The memo in the bank's two fields: what the first can't hold is in the other."""
        words = " ".join((self.memo or self.name or "").split())
        if len(words) <= LONGEST_DESCRIPTION:
            return words, False
        end = words.rfind(" ", 0, LONGEST_DESCRIPTION + 1)
        if end < 0 or len(words) - end - 1 > LONGEST_ADDITIONAL_DESCRIPTION:
            # Better to cut a word than to refuse what fits.
            end = LONGEST_DESCRIPTION
        return words[:end].strip(), words[end:].strip()

    # === QUEUE === #

    def _tbc_queue(self, batch_name=None):
        """Queue these payments, singly or as one batch an account; return the orders."""
        at_least_one(self)
        self.env["tbc.transfer"]._check_may_prepare()
        self.check_access("write")
        payments = self.union().sudo()  # each once, whoever names it twice
        # Whoever clicks second is told to wait, or finds an order already: a lock alone
        # would let pass who looked before the first one was done.
        lock(payments)
        self.env.cr.execute(
            "UPDATE account_payment SET write_date = write_date WHERE id IN %s",
            [tuple(payments.ids)],
        )
        payments.tbc_transfer_ids._check_still_closed()
        with self.env.cr.savepoint():
            faults = {payment: payment._tbc_faults() for payment in payments}
            self._tbc_raise_faults(faults)
            orders = payments._tbc_prepare_orders()
            faults = {order.payment_id: order._faults() for order in orders}
            self._tbc_raise_faults(faults)
            if batch_name:
                orders._gather_into_batches(batch_name)
            orders._queue()
        return orders.sudo(False)

    def _tbc_raise_faults(self, faults):
        lines = [
            f"{payment.display_name}, {payment.partner_id.display_name}: {sentence}"
            for payment, sentences in faults.items()
            for sentence in sentences
        ]
        if lines:
            raise UserError(
                self.env._(
                    "Nothing was queued. Mend this first:\n%(faults)s",
                    faults="\n".join(lines),
                )
            )

    def _tbc_prepare_orders(self):
        """An order for each payment: the prepared one anew, or a fresh one (sudo)."""
        orders = self.env["tbc.transfer"]
        fresh = []
        # What another type of transfer was told is not told of this one.
        blank = dict.fromkeys(ORDER_FIELDS, False)
        for payment in self:
            vals = payment._tbc_prepare_order_vals()
            prepared = payment.tbc_transfer_ids.filtered(lambda o: o.state == "draft")
            if prepared:
                prepared.write({**blank, **vals, "batch_id": False})
                orders |= prepared
            else:
                fresh.append(vals)
        return orders | orders.create(fresh)

    def _tbc_faults(self):
        """Return sentences: why this payment can't have an order now."""
        faults = [self._tbc_state_fault(), self._tbc_account_fault()]
        recipient = self.partner_bank_id
        if not recipient:
            faults.append(
                self.env._("Choose the recipient's bank account on the payment.")
            )
        elif not recipient.allow_out_payment or not recipient.active:
            faults.append(
                self.env._(
                    "The recipient account %(account)s is not trusted: check it with the"
                    " recipient, then allow Send Money on it.",
                    account=recipient.acc_number,
                )
            )
        return [fault for fault in faults if fault]

    def _tbc_state_fault(self):
        orders = self.tbc_transfer_ids.filtered(lambda o: o.state not in CLOSED)
        live = orders.filtered(lambda order: order.state != "draft")
        if live:
            return self.env._(
                "It has a transfer order already (%(state)s).",
                state=live._state_sentence(),
            )
        if not self._tbc_is_transfer() or self.payment_type != "outbound":
            return self.env._("Its payment method is not TBC Transfer.")
        again = self._tbc_last_paid_again()
        if again and again.state not in ("canceled", "rejected"):
            return self.env._(
                "It was paid again already, by %(again)s.", again=again.display_name
            )
        if self.state == "draft":
            return self.env._("It is a draft. Confirm it first.")
        if self.state != "in_process":
            return self.env._("It is paid, cancelled or rejected already.")
        if "expense_ids" in self.move_id._fields and self.move_id.expense_ids:
            return self.env._("It is the entry of an expense, which is paid already.")
        if self.move_id.state != "posted":
            return self.env._("Its journal entry is not posted: post it first.")
        if self.is_matched or self._tbc_comes_from_bank_line():
            return self.env._(
                "It is matched with a bank line, so the bank has paid it already."
            )
        return bills_fault(self)

    def _tbc_has_unposted_bills(self):
        return bool(bills_of(self).filtered(lambda bill: bill.state != "posted"))

    def _tbc_comes_from_bank_line(self):
        lines = self.env["account.bank.statement.line"]
        return bool(
            self.move_id.statement_line_id
            or lines.search_count([("payment_ids", "in", self.ids)], limit=1)
        )

    def _tbc_account_fault(self):
        account_sudo = self._tbc_account_sudo()
        if not account_sudo or not account_sudo.integration_id.can_initiate_transfers:
            return self.env._(
                "The journal %(journal)s has no TBC account whose integration may"
                " initiate transfers.",
                journal=self.journal_id.display_name,
            )
        if account_sudo.currency_id != self.currency_id:
            return self.env._(
                "The payment is in %(currency)s, and the account that it leaves is in"
                " %(other)s. The bank takes the amount in the account's currency.",
                currency=self.currency_id.name,
                other=account_sudo.currency_id.name,
            )
        return None


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    def _faults(self):
        """Return sentences: what the bank would refuse in this order."""
        return [
            messages.fault_message(self.env, fault, self)
            for fault in check_order(self._to_bank())
            if not fault.is_warning
        ]

    def _gather_into_batches(self, name):
        """One batch for each debit account, or more where it would be too large (sudo)."""
        for account, orders in self.grouped("account_id").items():
            parts = list(split_every(MOST_BATCH_ORDERS, orders.ids, self.browse))
            for number, part in enumerate(parts, 1):
                part_name = f"{name} {number}/{len(parts)}" if len(parts) > 1 else name
                part.batch_id = self.env["tbc.transfer.batch"].create(
                    {"name": part_name, "account_id": account.id}
                )
