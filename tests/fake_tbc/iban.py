"""Georgian IBANs and the banks behind them (advisory list of the National Bank's
codes).
"""

BANKS = {
    "TB": ("TBCBGE22", "JSC TBC Bank"),
    "BG": ("BAGAGE22", "JSC Bank of Georgia"),
    "LB": ("LBRTGE22", "JSC Liberty Bank"),
    "CD": ("JSCRGE22", "JSC Credo Bank"),
    "PC": ("MIBGGE22", "JSC ProCredit Bank"),
    "BS": ("CBASGE22", "JSC Basisbank"),
    "CR": ("CRTUGE22", "JSC Cartu Bank"),
    "KS": ("TEBAGE22", "JSC Terabank"),
    "HB": ("HABGGE22", "JSC Halyk Bank Georgia"),
    "TR": ("TRESGE22", "State Treasury"),
}


def georgian_iban(bank_code, digits):
    """``GE``, two check digits (mod 97), two letters of the bank, 16 digits: 22
    characters.
    """
    check = 98 - _remainder(f"{bank_code}{digits}GE00")
    return f"GE{check:02d}{bank_code}{digits}"


def is_valid_iban(iban):
    """Whether the mod-97 check digits of an IBAN hold. The bank's own sandbox account
    fails this.
    """
    return _remainder(iban[4:] + iban[:4]) == 1


def _remainder(text):
    return int("".join(str(int(sign, 36)) for sign in text)) % 97
