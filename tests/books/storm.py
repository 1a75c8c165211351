"""A bank that hides, delays, back-dates and withdraws movements, and is down for days."""

from datetime import timedelta

from fake_tbc.year_books import FEE, MOVES, PAYS, RULE, STAYS

# Of so many movements that were read, one is hidden for some days, or withdrawn.
_ONE_HIDDEN_OF, _ONE_WITHDRAWN_OF = 400, 2_000
# What the books should not lose the other side of.
_SINGLE = (RULE, STAYS, FEE)
# What means the same while others are out of sight: no rivals.
_INDEPENDENT = (RULE, FEE, MOVES, PAYS)
DAYS_DOWN = 3


class Storm:
    """The second half of a proof.

    ``lasting``: [(movement, kind)], what books and bank will disagree upon for good.

    :param bank: the fake bank
    :param year: its year
    """

    def __init__(self, bank, year):
        self.bank, self.year, self.dice = bank, year, year.dice
        self.hidden, self.lasting = [], []

    def begin(self, known):
        """Hide and withdraw some of the movements that were read.

        :param known: their ids
        """
        movements = self._movements(known)
        for movement in self._drawn(movements, _ONE_HIDDEN_OF, 4):
            self.bank.ledger.hide(movement.movement_id)
            self.hidden.append(movement)
        single = [
            movement
            for movement in movements
            if self._outcome(movement) in _SINGLE and not movement.hidden
        ]
        for movement in self._drawn(single, _ONE_WITHDRAWN_OF, 3):
            self.bank.ledger.withdraw(movement.movement_id)
            self.lasting.append((movement, "not_at_bank"))

    def spoil(self, known):
        """Hide some of the movements that are new: from the list, from the totals too;
        one leg of two; and one that the bank will go on counting and never show.
        """
        new = [
            movement
            for account in self.bank.ledger.accounts
            for movement in self.bank.ledger.all_on(account)
            if movement.movement_id not in known
        ]
        new.sort(key=lambda one: one.movement_id)
        rules = [one for one in new if self._outcome(one) == RULE]
        counted = self.dice.pick(rules)
        self._hide(counted, keep_in_totals=True)
        self.lasting.append((counted, "unlisted"))
        legs = [one for one in new if self._outcome(one) == MOVES]
        alone = [one for one in new if self._outcome(one) in _INDEPENDENT]
        for number, movement in enumerate(
            [self.dice.pick(legs), *self._drawn(alone, 20, 6)]
        ):
            if not movement.hidden:
                self._hide(movement, keep_in_totals=bool(number % 2))
                self.hidden.append(movement)

    def _hide(self, movement, *, keep_in_totals):
        self.bank.ledger.hide(movement.movement_id, keep_in_totals=keep_in_totals)

    def end(self):
        """Show what was hidden; all but the one that is lost for good."""
        for movement in self.hidden:
            self.bank.ledger.show(movement.movement_id)
        self.hidden = []

    def be_down(self, read):
        """Be away for some days, while Odoo asks.

        :param read: what Odoo does each day
        """
        self.bank.stop()
        for _day in range(DAYS_DOWN):
            self.bank.now += timedelta(days=1)
            read()
        self.bank.start()

    def _movements(self, known):
        rows = [
            movement
            for account in self.bank.ledger.accounts
            for movement in self.bank.ledger.all_on(account)
            if movement.movement_id in known and movement.movement_id in self.year.fates
        ]
        return sorted(rows, key=lambda one: one.movement_id)

    def _outcome(self, movement):
        fate = self.year.fates.get(movement.movement_id)
        return fate and fate.outcome

    def _drawn(self, movements, one_of, least):
        """Some of ``movements``, no one twice."""
        left, drawn = list(movements), []
        for _number in range(min(len(left), max(least, len(left) // one_of))):
            drawn.append(left.pop(self.dice.below(len(left))))
        return drawn
