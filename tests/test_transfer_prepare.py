"""What a payment becomes: the order, its type, its text, or the list of what is wrong."""

import contextlib
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..services.partners import georgian_code_of
from ..services.transfers import prepare
from ..services.transfers.prepare import queue_payments
from ..services.transfers.terms import to_bank
from .common import IBAN, OTHER_IBAN, TODAY
from .transfer_common import (
    BANK_OF_GEORGIA_IBAN,
    FOREIGN_IBAN,
    TBC_IBAN,
    TREASURY_CODE,
    identity,
)
from .transfer_shared import SharedTransferCase

GOLDEN = Path(__file__).with_name("data") / "odoo_single_import.json"
OWN, WITHIN, NATIONAL, FOREIGN, TREASURY = (
    "TransferToOwnAccount",
    "TransferWithinBank",
    "TransferToOtherBankNationalCurrency",
    "TransferToOtherBankForeignCurrency",
    "TreasuryTransfer",
)


class PrepareCase(SharedTransferCase):
    """Payments of each kind, and what the bookkeeper is told of them."""

    bank_options = {
        **SharedTransferCase.bank_options,
        "accounts": {
            IBAN: ("GEL", "USD", "EUR", "JPY"),
            OTHER_IBAN: ("GEL", "USD"),
        },
    }

    def set_up_once(self):
        super().set_up_once()
        self.company.vat = "405123456"
        self.usd_account = self.make_account(self.usd)
        self.eur_account = self.make_account(self.eur)

    # --- who there is to pay ----------------------------------------------------------

    def make_abroad(self, name="Praha s.r.o.", account=FOREIGN_IBAN, **values):
        """A vendor abroad, with everything that the bank wants to know of it."""
        address = {
            "street": "Vodickova 1",
            "street2": "3rd floor",
            "zip": "110 00",
            "city": "Praha",
            "country_id": self.env.ref("base.cz").id,
            "vat": "CZ12345678",
        }
        vendor = self.make_vendor(name, account, **(address | values))
        vendor.bank_ids.bank_id = self.env["res.bank"].create(
            {"name": "Ceska sporitelna", "bic": "GIBACZPX"}
        )
        return vendor

    def our_account(self, iban):
        """The bank account of the company's own partner, trusted."""
        banks = self.env["res.partner.bank"]
        partner = self.company.partner_id
        found = banks.search(
            [("partner_id", "=", partner.id), ("sanitized_acc_number", "=", iban)]
        ) or banks.create({"partner_id": partner.id, "acc_number": iban})
        found.allow_out_payment = True
        return found

    def treasury(self):
        """The treasury code that is shipped, trusted by somebody."""
        code = self.env.ref("account_tbc_bank.treasury_code_unified")
        code.allow_out_payment = True
        return code

    def draft(self, amount=100.0, recipient=None, account=None, **values):
        """A payment that is not confirmed yet, to a ``res.partner.bank``."""
        recipient = recipient or self.vendor.bank_ids
        return (
            self.env["account.payment"]
            .with_user(self.bookkeeper)
            .create(
                {
                    "payment_type": "outbound",
                    "partner_type": "supplier",
                    "partner_id": recipient.partner_id.id,
                    "partner_bank_id": recipient.id,
                    "amount": amount,
                    "date": "2026-06-30",
                    "memo": "Invoice 1",
                    "journal_id": (account or self.account).journal_id.id,
                    "payment_method_line_id": self.method_line(account).id,
                    **values,
                }
            )
        )

    def payment(self, amount=100.0, recipient=None, account=None, **values):
        """A confirmed payment to a ``res.partner.bank``."""
        payment = self.draft(amount, recipient, account, **values)
        payment.action_post()
        return payment

    # --- what comes of it -------------------------------------------------------------

    def queue(self, payments):
        """Queue, and return the orders in the order of the payments."""
        payments.action_tbc_queue()
        return self.orders(payments)

    def faults(self, payments, batch_name=None):
        """What keeps these payments from the queue, one sentence a line."""
        before = self.env["tbc.transfer"].search([])
        with self.assertRaises(UserError) as caught:
            queue_payments(payments, batch_name=batch_name)
        self.assertEqual(self.env["tbc.transfer"].search([]), before)
        first, *lines = str(caught.exception).splitlines()
        self.assertEqual(first, "Nothing was prepared. Mend this first:")
        return lines

    def fault(self, payment):
        """The one sentence that keeps this payment from the queue."""
        [line] = self.faults(payment)
        who = f"{payment.display_name}, {payment.partner_id.display_name}: "
        self.assertTrue(line.startswith(who), line)
        return line.removeprefix(who)

    def obstacle(self, payments, user=None):
        """Why these queued payments can't be initiated, as one text."""
        with self.assertRaises(UserError) as caught:
            self.initiate(payments, user)
        orders = self.orders(payments)
        self.assertEqual(set(orders.mapped("initiated_by_id").ids), set())
        return str(caught.exception)

    def told(self):
        """The orders of the one import that the bank has seen."""
        [request] = self.bank.requests_to("import_single")
        return request.body["singleTransferOrders"]


