"""A module's life in a database of its own: read, pay, uninstall, install again.

Odoo loads a database's models once in a process. So each part of the life has workers
of its own.
"""

import contextlib
from decimal import Decimal

from module_work import MODULE
from staff import KEY, NOON, Staff
from transfer_staff import VENDORS
from workers import Agency, Worker

from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank
from fake_tbc.iban import georgian_iban

# What pays the Treasury ends in the books as everything does; vendors in TBC are known.
VENDOR = "Vendor in TBC"
INSTALLING_SECONDS = 300


class LifeStaff(Staff):
    """One worker on ``database``, for one part of its life; of an earlier version?"""

    patience = INSTALLING_SECONDS

    def __init__(self, database, version=None):
        self.office = Agency(database, version)
        super().__init__()

    def hire(self):
        """Return a new worker of this database."""
        worker = Worker(self.office)
        self.hired.append((worker, 0))
        return worker

    def close(self):
        """End everybody; return the tracebacks in the logs."""
        logs = [worker.log_text() for worker, _begin in self.hired]
        for worker, _begin in self.hired:
            worker.dismiss()
            with contextlib.suppress(TimeoutError):
                worker.wait_for_death()
        self.office.close()
        return [log for log in logs if "Traceback (most recent" in log]


class Life:
    """What is done with one database, and the bank beside it."""

    def __init__(self, database):
        self.database = database
        self.iban = georgian_iban("TB", "7000000000000001")
        self.bank = FakeBank(
            now=NOON,
            accounts={self.iban: ("GEL", "USD")},
            days=0,
            openings={(self.iban, "GEL"): "1000.00", (self.iban, "USD"): "0.00"},
        ).start()
        self.bank.ledger.set_limits({(self.iban, "GEL"): "100000.00"}, {})
        self.bank.in_progress_questions = 0
        self.account = self.journal = self.draft = None
        self.payments = []

    def close(self):
        """End the bank."""
        self.bank.stop()

    @contextlib.contextmanager
    def part(self, version=None):
        """Workers for one part of the life, as ``ask(do, **arguments)``.

        :param version: an :class:`.earlier.Earlier`, if not today's code
        :raise RuntimeError: one of them logged a traceback.
        """
        staff = LifeStaff(self.database, version)
        staff.settings.update(
            variables={
                "TBC_BIS_SANDBOX_URL": self.bank.url,
                "TBC_BIS_ENCRYPTION_KEY": KEY,
                "TBC_BIS_TIMEOUT": "20",
            },
            now=NOON.isoformat(),
            page_size=700,
            one_clock=True,
        )
        try:
            yield staff.ask
        finally:
            tracebacks = staff.close()
        if tracebacks:
            raise RuntimeError(tracebacks[0][-3000:])

    # --- with the module --------------------------------------------------------------

    def connect(self, ask):
        """Make the integration, its account and its journal."""
        made = ask(
            "open_integration",
            accounts=[(self.iban, "GEL")],
            client_id=FAKE_CLIENT_ID,
            client_secret=FAKE_CLIENT_SECRET,
        )
        [self.account] = made["accounts"]
        ask(
            "open_transfers",
            integration_id=made["integration"],
            vendors={name: list(vendor) for name, vendor in VENDORS.items()},
        )
        self.journal = ask("journal", account_id=self.account)

    def add(self, count, day="2026-06-15"):
        """Write movements at the bank."""
        for number in range(count):
            self.bank.ledger.add(
                self.iban, "GEL", amount=f"{number + 1}.25", day=day, purpose="Income"
            )

    def read(self, ask):
        """Read the account as scheduled; return what the database holds of it."""
        ask("cron_sync")
        return ask("state", account_id=self.account)

    def pay(self, ask):
        """Two bills and the Treasury are paid; one order more waits for a signature."""
        bills = ask("bill", vendor=VENDOR, amounts=[100.0, 250.5, 40.0])
        payments = ask(
            "pay_bills", bill_ids=bills, journal_id=self.journal, code="tbc_transfer"
        )
        treasury, _values = VENDORS["treasury"]
        payments += ask("pay", account_id=self.account, wanted=[[treasury, 77.7]])
        ask("queue", payment_ids=payments)
        ask("initiate", payment_ids=payments)
        ask("submit")
        [*executed, _waiting] = sorted(
            self.bank.transfers.orders, key=lambda one: one.cents != 4000, reverse=True
        )
        for order in executed:
            self.bank.sign(order.transfer_id)
        self.payments = payments
        self.draft = ask("draft_payment", payment_id=payments[0])

    def pay_one(self, ask):
        """One more bill is paid; return how many orders the bank has more of."""
        before = len(self.bank.transfers.orders)
        bills = ask("bill", vendor=VENDOR, amounts=[12.0])
        payments = ask(
            "pay_bills", bill_ids=bills, journal_id=self.journal, code="tbc_transfer"
        )
        ask("queue", payment_ids=payments)
        ask("initiate", payment_ids=payments)
        ask("submit")
        return len(self.bank.transfers.orders) - before

    def balance(self):
        """The bank's balance."""
        return Decimal(self.bank.ledger.balance(self.iban, "GEL"))

    def fill(self, ask):
        """Everything of which an uninstallation must leave something."""
        self.connect(ask)
        ask("want_opening", account_id=self.account)
        self.add(4)
        self.read(ask)
        self.pay(ask)
        self.read(ask)
        ask("make_statement", journal_id=self.journal)

    # --- the parts --------------------------------------------------------------------

    def leave(self, *modules):
        """Uninstall modules: ours if none is named."""
        with self.part() as ask:
            ask("uninstall", names=modules or [MODULE])

    def come_back(self):
        """Install the module again."""
        with self.part() as ask:
            ask("install", names=[MODULE])
            ask("appoint_people")
