"""What happened and what to do, in the user's language.

Sentences only: the bank's figures, places and names come in as arguments. Nothing in
here ever sees a client id, a secret or a token.
"""

from . import tbc


def _lt(sentence):
    """Mark a sentence of a table for the translators; ``env._`` translates it."""
    return sentence


def user_message(env, error):
    """Return the sentence that tells the user of ``error``, a :class:`TbcError`.

    The bank's trace id ends it where there is one: the bank's support asks for it.
    """
    return _message(env, error, _BY_CLASS)


def test_message(env, error):
    """Return the sentence for an error of a connection test, which a person repeats."""
    return _message(env, error, _TESTS, _BY_CLASS)


def _message(env, error, *tables):
    """The bank's own word comes first, then the first table that knows the class."""
    found = (_by_class(env, error, table) for table in tables)
    sentence = _by_title(env, error) or next(filter(None, found))
    return with_trace(env, sentence, error.trace_id)


def with_trace(env, sentence, trace_id):
    if not trace_id:
        return sentence
    return env._(
        "%(sentence)s (The bank's trace ID: %(trace_id)s)",
        sentence=sentence,
        trace_id=trace_id,
    )


def _by_title(env, error):
    """The sentence for the bank's own word, where it has one for the case."""
    sentence = _BY_TITLE.get(error.title) or _BY_TITLE.get(error.code)
    return sentence and env._(sentence)


def _by_class(env, error, sentences):
    """The first of ``{class: sentence}`` whose class the error is of, or ``None``."""
    code = error.title or error.code or error.status
    for kind, sentence in sentences.items():
        if isinstance(error, kind):
            return env._(sentence, code=code)
    return None


_BY_TITLE = {
    "USER_IS_DELETED": _lt(
        "The bank says that the user linked to the API integration no longer exists. "
        "Link an active user in Business Internet Banking, then enter the new Client "
        "ID and Secret."
    ),
    "USER_IS_NOT_ACTIVE": _lt(
        "The bank says that the user linked to the API integration is not active."
        " Activate the user in Business Internet Banking, then test the connection."
    ),
    "USER_IS_BLOCKED": _lt(
        "The bank says that the user linked to the API integration is blocked. Unblock"
        " the user in Business Internet Banking, then test the connection."
    ),
    "NOT_AUTHORIZED": _lt(
        "The bank says that the integration user may not see this account or period, or"
        " may not make payments. Give the user this right in Business Internet Banking,"
        " then test the connection."
    ),
    "INVALID_ACCOUNT": _lt(
        "The bank does not know this account in this currency, or the integration user"
        " may not see it. Check the IBAN and the currency."
    ),
    "invalid_client": _lt(
        "Client ID or Secret is wrong. Sandbox and production have different ones."
    ),
    "invalid_scope": _lt(
        "The API integration lacks this permission. Tick it for the integration in"
        " Business Internet Banking, then test the connection."
    ),
}

_NO_ACCESS = _lt(
    "The bank refused access. Check the API integration and its permissions in Business"
    " Internet Banking, then test the connection."
)

# The class says whether it is worth trying again.
_BY_CLASS = {
    tbc.TbcUnreachable: _lt(
        "The bank can't be reached, and nothing was sent to it. Check the server's "
        "internet connection; the next scheduled sync tries again."
    ),
    tbc.TbcUnreadable: _lt(
        "The bank's answer can't be read, so it was left out; what was booked before "
        "it stays. The next scheduled sync tries again; if it goes on, tell the bank's "
        "support."
    ),
    tbc.TbcBusy: _lt(
        "The bank asks for fewer requests. The next scheduled sync tries again."
    ),
    tbc.TbcAuthRefused: _NO_ACCESS,
    tbc.TbcRefused: _lt(
        "The bank refused the request (%(code)s). Check the account's IBAN and"
        " currency; if they are right, tell the bank's support."
    ),
    tbc.TbcError: _lt(
        "The bank did not answer as it should. Nothing is lost: the next scheduled "
        "sync begins where the last complete one ended."
    ),
}

