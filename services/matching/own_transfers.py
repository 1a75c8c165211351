"""Own transfers and conversions: both legs meet on Odoo's transfer account."""

from collections import defaultdict
from functools import partial

from ...tbc import TransferType
from ..counterpart import Counterpart
from ..transfers.states import CLOSED
from .legs import both_legs, own_worth
from .matcher import Match, Matcher


class OwnTransferMatcher(Matcher):
    """Two movements of one operation, or of two of our accounts that name each other."""

    def find(self):
        own = [line for line in self.lines if self._may_be_leg(line)]
        pairs = _unique_pairs(own, lambda line: line.operation_id)
        rest = _without(own, pairs)
        between = [line for line in rest if line.is_between_own_accounts]
        pairs += _unique_pairs(between, _route)
        return [
            Match(
                (debit.line_id, credit.line_id),
                partial(self._meet, account),
            )
            for debit, credit in pairs
            if (account := self.transfer_account(debit.company_id, credit.company_id))
        ] + self._legs_of_orders(_without(own, pairs))

    def _may_be_leg(self, line):
        return (
            not line.parent_id
            and line.line_id not in self.matching_pass.resembled
            # An order's debit leg is its payment's.
            and not (line.cents < 0 and line.payment_id in self.matching_pass.ordered)
        )

    def _meet(self, account, lines):
        debit, credit = lines
        notes = {line: self._note(line, other) for line, other in (lines, lines[::-1])}
        return both_legs(debit, credit, account, notes)

    def _note(self, line, other):
        place = other.tbc_account_id.display_name
        if line.currency_id == other.currency_id:
            return self.env._(
                "Own transfer: its other leg is on %(account)s.", account=place
            )
        return self.env._("Conversion: its other leg is on %(account)s.", account=place)

    # === LEGS OF OUR OWN ORDERS === #

    def _legs_of_orders(self, lines):
        """The credit leg of an own transfer whose debit leg is an order's payment."""
        credits = {
            line.payment_id: line
            for line in lines
            if line.payment_id and line.cents > 0
        }
        orders = self.env["tbc.transfer"].search(
            [
                ("bank_transfer_id", "in", list(credits)),
                ("transfer_type", "=", TransferType.OWN),
                ("state", "not in", list(CLOSED)),
                ("account_id", "in", self.accounts.ids),
            ]
        )
        return [
            Match((line.line_id,), partial(self._meet_order, order))
            for order in orders
            if (line := credits[order.bank_transfer_id])
            and line.account_id != order.account_id.id
        ]

    def _meet_order(self, order, line):
        item = self._item_on_the_way(order)
        if len(item) != 1 or not order.is_matched:
            return []
        return [
            Counterpart(
                line=line,
                account=item.account_id,
                items=item,
                note=self.env._(
                    "Own transfer: its other leg is payment %(payment)s.",
                    payment=order.payment_id.display_name,
                ),
                **own_worth(line, item.currency_id, item.amount_residual_currency),
            )
        ]

    def _item_on_the_way(self, order):
        return order.payment_id.move_id.line_ids.filtered(
            lambda one: (
                one.account_id in self.companies.transfer_account_id
                and not one.reconciled
            )
        )


def _unique_pairs(lines, key):
    """``(debit, credit)`` of two accounts that alone have a key in common."""
    by_key = defaultdict(lambda: ([], []))
    for line in lines:
        by_key[key(line)][line.cents > 0].append(line)
    pairs = []
    for name, (debits, credits) in by_key.items():
        if name is None or len(debits) != 1 or len(credits) != 1:
            continue
        [debit], [credit] = debits, credits
        same_currency = debit.currency == credit.currency
        balanced = not same_currency or debit.cents + credit.cents == 0
        if debit.account_id != credit.account_id and balanced:
            pairs.append((debit, credit))
    return pairs


def _route(line):
    """From where to where, when and how much: the same seen from both ends."""
    if not line.counterparty_iban:
        return None
    ends = (line.iban, line.counterparty_iban)
    ends = ends if line.cents < 0 else ends[::-1]
    return (*ends, line.currency, line.day, abs(line.cents))


def _without(lines, pairs):
    paired = {line.line_id for pair in pairs for line in pair}
    return [line for line in lines if line.line_id not in paired]
