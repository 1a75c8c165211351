"""Who the company deals with: counterparties that come back, named in Georgian or in
Latin letters.
"""

from .iban import BANKS, georgian_iban

COMPANIES = (
    "შპს ალტა",
    "შპს კავკასიის ხილი",
    "სს მთის წყალი",
    "შპს ვაზი და პური",
    "შპს თბილისის სტამბა",
    "შპს ბათუმის ნავი",
    "Kartli Trade LLC",
    "Rioni Logistics LLC",
    "Svaneti Tours LLC",
    "JSC Black Sea Cement",
    "Imereti Foods LLC",
    "Green Valley & Sons LLC",
)
FIRST_NAMES = (
    "ნინო",
    "გიორგი",
    "თამარ",
    "ლევან",
    "ქეთევან",
    "დავით",
    "Nino",
    "Giorgi",
    "Tamar",
    "Levan",
)
LAST_NAMES = (
    "ბერიძე",
    "კაპანაძე",
    "მაისურაძე",
    "გელაშვილი",
    "ლომიძე",
    "Beridze",
    "Kapanadze",
    "Gelashvili",
)
UTILITIES = (
    "სს თელმიკო",
    "შპს ჯორჯიან უოთერ ენდ ფაუერი",
    "სს სილქნეტი",
    "Magticom LLC",
)
SHOPS = ("CARREFOUR TBILISI", "WISSOL #41", "ნიკორა 112", "BOOKING.COM")
THE_BANK = {
    "bankCode": "TBCBGE22",
    "bankName": "JSC TBC Bank",
    "partnerName": "JSC TBC Bank",
}
_OTHER_BANKS = ("TB", "BG", "LB", "CD", "PC", "BS", "CR", "KS", "HB")


class Cast:
    """The counterparties of one ledger: ``companies`` (9-digit tax code), ``people``
    (11-digit personal number), ``utilities`` and ``shops``; each a dict of
    ``partnerAccountInfo`` members.
    """

    def __init__(self, dice):
        self.companies = [_company(dice, name) for name in COMPANIES]
        self.people = [_person(dice) for _ in range(12)]
        self.utilities = [_company(dice, name) for name in UTILITIES]
        self.shops = [{"partnerName": name} for name in SHOPS]
        self.customers = self.companies + self.people

    @staticmethod
    def treasury(dice):
        """The State Treasury, with a nine-digit treasury code (101001000: the unified
        tax account).
        """
        code = "101001000" if dice.chance(0.7) else f"3{dice.digits(8)}"
        return treasury_at(code)


def treasury_at(code):
    """``partnerAccountInfo`` members of the State Treasury, for a treasury code."""
    bic, _name = BANKS["TR"]
    return {
        "bankCode": bic,
        "bankName": "სახელმწიფო ხაზინა",
        "treasuryCode": code,
        "partnerName": "სახელმწიფო ხაზინა",
    }


def at_bank(dice, bank_code):
    """``accountIban``, ``bankCode`` and ``bankName`` of a fresh account at a bank."""
    bic, name = BANKS[bank_code]
    return {
        "accountIban": georgian_iban(bank_code, dice.digits(16)),
        "bankCode": bic,
        "bankName": name,
    }


def _company(dice, name):
    tax_code = f"{dice.pick('24')}{dice.digits(8)}"
    return {
        **at_bank(dice, dice.pick(_OTHER_BANKS)),
        "partnerName": name,
        "taxCode": tax_code,
    }


def _person(dice):
    name = f"{dice.pick(FIRST_NAMES)} {dice.pick(LAST_NAMES)}"
    return {
        **at_bank(dice, dice.pick(_OTHER_BANKS)),
        "partnerName": name,
        "taxCode": f"0{dice.digits(10)}",
    }