# Of a test: nothing tries it again by itself.
_TESTS = {
    tbc.TbcUnreachable: _lt(
        "The bank can't be reached. Check the server's internet connection, then press"
        " Test Connection."
    ),
    tbc.TbcUnreadable: _lt(
        "The bank's answer can't be read. Press Test Connection again; if it stays, tell"
        " the bank's support."
    ),
    tbc.TbcBusy: _lt(
        "The bank asks for fewer requests. Press Test Connection in some minutes."
    ),
    tbc.TbcNoAnswer: _lt(
        "The bank did not answer as it should. Press Test Connection in some minutes."
    ),
}


# === CREDENTIALS === #


def seal_message(env, error):
    return env._(_SEALS[error.reason])


_SEALS = {
    "no_key": _lt(
        "The server has no key for the Client ID and Secret: tbc_bis_encryption_key is "
        "not set, and the key file is missing. Nothing was lost: put the key back, or "
        "let the integration user enter both again."
    ),
    "bad_key": _lt(
        "tbc_bis_encryption_key holds something that is not a key. A key is 32 random"
        " bytes in URL-safe base64; see the module's README."
    ),
    "no_file": _lt(
        "The server can't read or make the key file of the Client ID and Secret, "
        "tbc_bis_encryption.key in the data folder. Nothing was lost: give the file to "
        "the account that Odoo runs as."
    ),
    "unsafe_file": _lt(
        "The key file of the Client ID and Secret, tbc_bis_encryption.key in the data "
        "folder, is not safe: it must be a plain file that belongs to the account that "
        "Odoo runs as, and that nobody else may read or write (mode 600). Mend that; "
        "if somebody may have read it, change the key."
    ),
    "wrong_key": _lt(
        "The Client ID and Secret were sealed with another key than the server has "
        "now. They are kept: put the old key back behind the new one in "
        "tbc_bis_encryption_key, or let the integration user enter both again."
    ),
    "wrong_place": _lt(
        "The Client ID and Secret were entered by another user, or for another "
        "integration or another database, and do not open in this one. The integration "
        "user must enter them again."
    ),
}


# === WHAT IS ON HOLD === #


def held_message(env, reason, detail, rounding):
    """Return why a movement is not booked yet, and what lets it in.

    :param detail: what the hold keeps beside its reason: a code, a name or a sentence
    :param rounding: the rounding factor of the currency, where that is the reason
    """
    words = dict.fromkeys(("currency", "detail", "journal"), detail)
    return env._(_HELD[reason], **words, rounding=rounding)


_HELD = {
    "currency": _lt(
        "It has an amount in %(currency)s, which is switched off in Odoo. Activate the"
        " currency; the next sync books it."
    ),
    "rate": _lt(
        "%(currency)s has no exchange rate in Odoo, so its value in the company's"
        " currency is not known. Enter the rate of its day, or an earlier one, under"
        " Accounting, Configuration, Currencies; the next sync books it."
    ),
    "rounding": _lt(
        "Odoo rounds %(currency)s to %(rounding)s, which would change this amount. Set"
        " the Rounding Factor of %(currency)s to 0.01 under Accounting, Configuration,"
        " Currencies; the next sync books it."
    ),
    "waiting": _lt(
        "Not authorised at the bank yet. Once it is, the next sync books it."
    ),
    "secured": _lt(
        "%(journal)s has “Secure Posted Entries with Hash” switched on, and Odoo then "
        "takes no transaction that is still to match. Press Switch Off the Hash on the "
        "TBC account; the next sync books it."
    ),
    "account": _lt(
        "The bank lists it under this account, but it names another account or"
        " currency. Tell the bank's support its number."
    ),
    "unreadable": _lt(
        "The bank's transaction can't be read: %(detail)s. Each sync tries again; if it"
        " stays, tell the bank's support its number."
    ),
    "refused": _lt("Odoo refuses to book it: %(detail)s Each sync tries again."),
}


def locked_message(env, *, until, case):
    """Return what lets in a movement whose day is locked.

    :param until: the lock date, formatted; ``None`` where it is not known
    :param case: ``hold`` or ``first_open_day`` as the account says, or ``before``: of a
        day before the first day wanted, which is never booked on another day
    """
    period = env._("Its day lies in a locked period.")
    if until:
        period = env._("Its day is locked: the lock date is %(day)s.", day=until)
    return f"{period} {env._(_LOCKED[case])}"


