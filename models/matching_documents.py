"""Open invoices and bills, and who the other side is."""

from functools import partial

from ..bookkeeping import BankLine, plan_payments
from ..services.partners import may_stand_on_line
from .matching_doubt import Differences
from .matching_returns import Returns
from .matching_step import Case, Step
from .settlement import Settlement
from .unmatched import open_items, rival_lines


class Partners(Step):
    """Names the partner who was not known yet when the line came in."""

    def cases(self, lines):
        partners = self.env["res.partner"]
        return [
            Case((line.line_id,), partial(self._title, line.line_id, partner))
            for line in lines
            if line.partner_id
            and not line.has_partner
            and may_stand_on_line(
                partner := partners.browse(line.partner_id),
                self.companies.browse(line.company_id),
            )
        ]

    def _title(self, line_id, partner):
        for line in self.still_unmatched(line_id):
            line.partner_id = partner
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
        bank_lines += rival_lines(self.companies, {line.line_id for line in lines})
        payments = plan_payments(bank_lines, open_items(self.companies))
        self._tell_contradictions(lines)
        return [
            Case((payment.line.line_id,), partial(self._pay, payment))
            for payment in self._certain(payments, lines)
        ]

    def _certain(self, payments, lines):
        """Those of ``payments`` that no difference between books and bank puts in doubt.

        Where they differ, an amount alone says nothing: the bank may have issued a
        transaction anew. What has its very words is doubled, whatever these name.
        """
        differences = Differences(self.accounts)
        by_id = {line.line_id: line for line in lines}
        certain = []
        for payment in payments:
            line = by_id[payment.line.line_id]
            doubt = differences.doubled(line)
            if not payment.named:
                doubt = doubt or differences.of(line)
            if doubt:
                self.reasons[line.line_id] = self._doubt_sentence(payment, doubt)
            else:
                certain.append(payment)
        return certain

    def _doubt_sentence(self, payment, difference):
        items = self.env["account.move.line"].browse(
            item.item_id for item in payment.items
        )
        return self.env._(
            "It would fit %(names)s, but the books and the bank differ (%(difference)s):"
            " it may be a transaction that is there already.",
            names=", ".join(items.move_id.mapped("name")),
            difference=difference.display_name,
        )

    def _tell_contradictions(self, lines):
        partners = self.env["res.partner"]
        for line in lines:
            if line.is_another_s:
                self.reasons[line.line_id] = self.env._(
                    "The bank tells the tax code %(told)s, and %(partner)s has %(known)s:"
                    " one of the two is wrong.",
                    told=line.tax_code,
                    partner=partners.browse(line.partner_id).display_name,
                    known=line.partner_vat,
                )

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
        # A conversion's line is in the other currency; what it pays is not.
        converted = line._tbc_suspense_item().currency_id != items.currency_id
        return [
            Settlement(
                line=line,
                account=items.account_id,
                partner=items.partner_id[:1],
                items=items,
                in_full=sum(residuals) == payment.line.cents,
                currency=items.currency_id if converted else None,
                amount_currency=-line.amount,
                by_amount=not payment.named,
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
