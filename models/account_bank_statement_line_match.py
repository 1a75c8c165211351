from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.chatter import write_notes
from .settlement import Settlement


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    tbc_parent_line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Belongs To",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The operation of which this is the fee, or which it returns.",
    )

    tbc_match_problem = fields.Char(
        string="Not Matched Because",
        readonly=True,
        copy=False,
        help="What Odoo said when this line was to be matched, which is tried again a"
        " day later; or what is not certain about it.",
    )
    tbc_match_refused_at = fields.Datetime(readonly=True, copy=False)
    tbc_match_by_amount = fields.Boolean(
        string="Matched by Its Amount Alone",
        readonly=True,
        copy=False,
        help="Nothing but the exact amount said what this line pays.",
    )

    # === MATCHING === #

    def _tbc_is_fee(self):
        """Whether the bank says that this is the fee of another operation."""
        return bool(self.tbc_parent_operation_id) and self.amount < 0

    def _tbc_is_return(self):
        """Whether this brings back exactly what its parent took, and is no fee of it."""
        parent = self.tbc_parent_line_id
        return bool(parent) and not self.currency_id.compare_amounts(
            self.amount, -parent.amount
        )

    def _tbc_match_payments(self, payments, note=None):
        """Match each of these lines with the payment at its place in ``payments``.

        :param note: why, where it is not the bank's payment id
        :raise UserError: Odoo refuses one of them.
        """
        settlements = []
        for line, payment in zip(self, payments, strict=True):
            suspense = line._tbc_suspense_item()
            waiting, _counterpart, _write_off = payment._seek_for_lines()
            if len(waiting) != 1:
                raise UserError(self._tbc_changed_sentence())
            # A conversion's line is in the other currency; the payment never is.
            converted = suspense.currency_id != waiting.currency_id
            settlements.append(
                Settlement(
                    line=line,
                    account=waiting.account_id,
                    partner=payment.partner_id,
                    items=waiting,
                    currency=waiting.currency_id if converted else None,
                    amount_currency=-waiting.amount_currency,
                    note=note
                    or self.env._(
                        "Matched with payment %(payment)s by the bank's payment ID"
                        " %(payment_id)s.",
                        payment=payment.display_name,
                        payment_id=line.tbc_payment_id,
                    ),
                )
            )
        self._tbc_settle(settlements)

    @api.model
    def _tbc_settle(self, settlements):
        """Do what ``settlements`` say, all or nothing; Odoo's own undo takes it back.

        :param list settlements: of :class:`.settlement.Settlement`
        :raise UserError: Odoo refuses one of them.
        """
        moved = defaultdict(list)
        for settlement in settlements:
            if settlement.reopened:
                settlement.reopened.remove_move_reconcile()
            if settlement.tax:
                settlement.line._tbc_split_tax(settlement)
                continue
            suspense = settlement.line._tbc_suspense_item()
            vals = self._tbc_prepare_item_vals(settlement, suspense)
            moved[tuple(vals.items())].append(suspense.id)
        items = {
            settlement.line: settlement.line._tbc_suspense_item()
            for settlement in settlements
            if not settlement.tax
        }
        for vals, ids in moved.items():
            self.env["account.move.line"].browse(ids).write(dict(vals))
        self._tbc_reconcile(settlements, items)
        self._tbc_explain(settlements)

    def _tbc_suspense_item(self):
        """The item that stands for what is not matched yet.

        It may be on an account that was the journal's suspense account when the line
        came in. Odoo finds out anew whether a line is reconciled as soon as an item of
        it changes its account: while it says no, nobody has moved the item.
        """
        _liquidity, suspense, others = self._seek_for_lines()
        if not suspense and len(others) == 1 and not self.is_reconciled:
            return others
        if len(suspense) != 1 or others:
            raise UserError(
                self.env._(
                    "The counterpart of %(entry)s is on %(accounts)s, not on the"
                    " journal's suspense account %(suspense)s alone. Put it there, or"
                    " match the line by hand.",
                    entry=self.move_id.display_name,
                    accounts=", ".join(others.account_id.mapped("display_name")) or "–",
                    suspense=self.journal_id.suspense_account_id.display_name,
                )
            )
        return suspense

    def _tbc_changed_sentence(self):
        return self.env._("One of the two entries was changed by hand.")

    def _tbc_prepare_item_vals(self, settlement, suspense):
        self._tbc_check_account(settlement)
        vals = {"account_id": settlement.account.id}
        if settlement.partner:
            vals["partner_id"] = settlement.partner.id
        if settlement.currency:
            # Without its balance Odoo would make another one of the amount.
            vals["currency_id"] = settlement.currency.id
            vals["amount_currency"] = settlement.amount_currency
            vals["balance"] = suspense.balance
        return vals

    def _tbc_check_account(self, settlement):
        """A branch's own account holds nothing of its parent's."""
        company = settlement.line.company_id
        if not settlement.account.company_ids & company.sudo().parent_ids:
            raise UserError(
                self.env._(
                    "%(account)s belongs to %(owner)s alone, and this line to"
                    " %(company)s: match it by hand.",
                    account=settlement.account.display_name,
                    owner=settlement.account.company_ids[:1].name,
                    company=company.name,
                )
            )

    def _tbc_reconcile(self, settlements, items):
        plan, own = [], self.env["account.move.line"]
        for settlement in settlements:
            counterparts = settlement.items
            if settlement.other_leg:
                counterparts = items[settlement.other_leg]
            if counterparts:
                own |= items[settlement.line]
                plan.append(items[settlement.line] + counterparts)
        if not plan:
            return
        self.env["account.move.line"]._reconcile_plan(plan)
        in_full = [one.items for one in settlements if one.items and one.in_full]
        in_full = self.env["account.move.line"].union(*in_full)
        if not all((own | in_full).mapped("reconciled")):
            # Whatever is left of a line would be out of sight, on another account.
            raise UserError(self.env._("The amounts do not balance each other."))

    def _tbc_explain(self, settlements):
        for settlement in settlements:
            settlement.line.write(
                {
                    "tbc_match_note": settlement.note,
                    "tbc_match_by_amount": settlement.by_amount,
                    "tbc_match_problem": False,
                    "tbc_match_refused_at": False,
                    "tbc_parent_line_id": settlement.parent.id
                    if settlement.parent
                    else False,
                }
            )
        moves = self.union(*(one.line for one in settlements)).move_id
        write_notes(moves, {one.line.move_id.id: one.note for one in settlements})

    def _tbc_split_tax(self, settlement):
        """Book the amount with the tax that it includes, in place of the suspense."""
        suspense = self._tbc_suspense_item()
        if not settlement.tax.active:
            raise UserError(
                self.env._(
                    "%(tax)s is archived: choose another tax for the rule.",
                    tax=settlement.tax.name,
                )
            )
        if settlement.tax.tax_exigibility == "on_payment":
            raise UserError(
                self.env._(
                    "%(tax)s is due when an invoice is paid: it fits no bank line.",
                    tax=settlement.tax.name,
                )
            )
        tax = settlement.tax.with_context(force_price_include=True)
        figures = tax.compute_all(
            suspense.amount_currency,
            currency=suspense.currency_id,
            partner=settlement.partner or None,
            handle_price_include=True,
        )
        share = suspense.balance / suspense.amount_currency
        company_currency = suspense.company_currency_id
        taxes = [
            {
                "name": one["name"],
                "account_id": one["account_id"] or settlement.account.id,
                "tax_repartition_line_id": one["tax_repartition_line_id"],
                "tax_tag_ids": [(6, 0, one["tag_ids"])],
                "amount_currency": one["amount"],
                "balance": company_currency.round(one["amount"] * share),
            }
            for one in figures["taxes"]
        ]
        base = {
            "name": suspense.name,
            "account_id": settlement.account.id,
            "tax_ids": [(6, 0, settlement.tax.ids)],
            "tax_tag_ids": [(6, 0, figures["base_tags"])],
            "amount_currency": suspense.amount_currency
            - sum(one["amount_currency"] for one in taxes),
            "balance": suspense.balance - sum(one["balance"] for one in taxes),
        }
        partner = settlement.partner or self.partner_id
        alike = {"currency_id": suspense.currency_id.id, "partner_id": partner.id}
        self.move_id.with_context(
            force_delete=True, skip_readonly_check=True, skip_invoice_sync=True
        ).write(
            {
                "line_ids": [
                    (2, suspense.id),
                    *((0, 0, {**alike, **vals}) for vals in (base, *taxes)),
                ]
            }
        )

    # === UNDOING === #

    def action_undo_reconciliation(self):
        """What was matched without anybody and is undone by somebody stays undone.

        But for our own orders, which the bank's payment id tells beyond doubt. Both legs
        of an own transfer are undone together, and so are a return and what it returned:
        one alone would leave its money out of sight on another account.
        """
        lines = self | self._tbc_other_legs() | self._tbc_returns()
        matched = lines.filtered("tbc_match_note")
        matched._tbc_part_netted()
        result = super(AccountBankStatementLine, lines).action_undo_reconciliation()
        vals = {
            "tbc_match_note": False,
            "tbc_match_by_amount": False,
            "tbc_match_problem": False,
            "tbc_parent_line_id": False,
        }
        of_orders = matched._tbc_of_orders()
        of_orders.sudo().write(vals)
        (matched - of_orders).sudo().write({**vals, "tbc_match_undone": True})
        return result

    def _tbc_part_netted(self):
        """Part the credit notes from the invoices that they were matched with by us.

        Odoo parts what hangs on the line itself. Both were matched at one moment.
        """
        for line in self:
            items = line.line_ids
            own = items.matched_debit_ids | items.matched_credit_ids
            group = items.full_reconcile_id.reconciled_line_ids
            others = (group.matched_debit_ids | group.matched_credit_ids) - own
            moments = set(own.mapped("create_date"))
            others.filtered(
                lambda one, moments=moments: (
                    one.create_date in moments
                    and one.debit_move_id.move_id.is_invoice(include_receipts=True)
                    and one.credit_move_id.move_id.is_invoice(include_receipts=True)
                )
            ).unlink()

    def _tbc_of_orders(self):
        """Those of these lines that executed an order of ours."""
        orders_sudo = self.env["tbc.transfer"].sudo()
        # An order that has no ID of the bank yet is not that of a line without one.
        payment_ids = self.filtered("tbc_payment_id").mapped("tbc_payment_id")
        orders_sudo = orders_sudo.search([("bank_transfer_id", "in", payment_ids)])
        known = set(orders_sudo.mapped("bank_transfer_id"))
        return self.filtered(lambda line: line.tbc_payment_id in known)

    def _tbc_returns(self):
        """What returns these lines, and what they return, as far as we matched it."""
        returns = self.sudo().search(
            [("tbc_parent_line_id", "in", self.ids), ("tbc_match_note", "!=", False)]
        )
        lines = (self | returns).filtered(
            lambda line: line.tbc_match_note and line._tbc_is_return()
        )
        originals = lines.tbc_parent_line_id.filtered(
            lambda line: line.tbc_match_note and not line.tbc_payment_id
        )
        return (lines | originals).with_env(self.env) - self

    def _tbc_other_legs(self):
        """The lines that were settled by transfer with these, by us."""
        own = self.filtered("tbc_match_note")
        # Where the legs are of two companies, they meet on their parent's.
        transfer = own.company_id.sudo().parent_ids.transfer_account_id
        items = own.line_ids.filtered(lambda item: item.account_id in transfer)
        partials = items.matched_debit_ids | items.matched_credit_ids
        others = partials.debit_move_id | partials.credit_move_id
        return others.statement_line_id.filtered("tbc_match_note") - self

    def action_tbc_match_again(self):
        """Let these lines be matched without anybody again."""
        self.check_access("write")
        self.sudo().write({"tbc_match_undone": False, "tbc_match_refused_at": False})
        self.env.ref("account_tbc_bank.ir_cron_match").sudo()._trigger()
