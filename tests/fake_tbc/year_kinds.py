"""The stories of a business year, one function each: documents, what the bank does about
them, and what can be known of it.

Each takes the :class:`.year.Year` and a day, and adds to it. The day is that of the
story's first movement; what follows comes up to ``LONGEST`` days later.
"""

from . import operations as op
from .cast import THE_BANK, at_bank
from .operations import members_of
from .rates import base_and_quote, rate_of, rate_text
from .scene import Leg
from .year_books import FEE, MAY_PAY, OWN, PAYS, RETURNED, RETURNS, RULE, STAYS

LONGEST = 12
_NO_NUMBER = (
    "მომსახურების საფასური",
    "საქონლის საფასური",
    "თანხის ჩარიცხვა",
    "Payment for services",
    "გადახდა",
)
_WITH_NUMBER = (
    "ინვოისი {}",
    "Invoice {}",
    "მომსახურების საფასური, ინვოისი {}",
    "გადახდა {} მიხედვით",
    "Payment for {}, thank you",
    "{}-ის საფასური",
    "ინვოისი №{}.",
)
_WITH_SHORT = (
    "ინვოისი #{}",
    "Invoice #{}",
    "ინვოისი {}",
    "მომსახურების საფასური, ინვოისი {}",
    "Invoice No. {}",
    "ინვოისი №{}-ის საფასური",
    "ინვ. {}",
)
_RETURN = "თანხის დაბრუნება"
_LETTERS = "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ"
_IN_LATIN = "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h"
_LATIN = dict(zip(_LETTERS, _IN_LATIN.split(), strict=True))
_BILL_WITH_NUMBER = ("ანგარიშფაქტურა {}", "Payment of invoice {}", "{}", "ა/ფ {}")


# --- invoices that are paid, and one can know it ---------------------------------------


def named(year, day):
    """The whole number stands in the purpose."""
    document = year.invoice(day)
    number = document.number.lower() if year.dice.chance(0.1) else document.number
    purpose = year.dice.pick(_WITH_NUMBER).format(number)
    year.receive(day, document, purpose, year.pays(document, "named"))


def by_reference(year, day):
    """The invoice has a payment reference of its own, and the customer quotes it."""
    document = year.invoice(day)
    document.reference = f"PR{year.dice.digits(8)}"
    purpose = f"{year.dice.pick(_NO_NUMBER)} {document.reference}"
    year.receive(day, document, purpose, year.pays(document, "payment reference"))


def short(year, day):
    """The last part of the number behind a word for invoice, and the exact amount."""
    document = year.invoice(day)
    purpose = year.dice.pick(_WITH_SHORT).format(document.short)
    year.receive(day, document, purpose, year.pays(document, "short number"))


def exact(year, day):
    """No number; nothing else of this customer has that amount."""
    document = year.invoice(day)
    purpose = year.dice.pick(_NO_NUMBER)
    year.receive(day, document, purpose, year.pays(document, "exact amount"))


def several(year, day):
    """Two to four invoices named, and the sum of all."""
    first = year.invoice(day)
    documents = [first]
    for _number in range(year.dice.between(1, 3)):
        documents.append(year.invoice(day, first.party, currency=first.currency))
    numbers = ", ".join(document.number for document in documents)
    cents = year.take(first, sum(document.cents for document in documents))
    fate = year.fate("several in one", PAYS)
    fate.pays = {document.number: document.cents for document in documents}
    year.receive(day, first, f"ინვოისები {numbers}", fate, cents=cents)


def partial(year, day):
    """Two payments of one invoice, both name it."""
    document = year.invoice(day)
    part = document.cents * year.dice.between(20, 80) // 100
    for cents, later in ((part, 0), (document.cents - part, 9)):
        fate = year.fate("part of a named one", PAYS, {document.number: cents})
        year.take(document, cents)
        purpose = year.dice.pick(_WITH_NUMBER).format(document.number)
        year.receive(year.later(day, later), document, purpose, fate, cents=cents)


def same_amount_named(year, day):
    """Two open invoices of one amount; the purpose names one of them."""
    document = year.invoice(day)
    year.invoice(day, document.party, like=document)
    purpose = year.dice.pick(_WITH_NUMBER).format(document.number)
    year.receive(day, document, purpose, year.pays(document, "named of two alike"))


