"""The operations of a business account, one function each: what happened, as one or
more legs.

The operation codes, but for ``GIB``, are ours: the bank's pages list none. Types and
members are those of the bank's page bis-get-account-movements.
"""

from .scene import Leg

# GEL for one unit, times ten thousand: 3.1750 is 31750
_GEL_RATES = {
    "GEL": 10_000,
    "USD": 27_150,
    "EUR": 31_750,
    "GBP": 36_400,
    "CHF": 33_900,
    "TRY": 660,
}


def incoming(dice, scene, account):
    """Type 20: a customer pays an invoice."""
    customer = dice.pick(scene.cast.customers)
    number = dice.between(100, 9999)
    purpose = dice.pick(
        (
            f"ინვოისი #{number}",
            f"Invoice #{number}",
            f"მომსახურების საფასური, ინვოისი {number}",
        )
    )
    extra = {
        "additionalInformation": _written_out(customer, purpose),
        "documentNumber": f"DOC-{dice.digits(6)}",
    }
    return [
        Leg(
            account,
            dice.between(2_500, 900_000),
            _members(20, "GIB", purpose, customer, **extra),
        )
    ]


def outgoing(dice, scene, account):
    """Type 30: a supplier is paid; now and then with the bank's fee (type 33) beside
    it.
    """
    supplier = dice.pick(scene.cast.companies)
    purpose = dice.pick(
        ("საქონლის საფასური", "Payment for goods", f"ანგარიშფაქტურა {dice.digits(5)}")
    )
    reference = f"TRN-{dice.digits(10)}" if dice.chance(0.5) else None
    legs = [
        Leg(
            account,
            -dice.between(1_500, 700_000),
            _members(
                30,
                "GIB",
                purpose,
                supplier,
                transactionReference=reference,
                additionalInformation=_written_out(supplier, purpose),
            ),
        )
    ]
    if dice.chance(0.3):
        legs.append(_fee(dice, account))
    return legs


def outgoing_with_fee(dice, scene, account):
    """Type 30 and its fee, type 33, for certain."""
    legs = outgoing(dice, scene, account)
    return legs if len(legs) == 2 else [*legs, _fee(dice, account)]


def conversion(dice, scene, account):
    """Type 5: money changes currency inside one IBAN; both legs hold the rate, the
    product rounded to the cent.
    """
    iban, currency = account
    others = [
        code for owner, code in scene.accounts if owner == iban and code != currency
    ]
    other = dice.pick(others) if others else ("USD" if currency == "GEL" else "GEL")
    base, quote = sorted(
        (currency, other), key=lambda code: -_GEL_RATES.get(code, 10_000)
    )
    rate = (
        _GEL_RATES.get(base, 10_000)
        * dice.between(9_800, 10_200)
        // _GEL_RATES.get(quote, 10_000)
    )
    base_cents = dice.between(10_000, 500_000)
    value = {base: base_cents, quote: (base_cents * rate + 5_000) // 10_000}
    text = f"1 {base} = {rate / 10_000:.4f}".rstrip("0").rstrip(".") + f" {quote}"
    members = _members(
        5,
        "CNV",
        dice.pick(("კონვერტაცია", "Currency conversion")),
        scene.self_at(iban),
        exchangeRate=text,
    )
    return [
        Leg(account, -value[currency], members),
        Leg((iban, other), value[other], members),
    ]


def own_transfer(dice, scene, account):
    """Type 1: between the company's own accounts of one currency. With a single IBAN
    the other leg lies on an account that the integration cannot see.
    """
    iban, currency = account
    others = [
        owner for owner, code in scene.accounts if code == currency and owner != iban
    ]
    other = dice.pick(others) if others else "GE44TB0600051509630891"
    value, purpose = dice.between(5_000, 400_000), "პირად ანგარიშზე გადარიცხვა"
    return [
        Leg(account, -value, _members(1, "GIB", purpose, scene.self_at(other))),
        Leg((other, currency), value, _members(1, "GIB", purpose, scene.self_at(iban))),
    ]


def treasury(dice, scene, account):
    """Type 32: taxes, to a treasury code. GEL only."""
    tax = _members(
        32,
        "TRS",
        "გადასახადების ერთიანი კოდი",
        scene.cast.treasury(dice),
        taxpayerCode=scene.tax_code,
        taxpayerName=scene.company,
    )
    return [Leg(account, -dice.between(5_000, 600_000), tax)]


def salary(dice, scene, account):
    """Type 30, to a person with an 11-digit personal number."""
    members = _members(
        30,
        "GIB",
        f"ხელფასი {dice.between(1, 12):02d}/2026",
        dice.pick(scene.cast.people),
    )
    return [Leg(account, -dice.between(80_000, 450_000), members)]


def utility(dice, scene, account):
    """Type 31: electricity, water, telephone."""
    purpose = f"კომუნალური გადასახადი, აბონენტი {dice.digits(9)}"
    return [
        Leg(
            account,
            -dice.between(700, 90_000),
            _members(31, "UTL", purpose, dice.pick(scene.cast.utilities)),
        )
    ]


def card(dice, scene, account):
    """Type 33: a card purchase; the shop has a name and nothing else."""
    shop = dice.pick(scene.cast.shops)
    price, digits = dice.between(5, 400), dice.digits(4)
    purpose = f"POS - {shop['partnerName']}, {price}.00, MC 5***{digits}"
    return [
        Leg(account, -dice.between(300, 60_000), _members(33, "CRD", purpose, shop))
    ]


def cash(dice, scene, account):
    """Type 30: cash drawn at the counter by a person with an identity document."""
    person = dice.pick(scene.cast.people)
    taker = {
        "partnerName": person["partnerName"],
        "docTypeId": dice.between(1, 3),
        "personalNumber": person["taxCode"],
        "documentNumber": f"19{dice.pick('ABIR')}{dice.digits(7)}",
    }
    return [
        Leg(
            account,
            -dice.between(10, 500) * 1_000,
            _members(30, "CSH", "ნაღდი ფულის გატანა", taker),
        )
    ]


def service_fee(dice, _scene, account):
    """Type 33: the bank's own fee, which belongs to no operation."""
    return [
        Leg(
            account,
            -dice.between(100, 3_000),
            _members(33, "FEE", "მომსახურების საკომისიო", _THE_BANK),
        )
    ]


_THE_BANK = {
    "bankCode": "TBCBGE22",
    "bankName": "JSC TBC Bank",
    "partnerName": "JSC TBC Bank",
}


def _fee(dice, account):
    return Leg(
        account,
        -dice.between(50, 1_500),
        _members(33, "FEE", "გადარიცხვის საკომისიო", _THE_BANK),
        fee=True,
    )


def _members(transaction_type, op_code, purpose, counterparty, **others):
    return {
        "transactionType": transaction_type,
        "opCode": op_code,
        "purpose": purpose,
        "partnerAccountInfo": counterparty,
        **{name: value for name, value in others.items() if value is not None},
    }


def _written_out(counterparty, purpose):
    parts = (
        counterparty["partnerName"],
        counterparty["bankCode"],
        counterparty["accountIban"],
        purpose,
    )
    return " ".join(parts)
