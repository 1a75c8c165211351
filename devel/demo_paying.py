"""The second half of `make demo`: bills and salaries paid through the fake bank."""

import json
import urllib.request
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services.clock import bank_today
from odoo.addons.account_tbc_bank.services.identity import PRESENCE, grant
from odoo.addons.account_tbc_bank.services.transfers.prepare import queue_payments
from odoo.addons.account_tbc_bank.services.transfers.remind import signature_sentence
from odoo.addons.account_tbc_bank.services.transfers.words import totals_sentence
from odoo.fields import Command

# Name, account, tax code and amount of each bill.
BILLS = (
    ("Vendor in TBC LLC", "GE44TB0600051509630891", "204567891", 1250.00),
    ("Vendor elsewhere LLC", "GE90BG0000000589021505", "205123456", 480.50),
    ("Vendor with a closed account", "GE12TB7189885380696572", "206987654", 75.25),
)
TAX = 2300.00
SALARIES = (
    ("Ana Gelashvili", "GE09TB0007106101008001", "01001012345", 2100.00),
    ("Luka Mchedlidze", "GE79TB0007106101008002", "01005067890", 1850.00),
    ("Mariam Dolidze", "GE17BG0000110800200301", "35001098765", 2400.00),
    ("Nika Tsereteli", "GE66LB0000077005500301", "60001045678", 1600.00),
)
CLOSED_ACCOUNT = BILLS[-1][1]


def pay(env, account, bank_url):
    """Pay, sign at the bank, read the statement; print a row for each order.

    :param account: the ``tbc.account`` in GEL, as the integration user sees it
    :return: whether each order ended as it should
    """
    integration = account.integration_id
    integration.second_person_above = 2000.00
    trust_treasury(env)
    bills = make_bills(env)
    payments = register(env, account, bills)
    salaries = make_salaries(env, account)
    _ask(bank_url, "POST", "blocked", iban=CLOSED_ACCOUNT, at="import")

    accountant = env.ref("account_tbc_bank.user_accountant")
    print(f"\nAs {accountant.name}: {len(payments)} bills, {len(salaries)} salaries.")
    payments.with_user(accountant).action_tbc_queue()
    queue_payments(salaries.with_user(accountant), batch_name="Salaries")
    env.cr.commit()

    orders = (payments + salaries).tbc_transfer_ids.sorted("id")
    director = integration.user_id
    print(f"As {director.name}: initiate {totals_sentence(orders)}.")
    with in_person(director):
        orders.with_user(director).action_initiate()
    env.cr.commit()
    env["tbc.transfer"]._cron_submit()
    follow(env, orders)
    print(f"{account.journal_id.name}: {signature_sentence(account)}.")
    print(f"The director signs at {bank_url}/_fake/certification")
    _ask(bank_url, "POST", "orders/sign")
    for _question in range(2):
        follow(env, orders)
    account.sync()
    env.cr.commit()
    left = make_bill(env, bills[0].partner_id, 99.90)
    print(f"\nLeft for you to pay: {left.name} of {left.partner_id.name}, 99.90 GEL.")
    return print_orders(orders)


def trust_treasury(env):
    """Trust the unified treasury code, and tell whose taxes are paid."""
    env.ref("account_tbc_bank.treasury_code_unified").allow_out_payment = True
    env.ref("base.main_company").vat = "404123456"


def make_bills(env):
    """Three vendors' bills and the one of the tax office."""
    vendors = [
        (make_partner(env, name, iban, code, is_company=True), amount)
        for name, iban, code, amount in BILLS
    ]
    vendors.append((env.ref("account_tbc_bank.partner_treasury"), TAX))
    return env["account.move"].union(*(make_bill(env, *bill) for bill in vendors))


def make_bill(env, vendor, amount):
    """One posted bill."""
    line = {"name": "Services", "price_unit": amount, "tax_ids": [Command.clear()]}
    bill = env["account.move"].create(
        {
            "move_type": "in_invoice",
            "partner_id": vendor.id,
            "invoice_date": bank_today(),
            "invoice_line_ids": [Command.create(line)],
        }
    )
    bill.action_post()
    return bill


def make_partner(env, name, iban, tax_code, **values):
    """A partner with one trusted bank account."""
    partner = env["res.partner"].create({"name": name, "vat": tax_code, **values})
    env["res.partner.bank"].create(
        {"acc_number": iban, "partner_id": partner.id}
    ).allow_out_payment = True
    return partner


def method_line(account):
    """The way to pay from this account's journal."""
    lines = account.journal_id.outbound_payment_method_line_ids
    return lines.filtered(lambda line: line.code == "tbc_transfer")


def register(env, account, bills):
    """*Register Payment* on all bills at once; return the payments."""
    line = method_line(account)
    wizard = (
        env["account.payment.register"]
        .with_context(active_model="account.move", active_ids=bills.ids)
        .create({"journal_id": line.journal_id.id, "payment_method_line_id": line.id})
    )
    return wizard._create_payments()


def make_salaries(env, account):
    """One payment a person, confirmed."""
    line = method_line(account)
    payments = env["account.payment"].create(
        [
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": make_partner(env, name, iban, code).id,
                "amount": amount,
                "memo": "Salary",
                "journal_id": line.journal_id.id,
                "payment_method_line_id": line.id,
            }
            for name, iban, code, amount in SALARIES
        ]
    )
    payments.action_post()
    return payments


@contextmanager
def in_person(user):
    """The web session of a user who has just given the password."""
    request = SimpleNamespace(session={"uid": user.id})
    with patch("odoo.addons.base.models.res_users.request", request):
        grant(user, PRESENCE)
        yield


def follow(env, orders):
    """Ask the bank how far the orders are, as the scheduled action does in time."""
    under_way = orders.filtered("next_question_at")
    under_way.next_question_at = "2000-01-01 00:00:00"
    env["tbc.transfer"]._cron_refresh_status()


def print_orders(orders):
    """Print a row for each order; return whether each ended as it should."""
    row = "{:<30} {:<24} {:>10} {:<9} {:<8} {:<9} {}"
    heads = ("recipient", "account", "amount", "batch", "transfer", "payment", "")
    transfer_words, payment_words = (
        dict(records._fields["state"]._description_selection(orders.env))
        for records in (orders, orders.payment_id)
    )
    print("\n" + row.format(*heads))
    good = True
    for order in orders:
        refused = order.credit_account == CLOSED_ACCOUNT
        good &= order.is_matched != refused
        good &= order.state == ("refused" if refused else "done")
        print(
            row.format(
                order.recipient,
                order.recipient_account,
                f"{order.amount:,.2f}",
                order.batch_id.name or "",
                transfer_words[order.state],
                payment_words[order.payment_id.state],
                "matched"
                if order.is_matched
                else order.bank_reason_en or "not matched",
            )
        )
    return good


def _ask(bank_url, method, path, **body):
    request = urllib.request.Request(
        f"{bank_url}/_fake/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
