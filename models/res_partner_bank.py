from odoo import models


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    def _tbc_carrying(self, found, currency):
        """Return which of these bank accounts to name on a document in ``currency``.

        :param found: the one that Odoo names. It stays where its IBAN carries the
            currency, as far as we know, and where none of the others does.
        """
        if not found:
            return found
        accounts_sudo = self.env["tbc.account"].sudo()
        accounts_sudo = accounts_sudo.search(
            [("iban", "in", (self | found).mapped("sanitized_acc_number"))]
        )
        carried = {
            iban: accounts.currency_id
            for iban, accounts in accounts_sudo.grouped("iban").items()
        }
        if currency in carried.get(found.sanitized_acc_number, currency):
            return found
        fitting = self.filtered(
            lambda bank: (
                currency in carried.get(bank.sanitized_acc_number, bank.currency_id)
                # Of one that is not ours, nothing is known but what Odoo knows.
                or not (bank.currency_id or bank.sanitized_acc_number in carried)
            )
        )
        return (
            fitting.sorted(
                lambda bank: (
                    bank.sanitized_acc_number not in carried,
                    not bank.allow_out_payment,
                )
            )[:1]
            or found
        )
