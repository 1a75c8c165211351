"""What happened and what to do, in the user's language.

Sentences only: the bank's figures, places and names come in as arguments. Nothing in
here ever sees a client id, a secret or a token.
"""

from .tbc import errors as tbc


def user_message(env, error):
    """Return the sentence that tells the user of ``error``, a :class:`TbcError`.

    The bank's trace id ends it where there is one: the bank's support asks for it.
    """
    sentence = _by_title(env, error) or _by_class(env, error)
    return with_trace(env, sentence, error.trace_id)


def with_trace(env, sentence, trace_id):
    """Return the sentence, with the bank's trace id at its end where there is one."""
    if not trace_id:
        return sentence
    return env._(
        "%(sentence)s (The bank's trace ID: %(trace_id)s)",
        sentence=sentence,
        trace_id=trace_id,
    )


def _by_title(env, error):
    """The bank's own words, where it has one for the case."""
    sentences = {
        "USER_IS_DELETED": env._(
            "The bank says that the user linked to the API integration no longer exists."
            " Link an active user in Business Internet Banking, then enter the new"
            " client ID and secret."
        ),
        "USER_IS_NOT_ACTIVE": env._(
            "The bank says that the user linked to the API integration is not active."
            " Activate the user in Business Internet Banking, then test the connection."
        ),
        "USER_IS_BLOCKED": env._(
            "The bank says that the user linked to the API integration is blocked."
            " Unblock the user in Business Internet Banking, then test the connection."
        ),
        "NOT_AUTHORIZED": env._(
            "The bank says that the integration user may not see this account or"
            " period, or may not make payments. Give the user this right in Business"
            " Internet Banking, then test the connection."
        ),
        "INVALID_ACCOUNT": env._(
            "The bank does not know this account in this currency, or the integration"
            " user may not see it. Check the IBAN and the currency."
        ),
        "invalid_client": env._(
            "The bank refused the client ID and secret. The integration user must enter"
            " them again, as Business Internet Banking shows them."
        ),
        "invalid_scope": env._(
            "The API integration lacks this permission. Tick it for the integration in"
            " Business Internet Banking, then test the connection."
        ),
    }
    return sentences.get(error.title) or sentences.get(error.code)


def _by_class(env, error):
    """The class says whether it is worth trying again; most special first."""
    if isinstance(error, tbc.TbcUnreachable):
        return env._(
            "The bank can't be reached, and nothing was sent to it. Check the server's"
            " internet connection; the next scheduled read tries again."
        )
    if isinstance(error, tbc.TbcUnreadable):
        return env._(
            "The bank's answer can't be read, so it was left out; what was booked before"
            " it stays. The next scheduled read tries again; if it goes on, tell the"
            " bank's support."
        )
    if isinstance(error, tbc.TbcBusy):
        return env._(
            "The bank asks for fewer requests. The next scheduled read tries again."
        )
    if isinstance(error, tbc.TbcAuthRefused):
        return env._(
            "The bank refused access. Check the API integration and its permissions in"
            " Business Internet Banking, then test the connection."
        )
    if isinstance(error, tbc.TbcRefused):
        return env._(
            "The bank refused the request (%(code)s). Check the account's IBAN and"
            " currency; if they are right, tell the bank's support.",
            code=error.title or error.code or error.status,
        )
    return env._(
        "The bank did not answer as it should. Nothing is lost: the next scheduled read"
        " begins where the last complete one ended."
    )


def seal_message(env, error):
    """Return the sentence for a :class:`..crypto.SealError`."""
    sentences = {
        "no_key": env._(
            "The server has no key for the bank's credentials: tbc_bis_encryption_key is"
            " not set, and the key file is missing. Nothing was lost: put the key back,"
            " or let the integration user enter the client ID and secret again."
        ),
        "bad_key": env._(
            "tbc_bis_encryption_key holds something that is not a key. A key is 32"
            " random bytes in URL-safe base64; see the module's README."
        ),
        "no_file": env._(
            "The server can't read or make its key file for the bank's credentials,"
            " tbc_bis_encryption.key in the data folder. Nothing was lost: give the file"
            " to the account that Odoo runs as."
        ),
        "unsafe_file": env._(
            "The key file for the bank's credentials, tbc_bis_encryption.key in the data"
            " folder, is not safe: it must be a plain file that belongs to the account"
            " that Odoo runs as, and that nobody else may read or write (mode 600). Mend"
            " that; if somebody may have read it, change the key."
        ),
        "wrong_key": env._(
            "The bank's credentials were sealed with another key than the server has"
            " now. They are kept: put the old key back behind the new one in"
            " tbc_bis_encryption_key, or let the integration user enter the client ID"
            " and secret again."
        ),
        "wrong_place": env._(
            "The bank's credentials were entered by another user, or for another"
            " integration or another database, and do not open in this one. The"
            " integration user must enter the client ID and secret again."
        ),
    }
    return sentences[error.reason]