@tagged("post_install", "-at_install")
class TestTransferPrepare(PrepareCase):
    # --- the order --------------------------------------------------------------------

    def test_the_bank_is_told_exactly_this(self):
        """One payment of each kind, and the whole request, member by member."""
        employee = self.make_vendor("Employee", BANK_OF_GEORGIA_IBAN, vat="01234567890")
        employee.bank_ids.acc_holder_name = "ნინო ბერიძე"
        abroad = self.make_abroad().bank_ids
        office = self.make_vendor("Revenue office", "300773150")
        office.bank_ids.bank_id = self.env["res.bank"].create(
            {"name": "Treasury", "bic": "tresge22xxx"}
        )
        self.vendor.bank_ids.acc_number = "ge44 tb06 0005 1509 6308 91"
        ours, usd, eur = IBAN, self.usd_account, self.eur_account
        payments = {
            "own": self.payment(
                10.01, self.our_account(OTHER_IBAN), memo="To the other account"
            ),
            "conversion": self.payment(
                271.5,
                self.our_account(ours),
                memo="Dollars for July",
                tbc_credit_currency_id=self.usd.id,
            ),
            "within": self.payment(1234.56, memo="  ინვოისი \n 254 "),
            "within_usd": self.payment(50, None, usd, memo="Invoice 255"),
            "national": self.payment(0.01, employee.bank_ids, memo="ხელფასი"),
            "foreign": self.payment(99.9, abroad, eur, memo="Invoice F/1"),
            "foreign_our": self.payment(
                100, abroad, eur, memo="Invoice F/2", tbc_charge_details="OUR"
            ),
            "treasury": self.payment(18, self.treasury(), memo="VAT June"),
            "treasury_for_another": self.payment(
                20,
                office.bank_ids,
                memo="Income tax",
                tbc_taxpayer_code="01234567890",
                tbc_taxpayer_name="ნინო ბერიძე",
            ),
        }
        orders = self.send(self.env["account.payment"].union(*payments.values()))
        told = dict(zip(payments, self.told(), strict=True))
        ids = [order.pop("transferExternalId") for order in told.values()]
        self.assertEqual(ids, orders.mapped("external_id"))
        for external_id in ids:
            self.assertRegex(external_id, r"^[1-9]\d{17}$")
        expected = json.loads(GOLDEN.read_text())
        for kind, order in told.items():
            with self.subTest(kind):
                self.assertEqual(order, expected[kind])
        self.assertEqual(set(orders.mapped("state")), {"submitted"})
        self.assertOneOfEach(orders)

    def test_the_type_and_its_reason(self):
        """Shown on the draft, before anything is queued."""
        usd, eur = self.usd_account, self.eur_account
        self.make_account(iban="GE12TB7189885380696572", journal=False).active = False
        georgian = self.make_vendor("Other LLC", BANK_OF_GEORGIA_IBAN).bank_ids
        abroad = self.make_abroad().bank_ids
        elsewhere = self.our_account(BANK_OF_GEORGIA_IBAN)
        branch = self.make_vendor("Tax office", "101001001").bank_ids
        branch.bank_id = self.env.ref("account_tbc_bank.bank_treasury")
        tbc, our, other = "is in TBC.", "is the company's own.", "is in another bank"
        for recipient, account, kind, reason in (
            (self.our_account(OTHER_IBAN), None, OWN, our),
            (self.our_account(IBAN), usd, OWN, our),
            (self.our_account("GE12TB7189885380696572"), None, OWN, our),
            (elsewhere, None, NATIONAL, f"{other}, and the payment is in GEL."),
            (self.vendor.bank_ids, None, WITHIN, tbc),
            (self.vendor.bank_ids, usd, WITHIN, tbc),
            (georgian, None, NATIONAL, f"{other}, and the payment is in GEL."),
            (georgian, usd, FOREIGN, f"{other}, and the payment is not in GEL."),
            (abroad, eur, FOREIGN, f"{other}, and the payment is not in GEL."),
            (abroad, None, NATIONAL, f"{other}, and the payment is in GEL."),
            (self.treasury(), None, TREASURY, "is a treasury code"),
            (branch, None, TREASURY, "is a treasury code"),
        ):
            currency = (account or self.account).currency_id.name
            with self.subTest(f"{recipient.acc_number} {currency}"):
                draft = self.draft(1, recipient, account)
                self.assertEqual(draft.tbc_transfer_type, kind)
                self.assertIn(reason, draft.tbc_transfer_reason)
        draft.partner_bank_id = False
        self.assertFalse(draft.tbc_transfer_type)
        draft.partner_bank_id = branch
        manual = self.account.journal_id.outbound_payment_method_line_ids.filtered(
            lambda line: line.code == "manual"
        )
        draft.payment_method_line_id = manual
        self.assertFalse(draft.tbc_transfer_type)
        self.assertFalse(draft.tbc_transfer_reason)

    def test_own_money_waits_on_the_transfer_account(self):
        """Both bank lines meet there, and no vendor is owed anything meanwhile."""
        payment = self.payment(10, self.our_account(OTHER_IBAN))
        transfer_account = self.company.transfer_account_id
        self.assertTrue(transfer_account)
        self.assertEqual(payment.destination_account_id, transfer_account)
        outstanding = self.method_line().payment_account_id
        entry = {line.account_id: line.balance for line in payment.move_id.line_ids}
        self.assertEqual(entry, {outstanding: -10.0, transfer_account: 10.0})
        bill_payment = self.payment(10)
        self.assertEqual(
            bill_payment.destination_account_id.account_type, "liability_payable"
        )

    def test_own_money_has_an_entry_whatever_others_think(self):
        """As a module leaves it that makes entries of bank lines alone."""
        draft = self.draft(10, self.our_account(OTHER_IBAN))
        draft.outstanding_account_id = False
        draft.action_post()
        outstanding = self.method_line().payment_account_id
        self.assertEqual(draft.outstanding_account_id, outstanding)
        self.assertEqual(draft.move_id.state, "posted")
        self.queue(draft)

    def test_a_chosen_destination_stays(self):
        """As in plain Odoo, whatever method is chosen afterwards."""
        advances = self.env["account.account"].create(
            {
                "name": "Advances",
                "code": "999001",
                "account_type": "liability_payable",
                "reconcile": True,
            }
        )
        draft = self.draft(destination_account_id=advances.id)
        self.assertEqual(draft.destination_account_id, advances)
        lines = self.account.journal_id.outbound_payment_method_line_ids
        draft.payment_method_line_id = lines.filtered(lambda o: o.code == "manual")
        self.assertEqual(draft.destination_account_id, advances)

    def test_only_own_money_is_converted(self):
        """A currency that was left on the payment, or on the vendor's account."""
        recipient = self.vendor.bank_ids
        recipient.currency_id = self.usd
        georgian = self.make_vendor("Other LLC", BANK_OF_GEORGIA_IBAN).bank_ids
        payments = self.payment(10, recipient) + self.payment(
            10, georgian, tbc_credit_currency_id=self.usd.id
        )
        self.assertEqual(self.queue(payments).credit_currency_id, self.gel)
        other = self.our_account(OTHER_IBAN)
        other.currency_id = self.usd
        order = self.queue(self.payment(10, other))
        self.assertEqual(order.credit_currency_id, self.usd)
        order = self.queue(self.payment(10, other, tbc_credit_currency_id=self.gel.id))
        self.assertEqual(order.credit_currency_id, self.gel)
        same = self.payment(10, self.our_account(IBAN))
        self.assertIn("the very account that it leaves", self.fault(same))

    # --- what the bank would refuse ---------------------------------------------------

    def test_abroad_everything_must_be_there_and_latin(self):
        """The sentence names the field, and the partner or account that it is of."""
        address = "Fill in street, city and country of {name}."
        holder = "The Account Holder Name of {name}'s account {account} must be in"
        bank = "Choose the bank of {name}'s account {account}, and fill in its BIC."
        for number, (of_partner, of_account, sentence) in enumerate(
            (
                ({"street": False}, {}, address),
                ({"city": " "}, {}, address),
                ({"country_id": False}, {}, address),
                ({"street": "რუსთაველი"}, {}, "recipient's address must be in plain"),
                ({}, {"bank_id": False}, bank),
                ({}, {"acc_holder_name": "პრაღა"}, holder),
            )
        ):
            with self.subTest(of_partner | of_account):
                vendor = self.make_abroad(f"Abroad {number}", **of_partner)
                vendor.bank_ids.write(of_account)
                fault = self.fault(self.payment(1, vendor.bank_ids, self.eur_account))
                told = sentence.format(
                    name=vendor.name, account=vendor.bank_ids.acc_number
                )
                self.assertIn(told, fault)
        vendor.bank_ids.acc_holder_name = vendor.name
        vendor.bank_ids.bank_id.bic = False
        georgian, without_charges = (
            self.payment(1, vendor.bank_ids, self.eur_account, **values)
            for values in ({"memo": "ინვოისი 1"}, {"tbc_charge_details": False})
        )
        lines = self.faults(georgian + without_charges)
        for payment, words in (
            (georgian, "fill in its BIC"),
            (georgian, "The memo must be in plain Latin"),
            (without_charges, "fill in its BIC"),
            (without_charges, "Choose SHA or OUR"),
        ):
            with self.subTest(words):
                found = [line for line in lines if words in line]
                self.assertTrue(any(o.startswith(payment.name) for o in found), lines)
        self.assertEqual(len(lines), 4)

    def test_an_address_is_told_in_english(self):
        """The user's own language is not the bank's."""
        self.env["res.lang"]._activate_lang("ka_GE")
        self.bookkeeper.lang = "ka_GE"
        country = self.env.ref("base.cz")
        country.with_context(lang="ka_GE").name = "ჩეხეთი"
        vendor = self.make_abroad(street2=False, zip=False)
        payment = self.payment(1, vendor.bank_ids, self.eur_account)
        order = self.queue(payment.with_context(lang="ka_GE"))
        self.assertEqual(
            order.beneficiary_address, "Vodickova 1, Praha, Czech Republic"
        )

    def test_the_memo_fills_both_fields(self):
        payment, word = self.payment(1), "x" * 9
        hundred_and_forty = " ".join([word] * 14)
        for memo, first, second in (
            (hundred_and_forty + "x", hundred_and_forty + "x", False),
            (f"{hundred_and_forty} yy", hundred_and_forty, "yy"),
            (f"{hundred_and_forty}xx", " ".join([word] * 13), word + "xx"),
            ("z" * 141, "z" * 140, "z"),
            ("z" * 350, "z" * 140, "z" * 210),
            (
                " ".join([word] * 35),
                " ".join([word] * 14),
                " ".join([word] * 21),
            ),
            (f"{word} {'z' * 340}", f"{word} {'z' * 130}", "z" * 210),
            ("ქ" * 140, "ქ" * 140, False),
            ("one\ntwo\t three", "one two three", False),
        ):
            with self.subTest(f"{len(memo)}: {memo[:20]}"):
                payment.memo = memo
                order = self.queue(payment)
                self.assertEqual(order.description, first)
                self.assertEqual(order.additional_description, second)
                order.with_user(self.bookkeeper).action_withdraw()
        payment.memo = "z" * 351
        self.assertEqual(
            self.fault(payment),
            "The memo is longer than the 350 characters that the bank takes."
            " Shorten it.",
        )
        payment.memo = False
        self.assertEqual(self.queue(payment).description, payment.name)

    def test_tax_codes(self):
        """Nine or eleven digits of Georgia; what another country gave is left out."""
        georgia, turkey = self.env.ref("base.ge"), self.env.ref("base.tr")
        for vat, country, told in (
            ("204567891", georgia, "204567891"),
            ("GE204567891", georgia, "204567891"),
            ("ge 204 567 891", georgia, "204567891"),
            ("01234567890", georgia, "01234567890"),
            ("204567891", self.env["res.country"], "204567891"),
            ("20456789", georgia, False),
            ("2045678912", georgia, False),
            ("204-567-891", georgia, "204567891"),
            ("204\N{NO-BREAK SPACE}567 891 ", georgia, "204567891"),
            ("٢٠٤٥٦٧٨٩١", georgia, False),
            ("/", georgia, False),
            (False, georgia, False),
            ("DE123456789", self.env.ref("base.de"), False),
            ("12345678901", turkey, False),
            ("GE204567891", turkey, "204567891"),
        ):
            with self.subTest(f"{vat} {country.code}"):
                self.vendor.write({"vat": vat, "country_id": country.id})
                self.assertEqual(georgian_code_of(self.vendor) or False, told)
        contact = self.vendor.create({"name": "Nino", "parent_id": self.vendor.id})
        payment = self.payment(1, partner_id=contact.id)
        order = self.queue(payment)
        self.assertEqual(order.beneficiary_tax_code, "204567891")
        self.assertEqual(order.beneficiary_name, "Vendor LLC")

    def test_whose_tax_the_treasury_is_told(self):
        """A code and a name of two different people would be a third one's tax."""
        code = self.treasury()
        self.company.vat = False
        fault = self.fault(self.payment(1, code))
        self.assertIn("Fill in the Tax ID of Our Company LLC", fault)
        self.company.vat = "GE405123456"
        order = self.queue(self.payment(1, code))
        self.assertEqual(order.taxpayer_code, "405123456")
        self.assertEqual(order.taxpayer_name, "Our Company LLC")
        fault = self.fault(self.payment(1, code, tbc_taxpayer_code="01234567890"))
        self.assertIn("taxpayer name", fault)
        fault = self.fault(self.payment(1, code, tbc_taxpayer_name="Nino Beridze"))
        self.assertIn("taxpayer code", fault)
        fault = self.fault(
            self.payment(1, code, tbc_taxpayer_code="123", tbc_taxpayer_name="Nino")
        )
        self.assertIn("nine digits, or eleven", fault)
        usd = self.payment(1, code, self.usd_account)
        self.assertIn("in GEL only", self.fault(usd))
        office = self.make_vendor("Tax office", "10100100").bank_ids
        office.bank_id = self.env.ref("account_tbc_bank.bank_treasury")
        fault = self.fault(self.payment(1, office))
        self.assertIn("The treasury code must be nine digits", fault)

    def test_amounts(self):
        """What the bank is told is the payment's amount, to the cent, or nothing."""
        yen = self.env.ref("base.JPY")
        yen.active = True
        account = self.make_account(yen)
        for amount, own_account, told in (
            (0.01, None, 0.01),
            (0.29, None, 0.29),
            (1.1, None, 1.1),
            (4503599627.37, None, 4503599627.37),
            (99_999_999_999.99, None, 99_999_999_999.99),
            (1500, account, 1500),
        ):
            with self.subTest(amount):
                order = self.queue(self.payment(amount, None, own_account))
                payload = to_bank(order, position=1)
                self.assertEqual(payload.amount, Decimal(str(told)))
        fault = self.fault(self.payment(10_000_000_000_000))
        self.assertIn("The amount is larger than the bank takes", fault)

    def test_an_amount_is_never_rounded(self):
        """Dinars have three decimals, and the bank two."""
        dinar = self.env.ref("base.KWD")
        dinar.active = True
        self.assertEqual(dinar.decimal_places, 3)
        account = self.make_account(dinar)
        fault = self.fault(self.payment(1.126, None, account))
        self.assertIn("The amount may have two decimals", fault)
        self.assertEqual(self.queue(self.payment(1.12, None, account)).amount, 1.12)

    def test_accounts_that_are_mistyped(self):
        for number, words in (
            ("GE44TB0600051509630892", "check digits are wrong"),
            ("GE90BG000000058902150", "is not an account number"),
            ("CZ6508000000192000145399", "is not a Georgian IBAN"),
            ("12345", "is not an account number"),
        ):
            with self.subTest(number):
                vendor = self.make_vendor(f"Vendor {number}", number)
                fault = self.fault(self.payment(1, vendor.bank_ids))
                self.assertIn(words, fault)
                self.assertIn("The recipient's account", fault)

    # --- what keeps a payment from the queue ------------------------------------------

    def test_all_faults_at_once_and_nothing_else(self):
        """Each with its payment; good ones beside them are not queued either."""
        good, other_good = self.payment(1), self.payment(2)
        draft = self.draft(3)
        untrusted = self.make_vendor("New Vendor", BANK_OF_GEORGIA_IBAN).bank_ids
        doubtful = self.payment(4, untrusted)
        untrusted.allow_out_payment = False
        eur = self.eur_account
        payments = good + draft + doubtful + other_good
        lines = self.faults(payments)
        self.assertEqual(len(lines), 2)
        self.assertEqual(
            lines[0], "Draft Payment, Vendor LLC: It is a draft. Confirm it first."
        )
        self.assertEqual(
            lines[1],
            f"{doubtful.name}, New Vendor: The recipient account"
            f" {untrusted.acc_number} is not trusted: check it with the recipient,"
            " then allow Send Money on it.",
        )
        # Then what the bank would refuse, once orders could be prepared at all.
        vendor = self.make_abroad("Abroad")
        vendor.street = False
        vendor.bank_ids.bank_id = False
        lines = self.faults(
            good
            + self.payment(5, vendor.bank_ids, eur)
            + self.payment(6, memo="z" * 351)
        )
        self.assertEqual(len(lines), 3)
        self.assertEqual(sum(", Abroad: " in line for line in lines), 2)
        self.assertFalse((good + other_good).tbc_transfer_ids)

    def test_a_caller_who_goes_on_keeps_nothing_half_done(self):
        """Who catches the refusal finds no order, no batch, and the old draft order."""
        good, bad = self.payment(1), self.payment(2, memo="z" * 351)
        prepared = self.queue(good)
        prepared.with_user(self.bookkeeper).action_withdraw()
        good.memo = "Corrected"
        for name in (None, "June"):
            with contextlib.suppress(UserError):
                queue_payments(good + bad, batch_name=name)
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(self.env["tbc.transfer"].search([]), prepared)
            self.assertFalse(self.env["tbc.transfer.batch"].search([]))
            self.assertEqual(prepared.state, "draft")
            self.assertEqual(prepared.description, "Invoice 1")
            self.assertFalse(bad.tbc_transfer_ids)

    def test_the_state_of_the_payment(self):
        cancelled, rejected, matched, validated = (self.payment(n) for n in range(1, 5))
        cancelled.action_cancel()
        rejected.action_reject()
        validated.action_validate()
        self.match_by_hand(matched)
        done = "It is paid, cancelled or rejected already."
        for name, payment, words in (
            ("draft", self.draft(), "It is a draft. Confirm it first."),
            ("cancelled", cancelled, done),
            ("rejected", rejected, done),
            ("paid", validated, done),
            ("matched", matched, done),
        ):
            with self.subTest(name):
                self.assertEqual(self.fault(payment), words)
        queued = self.payment(7)
        order = self.queue(queued)
        fault = self.fault(queued)
        self.assertIn("It has a transfer already", fault)
        self.assertIn("To Initiate", fault)
        self.assertEqual(queued.tbc_transfer_ids, order)
        inbound = self.draft(8)
        with self.assertRaises(UserError):
            queue_payments(inbound + inbound + queued)

    def match_by_hand(self, payment):
        """Put a bank line of its amount against the payment's outstanding account."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": payment.journal_id.id,
                "date": "2026-06-30",
                "payment_ref": "by hand",
                "amount": -payment.amount,
                "partner_id": payment.partner_id.id,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        waiting, _counterpart, _write_off = payment.sudo()._seek_for_lines()
        suspense.account_id = waiting.account_id
        (suspense + waiting).reconcile()
        return line

    def test_a_payment_whose_entry_is_a_draft(self):
        """Its bill is open again: somebody may pay it another way."""
        payment = self.payment(1)
        entry = payment.move_id.sudo()
        entry.button_draft()
        self.assertTrue(self.fault(payment))
        entry.action_post()
        order = self.queue(payment)
        entry.button_draft()
        if order.state == "queued":
            self.assertIn("no longer one that waits", self.obstacle(payment))

    def test_a_payment_twice_in_one_selection(self):
        payment = self.payment(1)
        payment.browse([payment.id, payment.id]).action_tbc_queue()
        self.assertEqual(len(payment.tbc_transfer_ids), 1)

    def test_currencies_and_journals(self):
        usd = self.usd_account
        fault = self.fault(self.payment(1, currency_id=self.usd.id))
        self.assertEqual(
            fault,
            "The payment is in USD, and the account that it leaves is in GEL. The bank"
            " takes the amount in the account's currency.",
        )
        payment = self.payment(1, None, usd)
        usd.journal_id = False
        self.assertIn("has no TBC account", self.fault(payment))
        usd.journal_id = payment.journal_id
        self.integration.can_initiate_transfers = False
        self.assertIn("has no TBC account whose integration may", self.fault(payment))
        self.integration.can_initiate_transfers = True
        usd.active = False
        self.assertIn("has no TBC account", self.fault(payment))
        usd.active = True
        payment.partner_bank_id = False
        self.assertEqual(
            self.fault(payment), "Choose the recipient's bank account on the payment."
        )

    def test_trust_is_asked_again_at_initiation(self):
        payment = self.payment(1)
        order = self.queue(payment)
        recipient = self.vendor.bank_ids
        recipient.allow_out_payment = False
        self.assertIn("is not trusted any more", self.obstacle(payment))
        recipient.acc_number = "GE41TB7849963286076183"
        recipient.allow_out_payment = True
        self.assertIn("was changed after", self.obstacle(payment))
        self.assertEqual(order.credit_account, TBC_IBAN)
        order.with_user(self.bookkeeper).action_withdraw()
        self.queue(payment)
        self.assertEqual(order.credit_account, "GE41TB7849963286076183")
        self.initiate(payment)
        # And once more, between initiating and sending.
        recipient.allow_out_payment = False
        recipient.acc_number = TBC_IBAN
        recipient.allow_out_payment = True
        self.submit()
        self.assertFalse(self.posts())
        self.assertEqual(order.state, "queued")
        self.assertFalse(order.initiated_at)
        self.assertIn("was changed after", order.problem)

    # --- Register Payment -------------------------------------------------------------

    def test_register_payment(self):
        bills = self.make_bill(10.5) + self.make_bill(20) + self.make_bill(30)
        one = self.register(bills[0])
        each = self.register(bills[1:], group_payment=False)
        self.assertEqual((one + each).mapped("amount"), [10.5, 20, 30])
        orders = self.queue(one + each)
        self.assertEqual(orders.mapped("description"), bills.mapped("name"))
        more = self.make_bill(1.25) + self.make_bill(2.5)
        grouped = self.register(more, group_payment=True)
        order = self.queue(grouped)
        self.assertEqual(order.amount, 3.75)
        for bill in more:
            self.assertIn(bill.name, order.description)
        bill = self.make_bill(100)
        first = self.register(bill, amount=40, payment_difference_handling="open")
        self.assertEqual(bill.payment_state, "partial")
        self.assertEqual(self.queue(first).amount, 40)
        second = self.register(bill)
        self.assertEqual(second.amount, 60)
        self.assertEqual(bill.payment_state, "in_payment")
        everything = one + each + grouped + first + second
        self.queue(second)
        self.initiate(everything)
        self.submit()
        self.assertOneOfEach(self.orders(everything))

    def test_a_write_off_is_not_sent(self):
        bill = self.make_bill(100)
        rounding = self.env["account.account"].create(
            {"name": "Rounding", "code": "999002", "account_type": "income_other"}
        )
        payment = self.register(
            bill,
            amount=99.5,
            payment_difference_handling="reconcile",
            writeoff_account_id=rounding.id,
        )
        self.assertEqual(bill.payment_state, "in_payment")
        self.assertEqual(self.queue(payment).amount, 99.5)

    def test_a_dollar_bill_is_paid_in_lari_or_in_dollars(self):
        self.set_rate(self.usd, "2026-06-01", 2.5)
        bill = self.make_bill(100, currency=self.usd)
        usd = self.usd_account
        payment = self.register(bill, currency_id=self.gel.id)
        self.assertEqual((payment.amount, payment.currency_id), (250, self.gel))
        order = self.queue(payment)
        self.assertEqual((order.amount, order.currency_id), (250, self.gel))
        bill = self.make_bill(100, currency=self.usd)
        order = self.queue(self.register(bill, usd))
        self.assertEqual((order.amount, order.currency_id), (100, self.usd))
        bill = self.make_bill(100, currency=self.usd)
        payment = self.register(bill, currency_id=self.usd.id)
        self.assertIn("The payment is in USD", self.fault(payment))

    def set_rate(self, currency, day, gel):
        """So many lari for one, from a day on."""
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": self.company.id,
                "name": day,
                "inverse_company_rate": gel,
            }
        )

    def test_a_refund_to_a_customer(self):
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.vendor.id,
                "invoice_date": "2026-06-20",
                "invoice_line_ids": [
                    Command.create({"name": "Back", "price_unit": 5, "tax_ids": [(5,)]})
                ],
            }
        )
        refund.action_post()
        payment = self.register(refund)
        self.assertEqual(payment.state, "in_process")
        self.assertEqual(refund.payment_state, "in_payment")
        self.assertEqual(self.queue(payment).amount, 5)

    def test_a_copied_payment_has_no_order(self):
        payment = self.payment(1, tbc_charge_details="OUR")
        order = self.queue(payment)
        copy = payment.copy()
        self.assertFalse(copy.tbc_transfer_ids)
        self.assertFalse(copy.tbc_transfer_id)
        self.assertFalse(copy.tbc_state)
        self.assertFalse(copy.tbc_paid_again_id)
        self.assertEqual(copy.tbc_charge_details, "OUR")
        self.assertEqual(copy.partner_bank_id, payment.partner_bank_id)
        copy.action_post()
        again = self.queue(copy)
        self.assertNotEqual(again.external_id, order.external_id)

    # --- the queue --------------------------------------------------------------------

    def test_a_hundred_at_once(self):
        """The questions to the database grow with the payments, and no faster."""
        payments = self.copy_payment(self.pay_many([12.34]), 99)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        notice = payments.action_tbc_queue()["params"]["message"]
        self.env.flush_all()
        self.assertLess(self.cr.sql_log_count - before, 600)
        self.assertIn("Prepared: 100 transfers", notice)
        self.assertIn("1,234.00", notice)
        orders = self.orders(payments)
        self.assertEqual(len(set(orders.mapped("external_id"))), 100)
        self.assertEqual(set(orders.mapped("queued_by_id")), {self.bookkeeper})

    def test_withdraw_correct_and_queue_again(self):
        payment = self.payment(1, memo="Wrong")
        order = self.queue(payment)
        external_id = order.external_id
        order.with_user(self.bookkeeper).action_withdraw()
        self.assertEqual((order.state, payment.tbc_state), ("draft", "draft"))
        payment.memo = "Right"
        self.vendor.vat = "01234567890"
        self.assertEqual(self.queue(payment), order)
        self.assertEqual(payment.tbc_transfer_ids, order)
        self.assertEqual(order.description, "Right")
        self.assertEqual(order.beneficiary_tax_code, "01234567890")
        self.assertEqual(order.external_id, external_id)
        self.initiate(payment)
        order.with_user(self.bookkeeper).action_withdraw()
        self.assertFalse(order.initiated_by_id)
        self.submit()
        self.assertFalse(self.posts())

    def test_nothing_of_the_first_type_is_left(self):
        """A withdrawn order is prepared anew, also where the recipient's bank changed."""
        payment = self.payment(1)
        order = self.queue(payment)
        order.with_user(self.bookkeeper).action_withdraw()
        self.vendor.bank_ids.bank_id = self.env.ref("account_tbc_bank.bank_treasury")
        self.vendor.bank_ids.allow_out_payment = False
        self.vendor.bank_ids.acc_number = TREASURY_CODE
        self.vendor.bank_ids.allow_out_payment = True
        self.assertEqual(self.queue(payment), order)
        self.assertEqual(order.transfer_type, TREASURY)
        self.assertFalse(order.credit_account)
        self.initiate(payment)
        self.submit()
        self.assertEqual(order.state, "submitted", order.problem)

    def test_a_change_of_the_payment_closes_its_order(self):
        other = self.make_vendor("Other LLC", BANK_OF_GEORGIA_IBAN)
        for values in (
            {"amount": 2.0},
            {"partner_id": other.id},
            {"partner_bank_id": False},
            {"state": "draft"},
            {"state": "canceled"},
        ):
            with self.subTest(values):
                payment = self.payment(1)
                order = self.queue(payment)
                self.initiate(payment)
                payment.write(values)
                self.assertEqual(order.state, "cancelled")
                self.assertFalse(order.initiated_by_id)
        payment = self.payment(1)
        order = self.queue(payment)
        payment.write({"amount": 1.0, "partner_id": self.vendor.id})
        self.assertEqual(order.state, "queued")
        self.submit()
        self.assertFalse(self.posts())

    # --- batches ----------------------------------------------------------------------

    def batches(self, payments, name="June"):
        return queue_payments(payments, batch_name=name).batch_id.sorted("id")

    def test_a_batch_is_told_as_one_request(self):
        usd = self.usd_account
        lari = self.pay_many([1, 2.5])
        dollars = self.payment(3, None, usd)
        batches = self.batches(lari + dollars, name="June salaries")
        self.assertEqual(batches.mapped("name"), ["June salaries"] * 2)
        self.assertEqual(set(batches.account_id), {self.account, usd})
        by_account = batches.grouped("account_id")
        self.assertEqual(by_account[self.account].amount, 3.5)
        self.assertEqual(by_account[self.account].order_count, 2)
        self.initiate(lari + dollars)
        self.submit()
        bodies = [one.body for one in self.bank.requests_to("import_batch")]
        self.assertFalse(self.bank.requests_to("import_single"))
        told = {body["debitAccount"]["accountCurrencyCode"]: body for body in bodies}
        self.assertEqual(set(told), {"GEL", "USD"})
        orders = self.orders(lari)
        self.assertEqual(
            told["GEL"],
            {
                "batchTransferExternalId": by_account[self.account].external_id,
                "batchName": "June salaries",
                "debitAccount": {"accountNumber": IBAN, "accountCurrencyCode": "GEL"},
                "transferOrders": [
                    {
                        "transferType": WITHIN,
                        "transferExternalId": order.external_id,
                        "position": position,
                        "creditAccount": {
                            "accountNumber": TBC_IBAN,
                            "accountCurrencyCode": "GEL",
                        },
                        "amount": {"amount": amount, "currency": "GEL"},
                        "description": f"Salary {position}",
                        "beneficiaryName": "Vendor LLC",
                        "beneficiaryTaxCode": "204567891",
                    }
                    for position, order, amount in zip(
                        (1, 2), orders, (1, 2.5), strict=True
                    )
                ],
            },
        )

    def test_a_large_batch_is_split(self):
        payments = self.pay_many([1] * 5)
        with patch.object(prepare, "MOST_BATCH_ORDERS", 2):
            batches = self.batches(payments)
        self.assertEqual(batches.mapped("order_count"), [2, 2, 1])
        self.assertEqual(len(set(batches.mapped("external_id"))), 3)
        self.assertEqual(len(set(batches.mapped("name"))), 3, "told apart at the bank")

    def test_a_batch_is_named(self):
        payments = self.pay_many([1, 2])
        action = payments.action_tbc_queue_batch()
        dialog = (
            self.env[action["res_model"]]
            .with_user(self.bookkeeper)
            .with_context(**action["context"])
        )
        nameless = dialog.create({"name": "  "})
        self.assertEqual(nameless.payment_count, 2)
        with self.assertRaises(UserError):
            nameless.action_queue()
        self.assertFalse(payments.tbc_transfer_ids)
        action = dialog.create({"name": " June "}).action_queue()
        batch = self.env["tbc.transfer.batch"].browse(action["res_id"])
        self.assertEqual(batch.name, "June")
        self.assertEqual(batch.order_count, 2)

    def test_one_leaves_the_batch(self):
        payments = self.pay_many([1, 2, 4])
        [batch] = self.batches(payments)
        orders = self.orders(payments)
        orders[1].with_user(self.bookkeeper).action_withdraw()
        self.assertEqual(batch.order_ids.sorted("id"), orders[0] + orders[2])
        self.assertEqual((batch.order_count, batch.amount), (2, 5))
        self.queue(payments[1])
        self.assertFalse(orders[1].batch_id)
        with self.assertRaises(UserError) as caught:
            self.initiate(payments[0])
        self.assertIn("go together", str(caught.exception))
        self.initiate(payments[0] + payments[2])
        self.submit()
        [request] = self.bank.requests_to("import_batch")
        amounts = [o["amount"]["amount"] for o in request.body["transferOrders"]]
        self.assertEqual(amounts, [1, 4])
        self.assertEqual(orders[1].state, "queued")

    def test_one_leaves_an_initiated_batch(self):
        """The person who initiated saw three; two are another batch."""
        payments = self.pay_many([1, 2, 4])
        [batch] = self.batches(payments)
        self.initiate(payments)
        orders = self.orders(payments)
        orders[1].with_user(self.bookkeeper).action_withdraw()
        self.submit()
        self.assertFalse(self.bank.requests_to("import_single"))
        for request in self.bank.requests_to("import_batch"):
            amounts = [o["amount"]["amount"] for o in request.body["transferOrders"]]
            self.assertEqual(amounts, [1, 4])
        self.assertEqual(batch.order_ids, (orders[0] + orders[2]).sorted())

    def test_a_whole_batch_is_taken_out(self):
        payments = self.pay_many([1, 2])
        [batch] = self.batches(payments)
        batch.with_user(self.bookkeeper).action_withdraw()
        self.assertFalse(batch.exists())
        orders = self.orders(payments)
        self.assertEqual(set(orders.mapped("state")), {"draft"})
        [again] = self.batches(payments, name="Second")
        self.assertEqual(again.order_ids, orders.sorted())

    # --- the second person ------------------------------------------------------------

    def test_the_second_person(self):
        """Above the limit, the director may not initiate what the director queued."""
        self.give_role(self.director, "account_tbc_bank.group_tbc_transfers")
        self.integration.second_person_above = 1000
        self.set_rate(self.usd, "2026-06-01", 2.5)
        self.set_rate(self.usd, str(TODAY), 2.75)
        self.set_rate(self.usd, str(TODAY + timedelta(1)), 1)
        # Nobody knows what a euro is worth.
        rates = self.env["res.currency.rate"]
        rates.search([("currency_id", "=", self.eur.id)]).unlink()
        usd, eur = self.usd_account, self.eur_account
        for amount, account, may in (
            (999.99, None, True),
            (1000, None, True),
            (1000.01, None, False),
            (363.63, usd, True),
            (363.65, usd, False),
            (0.01, eur, False),
        ):
            name = (account or self.account).currency_id.name
            with self.subTest(f"{amount} {name}"):
                payment = self.payment(amount, None, account)
                order = self.queue(payment.with_user(self.director))
                self.assertEqual(order.queued_by_id, self.director)
                if may:
                    self.initiate(payment)
                    self.assertEqual(order.initiated_by_id, self.director)
                    continue
                words = self.obstacle(payment)
                self.assertIn("whoever prepared a transfer may not initiate it", words)
                self.assertIn("1,000.00", words)
                order.with_user(self.director).action_withdraw()
                self.queue(payment)
                self.initiate(payment)
                self.assertEqual(order.initiated_by_id, self.director)

    def test_the_second_person_and_batches(self):
        """One above the limit stops the batch; the limit is of each payment."""
        self.give_role(self.director, "account_tbc_bank.group_tbc_transfers")
        self.integration.second_person_above = 1000
        payments = self.pay_many([10, 1001, 20]).with_user(self.director)
        [batch] = self.batches(payments)
        words = self.obstacle(payments)
        self.assertEqual(words.count("may not initiate it"), 1)
        self.assertIn(payments[1].name, words)
        batch.with_user(self.director).action_withdraw()
        self.batches(payments.with_user(self.bookkeeper))
        self.initiate(payments)
        small = self.pay_many([600, 600]).with_user(self.director)
        self.batches(small)
        self.initiate(small)

    def test_without_a_limit_one_person_will_do(self):
        self.give_role(self.director, "account_tbc_bank.group_tbc_transfers")
        payment = self.payment(1_000_000).with_user(self.director)
        self.queue(payment)
        self.initiate(payment)
        self.assertEqual(self.order(payment).initiated_by_id, self.director)

    def give_role(self, user, role):
        user.group_ids += self.env.ref(role)

    def test_initiating_is_all_or_nothing(self):
        """One obstacle, and none goes; and what waits for nothing says so."""
        payments = self.pay_many([1, 2])
        with self.assertRaises(UserError):
            with identity(self.director):
                payments.with_user(self.director).action_tbc_initiate()
        self.queue(payments)
        payments[0].with_user(self.env.user).move_id.button_draft()
        words = self.obstacle(payments)
        self.assertIn("Nothing was initiated.", words)
        self.assertIn(
            f"{payments[0].name}, Vendor LLC: The payment is no longer", words
        )
        self.assertNotIn(f"{payments[1].name},", words)
        self.initiate(payments[1])
        with self.assertRaises(UserError) as caught:
            self.initiate(payments[1])
        self.assertIn("None of these transfers waits", str(caught.exception))
