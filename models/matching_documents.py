"""Open invoices and bills, and who the other side is."""

from functools import partial

from ..tbc import BankLine, plan_payments
from .matching_returns import Returns
from .matching_step import Case, Step
from .settlement import Settlement
from .unmatched import open_items, rival_lines


class Partners(Step):
    """Names the partner who was not known yet when the line came in."""

    def cases(self, lines):
        unnamed = {
            line.line_id: (line.tax_code, line.counterparty_iban)
            for line in lines
            if not line.partner_id
        }
        found = self.accounts[:1]._find_partners(unnamed) if unnamed else {}
        return [
            Case((line_id,), partial(self._name, line_id, partner_id))
            for line_id, partner_id in found.items()
        ]

    def _name(self, line_id, partner_id):
        for line in self.still_unmatched(line_id):
            line.partner_id = partner_id
        return []


class Documents(Step):
    """Open invoices and bills that are surely paid by one line."""

    def cases(self, lines):
        returning = Returns(self.company).returning(lines)
        doubtful, ordered = self._amounts_in_doubt(), self.ordered(lines)
        bank_lines = [
            BankLine(
                line_id=line.line_id,
                partner_id=line.partner_id,
                currency=line.currency,
                cents=line.cents,
                day=line.day,
                purpose=line.purpose,
            )
            for line in lines
            if not line.parent_id
            and not line.is_between_own_accounts
            and not line.is_another_s
            and line.line_id not in returning
            and line.payment_id not in ordered
            and (line.account_id, line.cents) not in doubtful
        ]
        bank_lines += rival_lines(self.company, {line.line_id for line in lines})
        return [
            Case((payment.line.line_id,), partial(self._pay, payment))
            for payment in plan_payments(bank_lines, open_items(self.company))
        ]

    def _amounts_in_doubt(self):
        """``(account id, cents)`` of orders that the bank may have executed unseen."""
        orders = self.env["tbc.transfer"].search(
            [
                ("account_id", "in", self.accounts.ids),
                ("state", "in", ("sending", "unknown")),
            ]
        )
        return {(order.account_id.id, -round(order.amount * 100)) for order in orders}

    def _pay(self, payment):
        found = self.still_unmatched(payment.line.line_id)
        items = self.env["account.move.line"].browse(
            item.item_id for item in payment.items
        )
        if not found or any(items.mapped("reconciled")):
            return []
        residuals = [round(one.amount_residual_currency * 100) for one in items]
        if not payment.named and residuals != [one.cents for one in payment.items]:
            return []
        [line] = found
        _liquidity, suspense, _others = line._seek_for_lines()
        # A conversion's line is in the other currency; what it pays is not.
        converted = suspense.currency_id != items.currency_id
        return [
            Settlement(
                line=line,
                account=items.account_id,
                partner=items.partner_id[:1],
                items=items,
                in_full=sum(residuals) == payment.line.cents,
                currency=items.currency_id if converted else None,
                amount_currency=-line.amount,
                note=self._note(payment, items),
            )
        ]

    def _note(self, payment, items):
        names = ", ".join(items.move_id.mapped("name"))
        if payment.named:
            return self.env._(
                "Matched with %(names)s, named in the purpose.", names=names
            )
        return self.env._(
            "Matched with %(names)s, the only one open of exactly this amount.",
            names=names,
        )