def bill_named(year, day):
    """Paid in the internet bank, with the vendor's number."""
    bill = year.bill(day)
    purpose = year.dice.pick(_BILL_WITH_NUMBER).format(bill.number)
    year.spend(day, bill, purpose, year.pays(bill, "bill named"))


def bill_exact(year, day):
    """Paid in the internet bank, without a number."""
    bill = year.bill(day)
    purpose = year.dice.pick(_NO_NUMBER)
    year.spend(day, bill, purpose, year.pays(bill, "bill, exact amount"))


# --- what only a guess could match -----------------------------------------------------


def overpaid(year, day):
    """Named, but more than is open."""
    document = year.invoice(day)
    cents = year.take(document, document.cents + year.dice.between(100, 20_000))
    fate = year.fate("overpaid", MAY_PAY, {document.number: document.cents})
    purpose = year.dice.pick(_WITH_NUMBER).format(document.number)
    year.receive(day, document, purpose, fate, cents=cents)


def twin_named(year, day):
    """Paid twice on one day: either may be the payment, never both."""
    document = year.invoice(day)
    purpose = year.dice.pick(_WITH_NUMBER).format(document.number)
    for _time in range(2):
        fate = year.fate("twins, named", MAY_PAY, {document.number: document.cents})
        year.receive(day, document, purpose, fate, trait="plain")


def twin_bare(year, day):
    """Paid twice on one day without a number: which one is it?"""
    document = year.invoice(day)
    purpose = year.dice.pick(_NO_NUMBER)
    for _time in range(2):
        fate = year.guess("twins, no number", document)
        year.receive(day, document, purpose, fate, trait="plain")


def same_amount(year, day):
    """Two open invoices of one amount, one payment, no number."""
    document = year.invoice(day)
    other = year.invoice(day, document.party, like=document)
    fate = year.guess("one of two alike", document, other)
    year.receive(day, document, year.dice.pick(_NO_NUMBER), fate)


def same_amount_twice(year, day):
    """Two open invoices of one amount and two payments; nobody knows which is which."""
    document = year.invoice(day)
    other = year.invoice(day, document.party, like=document)
    for _time in range(2):
        fate = year.guess("two of two alike", document, other)
        year.receive(day, document, year.dice.pick(_NO_NUMBER), fate, trait="plain")


def another_partys(year, day):
    """The exact amount of an own invoice, but the number is another customer's."""
    document, other = year.invoice(day), year.invoice(day)
    while other.party is document.party:
        other = year.invoice(day)
    purpose = year.dice.pick(_WITH_NUMBER).format(other.number)
    year.receive(day, document, purpose, year.guess("another's number", document))


def contradicting(year, day):
    """Names an invoice that another movement pays; the amount is a third one's.

    While both wait, the two stand in each other's way, as some would say.
    """
    paid = year.invoice(day)
    purpose = year.dice.pick(_WITH_NUMBER).format(paid.number)
    fate = year.fate("named twice", MAY_PAY, {paid.number: paid.cents})
    year.receive(day, paid, purpose, fate, trait="plain")
    document = year.invoice(day, paid.party, currency=paid.currency, more_than=paid)
    fate = year.guess("names a paid one", document)
    year.receive(year.later(day, 5), document, purpose, fate, trait="plain")


def contradicting_short(year, day):
    """An invoice word with a short number that is not this one's."""
    document = year.invoice(day)
    purpose = year.dice.pick(_WITH_SHORT).format(document.short + 50_000)
    year.receive(day, document, purpose, year.guess("no such number", document))


def short_other_amount(year, day):
    """The short number is right, the amount is not."""
    document = year.invoice(day)
    cents = year.take(document, document.cents - year.dice.between(1, 2_000))
    purpose = year.dice.pick(_WITH_SHORT).format(document.short)
    fate = year.guess("short number, other amount", document)
    year.receive(day, document, purpose, fate, cents=cents)