_LOCKED = {
    "hold": _lt(
        "Move the lock date, make an exception for everyone, or let the account book"
        " such transactions on the first open day; the next sync books it."
    ),
    "first_open_day": _lt(
        "The next sync books it on the first open day, once that day has come."
    ),
    "before": _lt(
        "It lies before the account's first day, so it is never booked on another day: "
        "the opening balance includes it. Move the lock date, or make an exception for "
        "everyone; the next sync books it."
    ),
}


# === ORDERS === #


def question_message(env, error):
    """Return the sentence for a failed question about an order that was sent."""
    sentence = _by_title(env, error) or _by_class(env, error, _QUESTIONS)
    return with_trace(env, sentence, error.trace_id)


_QUESTIONS = {
    tbc.TbcAuthRefused: _NO_ACCESS,
    tbc.TbcRefused: _lt(
        "The bank does not answer for this transfer (%(code)s). Look for it in TBC's"
        " internet bank, and tell the bank's support."
    ),
    tbc.TbcError: _lt(
        "The bank could not be asked for this transfer just now. It is asked again by"
        " itself; nothing is sent again."
    ),
}


def doubt_message(env, error):
    """Return why nobody knows whether the bank has an order, and what happens now."""
    if sentence := _by_class(env, error, _DOUBTS):
        return sentence
    if error.status and error.status < 500:
        return env._(
            "The answer (%(code)s) is not the bank's own, so nobody knows whether the "
            "bank has the transfer. The bank is asked for it; nothing is sent again.",
            code=error.title or error.code or f"HTTP {error.status}",
        )
    return env._(
        "The bank did not answer, so nobody knows whether it has the transfer. The "
        "bank is asked for it; nothing is sent again."
    )


_DOUBTS = {
    tbc.TbcDuplicate: _lt(
        "The bank says that it has this ID already. It is asked for the transfer, and "
        "nothing is sent again."
    ),
    tbc.TbcUnreadable: _lt(
        "The bank's answer can't be read, so nobody knows whether the bank has the "
        "transfer. The bank is asked for it; nothing is sent again."
    ),
    tbc.TbcAuthRefused: _lt(
        "Access was refused on the way to the bank (%(code)s), so nobody knows whether "
        "the bank has the transfer. The bank is asked for it once the connection "
        "works; nothing is sent again."
    ),
}


def waiting_message(env, error):
    """Return why an order that is surely not at the bank is sent later."""
    if isinstance(error, tbc.TbcBusy):
        return env._(
            "Not sent yet: the bank asks for fewer requests. It is tried again."
        )
    return env._(
        "Not sent yet: the bank can't be reached. It is tried again; check the server's"
        " internet connection."
    )


def refusal_words(error):
    """The bank's own words of a refusal, with the faults it found in fields."""
    words = [word for word in (error.title, error.detail) if word]
    words += [
        f"{field}: {fault}"
        for field, faults in error.errors.items()
        for fault in faults
    ]
    return "\n".join(words) or error.code or str(error.status)


def fault_message(env, fault, order):
    """Return what the bank would refuse in ``order``, and which field mends it."""
    limit = fault.limit
    if fault.field == "additional_description" and limit:
        # The memo fills both fields, the first one to its end.
        limit += len(order.description or "")
    payment = order.payment_id
    return env._(
        _fault_sentence(fault, payment),
        account=payment.partner_bank_id.acc_number,
        company=order.company_id.name,
        field=_field_name(env, fault),
        limit=limit,
        partner=payment.partner_id.commercial_partner_id.display_name,
        rule=fault.rule,
    )


def _field_name(env, fault):
    if fault.rule == "missing" or fault.field not in _FIELDS:
        return fault.field
    name = env._(_FIELDS[fault.field])
    return name[:1].title() + name[1:]


