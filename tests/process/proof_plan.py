"""What is to be paid in a proof, and what shall become of it: all drawn from the seed."""

import random
from dataclasses import dataclass, field

from fake_tbc.iban import georgian_iban

LARGEST_BATCH = 1000
# The amounts that come again and again, so that nobody can match by them.
_USUAL_CENTS = (10_000, 25_000, 123_456)
# What the company decides about an order in the bank, and how often.
_DECISIONS = (
    ("sign", 0.86),
    ("reject", 0.04),
    ("delete", 0.03),
    ("fail", 0.04),
    ("error", 0.03),
)
# name → (letters of the bank, how often it is paid); of the account in GEL
_GEORGIANS = {
    "Alpha LLC": ("TB", 5),
    "Beta LLC": ("TB", 4),
    "Gamma LLC": ("BG", 6),
    "Delta LLC": ("LB", 3),
    "Epsilon LLC": ("BS", 2),
    "Blocked LLC": ("TB", 0.5),
    "Closed LLC": ("BG", 0.5),
}
_FOREIGNERS = {"Kappa s.r.o.": "CZ6508000000192000145399", "Lambda Ltd": "700123456789"}
_ADDRESS = {"street": "Main Street 1", "city": "Prague", "zip": "11000"}


@dataclass(slots=True)
class Group:
    """Payments that are queued together: as the batch ``name``, or singly.

    ``wanted``: list of [account number of the recipient, amount as text]; ``first``:
    the number of the first of them.
    """

    currency: str
    wanted: list
    first: int
    name: str | None = None


@dataclass(slots=True)
class Fate:
    """``decision``: what the company does with an order in the bank; ``hesitates``: for
    how many rounds; ``again``: whether it is queued again when the bank does not know
    it.
    """

    decision: str
    hesitates: int
    again: bool


@dataclass(slots=True)
class Plan:
    """``vendors`` as :meth:`TransferWork.open_transfers` wants them; ``waves``: lists of
    groups; ``funds``: {currency: text}; ``blocked``: {IBAN: import or execution}.
    """

    seed: str
    vendors: dict = field(default_factory=dict)
    waves: list = field(default_factory=list)
    funds: dict = field(default_factory=dict)
    blocked: dict = field(default_factory=dict)

    def fate(self, number):
        """The :class:`Fate` of the payment ``number``, the same in every run."""
        dice = random.Random(f"{self.seed} fate {number}")
        words, weights = zip(*_DECISIONS, strict=True)
        return Fate(
            decision=dice.choices(words, weights)[0],
            hesitates=dice.choices((0, 1, 3), (6, 3, 1))[0],
            again=dice.random() < 0.75,
        )


def draw(seed, count, own_iban):
    """The :class:`Plan` of ``count`` payments.

    :param own_iban: the company's other account in the bank
    """
    dice = random.Random(f"{seed} plan")
    plan = Plan(seed)
    numbers = _vendors(dice, plan, own_iban)
    groups, first = [], 0
    for size, name in _sizes(dice, count):
        # Two accounts are read at once, so both should have something to read.
        currency = "USD" if size < count // 4 and dice.random() < 0.5 else "GEL"
        usual = [one for one in numbers[currency] if one[0] not in plan.blocked]
        # One blocked account would have a whole large batch refused.
        payees = usual if name and size > 5 else numbers[currency]
        wanted = [[_pick(dice, payees), _amount(dice)] for _ in range(size)]
        groups.append(Group(currency, wanted, first, name))
        first += size
    _fund(plan, groups)
    dice.shuffle(groups)
    _deal(plan, groups, count)
    return plan


def _vendors(dice, plan, own_iban):
    """Fill in the vendors; return {currency: [[account number, weight]]}."""

    def iban(bank):
        return georgian_iban(bank, f"{dice.randrange(10**16):016d}")

    gel = []
    for number, (name, (bank, weight)) in enumerate(_GEORGIANS.items()):
        account = iban(bank)
        plan.vendors[name] = account, {"vat": f"2045{number:05d}"}
        gel.append([account, weight])
    plan.blocked = {
        plan.vendors["Blocked LLC"][0]: "import",
        plan.vendors["Closed LLC"][0]: "execution",
    }
    plan.vendors["treasury"] = "101001000", {}
    plan.vendors["own"] = own_iban, {}
    gel += [["101001000", 3], [own_iban, 1]]
    usd = [[plan.vendors["Alpha LLC"][0], 2]]
    for name, account in _FOREIGNERS.items():
        plan.vendors[name] = account, {**_ADDRESS, "country": "CZ"}
        usd.append([account, 2])
    return {"GEL": gel, "USD": usd}


def _sizes(dice, count):
    """Yield (size, name of the batch or ``None``): one large batch, several small ones,
    and the rest in groups of single orders. Where there are many orders most are in
    batches, because each single one is asked for by itself.
    """
    is_many = count >= LARGEST_BATCH
    batched = [min(LARGEST_BATCH, count // 2 if is_many else count // 5)]
    while sum(batched) < count * (0.7 if is_many else 0.4):
        batched.append(dice.randint(2, max(3, count // 20)))
    yield from ((size, f"Batch {n}") for n, size in enumerate(batched, 1))
    left = count - sum(batched)
    while left:
        size = min(left, dice.randint(1, max(3, count // 40)))
        yield size, None
        left -= size


def _pick(dice, weighted):
    names, weights = zip(*weighted, strict=True)
    return dice.choices(names, weights)[0]


def _amount(dice):
    usual = dice.random() < 0.2
    cents = dice.choice(_USUAL_CENTS) if usual else dice.randint(1, 500_000)
    return f"{cents // 100}.{cents % 100:02d}"


def _deal(plan, groups, count):
    """Part the groups into waves of an eighth or more; the large batch is a wave of its
    own, in the middle.
    """
    largest = max(groups, key=lambda group: len(group.wanted))
    groups.remove(largest)
    wave, size = [], 0
    for group in groups:
        wave.append(group)
        size += len(group.wanted)
        if size >= count / 8:
            plan.waves.append(wave)
            wave, size = [], 0
    if wave:
        plan.waves.append(wave)
    plan.waves.insert(len(plan.waves) // 2, [largest])


def _fund(plan, groups):
    """Enough in GEL, and a little too little in USD."""
    total = {"GEL": 0.0, "USD": 0.0}
    for group in groups:
        total[group.currency] += sum(float(amount) for _to, amount in group.wanted)
    plan.funds = {
        "GEL": f"{total['GEL'] * 1.1 + 5000:.2f}",
        "USD": f"{total['USD'] * 0.8:.2f}",
    }
