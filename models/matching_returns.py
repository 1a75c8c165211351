"""Returned transfers and refunds: what brings back exactly what an earlier one took."""

import re
from collections import defaultdict
from functools import partial

from ..services.calls import CAME_BACK
from ..services.chatter import write_note
from .matching_step import Case, Step, title
from .settlement import Settlement

# The bank's ids of operations have eleven digits or so.
_OPERATION_ID = re.compile(r"(?<!\d)0*([1-9]\d{7,19})(?!\d)")


class Returns(Step):
    """Movements that surely return another one of their account.

    The bank names it as parent operation, or both have the id of one transfer order, or
    the purpose names the operation; the amount is exact and the direction the other one.
    """

    def cases(self, lines):
        named = {line.line_id: _named_operations(line) for line in lines}
        by_name = self._originals(lines, named)
        taken = self._returned_already(by_name)
        free = {line.line_id for line in lines}
        returns = defaultdict(list)
        for line in lines:
            names = {(line.account_id, "operation", one) for one in named[line.line_id]}
            if line.payment_id:
                names.add((line.account_id, "payment", line.payment_id))
            originals = {
                one
                for name in names
                for one in by_name[name]
                if one not in taken
                and _is_opposite(one, line)
                # What waits for its order, or is gone at the bank, is left alone.
                and (one.is_reconciled or one.id in free)
            }
            if len(originals) == 1:
                returns[originals.pop()].append(line)
        return [
            Case((rivals[0].line_id,), partial(self._take_back, rivals[0], original))
            for original, rivals in returns.items()
            if len(rivals) == 1
        ]

    def returning(self, lines):
        """The ids of those of ``lines`` that return another one: no other step's."""
        return {line_id for case in self.cases(lines) for line_id in case.line_ids}

    def _originals(self, lines, named):
        """``{(account id, kind, id): [line]}`` of all that could be returned."""
        operations = set().union(*named.values())
        payments = {line.payment_id for line in lines if line.payment_id}
        found = self.lines.search_fetch(
            [
                ("tbc_account_id", "in", self.accounts.ids),
                "|",
                ("tbc_operation_id", "in", list(operations)),
                ("tbc_payment_id", "in", list(payments)),
            ],
            [
                "amount",
                "is_reconciled",
                "tbc_account_id",
                "tbc_day",
                "tbc_operation_id",
                "tbc_payment_id",
            ],
        )
        by_name = defaultdict(list)
        for one in found:
            account_id = one.tbc_account_id.id
            by_name[account_id, "operation", one.tbc_operation_id].append(one)
            if one.amount < 0:
                by_name[account_id, "payment", one.tbc_payment_id].append(one)
        return by_name

    def _returned_already(self, by_name):
        originals = self.lines.union(
            *(one for some in by_name.values() for one in some)
        )
        children = self.lines.search(
            [
                ("tbc_parent_line_id", "in", originals.ids),
                ("is_reconciled", "=", True),
            ]
        )
        return children.filtered(lambda one: one._tbc_is_return()).tbc_parent_line_id

    def _take_back(self, unmatched, original):
        found = self.still_unmatched(unmatched.line_id)
        if not found:
            return []
        [line] = found
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
            Settlement(
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
        return [
            Settlement(
                line=line,
                other_leg=original,
                account=account,
                parent=original,
                note=note,
            ),
            Settlement(
                line=original,
                account=account,
                note=self.env._("Returned by %(line)s.", line=title(line)),
            ),
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
            order._tell(sentence)
            order._call_preparer(
                self.env._("TBC Bank: a transfer came back"),
                f"{note} {sentence}",
                CAME_BACK,
            )


def _named_operations(line):
    if line.is_between_own_accounts:
        return set()
    if line.parent_id:
        return {line.parent_id}
    return set(_OPERATION_ID.findall(line.purpose))


def _is_opposite(original, line):
    day = original.tbc_day or original.date
    return (
        original.id != line.line_id
        and round(original.amount * 100) == -line.cents
        and day <= line.day
    )
