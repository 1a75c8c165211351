"""Workers that pay vendors from one account, and a bank whose every answer is seen."""

import threading
from datetime import timedelta
from decimal import Decimal

from staff import ProcessCase
from witness import IMPORTS, Witness
from workers import Refused

# A vendor in TBC and one in another bank (the bank's own sandbox accounts), and the
# Treasury's unified code.
VENDORS = {
    "Vendor in TBC": ("GE44TB0600051509630891", {"vat": "204567891"}),
    "Vendor elsewhere": ("GE90BG0000000589021505", {"vat": "204567892"}),
    "treasury": ("101001000", {}),
}
# The exceptions whose text is a sentence for people.
SENTENCES = ("UserError", "ValidationError")
NUMBERS = [number for number, _values in VENDORS.values()]


class TransferCase(ProcessCase):
    """An account to pay from. The hour is the bank's and Odoo's, and moves on demand.

    What is slow at the bank waits for :meth:`let_through` instead of some seconds.
    """

    # The name of the batch in which the payments go, or none.
    batch = None

    def setUp(self):
        super().setUp()
        self.bank.ledger.set_limits({(self.iban, "GEL"): "100000.00"}, {})
        self.witness = Witness(self.bank)
        self.gate = threading.Event()
        self.bank.wait = lambda _seconds: self.gate.wait()
        self.addCleanup(self.gate.set)
        self.settings["one_clock"] = True
        self.call(
            self.clerk,
            "open_transfers",
            integration_id=self.integration,
            vendors=VENDORS,
        )

    # --- what people do ---------------------------------------------------------------

    def pay(self, count=3):
        """Post payments of different amounts to all vendors; return their ids."""
        wanted = [
            [NUMBERS[number % len(NUMBERS)], 10.05 + 1.1 * number]
            for number in range(count)
        ]
        return self.ask("pay", account_id=self.account, wanted=wanted)

    def ask(self, do, **arguments):
        """Have the clerk do one piece of work; return its result."""
        return self.call(self.clerk, do, **arguments)

    def queue(self, payments):
        """Queue payments, in the way of this class."""
        self.ask("queue", payment_ids=payments, name=self.batch)

    def prepare(self, count=3):
        """Payments whose orders are initiated and wait to be sent; return their ids."""
        payments = self.pay(count)
        self.queue(payments)
        self.ask("initiate", payment_ids=payments)
        return payments

    def send_again(self, payments):
        """Queue again what the bank did not know, initiate and send it."""
        self.ask("queue_again", payment_ids=payments)
        names = ("external_id", "batch_external_id")
        self.witness.queued_again(o[name] for o in self.orders() for name in names)
        self.ask("initiate", payment_ids=payments)
        self.ask("submit")

    def later(self, **delta):
        """Let time pass, for the bank and for Odoo."""
        self.bank.now += timedelta(**delta)
        self.settings["now"] = self.bank.now.isoformat()

    def let_through(self):
        """Let the bank go on with what it is slow about, now and later."""
        self.gate.set()

    # --- what is to be seen -----------------------------------------------------------

    def orders(self):
        """What Odoo holds of the account's orders, oldest first."""
        return self.ask("orders", account_ids=[self.account])

    def states(self):
        """The set of their states."""
        return {order["state"] for order in self.orders()}

    def posts(self):
        """How many import requests have come in."""
        return sum(seen.kind in IMPORTS for seen in self.witness.seen)

    def at_the_bank(self):
        """``{external id: amount}`` of what the bank has, each once."""
        with self.bank.lock:
            orders = self.bank.transfers.orders
        found = {order.external_id: Decimal(order.cents).scaleb(-2) for order in orders}
        self.assertEqual(len(found), len(orders), "the bank has an order twice")
        return found

    def assertRefused(self, worker):
        """The worker's answer is one sentence; return it."""
        with self.assertRaises(Refused) as caught:
            worker.answer()
        self.assertIn(caught.exception.kind, SENTENCES)
        return caught.exception.sentence

    def assertOnceEach(self, payments, posts=None):
        """The bank has each payment once, exactly, and Odoo follows each.

        :param posts: how many import requests that took, if it is to be checked
        """
        self.later(hours=1)
        self.ask("refresh")
        orders = self.orders()
        expected = {one["external_id"]: Decimal(one["amount"]) for one in orders}
        self.assertEqual(sorted(o["payment_id"] for o in orders), sorted(payments))
        self.assertEqual(self.at_the_bank(), expected)
        with self.bank.lock:
            known = {o.external_id: o.transfer_id for o in self.bank.transfers.orders}
        for order in orders:
            self.assertEqual(order["state"], "to_sign", order)
            self.assertEqual(order["transfer_id"], str(known[order["external_id"]]))
        self.assertNothingTwice(orders)
        if posts is not None:
            self.assertEqual(self.posts(), posts)

    def assertNothingTwice(self, orders):
        """Nothing was sent again that the bank might have had."""
        batch_of = {
            order["external_id"]: order["batch_external_id"]
            for order in orders
            if order["batch_external_id"]
        }
        self.assertEqual(self.witness.posted_twice(batch_of), [])