def several_inexact(year, day):
    """Two invoices named, and neither the sum nor one of the amounts."""
    first = year.invoice(day)
    second = year.invoice(day, first.party, currency=first.currency)
    cents = year.take(first, first.cents + second.cents - year.dice.between(1, 2_000))
    fate = year.guess("several, not the sum", [first, second])
    purpose = f"ინვოისები {first.number}, {second.number}"
    year.receive(day, first, purpose, fate, cents=cents)


def withheld(year, day):
    """The payer has kept a tax back, and names nothing."""
    document = year.invoice(day)
    rate = year.dice.pick((50, 40, 200))
    cents = year.take(document, document.cents * (1000 - rate) // 1000)
    fate = year.guess("tax withheld", document)
    year.receive(day, document, year.dice.pick(_NO_NUMBER), fate, cents=cents)


def sum_of_some(year, day):
    """Two or three invoices in one amount, of which none is named."""
    documents = [year.invoice(day)]
    for _number in range(year.dice.between(1, 2)):
        first = documents[0]
        documents.append(year.invoice(day, first.party, currency=first.currency))
    cents = year.take(documents[0], sum(document.cents for document in documents))
    fate = year.guess("several, none named", documents)
    purpose = year.dice.pick(_NO_NUMBER)
    year.receive(day, documents[0], purpose, fate, cents=cents)


def other_script(year, day):
    """From an account that nobody knows, and the name in Latin letters."""
    document = year.invoice(day)
    name = "".join(_LATIN.get(letter, letter) for letter in document.party.name)
    payer = {**at_bank(year.dice, "LB"), "partnerName": name.title()}
    fate = year.guess("name in the other script", document)
    year.receive(day, document, year.dice.pick(_NO_NUMBER), fate, payer=payer)


def other_currency(year, day):
    """An invoice in dollars or euros, paid in lari at a rate of the day."""
    document = year.invoice(day, currency=year.dice.pick(("USD", "EUR")))
    rate = rate_of(document.currency, "GEL", year.dice.between(9_950, 10_050))
    fate = year.guess("paid in lari", document)
    year.receive(
        day,
        document,
        year.dice.pick(_NO_NUMBER),
        fate,
        cents=document.cents * rate // 10_000,
        account=year.account("GEL"),
    )


def payer_unknown(year, day):
    """The number and the amount of an open invoice, from somebody nobody knows."""
    document = year.invoice(day)
    purpose = year.dice.pick((*_WITH_NUMBER, *_NO_NUMBER)).format(document.number)
    stranger = year.dice.pick(year.strangers)
    fate = year.guess("payer unknown", document)
    year.receive(day, document, purpose, fate, payer=stranger)


def payer_known_twice(year, day):
    """Two partners in the books have the payer's tax code: who of them is it?"""
    document = year.invoice(day, year.dice.pick(year.doubles))
    purpose = year.dice.pick((*_WITH_NUMBER, *_NO_NUMBER)).format(document.number)
    year.receive(day, document, purpose, year.guess("payer known twice", document))


def two_payers_named(year, day):
    """The tax code of one customer, the account of another; names the first one's."""
    document, account = year.invoice(day), year.someone("iban")
    purpose = year.dice.pick(_WITH_NUMBER).format(document.number)
    fate = year.fate("two payers, named", MAY_PAY, {document.number: document.cents})
    payer = {**document.party.account, "accountIban": account.iban}
    year.receive(day, document, purpose, fate, payer=payer)


def two_payers(year, day):
    """The tax code of one customer, the account of another, and the other's amount."""
    by_code = year.someone("vat")
    document = year.invoice(day, year.someone("iban", unlike=by_code))
    payer = {**by_code.account, "accountIban": document.party.iban}
    year.take(document, document.cents, party=by_code)
    fate = year.guess("two payers", document)
    year.receive(day, document, year.dice.pick(_NO_NUMBER), fate, payer=payer)


# --- what comes back -------------------------------------------------------------------


def returned_bill(year, day):
    """A bill paid in the internet bank; days later the money is back."""
    bill = year.bill(day)
    _come_back(year, day, bill, "returned")


def returned_and_paid_again(year, day):
    """The same, and the bill is paid once more."""
    bill = year.bill(day)
    later = _come_back(year, day, bill, "returned, paid again")
    # Which of the two pays cannot be told before it is back.
    year.entries[-2].fates[0].outcome = MAY_PAY
    year.entries[-1].fates[0].outcome = MAY_PAY
    fate = year.fate("paid again", MAY_PAY, {bill.number: bill.cents})
    year.spend(year.later(later, 2), bill, bill.number, fate, trait="plain")


def _come_back(year, day, bill, kind):
    purpose = year.dice.pick(_BILL_WITH_NUMBER).format(bill.number)
    fate = year.fate(kind, RETURNED, {bill.number: bill.cents})
    paid = year.spend(day, bill, purpose, fate, trait="plain")
    later = year.later(day, year.dice.between(1, 9))
    back = year.fate(kind, RETURNS)
    year.receive(later, bill, _RETURN, back, trait="plain", after=paid)
    return later


def returned_in_part(year, day):
    """Less comes back than was paid: what is it?"""
    bill = year.bill(day)
    fate = year.pays(bill, "bill named")
    paid = year.spend(day, bill, bill.number, fate, trait="plain")
    cents = year.take(bill, bill.cents - year.dice.between(100, 2_000))
    back = year.guess("returned in part", party=bill.party)
    later = year.later(day, 4)
    year.receive(later, bill, _RETURN, back, trait="plain", after=paid, cents=cents)


def refund(year, day):
    """A customer paid, and got all of it back: the bank or the purpose says for what."""
    document, paid = _paid(year, day, "refunded", RETURNED)
    later = year.later(day, year.dice.between(1, 9))
    by_purpose = year.dice.chance(0.5)
    words = "Refund of operation {operation}" if by_purpose else _RETURN
    fate = year.fate("refunded", RETURNS)
    back = year.spend(later, document, words, fate, trait="plain", after=paid)
    back.names_parent = not by_purpose


def refund_elsewhere(year, day):
    """The same from another account of the company: no fee, whatever else it is."""
    document, paid = _paid(year, day, "refunded from elsewhere", RETURNED)
    account = year.account(document.currency, unlike=paid.legs[0].account)
    fate = year.fate("refunded from elsewhere", RETURNS)
    fate.is_certain = paid.fates[0].is_certain = False
    options = {"trait": "plain", "after": paid, "account": account}
    year.spend(year.later(day, 3), document, _RETURN, fate, **options)


def refund_in_part(year, day):
    """A customer gets a part back, and the bank names what had come in: no fee."""
    document, paid = _paid(year, day, "named", PAYS)
    cents = year.take(document, document.cents * year.dice.between(20, 80) // 100)
    fate = year.guess("refunded in part", party=document.party)
    options = {"trait": "plain", "after": paid, "cents": cents}
    year.spend(year.later(day, 3), document, _RETURN, fate, **options)


def _paid(year, day, kind, outcome):
    """An invoice and its payment."""
    document = year.invoice(day)
    purpose = year.dice.pick(_WITH_NUMBER).format(document.number)
    fate = year.fate(kind, outcome, {document.number: document.cents})
    return document, year.receive(day, document, purpose, fate, trait="plain")


def refund_without_a_link(year, day):
    """A customer gets the same amount back, and nothing says that it is a refund."""
    document, _payment = _paid(year, day, "named", PAYS)
    fate = year.guess("refund without a link", party=document.party)
    words = year.dice.pick(_NO_NUMBER)
    year.spend(year.later(day, 6), document, words, fate, trait="plain")


# --- the company's own -----------------------------------------------------------------


def own_transfer(year, day):
    """Between two accounts of one currency."""
    legs = op.own_transfer(year.dice, year.scene, year.account())
    year.move(day, legs, "own transfer")


def conversion(year, day):
    """Inside one IBAN."""
    legs = op.conversion(year.dice, year.scene, year.account())
    year.move(day, legs, "conversion")


def conversion_across(year, day):
    """From one currency of one IBAN to another currency of another IBAN."""
    dice, (iban, currency) = year.dice, year.account()
    target = dice.pick(
        [one for one in year.scene.accounts if one[0] != iban and one[1] != currency]
    )
    base, quote = base_and_quote(currency, target[1])
    rate = rate_of(base, quote, dice.between(9_800, 10_200))
    cents = dice.between(10_000, 500_000)
    value = {base: cents, quote: (cents * rate + 5_000) // 10_000}
    rate = rate_text(base, quote, rate)
    legs = [
        Leg(
            account,
            sign * value[account[1]],
            members_of(
                5, "CNV", "კონვერტაცია", year.scene.self_at(other[0]), exchangeRate=rate
            ),
        )
        for account, other, sign in (
            ((iban, currency), target, -1),
            (target, (iban, currency), 1),
        )
    ]
    year.move(day, legs, "conversion across")


def own_elsewhere(year, day):
    """To an account of the company that the integration does not see."""
    iban, currency = year.account()
    there = year.scene.self_at("GE44TB0600051509630891")
    members = members_of(1, "GIB", "პირად ანგარიშზე გადარიცხვა", there)
    leg = Leg((iban, currency), -year.dice.between(5_000, 400_000), members)
    fate = year.fate("own account elsewhere", STAYS)
    fate.account = OWN
    year.enter(day, [leg], [fate])


def service_fee(year, day):
    """The bank's own fee, which belongs to no operation."""
    cents = -year.dice.between(100, 3_000)
    members = members_of(33, "FEE", "მომსახურების საკომისიო", THE_BANK)
    fate = year.fate("fee without operation", FEE)
    year.enter(day, [Leg(year.account(), cents, members)], [fate])


def supplier_unknown(year, day):
    """Somebody whom the books do not know is paid, now and then with a fee."""
    legs = op.outgoing(year.dice, year.scene, year.account())
    fates = [year.fate("payee unknown", STAYS), year.fate("fee", FEE)]
    fates[0].account = _usual(legs[0])
    year.enter(day, legs, fates[: len(legs)])


def customer_unknown(year, day):
    """Somebody whom the books do not know pays."""
    legs = op.incoming(year.dice, year.scene, year.account())
    fate = year.fate("payer unknown", STAYS)
    fate.account = _usual(legs[0])
    year.enter(day, legs, [fate])


def _usual(leg):
    """The account that money of somebody whom the books do not know goes to."""
    name = leg.members["partnerAccountInfo"]["partnerName"]
    return f"{'to' if leg.cents < 0 else 'from'} {name}"


def by_rule(operation, rule):
    """A story of one movement that only its kind says something about."""

    def story(year, day):
        legs = operation(year.dice, year.scene, year.account("GEL"))
        fates = [year.fate(rule, RULE)]
        fates[0].rule = rule
        year.enter(day, legs, fates)

    story.__name__ = rule
    return story


# Story → how often, in parts. Each is told once before chance begins.
STORIES = {
    named: 70,
    by_reference: 8,
    short: 36,
    exact: 26,
    several: 10,
    partial: 14,
    same_amount_named: 3,
    bill_named: 48,
    bill_exact: 10,
    overpaid: 6,
    twin_named: 4,
    twin_bare: 3,
    same_amount: 6,
    same_amount_twice: 2,
    another_partys: 4,
    contradicting: 3,
    contradicting_short: 3,
    short_other_amount: 4,
    several_inexact: 3,
    withheld: 3,
    sum_of_some: 3,
    other_script: 3,
    other_currency: 3,
    payer_unknown: 8,
    payer_known_twice: 3,
    two_payers_named: 2,
    two_payers: 2,
    returned_bill: 8,
    returned_and_paid_again: 2,
    returned_in_part: 2,
    refund: 6,
    refund_elsewhere: 2,
    refund_in_part: 3,
    refund_without_a_link: 3,
    own_transfer: 60,
    conversion: 60,
    conversion_across: 15,
    own_elsewhere: 6,
    service_fee: 50,
    supplier_unknown: 80,
    customer_unknown: 60,
    by_rule(op.treasury, "treasury"): 50,
    by_rule(op.utility, "utilities"): 50,
    by_rule(op.salary, "salary"): 90,
    by_rule(op.cash, "cash"): 30,
    by_rule(op.card, "card"): 130,
}
