"""The company's own transfer orders, on the real way: from the bill to the movement."""

from session import identity

from fake_tbc.year_books import FEE, ORDER, RETURNED, RETURNS, Fate

# One of so many is sent back by the other bank, days later.
ONE_RETURNED_OF = 6


class Orders:
    """Pays bills of the year by transfer orders, and tells what is true of them.

    :param company: the :class:`.company.Company`
    :param bank: the fake bank
    """

    def __init__(self, company, bank):
        self.company, self.year, self.bank = company, company.year, bank
        self._to_return = []  # (movement, fate, bill) of executed orders
        self._returned = 0

    def pay(self, count):
        """Enter ``count`` bills, pay them by order, and sign at the bank."""
        today = self.bank.now.date()
        payees = [one for one in self.year.vendors if one.iban]
        bills = []
        for _number in range(count):
            bill = self.year.bill(today, "GEL", party=self.year.dice.pick(payees))
            self.year.documents.remove(bill)
            self.year.documents.insert(self.company.entered, bill)
            self.company.entered += 1
            bills.append(bill)
        with self.company.env() as env:
            moves = self.company.post(env, bills)
            payments = self._register(env, moves, today)
        self._queue(payments.ids)
        self._initiate(payments.ids)
        self._send()
        self.bank.sign()
        self._follow(times=2)
        self._tell_truth(payments.ids, bills)

    def send_back(self):
        """Have some of the money come back that was paid since the last call."""
        for movement, fate, bill in self._to_return[::ONE_RETURNED_OF]:
            self._returned += 1
            members = {"parentExternalPaymentId": int(movement.operation)}
            if self._returned % 2 == 0:
                # The other way that the bank may take: by the order's own id.
                members = {"paymentId": movement.members["paymentId"]}
            back = self.bank.ledger.add(
                *movement.account,
                amount=bill.cents / 100,
                day=self.bank.now.date(),
                purpose="თანხის დაბრუნება",
                partnerAccountInfo=bill.party.account,
                **members,
            )
            fate.outcome, fate.other = RETURNED, back.movement_id
            self.year.fates[back.movement_id] = Fate(
                kind="own order returned", outcome=RETURNS, other=movement.movement_id
            )
        self._to_return = []

    # --- steps ------------------------------------------------------------------------

    def _register(self, env, moves, today):
        accounts = env["tbc.account"].browse(self.company.account_ids.values())
        account = accounts.filtered(lambda one: one.currency_id.name == "GEL")[0]
        line = account.journal_id.outbound_payment_method_line_ids.filtered(
            lambda one: one.code == "tbc_transfer"
        )
        payments = env["account.payment"]
        for move in moves:
            wizard = (
                env["account.payment.register"]
                .with_context(active_model="account.move", active_ids=move.ids)
                .create(
                    {
                        "journal_id": account.journal_id.id,
                        "payment_method_line_id": line.id,
                        "payment_date": today,
                    }
                )
            )
            payments |= wizard._create_payments()
        return payments

    def _queue(self, payment_ids):
        with self.company.env("bookkeeper") as env:
            env["account.payment"].browse(payment_ids).action_tbc_queue()

    def _initiate(self, payment_ids):
        with self.company.env("director") as env:
            with identity(env.user):
                env["account.payment"].browse(payment_ids).action_tbc_initiate()

    def _send(self):
        with self.company.env() as env:
            env["tbc.transfer"]._cron_submit()

    def _follow(self, times):
        for _time in range(times):
            with self.company.env() as env:
                orders = env["tbc.transfer"].search(
                    [("company_id", "=", self.company.company_id)]
                )
                under_way = orders.filtered("next_question_at")
                under_way.next_question_at = "2000-01-01 00:00:00"
                env["tbc.transfer"]._cron_refresh_status()

    # --- the truth --------------------------------------------------------------------

    def _tell_truth(self, payment_ids, bills):
        movements = self._executed()
        with self.company.env() as env:
            payments = env["account.payment"].browse(payment_ids)
            ids = [payment.tbc_transfer_ids.bank_transfer_id for payment in payments]
        for transfer_id, bill in zip(ids, bills, strict=True):
            # An order without its movement is for the check to find.
            for movement in movements.get(transfer_id, ()):
                fate = Fate(kind="own order", outcome=ORDER)
                fate.pays = {bill.number: bill.cents}
                self.year.fates[movement.movement_id] = fate
                self._tell_fee(movement)
                self._to_return.append((movement, fate, bill))

    def _executed(self):
        """Movements of orders that have no fate yet, by transfer id."""
        found = {}
        for account in self.bank.ledger.accounts:
            for movement in self.bank.ledger.all_on(account):
                transfer_id = movement.members.get("paymentId")
                if transfer_id and movement.movement_id not in self.year.fates:
                    found.setdefault(transfer_id, []).append(movement)
        return found

    def _tell_fee(self, movement):
        for other in self.bank.ledger.all_on(movement.account):
            if other.members.get("parentExternalPaymentId") == int(movement.operation):
                self.year.fates[other.movement_id] = Fate(
                    kind="fee of an own order", outcome=FEE, other=movement.movement_id
                )
