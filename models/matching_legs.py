"""Own transfers and conversions: both legs meet on Odoo's transfer account."""

from collections import defaultdict
from functools import partial

from ..tbc import TransferType
from .matching_step import Case, Step
from .settlement import Settlement
from .tbc_transfer import CLOSED


class Legs(Step):
    """Two movements of one operation, or of two of our accounts that name each other."""

    def cases(self, lines):
        if not self.transfer_account:
            return []
        ordered = self.ordered(lines)
        own = [
            line
            for line in lines
            if not line.parent_id
            # An order's debit leg is its payment's.
            and not (line.cents < 0 and line.payment_id in ordered)
        ]
        pairs = _unique_pairs(own, lambda line: line.operation_id)
        rest = _without(own, pairs)
        between = [line for line in rest if line.is_between_own_accounts]
        pairs += _unique_pairs(between, _route)
        return [
            Case((debit.line_id, credit.line_id), partial(self._meet, debit, credit))
            for debit, credit in pairs
        ] + self._legs_of_orders(_without(own, pairs))

    def _meet(self, debit_leg, credit_leg):
        found = self.still_unmatched(debit_leg.line_id, credit_leg.line_id)
        if not found:
            return []
        debit, credit = found
        currency, amount = self._common_currency(debit, credit)
        return [
            Settlement(
                line=line,
                other_leg=other if line == debit else None,
                account=self.transfer_account,
                currency=currency,
                amount_currency=sign * amount,
                note=self._note(line, other),
            )
            for line, other, sign in ((debit, credit, 1), (credit, debit, -1))
        ]

    def _note(self, line, other):
        place = other.tbc_account_id.display_name
        if line.currency_id == other.currency_id:
            return self.env._(
                "Own transfer: its other leg is on %(account)s.", account=place
            )
        return self.env._("Conversion: its other leg is on %(account)s.", account=place)

    def _common_currency(self, debit, credit):
        """The currency in which both legs meet, and the amount; ``None`` for their own.

        With the company's currency on one side its amount is the value of both. Else
        what left is what arrived, and Odoo books the difference of its rates.
        """
        company_currency = self.company.currency_id
        if debit.currency_id == credit.currency_id:
            return None, 0.0
        if company_currency not in (debit.currency_id, credit.currency_id):
            return debit.currency_id, -debit.amount
        foreign, own = debit, credit
        if debit.currency_id == company_currency:
            foreign, own = credit, debit
        if foreign.foreign_currency_id != company_currency or (
            company_currency.compare_amounts(foreign.amount_currency, -own.amount)
        ):
            foreign.write(
                {
                    "foreign_currency_id": company_currency.id,
                    "amount_currency": -own.amount,
                }
            )
        return None, 0.0

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
                ("company_id", "=", self.company.id),
            ]
        )
        return [
            Case((line.line_id,), partial(self._meet_order, line, order))
            for order in orders
            if (line := credits[order.bank_transfer_id])
            and line.account_id != order.account_id.id
        ]

    def _meet_order(self, leg, order):
        payment = order.payment_id
        item = payment.move_id.line_ids.filtered(
            lambda one: one.account_id == self.transfer_account and not one.reconciled
        )
        found = self.still_unmatched(leg.line_id)
        if not found or len(item) != 1 or not order.is_matched:
            return []
        converted = item.currency_id != found[0].currency_id
        return [
            Settlement(
                line=found[0],
                account=self.transfer_account,
                items=item,
                currency=item.currency_id if converted else None,
                amount_currency=-item.amount_residual_currency,
                note=self.env._(
                    "Own transfer: its other leg is payment %(payment)s.",
                    payment=payment.display_name,
                ),
            )
        ]


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
