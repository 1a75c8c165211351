"""The operations of a business account, one function each: what happened, as one or
more legs.

The operation codes, but for ``GIB``, are ours: the bank's pages list none. Types and
members are those of the bank's page bis-get-account-movements.
"""

from .cast import THE_BANK
from .rates import base_and_quote, rate_of, rate_text
from .scene import Leg


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
        "additionalInformation": written_out(customer, purpose),
        "documentNumber": f"DOC-{dice.digits(6)}",
    }
    return [
        Leg(
            account,
            dice.between(2_500, 900_000),
            members_of(20, "GIB", purpose, customer, **extra),
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
            members_of(
                30,
                "GIB",
                purpose,
                supplier,
                transactionReference=reference,
                additionalInformation=written_out(supplier, purpose),
            ),
        )
    ]
    if dice.chance(0.3):
        legs.append(fee(account, dice.between(50, 1_500)))
    return legs


def outgoing_with_fee(dice, scene, account):
    """Type 30 and its fee, type 33, for certain."""
    legs = outgoing(dice, scene, account)
    return legs if len(legs) == 2 else [*legs, fee(account, dice.between(50, 1_500))]


def conversion(dice, scene, account):
    """Type 5: money changes currency inside one IBAN; both legs hold the rate, the
    product rounded to the cent.
    """
    iban, currency = account
    others = [
        code for owner, code in scene.accounts if owner == iban and code != currency
    ]
    other = dice.pick(others) if others else ("USD" if currency == "GEL" else "GEL")
    base, quote = base_and_quote(currency, other)
    rate = rate_of(base, quote, dice.between(9_800, 10_200))
    base_cents = dice.between(10_000, 500_000)
    value = {base: base_cents, quote: (base_cents * rate + 5_000) // 10_000}
    members = members_of(
        5,
        "CNV",
        dice.pick(("კონვერტაცია", "Currency conversion")),
        scene.self_at(iban),
        exchangeRate=rate_text(base, quote, rate),
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
        Leg(account, -value, members_of(1, "GIB", purpose, scene.self_at(other))),
        Leg(
            (other, currency), value, members_of(1, "GIB", purpose, scene.self_at(iban))
        ),
    ]


def treasury(dice, scene, account):
    """Type 32: taxes, to a treasury code. GEL only."""
    tax = members_of(
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
    members = members_of(
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
            members_of(31, "UTL", purpose, dice.pick(scene.cast.utilities)),
        )
    ]


def card(dice, scene, account):
    """Type 33: a card purchase; the shop has a name and nothing else."""
    shop = dice.pick(scene.cast.shops)
    price, digits = dice.between(5, 400), dice.digits(4)
    purpose = f"POS - {shop['partnerName']}, {price}.00, MC 5***{digits}"
    return [
        Leg(account, -dice.between(300, 60_000), members_of(33, "CRD", purpose, shop))
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
            members_of(30, "CSH", "ნაღდი ფულის გატანა", taker),
        )
    ]


def service_fee(dice, _scene, account):
    """Type 33: the bank's own fee, which belongs to no operation."""
    return [
        Leg(
            account,
            -dice.between(100, 3_000),
            members_of(33, "FEE", "მომსახურების საკომისიო", THE_BANK),
        )
    ]


def fee(account, cents):
    """Type 33: what the bank takes for a transfer."""
    members = members_of(33, "FEE", "გადარიცხვის საკომისიო", THE_BANK)
    return Leg(account, -cents, members, fee=True)


def members_of(transaction_type, op_code, purpose, counterparty, **others):
    """Members of a Movement; of ``others`` those that are not ``None``."""
    return {
        "transactionType": transaction_type,
        "opCode": op_code,
        "purpose": purpose,
        "partnerAccountInfo": counterparty,
        **{name: value for name, value in others.items() if value is not None},
    }


def written_out(counterparty, purpose):
    """``additionalInformation``: who, where and what for, in one line."""
    names = ("partnerName", "bankCode", "accountIban")
    parts = [*(counterparty.get(name) for name in names), purpose]
    return " ".join(part for part in parts if part)
