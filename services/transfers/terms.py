"""From a payment to what the bank is told of it, and from an order to what is sent."""

from decimal import Decimal

from ...bookkeeping import choose_transfer_type
from ...tbc import (
    LONGEST_ADDITIONAL_DESCRIPTION,
    LONGEST_DESCRIPTION,
    TransferOrder,
    TransferType,
)
from ..outstanding import TBC_TRANSFER
from ..partners import address_of, company_tree, georgian_code_of, treasury_code_of

TBC_BANK_CODE = "TB"

# What the bank is told, as text as it is.
TEXTS = {
    "description",
    "additional_description",
    "beneficiary_name",
    "beneficiary_tax_code",
    "beneficiary_address",
    "beneficiary_bank_code",
    "beneficiary_bank_name",
    "charge_details",
    "taxpayer_code",
    "taxpayer_name",
    "treasury_code",
}
# With what else it is told. All of it is fixed as soon as it may have been told.
ORDER_FIELDS = TEXTS | {
    "payment_id",
    "account_id",
    "transfer_type",
    "amount",
    "currency_id",
    "credit_account",
    "credit_currency_id",
}


def is_transfer(payment):
    return payment.payment_method_code == TBC_TRANSFER


def type_reason(payment, chosen):
    return {
        TransferType.OWN: payment.env._("The recipient account is the company's own."),
        TransferType.WITHIN_BANK: payment.env._("The recipient account is in TBC."),
        TransferType.NATIONAL: payment.env._(
            "The recipient account is in another bank, and the payment is in GEL."
        ),
        TransferType.FOREIGN: payment.env._(
            "The recipient account is in another bank, and the payment is not in GEL."
        ),
        TransferType.TREASURY: payment.env._(
            "The recipient account is a treasury code of the State Treasury."
        ),
    }[chosen]


def debit_account_sudo(payment):
    """The TBC account that this payment leaves from."""
    return payment.journal_id.sudo().tbc_account_ids


def _own_ibans(payment):
    """The accounts in TBC of the company and its branches: those of integrations,
    and their own."""
    accounts_sudo = payment.env["tbc.account"].sudo().with_context(active_test=False)
    companies_sudo = company_tree(payment.company_id.sudo())
    ibans = accounts_sudo.search([("company_id", "in", companies_sudo.ids)])
    ibans = ibans.mapped("iban")
    own = companies_sudo.partner_id.bank_ids.mapped("sanitized_acc_number")
    return {*ibans, *(iban for iban in own if iban and iban[4:6] == TBC_BANK_CODE)}


def choose_type(payment):
    """The type of transfer that this payment is, or ``None`` where it is none."""
    if not is_transfer(payment) or not payment.partner_bank_id:
        return None
    return choose_transfer_type(
        currency=payment.currency_id.name,
        account=payment.partner_bank_id.sanitized_acc_number,
        own_ibans=_own_ibans(payment),
        treasury_code=treasury_code_of(payment.partner_bank_id),
    )


def _prepare_side_vals(payment, chosen):
    """The part of the values that the type of transfer decides."""
    recipient, currency = payment.partner_bank_id, payment.currency_id
    if chosen == TransferType.TREASURY:
        return _taxpayer_vals(payment)
    if chosen == TransferType.OWN:
        # The bank converts between own accounts only.
        currency = payment.tbc_credit_currency_id or recipient.currency_id or currency
    return {
        "credit_account": recipient.sanitized_acc_number,
        "credit_currency_id": currency.id,
        **({} if chosen == TransferType.OWN else _beneficiary_vals(payment, chosen)),
    }


def _taxpayer_vals(payment):
    """The one for whom a tax is paid: never the code of one and the name of another."""
    code, name = payment.tbc_taxpayer_code, payment.tbc_taxpayer_name
    if not code and not name:
        company = payment.company_id
        code, name = georgian_code_of(company.partner_id), company.name
    return {
        "treasury_code": treasury_code_of(payment.partner_bank_id),
        "taxpayer_code": code,
        "taxpayer_name": name,
    }


def _beneficiary_vals(payment, chosen):
    """Who is paid, as far as the bank wants to know it."""
    recipient = payment.partner_bank_id
    partner = payment.partner_id.commercial_partner_id
    name = recipient.acc_holder_name or partner.name
    if chosen != TransferType.FOREIGN:
        tax_code = georgian_code_of(partner)
        return {"beneficiary_name": name, "beneficiary_tax_code": tax_code}
    return {
        "beneficiary_name": name,
        "beneficiary_address": address_of(partner),
        "beneficiary_bank_code": recipient.bank_id.bic,
        "beneficiary_bank_name": recipient.bank_id.name,
        "charge_details": payment.tbc_charge_details,
    }


def _description_fields(payment):
    """The memo in the bank's two fields: what the first can't hold is in the other."""
    words = " ".join((payment.memo or payment.name or "").split())
    if len(words) <= LONGEST_DESCRIPTION:
        return words, False
    end = words.rfind(" ", 0, LONGEST_DESCRIPTION + 1)
    if end < 0 or len(words) - end - 1 > LONGEST_ADDITIONAL_DESCRIPTION:
        # Better to cut a word than to refuse what fits.
        end = LONGEST_DESCRIPTION
    return words[:end].strip(), words[end:].strip()


def to_bank(order, position=None):
    """Return the ``TransferOrder`` that the bank is sent."""
    return TransferOrder(
        transfer_type=TransferType(order.transfer_type),
        external_id=order.external_id,
        position=position or order.position or 1,
        debit_iban=order.account_id.iban,
        debit_currency=order.account_id.currency_id.name,
        credit_iban=order.credit_account or None,
        credit_currency=order.credit_currency_id.name or None,
        amount=Decimal(f"{order.amount:.{order.currency_id.decimal_places}f}"),
        currency=order.currency_id.name,
        **{name: order[name] or None for name in TEXTS},
    )


def changed_names(order):
    """The names of what the bank would be told otherwise now, or ``None`` (sudo).

    What was sent once goes again as it was, whatever has become of the payment.
    """
    if order.sent_at:
        return None
    payment = order.payment_id
    if not choose_type(payment):
        return order._fields["transfer_type"]._description_string(order.env)
    vals = payment._tbc_prepare_order_vals()
    return ", ".join(
        order._fields[name]._description_string(order.env)
        for name in order._fields
        if name in ORDER_FIELDS and _is_changed(order, name, vals.get(name))
    )


def _is_changed(order, name, value):
    field = order._fields[name]
    told = field.convert_to_write(order[name], order)
    if name == "amount":
        return bool(order.currency_id.compare_amounts(told, value))
    return (told or False) != (value or False)


def prepare_order_vals(payment):
    """What the bank is told of this payment, as values of a ``tbc.transfer``."""
    chosen = choose_type(payment)
    description, additional = _description_fields(payment)
    return {
        "payment_id": payment.id,
        "account_id": debit_account_sudo(payment).id,
        "transfer_type": chosen.value,
        "amount": payment.amount,
        "currency_id": payment.currency_id.id,
        "description": description,
        "additional_description": additional,
        **_prepare_side_vals(payment, chosen),
    }
