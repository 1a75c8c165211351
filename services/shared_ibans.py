"""Several currencies under one IBAN: which journal and which IBAN a document names."""


def is_ours(journals):
    """Whether a TBC account, perhaps an archived one, has one of these journals."""
    return bool(journals.sudo().with_context(active_test=False).tbc_account_ids)


def shares_iban(journal):
    """Whether this is one of the journals of an IBAN that has one of ours."""
    return is_ours(journal) or is_ours(journal.sudo().bank_account_id.journal_id)


def journal_in_currency(found, available, currencies, *, is_ours_first=False):
    """Return the journal to offer where Odoo has found ``found``.

    Odoo takes the first one of an IBAN, or the first of all. Instead of one in another
    currency: the one of the same IBAN, another one of ours, or one that is not ours.

    :param available: the journals to choose from, in Odoo's order
    :param currencies: of what is to be paid
    :param is_ours_first: whether one of ours is better than another one that fits, too
    """
    if (found and not _is_in(found, currencies)) or (
        is_ours_first and not is_ours(found)
    ):
        fitting = available.filtered(lambda j: is_ours(j) and _is_in(j, currencies))
        if fitting:
            return _nearest(fitting, found, currencies)
    if not found or _is_in(found, currencies) or not shares_iban(found):
        return found
    candidates = available.filtered(
        lambda journal: _is_in(journal, currencies) or not is_ours(journal)
    )
    return _nearest(candidates, found, currencies)


def _nearest(journals, found, currencies):
    """The first of these: one of the same IBAN if there is one, then by currency."""
    return journals.sorted(
        lambda journal: (
            journal.bank_account_id != found.bank_account_id,
            not _is_in(journal, currencies),
            not may_pay_from(journal),
        )
    )[:1]


def may_pay_from(journal):
    """Whether transfers may leave the TBC account of this journal."""
    return bool(journal.sudo().tbc_account_ids.integration_id.can_initiate_transfers)


def _is_in(journal, currencies):
    """Whether all amounts in ``currencies`` are in the currency of the journal."""
    return currencies <= (journal.currency_id or journal.company_id.sudo().currency_id)


def own_banks(move):
    """The bank accounts to which the document's company can be paid."""
    return move.company_id.partner_id.bank_ids.filtered(
        lambda bank: not bank.company_id or bank.company_id == move.company_id
    )


def bank_in_currency(found, available, currency):
    """Return which bank account to name on a document in ``currency``.

    :param found: the one that Odoo names. It stays where its IBAN carries the currency,
        as far as we know, and where none of ``available`` does.
    """
    if not found:
        return found
    carried = _carried(available | found)
    if currency in carried.get(found.sanitized_acc_number, currency):
        return found
    fitting = available.filtered(
        lambda bank: (
            currency in carried.get(bank.sanitized_acc_number, bank.currency_id)
            # Of one that is not ours, nothing is known but what Odoo knows.
            or not (bank.currency_id or bank.sanitized_acc_number in carried)
        )
    )
    fitting = fitting.sorted(
        lambda bank: (
            bank.sanitized_acc_number not in carried,
            not bank.allow_out_payment,
        )
    )
    return fitting[:1] or found


def _carried(banks):
    """``{IBAN: currencies}`` of those of these bank accounts that are TBC accounts."""
    accounts_sudo = banks.env["tbc.account"].sudo()
    accounts_sudo = accounts_sudo.search(
        [("iban", "in", banks.mapped("sanitized_acc_number"))]
    )
    by_iban = accounts_sudo.grouped("iban").items()
    return {iban: accounts.currency_id for iban, accounts in by_iban}