def _fault_sentence(fault, payment):
    """Return the sentence of a fault, with the names of its words."""
    if fault.rule == "missing":
        has_taxpayer = payment.tbc_taxpayer_code or payment.tbc_taxpayer_name
        if has_taxpayer and fault.field in ("taxpayer_code", "taxpayer_name"):
            return _MISSING["half_a_taxpayer"]
        return _MISSING.get(fault.field) or _MISSING["else"]
    if (fault.field, fault.rule) == ("beneficiary_name", "not_latin"):
        return _FAULTS["name_not_latin"]
    return _FAULTS.get(fault.rule) or _FAULTS["else"]


# {field of an order: its name in a sentence}
_FIELDS = {
    "description": _lt("the memo"),
    "additional_description": _lt("the memo"),
    "beneficiary_name": _lt("the recipient's name"),
    "beneficiary_tax_code": _lt("the recipient's tax code"),
    "beneficiary_address": _lt("the recipient's address"),
    "beneficiary_bank_code": _lt("the BIC of the recipient's bank"),
    "beneficiary_bank_name": _lt("the name of the recipient's bank"),
    "credit_iban": _lt("the recipient's account"),
    "credit_currency": _lt("the recipient's currency"),
    "debit_iban": _lt("the account that pays"),
    "taxpayer_code": _lt("the taxpayer's code"),
    "taxpayer_name": _lt("the taxpayer's name"),
    "treasury_code": _lt("the treasury code"),
    "amount": _lt("the amount"),
    "currency": _lt("the currency"),
    "charge_details": _lt("the charges"),
}

# {rule of the bank: what to do}
_FAULTS = {
    "unexpected": _lt("%(field)s does not belong to this type of transfer."),
    "too_long": _lt(
        "%(field)s is longer than the %(limit)s characters that the bank takes. Shorten"
        " it."
    ),
    "not_positive": _lt("%(field)s must be more than zero."),
    "too_many_decimals": _lt("%(field)s may have two decimals."),
    "too_large": _lt("%(field)s is larger than the bank takes."),
    "not_sha_or_our": _lt("Choose SHA or OUR for the charges."),
    "not_a_tax_code": _lt("%(field)s must be nine digits, or eleven for a person."),
    "not_latin": _lt(
        "%(field)s must be in plain Latin letters, without accents: banks abroad can't"
        " read others."
    ),
    "not_nine_digits": _lt(
        "%(field)s must be nine digits: correct the recipient's account number."
    ),
    "not_gel": _lt("The bank takes this type of transfer in GEL only."),
    "gel": _lt(
        "A transfer in GEL goes to Georgian accounts only: choose an account in"
        " Georgia, or pay in another currency."
    ),
    "other_currency": _lt(
        "The bank takes the amount in the currency of the account that pays."
    ),
    "not_an_account": _lt("%(field)s is not an account number: correct it."),
    "check_digits": _lt(
        "%(field)s is mistyped: its check digits are wrong. Compare it with the"
        " recipient's own."
    ),
    "not_tbc": _lt("%(field)s is not in TBC."),
    "not_georgian": _lt("%(field)s is not a Georgian IBAN."),
    "same_account": _lt("The payment goes to the very account that it leaves."),
    "name_not_latin": _lt(
        "The Account Holder Name of %(partner)s's account %(account)s must be in Latin"
        " letters: banks abroad can't read others."
    ),
    "else": _lt("%(field)s: the bank would refuse it (%(rule)s)."),
}

# {field without a value: which field of which record is to be filled in}
_MISSING = {
    "description": _lt("Fill in the memo of the payment."),
    "beneficiary_name": _lt(
        "Fill in the Account Holder Name of %(partner)s's account %(account)s."
    ),
    "beneficiary_address": _lt("Fill in street, city and country of %(partner)s."),
    "beneficiary_bank_code": _lt(
        "Choose the bank of %(partner)s's account %(account)s, and fill in its BIC."
    ),
    "charge_details": _lt("Choose SHA or OUR for the charges of the payment."),
    "treasury_code": _lt("Choose a treasury code as the recipient's account."),
    "taxpayer_code": _lt(
        "Fill in the Tax ID of %(company)s, or the taxpayer code of the payment."
    ),
    "half_a_taxpayer": _lt(
        "Fill in both the taxpayer code and the taxpayer name of the payment, or"
        " neither."
    ),
    "else": _lt("The bank needs a value that is missing (%(field)s)."),
}