def held_message(env, reason, *, currency=None, detail=None, rounding=None):
    """Return why a movement is not booked yet, and what lets it in."""
    sentences = _held_for_its_currency(env, currency, rounding)
    sentences |= _held_for_else(env, detail)
    return sentences[reason]


def _held_for_its_currency(env, currency, rounding):
    return {
        "currency": env._(
            "It has an amount in %(currency)s, which is switched off in Odoo. Activate"
            " the currency; the next read books it.",
            currency=currency,
        ),
        "rate": env._(
            "%(currency)s has no exchange rate in Odoo, so its value in the company's"
            " currency is not known. Enter the rate of its day, or an earlier one, under"
            " Accounting, Configuration, Currencies; the next read books it.",
            currency=currency,
        ),
        "rounding": env._(
            "Odoo rounds %(currency)s to %(rounding)s, which would change this amount."
            " Set the Rounding Factor of %(currency)s to 0.01 under Accounting,"
            " Configuration, Currencies; the next read books it.",
            currency=currency,
            rounding=rounding,
        ),
    }


def _held_for_else(env, detail):
    return {
        "waiting": env._("Not authorised at the bank yet. It is booked once it is."),
        "secured": env._(
            "%(journal)s has “Secure Posted Entries with Hash” switched on, and Odoo"
            " then takes no bank line that is not matched yet. Press Switch Off the Hash"
            " on the TBC account; the next read books it.",
            journal=detail,
        ),
        "account": env._(
            "The bank lists it under this account, but it names another account or"
            " currency. Tell the bank's support its number."
        ),
        "unreadable": env._(
            "The bank's movement can't be read: %(detail)s. It is read again each time;"
            " if it stays, tell the bank's support its number.",
            detail=detail,
        ),
        "refused": env._(
            "Odoo refuses to book it: %(detail)s It is tried again at each read.",
            detail=detail,
        ),
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
    advice = {
        "hold": env._(
            "Move the lock date, make an exception for everyone, or let the account book"
            " such movements on the first open day; the next read books it."
        ),
        "first_open_day": env._(
            "The next read books it on the first open day, once that day has come."
        ),
        "before": env._(
            "It lies before the account's first day, so it is never booked on another"
            " day: the opening balance holds it. Move the lock date, or make an exception"
            " for everyone; the next read books it."
        ),
    }
    return f"{period} {advice[case]}"


def question_message(env, error):
    """Return the sentence for a failed question about an order that was sent."""
    sentence = _by_title(env, error)
    if not sentence and isinstance(error, tbc.TbcAuthRefused):
        sentence = _by_class(env, error)
    if not sentence and isinstance(error, tbc.TbcRefused):
        sentence = env._(
            "The bank does not answer for this transfer (%(code)s). Look for it in TBC's"
            " internet bank, and tell the bank's support.",
            code=error.title or error.code or error.status,
        )
    return with_trace(
        env,
        sentence
        or env._(
            "The bank could not be asked for this transfer just now. It is asked again"
            " by itself; nothing is sent again."
        ),
        error.trace_id,
    )


def doubt_message(env, error):
    """Return why nobody knows whether the bank has an order, and what happens now."""
    if isinstance(error, tbc.TbcDuplicate):
        return env._(
            "The bank says that it has this ID already. It is asked for the order, and"
            " nothing is sent again."
        )
    if isinstance(error, tbc.TbcUnreadable):
        return env._(
            "The bank's answer can't be read, so nobody knows whether the bank has the"
            " order. The bank is asked for it; nothing is sent again."
        )
    if isinstance(error, tbc.TbcAuthRefused):
        return env._(
            "Access was refused on the way to the bank (%(code)s), so nobody knows"
            " whether the bank has the order. The bank is asked for it once the"
            " connection works; nothing is sent again.",
            code=error.title or error.code or error.status,
        )
    if error.status and error.status < 500:
        return env._(
            "The answer (%(code)s) is not the bank's own, so nobody knows whether the"
            " bank has the order. The bank is asked for it; nothing is sent again.",
            code=error.title or error.code or f"HTTP {error.status}",
        )
    return env._(
        "The bank did not answer, so nobody knows whether it has the order. The bank is"
        " asked for it; nothing is sent again."
    )


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
    """Return what the bank would refuse in ``order``, and which field mends it.

    :param fault: an ``OrderFault`` of the core
    :param order: the ``tbc.transfer``
    """
    if fault.rule == "missing":
        return _missing_message(env, fault, order)
    if (fault.field, fault.rule) == ("beneficiary_name", "not_latin"):
        payment = order.payment_id
        return env._(
            "The Account Holder Name of %(partner)s's account %(account)s must be in"
            " Latin letters: banks abroad can't read others.",
            partner=payment.partner_id.commercial_partner_id.display_name,
            account=payment.partner_bank_id.acc_number,
        )
    limit = fault.limit
    if fault.field == "additional_description" and limit:
        # The memo fills both fields, the first one to its end.
        limit += len(order.description or "")
    name = _field_names(env).get(fault.field, fault.field)
    name = name[:1].title() + name[1:]
    rules = _rules_of_texts(env, name, limit) | _rules_of_accounts(env, name)
    return rules.get(fault.rule) or env._(
        "%(field)s: the bank would refuse it (%(rule)s).", field=name, rule=fault.rule
    )


def _field_names(env):
    """Return ``{field of an order: its name in a sentence}``."""
    return {
        "description": env._("the memo"),
        "additional_description": env._("the memo"),
        "beneficiary_name": env._("the recipient's name"),
        "beneficiary_tax_code": env._("the recipient's tax code"),
        "beneficiary_address": env._("the recipient's address"),
        "beneficiary_bank_code": env._("the BIC of the recipient's bank"),
        "beneficiary_bank_name": env._("the name of the recipient's bank"),
        "credit_iban": env._("the recipient's account"),
        "credit_currency": env._("the recipient's currency"),
        "debit_iban": env._("the account that pays"),
        "taxpayer_code": env._("the taxpayer's code"),
        "taxpayer_name": env._("the taxpayer's name"),
        "treasury_code": env._("the treasury code"),
        "amount": env._("the amount"),
        "currency": env._("the currency"),
        "charge_details": env._("the charges"),
    }


def _rules_of_texts(env, name, limit):
    """Return ``{rule of the bank: what to do}``: texts, amounts and charges."""
    return {
        "unexpected": env._(
            "%(field)s does not belong to this type of transfer.", field=name
        ),
        "too_long": env._(
            "%(field)s is longer than the %(limit)s characters that the bank takes."
            " Shorten it.",
            field=name,
            limit=limit,
        ),
        "not_positive": env._("%(field)s must be more than zero.", field=name),
        "too_many_decimals": env._("%(field)s may have two decimals.", field=name),
        "too_large": env._("%(field)s is larger than the bank takes.", field=name),
        "not_sha_or_our": env._("Choose SHA or OUR for the charges."),
        "not_a_tax_code": env._(
            "%(field)s must be nine digits, or eleven for a person.", field=name
        ),
        "not_latin": env._(
            "%(field)s must be in plain Latin letters, without accents: banks abroad"
            " can't read others.",
            field=name,
        ),
    }


def _rules_of_accounts(env, name):
    """Return ``{rule of the bank: what to do}``: accounts and their currencies."""
    return {
        "not_nine_digits": env._(
            "%(field)s must be nine digits: correct the recipient's account number.",
            field=name,
        ),
        "not_gel": env._("The bank takes this type of transfer in GEL only."),
        "gel": env._(
            "A transfer in GEL goes to Georgian accounts only: choose an account in"
            " Georgia, or pay in another currency."
        ),
        "other_currency": env._(
            "The bank takes the amount in the currency of the account that pays."
        ),
        "not_an_account": env._(
            "%(field)s is not an account number: correct it.", field=name
        ),
        "check_digits": env._(
            "%(field)s is mistyped: its check digits are wrong. Compare it with the"
            " recipient's own.",
            field=name,
        ),
        "not_tbc": env._("%(field)s is not in TBC.", field=name),
        "not_georgian": env._("%(field)s is not a Georgian IBAN.", field=name),
        "same_account": env._("The payment goes to the very account that it leaves."),
    }


def _missing_message(env, fault, order):
    """Return which field of which record is to be filled in."""
    partner = order.payment_id.partner_id.commercial_partner_id.display_name
    account = order.payment_id.partner_bank_id.acc_number
    company = order.company_id.name
    sentences = {
        "description": env._("Fill in the memo of the payment."),
        "beneficiary_name": env._(
            "Fill in the Account Holder Name of %(partner)s's account %(account)s.",
            partner=partner,
            account=account,
        ),
        "beneficiary_address": env._(
            "Fill in street, city and country of %(partner)s.", partner=partner
        ),
        "beneficiary_bank_code": env._(
            "Choose the bank of %(partner)s's account %(account)s, and fill in its BIC.",
            partner=partner,
            account=account,
        ),
        "charge_details": env._("Choose SHA or OUR for the charges of the payment."),
        "treasury_code": env._("Choose a treasury code as the recipient's account."),
        "taxpayer_code": env._(
            "Fill in the Tax ID of %(company)s, or the taxpayer code of the payment.",
            company=company,
        ),
    }
    taxpayer = order.payment_id.tbc_taxpayer_code or order.payment_id.tbc_taxpayer_name
    if taxpayer and fault.field in ("taxpayer_code", "taxpayer_name"):
        return env._(
            "Fill in both the taxpayer code and the taxpayer name of the payment, or"
            " neither."
        )
    return sentences.get(fault.field) or env._(
        "The bank needs a value that is missing (%(field)s).", field=fault.field
    )
