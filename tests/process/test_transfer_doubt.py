"""An order that the bank has, although it said that it does not know it."""

from transfer_staff import TransferCase


class DoubtCases:
    """The answer to the first request is lost; the look-up comes too early; a person
    queues the orders again; and the second request is answered otherwise than with
    "duplicate".
    """

    kind = None

    def setUp(self):
        super().setUp()
        self.payments = self.prepare(2)
        self.bank.add_fault("drop_after_accept", on=f"import_{self.kind}")
        self.ask("submit")
        self.assertEqual(len(self.at_the_bank()), 2)
        self.bank.add_fault("lookup_late", on=f"find_{self.kind}", times=2)
        self.ask("refresh")
        self.assertEqual(self.states(), {"unknown"})

    def assertFoundAfter(self, fault, **options):
        """The second request meets a fault; Odoo finds the orders all the same."""
        self.bank.add_fault(fault, on=f"import_{self.kind}", times=None, **options)
        self.send_again(self.payments)
        self.ask("submit")
        self.assertNotIn("refused", self.states())
        self.bank.clear_faults()
        self.later(minutes=10)
        self.ask("submit")
        self.assertOnceEach(self.payments)

    def test_the_request_is_refused(self):
        """What is wrong with it now was not wrong before."""
        self.assertFoundAfter("VALIDATION_ERROR")

    def test_the_orders_are_refused(self):
        """By a bank that looks at what is wrong before it looks at the ids."""
        self.bank.transfers.check_new = lambda *_arguments: None
        self.assertFoundAfter("partial", positions=[1, 2])


class TestDoubtSingle(DoubtCases, TransferCase):
    """Two orders in one request for single transfers."""

    kind = "single"

    def test_the_bank_is_busy(self):
        self.assertFoundAfter("429")

    def test_nobody_answers(self):
        self.assertFoundAfter("drop")


class TestDoubtBatch(DoubtCases, TransferCase):
    """Two orders in a batch."""

    kind, batch = "batch", "Salaries"
