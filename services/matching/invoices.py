"""Open invoices and bills that are surely paid by one line."""

from functools import partial

from odoo.tools.misc import split_every

from ...bookkeeping import BankLine, plan_payments
from ..counterpart import Counterpart, suspense_item
from .candidates import rival_lines
from .doubt import Differences
from .matcher import CHUNK, Match, Matcher


class InvoiceMatcher(Matcher):
    """Open invoices and bills that are surely paid by one line."""

    def find(self):
        planned = {line.line_id for line in self.lines}
        bank_lines = [*map(_bank_line, self._lines_without_better())]
        bank_lines += rival_lines(self.companies, planned)
        payments = plan_payments(bank_lines, self.matching_pass.open_items)
        self._tell_contradictions()
        matches = []
        for some in split_every(CHUNK, self._certain(payments), list):
            # What is read of one is read of those that are booked with it.
            together = [item.item_id for payment in some for item in payment.items]
            matches += [
                Match((payment.line.line_id,), partial(self._pay, payment, together))
                for payment in some
            ]
        return matches

    def _lines_without_better(self):
        """Without what is no payment of an invoice, or may be an order's or a return."""
        returning = self.matching_pass.returns.certain(self.lines)
        doubtful = self._amounts_in_doubt()
        return [
            line
            for line in self.lines
            if not line.parent_id
            and not line.is_between_own_accounts
            and not line.is_another_s
            and line.line_id not in returning
            and line.payment_id not in self.matching_pass.ordered
            and (line.account_id, line.cents) not in doubtful
        ]

    def _certain(self, payments):
        """Those of ``payments`` that no difference between books and bank puts in doubt.

        Where they differ, an amount alone says nothing: the bank may have issued a
        transaction anew. What has its very words is doubled, whatever these name.
        """
        if not payments:
            return []
        differences = Differences(self.accounts)
        by_id = {line.line_id: line for line in self.lines}
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

    def _tell_contradictions(self):
        partners = self.env["res.partner"]
        for line in self.lines:
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

    def _pay(self, payment, together, line):
        items = self.env["account.move.line"].browse(
            item.item_id for item in payment.items
        )
        items = items.with_prefetch(together)
        if any(items.mapped("reconciled")):
            return []
        residuals = [round(one.amount_residual_currency * 100) for one in items]
        if not payment.named and residuals != [one.cents for one in payment.items]:
            return []
        # A conversion's line is in the other currency; what it pays is not.
        converted = suspense_item(line).currency_id != items.currency_id
        return [
            Counterpart(
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


def _bank_line(line):
    names = ("line_id", "partner_id", "currency", "cents", "day", "purpose")
    return BankLine(**{name: getattr(line, name) for name in names})
