"""Many orders, a bank that behaves badly, workers that are killed: and then the count.

People pay, queue, initiate; scheduled actions send, ask and read, two at a time; the
bank meets them with every fault it can have; now and then a worker gets ``kill -9``.
When the storm is over everything is resolved as far as it can be, and the books of both
sides are compared (:mod:`proof_check`).
"""

import random
import time
from collections import Counter, defaultdict
from datetime import timedelta

import proof_plan
from proof_check import Evidence
from proof_weather import TIMEOUT, Weather
from staff import KEY, NOON, Staff
from witness import Witness
from workers import Refused

from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank
from fake_tbc.iban import georgian_iban
from fake_tbc.order import OPEN, UNDECIDED

STORMY_ROUNDS = 4
# Long before this nothing is left to be done.
CALM_ROUNDS = 12
# How often a person queues one order again before giving up.
MOST_TRIES = 4


class Proof(Staff):
    """One proof, from empty books to the count.

    :param str seed: decides about everything but the machine's own haste
    :param int count: how many orders
    :param say: called with a line of text about how far it is
    """

    patience = 900

    def __init__(self, seed, count, say=print):
        super().__init__()
        self.seed, self.count, self.say = seed, count, say
        self.dice = random.Random(f"{seed} proof")
        self.started = time.monotonic()
        self.iban, self.other = (
            georgian_iban("TB", f"{letter}{time.time_ns() % 10**15:015d}")
            for letter in "78"
        )
        self.plan = proof_plan.draw(seed, count, self.other)
        self.numbers = {}  # payment → its number in the plan
        self.tries = Counter()  # order, or batch, that was queued again
        self.seen_since = {}  # order in the bank → the round in which it was seen
        self.round_number = self.kills = 0
        self.mishaps = []
        # Who posts payments is kept for that, as the clerk is for the people.
        self.payer = self.hire()
        self._busy = [self.clerk, self.payer]

    def run(self):
        """Do all of it; return the :class:`Evidence`."""
        self._open()
        try:
            waves = self.plan.waves
            self._post(waves[0])
            for number, wave in enumerate(waves, 1):
                self._prepare(wave)
                if waves[number:]:
                    self._post(waves[number])
                self._round()
                self._tell(f"wave {number} of {len(waves)}")
            for number in range(STORMY_ROUNDS):
                self._round(bank_is_down=number == 1)
            self._tell("the storm is over")
            self._settle()
            return self._evidence()
        finally:
            self._close()

    def _tell(self, words):
        met = sum(self.weather.met.values())
        spent = time.monotonic() - self.started
        self.say(
            f"  {spent:4.0f} s  {words}: {len(self.numbers)} transfers, {met} faults met,"
            f" {self.kills} workers killed"
        )

    # --- the scene --------------------------------------------------------------------

    def _open(self):
        account = {(self.iban, code): text for code, text in self.plan.funds.items()}
        self.bank = FakeBank(
            now=NOON,
            accounts={self.iban: ("GEL", "USD"), self.other: ("GEL",)},
            days=0,
            openings={**account, (self.other, "GEL"): "0.00"},
        ).start()
        for iban, at in self.plan.blocked.items():
            self.bank.block_account(iban, at)
        self.settings.update(
            variables={
                "TBC_BIS_SANDBOX_URL": self.bank.url,
                "TBC_BIS_ENCRYPTION_KEY": KEY,
                "TBC_BIS_TIMEOUT": str(TIMEOUT),
            },
            now=NOON.isoformat(),
            page_size=700,
            pauses=[0.01, 0.02],
            one_clock=True,
        )
        made = self.ask(
            "open_integration",
            accounts=[(self.iban, code) for code in ("GEL", "USD")],
            client_id=FAKE_CLIENT_ID,
            client_secret=FAKE_CLIENT_SECRET,
        )
        self.integration = made["integration"]
        self.accounts = dict(zip(("GEL", "USD"), made["accounts"], strict=True))
        vendors = self.plan.vendors
        self.ask("open_transfers", integration_id=self.integration, vendors=vendors)
        self.weather = Weather(self.bank, self.seed)
        self.witness = Witness(self.bank)

    def _close(self):
        self.weather.calm = True
        for worker, _begin in self.hired:
            if not worker.is_idle:
                worker.kill()
        self.ask("retire", integration_id=self.integration)
        self.bank.stop()
        self.mishaps += self.dismiss()

    # --- people -----------------------------------------------------------------------

    def _post(self, wave):
        """Begin to post the payments of a wave, beside everything else."""
        wanted = [[self.accounts[group.currency], group.wanted] for group in wave]
        self.send(self.payer, "pay_all", wanted=wanted)

    def _prepare(self, wave):
        """Queue and initiate the payments of a wave, once they are posted."""
        posted = self.payer.answer(self.patience)
        for group, payments in zip(wave, posted, strict=True):
            self.numbers.update(zip(payments, range(group.first, 10**9), strict=False))
            self.ask("queue", payment_ids=payments, name=group.name)
            if self._connect() == "connected":
                self.ask("initiate", payment_ids=payments)

    def _connect(self):
        """Test the connection, if the bank has had it paused; return the state."""
        state, _reason = self.ask("integration", integration_id=self.integration)
        if state != "connected":
            self.ask("test_connection", integration_id=self.integration)
            state, _reason = self.ask("integration", integration_id=self.integration)
        return state

    def _attend(self):
        """Do what Odoo asks people for: connect, queue again, initiate. Return how many
        orders that was about.
        """
        state, lost, waiting = self._connect(), defaultdict(list), []
        for order in self._orders():
            if order["state"] == "unknown" and order["missing"]:
                lost[order["batch_id"] or f"single {order['id']}"].append(order)
            elif order["state"] == "queued" and not order["initiated"]:
                waiting.append(order)
        for key, group in lost.items():
            if self._fate(group[0]).again and self.tries[key] < MOST_TRIES:
                self.tries[key] += 1
                self._queue_again(group)
                waiting += group
        if waiting and state == "connected":
            self.ask("initiate", payment_ids=[o["payment_id"] for o in waiting])
        return len(waiting)

    def _queue_again(self, orders):
        self.ask("queue_again", payment_ids=[order["payment_id"] for order in orders])
        names = ("external_id", "batch_external_id")
        self.witness.queued_again(order[name] for order in orders for name in names)

    def _fate(self, order):
        return self.plan.fate(self.numbers[order["payment_id"]])

    def _decide(self, at_last=False):
        """The company's people sign, reject or delete; the bank fails or executes."""
        by_external_id = {order["external_id"]: order for order in self._orders()}
        with self.bank.lock:
            waiting = [o for o in self.bank.transfers.orders if o.status in UNDECIDED]
        for order in waiting:
            since = self.seen_since.setdefault(order.transfer_id, self.round_number)
            fate = self._fate(by_external_id[order.external_id])
            if at_last or self.round_number - since >= fate.hesitates:
                getattr(self.bank, fate.decision)(order.transfer_id)

    # --- the schedule -----------------------------------------------------------------

    def _round(self, bank_is_down=False):
        """Time passes; people do what is to be done; two or three workers run at once."""
        self.round_number += 1
        self._later(minutes=self.dice.randint(4, 90))
        self._attend()
        self.bank.registered_questions = self.dice.randint(0, 1)
        jobs = ["submit", self.dice.choice(("submit", "refresh", "cron_sync"))]
        if bank_is_down:
            self.bank.stop()
        self._together(jobs, is_deadly=self.dice.random() < 0.6)
        if bank_is_down:
            self.bank.start()
        self._decide()
        jobs = ["refresh", self.dice.choice(("submit", "cron_sync"))]
        self._together(jobs, is_deadly=self.dice.random() < 0.4)

    def _settle(self):
        """The bank behaves, time passes, until there is nothing left to be done."""
        self.weather.calm = True
        for _round in range(CALM_ROUNDS):
            self.round_number += 1
            self._later(hours=25)
            attended = self._attend()
            self._together(["submit"])
            self._together(["refresh", "cron_sync"])
            self._decide(at_last=True)
            with self.bank.lock:
                is_open = any(o.status in OPEN for o in self.bank.transfers.orders)
            if not attended and not is_open:
                break
        self._later(hours=25)
        self._together(["refresh", "cron_sync"])
        self._together(["cron_sync", "cron_sync"])
        # Where those two met, one has left the rest to the next.
        self._together(["cron_sync"])

    def _later(self, **delta):
        self.bank.now += timedelta(**delta)
        self.settings["now"] = self.bank.now.isoformat()

    def _together(self, jobs, is_deadly=False):
        """Do ``jobs`` at once, each in a process of its own; the first may be killed."""
        workers = [self._worker() for _job in jobs]
        stop = self._chance_stop(jobs[0]) if is_deadly else None
        for worker, job in zip(workers, jobs, strict=True):
            more = {"stop": stop} if stop and worker is workers[0] else {}
            self.send(worker, job, **more)
        if is_deadly and not stop:
            # The more there is to do, the later it may come.
            time.sleep(self.dice.random() ** 3 * (1 + self.count / 200))
            workers[0].kill()
        for worker, job in zip(workers, jobs, strict=True):
            self._await(worker, job, may_die=is_deadly and worker is workers[0])

    def _chance_stop(self, job):
        """Half of those who send die at a certain commit, the others at any moment."""
        if job != "submit" or self.dice.random() < 0.5:
            return None
        return {
            "at": self.dice.choice(("sending", "outcome")),
            "moment": self.dice.choice(("before", "after")),
            "act": "kill",
            "number": self.dice.randint(1, 2),
        }

    def _worker(self):
        """A worker who has nothing to do."""
        for worker, _begin in self.hired:
            if worker.is_idle and worker not in self._busy:
                self._busy.append(worker)
                return worker
        worker = self.hire()
        self._busy.append(worker)
        return worker

    def _await(self, worker, job, may_die):
        self._busy.remove(worker)
        try:
            worker.answer(self.patience)
        except Refused as error:
            self.mishaps.append(f"{job} ended with {error.kind}: {error}")
        except EOFError as error:
            if not may_die:
                self.mishaps.append(f"{job}: {error}")
                return
            self.kills += 1
            worker.wait_for_death()
            self.buried(worker)

    # --- the count --------------------------------------------------------------------

    def _orders(self):
        return self.ask("orders", account_ids=list(self.accounts.values()))

    def _evidence(self):
        return Evidence(
            orders=self._orders(),
            payments=self.numbers,
            bank=self.bank,
            iban=self.iban,
            witness=self.witness,
            states={
                code: self.ask("state", account_id=account)
                for code, account in self.accounts.items()
            },
            mishaps=self.mishaps,
        )
