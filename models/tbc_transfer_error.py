"""The bank's word "Error": not the end of an order, until a person has looked."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import messages
from ..services.connecting import check_may_initiate, open_client
from ..services.identity import confirms_identity, in_person
from ..services.locks import lock
from ..services.notices import notice
from ..tbc import TbcError, is_error
from .tbc_transfer_status import FOLLOWED


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    is_error_at_bank = fields.Boolean(compute="_compute_is_error_at_bank")
    closed_by_id = fields.Many2one(
        "res.users",
        string="Taken as Not Executed By",
        readonly=True,
        copy=False,
        help="Who took it as not executed, having looked in the internet bank.",
    )

    @api.depends("bank_status", "state")
    def _compute_is_error_at_bank(self):
        for order in self:
            order.is_error_at_bank = order.state in FOLLOWED and is_error(
                order.bank_status
            )

    def _take_error_word(self, told):
        """Show that the bank says "Error" of it now, or that it does so no more.

        The bank may still execute it, so the payment and its bill stay as they are.
        """
        was_error = is_error(self.bank_status)
        if is_error(told.word):
            self._note_error(told, is_news=not was_error)
        elif was_error and told.word:
            self.write(
                {"problem": False, "bank_reason_en": False, "bank_reason_ge": False}
            )

    def _note_error(self, told, *, is_news):
        sentence = self.env._(
            "The bank says Error of this transfer. That is not its end: the bank may"
            " execute it yet, so it is asked again and the payment waits. Look for it in"
            " TBC's internet bank."
        )
        reasons = dict.fromkeys(filter(None, (told.reason_en, told.reason_ge)))
        sentence = " ".join([sentence, *reasons])
        vals = {
            "problem": sentence,
            "bank_reason_en": told.reason_en,
            "bank_reason_ge": told.reason_ge,
        }
        if any((self[name] or None) != value for name, value in vals.items()):
            self.write(vals)
        if is_news:
            self._call_preparer(
                self.env._("TBC Bank: a transfer needs a look"), sentence
            )

    # === TAKEN AS NOT EXECUTED === #

    @confirms_identity
    def action_close_error(self):
        """Take these as not executed, as the integration user, who has looked.

        The bank is asked once more. What it does not call an error any more is followed
        as before.
        """
        self.check_access("read")
        if not in_person(self.env.user):
            raise AccessError(
                self.env._(
                    "Only the integration user in person, after an identity check, may"
                    " take a transfer as not executed."
                )
            )
        for integration_sudo in self.sudo().integration_id:
            check_may_initiate(integration_sudo, self.env.user)
        orders_sudo = self.sudo().filtered("is_error_at_bank")
        if not orders_sudo:
            raise UserError(
                self.env._("The bank does not say Error of any of these transfers.")
            )
        lock(orders_sudo)
        for order_sudo in orders_sudo:
            order_sudo._for_integration_user()._close_error(self.env.user)
        self.invalidate_recordset()
        return notice(
            self.env, "\n".join(order._state_sentence() for order in self[:20])
        )

    def _close_error(self, user):
        """Ask once more, and close what is still an error (sudo).

        :raise UserError: the bank can't be asked.
        """
        try:
            with open_client(self.integration_id) as client:
                if not is_error(self._word_if_alive(client)):
                    self._take_status(client)
                    return
        except TbcError as error:
            raise UserError(messages.question_message(self.env, error)) from error
        self.closed_by_id = user
        self._tell(
            self.env._(
                "Taken as not executed by %(user)s, who has looked in TBC's internet"
                " bank.",
                user=user.name,
            )
        )
        self._conclude("failed", self.bank_reason_en, self.bank_reason_ge, None)
        self._take_back_payments_soon()
