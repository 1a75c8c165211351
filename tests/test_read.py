"""What a read brings into the books."""

from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo.addons.account_tbc_bank.services.connecting import (
    open_client,
)
from odoo.addons.account_tbc_bank.services.statements.booking import (
    Booking,
    known_lines,
)
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import IBAN, OTHER_IBAN, TODAY, TbcCase


@tagged("post_install", "-at_install")
class TestRead(TbcCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD", "EUR"), OTHER_IBAN: ("GEL",)},
        "days": 0,
        "openings": {(IBAN, "GEL"): "1000.50", (IBAN, "USD"): "0.00"},
    }

    def test_a_movement_becomes_a_line(self):
        """From the bank's JSON to the journal item, each value where it belongs."""
        account = self.make_account()
        movement_id = self.add(
            "-1280.75",
            "2026-06-22",
            purpose="ინვოისი 254",
            opCode="GIB",
            paymentId="502341",
            documentNumber="DOC-452198",
            partnerAccountInfo={
                "partnerName": "შპს პარტნიორი",
                "accountIban": "GE44TB0600051509630891",
                "taxCode": "204567891",
            },
        )
        run = self.sync(account)
        line = self.lines(account)
        self.assertRecordValues(
            line,
            [
                {
                    "date": date(2026, 6, 22),
                    "journal_id": account.journal_id.id,
                    "amount": -1280.75,
                    "payment_ref": "ინვოისი 254",
                    "partner_name": "შპს პარტნიორი",
                    "account_number": "GE44TB0600051509630891",
                    "partner_id": False,
                    "transaction_type": "GIB",
                    "ref": "DOC-452198",
                    "tbc_movement_id": movement_id,
                    "tbc_payment_id": "502341",
                    "foreign_currency_id": False,
                    "amount_currency": 0.0,
                    "state": "posted",
                }
            ],
        )
        self.assertEqual(line.transaction_details["amount"], 1280.75)
        self.assertIn("ინვოისი 254", line.tbc_movement_text)
        self.assertEqual((run.fetched, run.new, run.known, run.held), (1, 1, 0, 0))

    def test_raw_text_is_found(self):
        account = self.make_account()
        self.add("10.00", additionalInformation="რეესტრი 77-ბის")
        self.add("11.00")
        self.sync(account)
        found = self.env["account.bank.statement.line"].search(
            [("tbc_movement_text", "ilike", "77-ბის")]
        )
        self.assertEqual(found.mapped("amount"), [10.0])
        self.assertEqual(
            self.lines(account).filtered_domain(
                [("tbc_movement_text", "ilike", "77-ბის")]
            ),
            found,
        )
        is_set = [("tbc_movement_text", "!=", False)]
        self.assertEqual(
            self.env["account.bank.statement.line"].search(
                [("journal_id", "=", account.journal_id.id), *is_set]
            ),
            self.lines(account).sorted(lambda line: line.internal_index, reverse=True),
        )

    def test_opening_and_closing(self):
        """A journal that we made opens with the bank's balance and ends with it."""
        account = self.make_account()
        self.add("200.00")
        self.add("-50.25")
        run = self.sync(account)
        self.assertEqual(account.opening_line_id.date, date(2026, 5, 31))
        self.assertEqual(account.opening_line_id.amount, 1000.50)
        self.assertTrue(account.opening_line_id.is_reconciled)
        self.assertEqual(account.bank_balance, 1150.25)
        self.assertEqual(account.books_balance, 1150.25)
        self.assertEqual(account.difference, 0.0)
        self.assertEqual(account.health, "ok")
        self.assertEqual((run.bank_balance, run.difference), (1150.25, 0.0))
        self.sync(account)
        self.assertEqual(account.books_balance, 1150.25)

    def test_an_earlier_first_day_moves_the_opening(self):
        account = self.make_account()
        self.add("200.00", "2026-06-10")
        self.add("30.00", "2026-05-10")
        self.sync(account)
        self.assertEqual(account.opening_line_id.amount, 1030.50)
        account.sync_from = date(2026, 5, 1)
        self.assertFalse(account.synced_until)
        self.sync(account)
        self.assertEqual(account.opening_line_id.amount, 1000.50)
        self.assertEqual(account.opening_line_id.date, date(2026, 4, 30))
        self.assertEqual(account.difference, 0.0)
        self.assertEqual(len(self.lines(account)), 2)

    def test_a_later_first_day_doubles_nothing(self):
        """No opening line was needed on the first day; none is needed on the second."""
        account = self.make_account(self.usd)
        self.add("100.00", "2026-06-10", currency="USD")
        self.sync(account)
        self.assertFalse(account.opening_line_id)
        account.sync_from = date(2026, 6, 20)
        self.sync(account)
        self.assertFalse(account.opening_line_id)
        self.assertEqual(account.books_balance, 100.0)
        self.assertEqual(account.health, "ok")

    def test_the_opening_is_only_what_the_books_lack(self):
        """A linked journal holds part of it; an entry by hand is no opening."""
        account = self.make_account(journal=False)
        account.journal_id = self.env["account.journal"].create(
            {"name": "Bank", "type": "bank", "company_id": self.company.id}
        )
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": account.journal_id.id,
                "date": "2026-05-20",
                "amount": 1000.50,
            }
        )
        self.sync(account)
        self.assertFalse(account.opening_missing)
        self.env["account.bank.statement.line"].create(
            {"journal_id": account.journal_id.id, "date": "2026-06-20", "amount": 5.0}
        )
        self.sync(account)
        self.assertEqual(account.health, "difference")
        self.assertIn("higher than at the bank", account.health_message)
        self.assertIn("by hand", account.health_message)
        self.assertFalse(account.opening_missing)
        account.action_book_opening()
        self.assertEqual(account.difference, 5.0)

    def test_a_linked_journal_keeps_its_own_opening(self):
        """Nobody books an opening into a journal that may have one; the button does."""
        account = self.make_account(journal=False)
        account.journal_id = self.env["account.journal"].create(
            {"name": "Bank", "type": "bank", "company_id": self.company.id}
        )
        self.add("200.00")
        self.sync(account)
        self.assertEqual(account.difference, -1000.50)
        self.assertEqual(account.health, "difference")
        self.assertIn("opening balance", account.health_message)
        account.action_book_opening()
        self.assertEqual(account.difference, 0.0)
        self.assertEqual(account.health, "ok")

    def test_again_is_nothing_new(self):
        account = self.make_account()
        self.add("10.00", "2026-06-29")
        self.sync(account)
        run = self.sync(account)
        self.assertEqual((run.fetched, run.new, run.known), (1, 0, 1))
        self.assertEqual(len(self.lines(account)), 1)

    def test_two_identical_payments_both_stay(self):
        account = self.make_account()
        for _twin in range(2):
            self.add("-12.00", purpose="same", opCode="GIB")
        self.sync(account)
        self.assertEqual(self.lines(account).mapped("amount"), [-12.0, -12.0])

    def test_the_database_takes_a_movement_once(self):
        account = self.make_account()
        self.add("10.00")
        self.sync(account)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["account.bank.statement.line"].create(
                {
                    "journal_id": account.journal_id.id,
                    "amount": 10.0,
                    "tbc_account_id": account.id,
                    "tbc_movement_id": self.ids(account)[0],
                }
            )

    def test_three_currencies_of_one_iban(self):
        """Each in the journal of its currency, without a foreign amount."""
        for code, amount in (("GEL", "10.00"), ("USD", "20.00"), ("EUR", "30.00")):
            self.add(amount, currency=code)
        accounts = self.env["tbc.account"]
        for currency in (self.gel, self.usd, self.eur):
            accounts |= self.make_account(currency)
        self.assertEqual(set(accounts.sync().mapped("state")), {"done"})
        for account, amount in zip(accounts, (10.0, 20.0, 30.0), strict=True):
            line = self.lines(account)
            self.assertEqual(line.amount, amount)
            self.assertEqual(line.currency_id, account.currency_id)
            self.assertFalse(line.foreign_currency_id)
        banks = accounts.journal_id.bank_account_id
        self.assertEqual(banks.mapped("sanitized_acc_number"), [IBAN])
        self.assertEqual(len(accounts.journal_id.default_account_id), 3)
        tokens = self.bank.requests_to("token")
        self.assertEqual(len(tokens), 1, "accounts of one integration share a token")

    def test_a_conversion_carries_its_other_currency(self):
        gel, eur = self.make_account(), self.make_account(self.eur)
        rate = {"exchangeRate": "1 EUR = 3.175 GEL", "transactionType": 5}
        self.add("-317.50", movementId="018716808825.1", **rate)
        self.add("100.00", currency="EUR", movementId="018716808825.2", **rate)
        (gel + eur).sync()
        self.assertRecordValues(
            self.lines(gel) + self.lines(eur),
            [
                {
                    "amount": -317.5,
                    "foreign_currency_id": self.eur.id,
                    "amount_currency": -100.0,
                },
                {
                    "amount": 100.0,
                    "foreign_currency_id": self.gel.id,
                    "amount_currency": 317.5,
                },
            ],
        )
        self.assertEqual((gel.health, eur.health), ("ok", "ok"), gel.health_message)

    def test_the_georgian_day(self):
        """01:30 in Tbilisi is still the day before in UTC."""
        account = self.make_account()
        self.add("1.00", "2026-06-12", date="2026-06-12T01:30:00")
        self.add("2.00", "2026-06-13", date="2026-06-12T21:30:00Z")
        self.add("3.00", "2026-06-14", date="2026-06-14T01:30:00+04:00")
        self.sync(account)
        self.assertEqual(
            [(line.amount, line.date.day) for line in self.lines(account)],
            [(1.0, 12), (2.0, 13), (3.0, 14)],
        )

    def test_partner_by_tax_code_then_iban(self):
        partners = self.env["res.partner"].create(
            [
                {"name": "By tax code", "vat": "204567891"},
                {"name": "By VAT number", "vat": "GE204567892"},
                {"name": "By IBAN"},
                {"name": "Twin", "vat": "204567893"},
                {"name": "Other twin", "vat": "204567893"},
            ]
        )
        self.env["res.partner.bank"].create(
            {"acc_number": "GE90BG0000000589021505", "partner_id": partners[2].id}
        )
        account = self.make_account()
        for amount, tax_code, iban in (
            ("1.00", "204567891", None),
            ("2.00", "204567892", "GE90BG0000000589021505"),
            ("3.00", "999999999", "GE90BG0000000589021505"),
            ("4.00", "204567893", None),
            ("5.00", None, None),
        ):
            self.add(
                amount, partnerAccountInfo={"taxCode": tax_code, "accountIban": iban}
            )
        before = self.env["res.partner"].search_count([])
        self.sync(account)
        found = {line.amount: line.partner_id for line in self.lines(account)}
        none = self.env["res.partner"]
        self.assertEqual(
            found,
            {
                1.0: partners[0],
                2.0: partners[1],
                3.0: partners[2],
                4.0: none,
                5.0: none,
            },
        )
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_the_cursor_is_the_last_day_that_is_over(self):
        account = self.make_account()
        self.sync(account)
        self.assertEqual(account.synced_until, TODAY - timedelta(days=1))

    def test_a_quiet_poll_costs_two_requests(self):
        account = self.make_account()
        self.add("10.00", "2026-06-28")
        self.sync(account)
        self.bank.forget_requests()
        self.sync(account)
        self.assertEqual(
            [request.name for request in self.bank.requests],
            ["movements", "statements"],
        )
        query = self.bank.requests[0].query
        self.assertEqual(query["PeriodFrom"], "2026-06-23")
        self.assertEqual(query["PeriodTo"], "2026-06-30")

    def test_three_days_of_outage(self):
        """Whatever the hour it began and ended: nothing missing, nothing double."""
        account = self.make_account()
        first = self.add("1.00", "2026-06-30")
        self.sync(account)
        self.bank.add_fault("drop", times=None)
        late = self.add("2.00", "2026-06-30")
        for hours in (13, 37, 61):
            self.bank.now = self.bank.now + timedelta(hours=hours)
            self.assertEqual(account.sync().state, "failed")
        days = [self.add(f"{d}.00", f"2026-07-0{d}") for d in (1, 2, 3, 4)]
        self.bank.clear_faults()
        self.sync(account)
        self.assertEqual(sorted(self.ids(account)), sorted([first, late, *days]))
        self.assertEqual(account.difference, 0.0)

    def test_a_back_dated_movement_appears_late(self):
        """Older than the overlap: the totals disagree, and it is looked for."""
        account = self.make_account()
        self.add("1.00", "2026-06-29")
        self.sync(account)
        late = self.add("5.00", "2026-06-02")
        self.sync(account)
        self.assertIn(late, self.ids(account))
        self.assertEqual(account.health, "ok")

    def test_two_late_movements_that_cancel_are_found(self):
        account = self.make_account()
        self.sync(account)
        late = [self.add("500.00", "2026-06-02"), self.add("-500.00", "2026-06-03")]
        self.sync(account)
        self.assertEqual(sorted(self.ids(account)), sorted(late))
        self.bank.forget_requests()
        self.sync(account)
        self.assertEqual(len(self.bank.requests), 2)

    def test_a_late_unreadable_movement_is_held(self):
        account = self.make_account()
        self.sync(account)
        bad = self.add("7.00", "2026-06-02", without=["isDebit"])
        good = self.add("1.00", "2026-06-02")
        self.sync(account)
        self.assertEqual(account.held_ids.mapped("movement_id"), [bad])
        self.assertEqual(self.ids(account), [good])

    def test_an_entry_by_hand_costs_no_request(self):
        account = self.make_account()
        self.sync(account)
        self.env["account.bank.statement.line"].create(
            {"journal_id": account.journal_id.id, "date": TODAY, "amount": 5.0}
        )
        self.bank.forget_requests()
        self.sync(account)
        self.assertEqual(account.difference, 5.0)
        self.assertEqual(len(self.bank.requests), 2)

    def test_a_first_day_to_come_asks_nothing_and_claims_nothing(self):
        account = self.make_account(sync_from=date(2026, 7, 15))
        self.sync(account)
        self.assertFalse(self.bank.requests_to("movements"))
        self.assertEqual(account.health, "never")
        self.assertIn("It is synced from", account.health_message)

    def test_the_longest_period_is_the_banks(self):
        """A refused year of totals is asked for as a month."""
        account = self.make_account(sync_from=date(2025, 9, 1))
        self.add("1.00", "2025-10-10")
        self.bank.add_fault("INCORRECT_INPUT_DATA", on="statements", times=1)
        self.sync(account)
        self.assertEqual(account.opening_line_id.amount, 1000.50)
        self.assertEqual(account.health, "ok")

    def test_a_conversion_of_less_than_half_a_cent(self):
        account = self.make_account()
        self.add("-0.01", exchangeRate="1 EUR = 3.175 GEL")
        self.sync(account)
        self.assertEqual(self.lines(account).amount, -0.01)
        self.assertFalse(self.lines(account).foreign_currency_id)

    def test_what_the_client_refuses_to_ask_is_a_sentence(self):
        account, usd = self.make_account(), self.make_account(self.usd)
        self.env.cr.execute(
            "UPDATE tbc_account SET iban = 'GE29' WHERE id = %s", (account.id,)
        )
        account.invalidate_recordset()
        runs = (account + usd).sync()
        self.assertEqual(runs.mapped("state"), ["failed", "done"])
        self.assertIn("can't be asked", account.last_error)

    def test_a_journal_that_lost_its_currency_takes_nothing(self):
        account = self.make_account(self.usd)
        account.journal_id.currency_id = False
        self.add("50.00", currency="USD")
        self.assertIn("needs a bank journal", account.sync().error)
        self.assertFalse(self.lines(account))

    def test_an_opening_that_odoo_refuses_leaves_nothing(self):
        account = self.make_account()
        model = type(self.env["account.bank.statement.line"])
        original = model.create

        def create(lines, vals_list):
            created = original(lines, vals_list)
            if created.filtered(lambda line: line.amount == 1000.50):
                raise UserError(refusal)
            return created

        refusal = "The opening is refused."
        self.patch(model, "create", create)
        for _time in range(2):
            self.assertEqual(account.sync().error, refusal)
        self.assertFalse(
            self.env["account.bank.statement.line"].search(
                [("journal_id", "=", account.journal_id.id)]
            )
        )

    def test_a_wrong_iban_is_told_at_once(self):
        for iban in ("GE29", "GE29TB777777777777777", "not an iban", ""):
            with self.subTest(iban), self.assertRaises(ValidationError):
                self.make_account(iban=iban, journal=False)
        account = self.make_account(iban="ge29 tb77 7777 7777 7777 77", journal=False)
        self.assertEqual(account.iban, IBAN)

    def test_the_year_is_read_in_months(self):
        account = self.make_account(sync_from=date(2026, 1, 1))
        ids = [self.add("1.00", f"2026-0{month}-15") for month in range(1, 7)]
        self.bank.forget_requests()
        self.sync(account)
        self.assertEqual(self.ids(account), ids)
        periods = [
            (request.query["PeriodFrom"], request.query["PeriodTo"])
            for request in self.bank.requests_to("movements")
        ]
        self.assertEqual(periods[0], ("2026-01-01", "2026-01-31"))
        self.assertEqual(periods[-1], ("2026-06-05", "2026-06-30"))
        self.assertEqual(account.opening_line_id.amount, 1000.50)

    def test_booked_accounts_stay_what_they_are(self):
        account = self.make_account()
        self.add("1.00")
        self.sync(account)
        for change in (
            {"iban": OTHER_IBAN},
            {"currency_id": self.usd.id},
            {"journal_id": False},
        ):
            with self.assertRaisesRegex(
                UserError, "booked transactions or transfers already"
            ):
                account.write(change)
        self.assertEqual(account.iban, IBAN)

    def test_a_copied_entry_is_no_movement(self):
        account = self.make_account()
        self.add("1.00")
        self.sync(account)
        copy = self.lines(account).copy()
        self.assertFalse(copy.tbc_movement_id)
        self.assertFalse(copy.tbc_account_id)

    def test_queries_do_not_grow_with_the_page(self):
        """Our own part of a page: the same number of queries for 2 and 20 movements."""
        account = self.make_account()
        movements = []
        for number in range(20):
            self.add(f"{number + 1}.00", partnerAccountInfo={"taxCode": "204567891"})
        with open_client(self.integration) as client:
            movements = client.movements(
                iban=IBAN,
                currency="GEL",
                period_from=date(2026, 6, 1),
                period_to=TODAY,
            ).movements
        account = account.sudo()

        def queries(part):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            known_lines(account, [m.movement_id for m in part])
            booking = Booking(account, part)
            bookable, _held = booking.split()
            booking.prepare_lines_vals(bookable)
            return self.env.cr.sql_log_count - before

        queries(movements)
        self.assertEqual(queries(movements[:2]), queries(movements))
