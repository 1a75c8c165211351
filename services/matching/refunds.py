"""Returned transfers and refunds: what brings back exactly what an earlier one took."""

from functools import partial

from ..calls import CAME_BACK
from ..chatter import write_note
from ..counterpart import Counterpart
from ..transfers.remind import remind_preparer
from .matcher import Match, Matcher, title


class RefundMatcher(Matcher):
    """Movements that surely return another one of their account, see ``Returns``."""

    def find(self):
        returns = self.matching_pass.returns.certain(self.lines)
        return [
            Match((line_id,), partial(self._take_back, original_id))
            for line_id, original_id in returns.items()
        ]

    def _take_back(self, original_id, line):
        original = self.records.browse(original_id)
        note = self.env._("Returns %(line)s.", line=title(original))
        if not original.is_reconciled:
            return self._cancel_out(line, original, note)
        target = self._paid_item(original)
        if not target:
            return []
        reconcilable = target.account_id.reconcile
        reopened = self._reopened(target) if reconcilable else None
        if reopened:
            self._tell(original, reopened, note)
        return [
            Counterpart(
                line=line,
                account=target.account_id,
                partner=target.partner_id,
                items=target if reconcilable else None,
                reopened=target if reconcilable else None,
                parent=original,
                note=note,
            )
        ]

    def _cancel_out(self, line, original, note):
        """Neither is anything else: both meet on the transfer account."""
        account = self.transfer_account(line.company_id.id)
        if original.tbc_match_undone or not account:
            return []
        returned = self.env._("Returned by %(line)s.", line=title(line))
        return [
            Counterpart(
                line=line,
                other_leg=original,
                account=account,
                parent=original,
                note=note,
            ),
            Counterpart(line=original, account=account, note=returned),
        ]

    def _paid_item(self, original):
        """The item that stands for what the original paid; empty where it is not one."""
        _liquidity, suspense, others = original._seek_for_lines()
        if suspense or len(others) != 1:
            return None
        order = self._order(original)
        if not order:
            return others
        _waiting, counterpart, write_off = order.payment_id._seek_for_lines()
        return None if write_off or len(counterpart) != 1 else counterpart

    def _order(self, original):
        """The transfer order that ``original`` executed."""
        if not original.tbc_payment_id:
            return self.env["tbc.transfer"]
        orders = self.env["tbc.transfer"].search(
            [
                ("account_id", "=", original.tbc_account_id.id),
                ("bank_transfer_id", "=", original.tbc_payment_id),
            ]
        )
        return orders.filtered(
            lambda one: original in one.payment_id.reconciled_statement_line_ids
        )

    def _reopened(self, target):
        """The invoices and bills that are open again without ``target``."""
        partials = target.matched_debit_ids | target.matched_credit_ids
        items = partials.debit_move_id | partials.credit_move_id
        return items.move_id.filtered(
            lambda move: move.is_invoice(include_receipts=True)
        )

    def _tell(self, original, reopened, note):
        sentence = self.env._(
            "TBC Bank returned the money of %(line)s, so this is open again.",
            line=title(original),
        )
        write_note(reopened, sentence)
        order = self._order(original)
        if order:
            write_note(order, sentence)
            remind_preparer(order, f"{note} {sentence}", CAME_BACK)
