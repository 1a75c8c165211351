"""The count at the end of a proof: what the bank has, what Odoo says, what was booked."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from fake_tbc.order import CANCELLED, DELETED, ERROR, FAILED, FINISHED

_ENDS = {
    FINISHED: "done",
    FAILED: "failed",
    CANCELLED: "cancelled",
    DELETED: "cancelled",
}
# Where the bank's "Error" leaves an order: it may be executed yet.
_UNDER_WAY = ("submitted", "to_sign", "in_progress")
# What becomes of the payment of an order in each state that it may end in.
_PAYMENTS = {
    **dict.fromkeys(_UNDER_WAY, "in_process"),
    "done": "paid",
    "failed": "rejected",
    "cancelled": "rejected",
    "refused": "rejected",
    "unknown": "in_process",
}


@dataclass(slots=True, kw_only=True)
class Evidence:
    """What both sides hold.

    - ``orders``: Odoo's, see ``TransferWork.orders``; ``payments``: ids of the payments
      that were to be initiated;
    - ``bank``, ``iban``: the fake bank and the account that paid; ``witness``: of it;
    - ``states``: currency → what Odoo holds of the account, see ``ReadingWork.state``;
    - ``mishaps``: what workers ended with, and should not have.
    """

    orders: list
    payments: object
    bank: object
    iban: str
    witness: object
    states: dict
    mishaps: list

    def violations(self):
        """Everything that is not as it must be, a sentence each; empty when all is."""
        return [
            *self._payments_and_orders(),
            *self._bank_orders(),
            *(found for order in self.orders for found in self._order(order)),
            *self._sent_twice(),
            *(found for code in self.states for found in self._ledger(code)),
            *self.mishaps,
        ]

    def summary(self):
        """The lines of the table that a person reads."""
        states = Counter(order["state"] for order in self.orders)
        at_the_bank = len(self._at_the_bank())
        unknown = sum(self._is_shown(order) for order in self.orders)
        waiting = sum(states[state] for state in _UNDER_WAY)
        rows = [
            ("transfers initiated", sum(states.values())),
            ("= at the bank", at_the_bank),
            ("+ surely refused, not at the bank", states["refused"]),
            ("+ unknown and shown, not at the bank", unknown),
            ("executed, each matched with a transaction", states["done"]),
            ("called Error by the bank, shown and waiting", waiting),
            ("failed, payment rejected", states["failed"]),
            ("cancelled, payment rejected", states["cancelled"]),
        ]
        lines = [f"  {words:<42}{count:>10}" for words, count in rows]
        for code in self.states:
            debits, matched, fees = self._sums(code)
            lines.append(f"  debits {code} {debits} = matched {matched} + fees {fees}")
        return lines

    # --- both sides -------------------------------------------------------------------

    def _at_the_bank(self):
        """{external id: order in the bank}."""
        return {one.external_id: one for one in self.bank.transfers.orders}

    def _is_shown(self, order):
        """Whether an order is one of those that a person must look at."""
        return (
            order["state"] == "unknown"
            and order["missing"]
            and bool(order["problem"])
            and order["external_id"] not in self._at_the_bank()
        )

    def _payments_and_orders(self):
        """Each payment has one order."""
        counts = Counter(order["payment_id"] for order in self.orders)
        for payment in self.payments:
            if counts[payment] != 1:
                yield f"payment {payment} has {counts[payment]} transfers"
        for payment in counts.keys() - set(self.payments):
            yield f"payment {payment} has a transfer and was never to be paid"

    def _bank_orders(self):
        """Each order in the bank is one of Odoo's, and there once."""
        ours = {order["external_id"] for order in self.orders}
        counts = Counter(one.external_id for one in self.bank.transfers.orders)
        for external_id, count in counts.items():
            if count > 1:
                yield f"order {external_id} is at the bank {count} times"
            if external_id not in ours:
                yield f"order {external_id} is at the bank and not in Odoo"

    def _sent_twice(self):
        batch_of = {
            order["external_id"]: order["batch_external_id"]
            for order in self.orders
            if order["batch_external_id"]
        }
        for external_id in self.witness.posted_twice(batch_of):
            yield f"order {external_id} was sent again, although the bank may have it"

    # --- one order --------------------------------------------------------------------

    def _order(self, order):
        name = f"order {order['external_id']} ({order['state']})"
        there = self._at_the_bank().get(order["external_id"])
        found = self._there(order, there) if there else self._not_there(order)
        for sentence in (*found, *self._payment(order)):
            yield f"{name}: {sentence}"

    def _there(self, order, there):
        """What is wrong with an order that the bank has."""
        if Decimal(there.cents).scaleb(-2) != Decimal(order["amount"]):
            yield f"{order['amount']} in Odoo, {there.cents} cents at the bank"
        payload = there.payload
        to = payload.get("treasuryCode") or payload["creditAccount"]["accountNumber"]
        if to != order["to"]:
            yield f"goes to {order['to']} in Odoo, to {to} at the bank"
        if str(there.transfer_id) != order["transfer_id"]:
            yield f"the bank's id is {there.transfer_id}, not {order['transfer_id']}"
        if there.status == ERROR:
            # No end: a person looks into the internet bank, and the payment waits.
            if order["state"] not in _UNDER_WAY or not order["problem"]:
                yield "the bank says Error, and nobody is told"
        elif _ENDS.get(there.status) != order["state"]:
            yield f"the bank says {there.status}"

    def _not_there(self, order):
        """What is wrong with an order that the bank does not have."""
        if order["state"] != "refused" and not self._is_shown(order):
            yield "the bank does not have it, and nobody is told"

    def _payment(self, order):
        """What is wrong with the payment and its bank lines."""
        if _PAYMENTS.get(order["state"]) != order["payment"]:
            yield f"its payment is {order['payment']}"
        is_done = order["state"] == "done"
        if order["matched"] != is_done:
            yield f"its payment is {'' if order['matched'] else 'not '}matched"
        expected = [[order["transfer_id"], f"-{order['amount']}"]] if is_done else []
        if order["lines"] != expected:
            yield f"its payment is matched with {order['lines']}"

    # --- the money --------------------------------------------------------------------

    def _ledger(self, code):
        """The bank's debits are the matched payments and the fees, and all is booked."""
        debits, matched, fees = self._sums(code)
        if debits != matched + fees:
            yield f"{code}: debits {debits}, matched {matched}, fees {fees}"
        state = self.states[code]
        there = {one["movementId"] for one in self._movements(code)}
        if there != set(state["ids"]) or len(there) != len(state["ids"]):
            booked = len(state["ids"])
            yield f"{code}: {len(there)} transactions at the bank, {booked} in Odoo"
        if state["runs"][-1] != "done" or state["held"]:
            told = state["runs"][-3:], state["errors"][-1], state["held"]
            yield f"{code}: it was not synced: {told}"

    def _movements(self, code):
        return self.bank.ledger.movements(self.iban, code)

    def _sums(self, code):
        """(debits, matched payments, fees) of the account in one currency."""
        debits = fees = Decimal("0.00")
        for one in self._movements(code):
            if one["isDebit"]:
                amount = Decimal(str(one["amount"]))
                debits += amount
                fees += amount if one["parentExternalPaymentId"] else 0
        matched = sum(
            (
                Decimal(order["amount"])
                for order in self.orders
                if order["matched"] and order["currency"] == code
            ),
            Decimal(),
        )
        return debits, matched, fees
