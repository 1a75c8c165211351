from odoo import api, models
from odoo.fields import Domain

from .tbc_transfer import ORDER_FIELDS


class TbcTransfer(models.Model):
    """What an order was made of may change until it is sent: then it is made anew."""

    _inherit = "tbc.transfer"

    @api.model
    def _withdraw_changed(self, domain):
        """Take the orders out of the queue that tell the bank what is not so any more.

        Only those that it was never told of. One that is being sent at this moment goes
        as it was, and is left alone.

        :param domain: where to look for them.
        """
        waiting = Domain([("state", "=", "queued"), ("sent_at", "=", False)])
        orders_sudo = self.sudo().search(waiting & Domain(domain))
        for order_sudo in orders_sudo.try_lock_for_update(allow_referencing=True):
            if names := order_sudo._changed_names():
                order_sudo._withdraw_because(
                    self.env._(
                        "Taken out of the queue, because this was changed by %(user)s:"
                        " %(fields)s. Queue it again.",
                        user=self.env.user.name,
                        fields=names,
                    )
                )

    def _withdraw_because(self, sentence):
        """Say it where the person is: on the payment, and to who queued it."""
        self._withdraw(sentence)
        self.problem = sentence
        if self.queued_by_id != self.env.user:
            self._call_preparer(
                self.env._("TBC Bank: a transfer left the queue"), sentence
            )

    def _changed_names(self):
        """The names of what the bank would be told otherwise now, or ``None`` (sudo).

        What was sent once goes again as it was, whatever has become of the payment.
        """
        if self.sent_at:
            return None
        payment = self.payment_id
        if not payment._tbc_choose_type():
            return self._fields["transfer_type"]._description_string(self.env)
        vals = payment._tbc_prepare_order_vals()
        return ", ".join(
            self._fields[name]._description_string(self.env)
            for name in self._fields
            if name in ORDER_FIELDS and self._is_changed(name, vals.get(name))
        )

    def _is_changed(self, name, value):
        field = self._fields[name]
        told = field.convert_to_write(self[name], self)
        if name == "amount":
            return bool(self.currency_id.compare_amounts(told, value))
        return (told or False) != (value or False)
