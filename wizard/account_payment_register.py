from odoo import api, fields, models

from ..services.buttons import notice, only_one
from ..services.outstanding import TBC_TRANSFER
from ..services.shared_ibans import is_ours, journal_in_currency
from ..services.transfers import paying


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    tbc_may_prepare = fields.Boolean(compute="_compute_tbc_may_prepare")
    tbc_prepare = fields.Boolean(
        string="Prepare Transfer",
        compute="_compute_tbc_prepare",
        store=True,
        readonly=False,
        help="Without it, TBC Bank is not asked to pay: somebody has to press Prepare"
        " Transfer on the payment.",
    )
    tbc_batch_name = fields.Char(
        string="As One Batch",
        compute="_compute_tbc_batch_name",
        store=True,
        readonly=False,
        help="The payments go to the bank together under this name, and are signed there"
        " together. Without a name each goes by itself.",
    )
    tbc_warning = fields.Text(compute="_compute_tbc_warning")

    # === WHAT IS OFFERED FIRST === #

    def _compute_journal_id(self):
        """Offer the journal in the documents' currency: for a bill, one of ours."""
        chosen = self.filtered(lambda w: w.journal_id in w.available_journal_ids)
        result = super()._compute_journal_id()
        for wizard in self - chosen:
            wizard.journal_id = wizard._tbc_journal()
        return result

    def _tbc_journal(self):
        """The journal to offer where Odoo has found the present one."""
        journals = self.env["account.journal"]
        domain = journals._check_company_domain(self.company_id)
        domain = [*domain, ("id", "in", self.available_journal_ids.ids)]
        values = [batch["payment_values"] for batch in self.batches]
        ids = {each["currency_id"] for each in values}
        is_paid_out = {each["payment_type"] for each in values} == {"outbound"}
        return journal_in_currency(
            self.journal_id,
            # Searched for, so that they come in Odoo's order.
            journals.search(domain),
            self.env["res.currency"].browse(ids),
            is_ours_first=is_paid_out and len(self._tbc_preferred_line()) != 1,
        )

    def _compute_payment_method_line_id(self):
        """Where the preferred journal gave way to another currency's, pay as with it.

        Without a preference, pay by TBC Transfer whom we trust.
        """
        before = {wizard: wizard.payment_method_line_id for wizard in self}
        result = super()._compute_payment_method_line_id()
        for wizard in self.filtered(lambda w: w.payment_method_line_id != before[w]):
            wizard.payment_method_line_id = (
                wizard._tbc_line_as_preferred()
                or wizard._tbc_line_for_trusted()
                or wizard.payment_method_line_id
            )
        return result

    def _tbc_preferred_line(self):
        return self.line_ids.move_id.preferred_payment_method_line_id

    def _tbc_line_as_preferred(self):
        """The journal's line of the method that is preferred in another one of ours."""
        preferred = self._tbc_preferred_line()
        journals = preferred.journal_id | self.journal_id
        if len(preferred) != 1 or len(journals) != 2 or not all(map(is_ours, journals)):
            return preferred.browse()
        lines = self.journal_id._get_available_payment_method_lines(self.payment_type)
        return lines.filtered(
            lambda line: line.payment_method_id == preferred.payment_method_id
        )[:1]

    def _tbc_line_for_trusted(self):
        """TBC Transfer, where a recipient's account is trusted: Odoo names the others."""
        lines = self.env["account.payment.method.line"]
        if not self.journal_id or self._tbc_preferred_line():
            return lines
        accounts = map(self._get_batch_account, self.batches)
        if self.payment_type != "outbound" or not any(
            account.allow_out_payment for account in accounts
        ):
            return lines
        return paying.transfer_line(self.journal_id, self.payment_type)

    # === PREPARED AT ONCE === #

    @api.depends("payment_method_line_id", "is_register_payment_on_draft")
    def _compute_tbc_may_prepare(self):
        for wizard in self:
            wizard.tbc_may_prepare = (
                wizard.payment_method_line_id.code == TBC_TRANSFER
                and not wizard.is_register_payment_on_draft
                and paying.may_prepare(wizard.env)
            )

    @api.depends("tbc_may_prepare")
    def _compute_tbc_prepare(self):
        for wizard in self:
            wizard.tbc_prepare = wizard.tbc_may_prepare

    @api.depends("total_payments_amount", "payment_date", "tbc_may_prepare")
    def _compute_tbc_batch_name(self):
        for wizard in self:
            goes_together = wizard.tbc_may_prepare and wizard.total_payments_amount > 1
            wizard.tbc_batch_name = goes_together and paying.batch_name(
                wizard.env, wizard.payment_date
            )

    @api.depends("tbc_may_prepare", "journal_id", "amount", "currency_id")
    def _compute_tbc_warning(self):
        for wizard in self:
            wizard.tbc_warning = wizard.tbc_may_prepare and paying.limit_warning(wizard)

    def action_create_payments(self):
        """Prepare the transfers of the payments with them: all of it, or nothing."""
        only_one(self)
        if not (self.tbc_prepare and self.tbc_may_prepare):
            return super().action_create_payments()
        bills = self.line_ids.move_id
        before = bills.matched_payment_ids
        result = super().action_create_payments()
        sentence, kind = paying.prepare_at_once(
            bills.matched_payment_ids - before, self.tbc_batch_name
        )
        after = _with_views(result) if isinstance(result, dict) else None
        return notice(self.env, sentence, kind=kind, after=after)


def _with_views(action):
    """What Odoo shows of the payments made; the web client wants the views named."""
    modes = action.get("view_mode", "list,form").split(",")
    return {"views": [(False, mode) for mode in modes], **action}
