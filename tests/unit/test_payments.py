import datetime
import itertools
import unittest

from account_tbc_bank.bookkeeping import BankLine, OpenItem, plan_payments

DAY = datetime.date(2026, 6, 15)
_ids = itertools.count(1)


def line(cents=10_000, purpose="", **values):
    values = {"partner_id": 1, "currency": "GEL", "day": DAY, **values}
    return BankLine(line_id=next(_ids), cents=cents, purpose=purpose, **values)


def item(*numbers, cents=10_000, document=None, **values):
    item_id = next(_ids)
    values = {
        "partner_id": 1,
        "currency": "GEL",
        "day": DAY,
        "account_id": 1,
        **values,
    }
    return OpenItem(
        item_id=item_id,
        document_id=document or item_id,
        cents=cents,
        numbers=numbers,
        **values,
    )


def invoice(number, **values):
    return item(f"INV/2026/{number:05d}", None, **values)


class TestPlanPayments(unittest.TestCase):
    def assert_pays(self, lines, items, *expected):
        """``expected``: pairs of a line's and its items' places in the lists."""
        found = {
            (lines.index(payment.line), tuple(sorted(map(items.index, payment.items))))
            for payment in plan_payments(lines, items)
        }
        self.assertEqual(found, set(expected))

    def assert_names(self, purpose, *numbers, cents=10_000, pays=True):
        """One line and one item of these numbers, with an equal one as its rival."""
        rival = item("OTHER/77777")
        items = [item(*numbers), rival]
        expected = [(0, (0,))] if pays else []
        with self.subTest(purpose=purpose, numbers=numbers):
            self.assert_pays([line(cents, purpose)], items, *expected)

    def test_the_only_item_of_the_amount(self):
        self.assert_pays(
            [line(10_000)], [invoice(1), invoice(2, cents=9_999)], (0, (0,))
        )
        self.assert_pays([line(-10_000)], [item(cents=-10_000)], (0, (0,)))

    def test_two_candidates_are_none(self):
        self.assert_pays([line()], [invoice(1), invoice(2)])
        self.assert_pays([line(), line()], [invoice(1)])
        self.assert_pays([line()], [item(document=7), item(document=7)])

    def test_a_line_of_another_bank_is_a_rival(self):
        self.assert_pays([line(is_rival=True)], [invoice(1)])
        self.assert_pays([line(is_rival=True), line()], [invoice(1)])

    def test_nothing_of_another_partner_currency_direction_or_amount(self):
        for values in (
            {"partner_id": 2},
            {"currency": "USD"},
            {"cents": -10_000},
            {"cents": 10_001},
        ):
            with self.subTest(**values):
                self.assert_pays([line()], [invoice(1, **values)])
        self.assert_pays([line(partner_id=None)], [invoice(1)])

    def test_a_payment_is_no_document_but_stands_in_the_way(self):
        payment = item("PBNK/1", is_document=False)
        self.assert_pays([line()], [payment])
        self.assert_pays([line()], [invoice(1), payment])

    def test_an_item_of_long_after_was_not_paid(self):
        later = DAY + datetime.timedelta(days=31)
        self.assert_pays([line()], [invoice(1, day=later)], (0, (0,)))
        later += datetime.timedelta(days=1)
        self.assert_pays([line()], [invoice(1, day=later)])
        self.assert_pays(
            [line(purpose="INV/2026/00001")], [invoice(1, day=later)], (0, (0,))
        )

    def test_the_last_day_of_the_calendar(self):
        self.assert_pays([line(day=datetime.date.max)], [invoice(1)], (0, (0,)))

    def test_full_numbers_in_a_purpose(self):
        for purpose in (
            "INV/2026/00254",
            "inv/2026/00254.",
            "Invoice INV/2026/00254, thank you",
            "No.INV/2026/00254;",
            "ინვოისი: INV-2026-00254",
            "(INV 2026 00254)",
            "INV/2026/00254-ის საფასური",
            "INV/2026/00254ის საფასური",
            "INV2026/00254",
        ):
            self.assert_names(purpose, "INV/2026/00254")
        for purpose in ("For AB-777/2 only", "AB-777/2"):
            self.assert_names(purpose, "BILL/2026/06/0001", "ab-777/2")

    def test_what_is_not_that_number(self):
        for purpose in (
            "INV/2026/002545",
            "INV/2026/0025 4",
            "INV/2026/00254/A",
            "INV/2026/00254-2",
            "XINV/2026/00254",
            "X-INV/2026/00254",
            "2026/00254",
        ):
            self.assert_names(purpose, "INV/2026/00254", pays=False)

    def test_short_numbers_beside_the_exact_amount(self):
        for purpose in (
            "ინვოისი #254",
            "ინვოისის 254 საფასური",
            "INVOICE No 00254.",
            "inv. № 254",
            "ანგარიშ-ფაქტურა 254",
            "ანგარიშფაქტურა N254",
            "ა/ფ 254, 255 არ არის",
            "ინვ. 254",
            "invoice254",
            "ინვოისი254-ის საფასური",
        ):
            self.assert_names(purpose, "INV/2026/00254")
        for purpose in (
            "254",
            "ქირა 254",
            "ბინა № 254",
            "Invoice 254/2026",
            "Invoice 254.00",
        ):
            self.assert_names(purpose, "INV/2026/00254", pays=False)
        self.assert_names("ინვოისი #254", "INV/2026/00254", cents=5_000, pays=False)
        self.assert_names("ინვოისი #12", "INV/2026/00012")
        self.assert_names("Invoice No 12", "INV/2026/00012")
        self.assert_names("Invoice 12 May", "INV/2026/00012", pays=False)
        two = [item("INV/2025/00254"), item("INV/2026/00254")]
        self.assert_pays([line(purpose="ინვოისი #254")], two)

    def test_plain_numbers(self):
        self.assert_names("საქონელი 10234", "10234")
        self.assert_names("Invoice 10234", "10234")
        self.assert_names("10234.00 GEL", "10234", pays=False)
        items = [item("10234"), invoice(9, cents=4_000)]
        # Without a word for it, a number may be any number.
        self.assert_pays([line(4_000, "10234")], items)
        self.assert_pays([line(3_000, "ინვოისი 10234")], items, (0, (0,)))
        self.assert_pays([line(10_000, "for 2026")], [item("2026")], (0, (0,)))
        self.assert_names("for 2026", "2026", pays=False)

    def test_another_document_contradicts(self):
        for purpose in (
            "INV/2026/00002",
            "Invoice 2",
            "ინვოისი AB-2",
            "INV/2026/00001 INV/2026/00002",
            "INV/2025/00777",
            "INV/2026/00001A",
            "INV/2026/00001/1",
            "INV/2026/00001-00002",
            "INV/2026/00001.5",
            "INV/2026/00002A",
            "ინვ. 2",
            "#2",
            "invoice2",
        ):
            with self.subTest(purpose=purpose):
                self.assert_pays([line(purpose=purpose)], [invoice(1)])
        self.assert_pays([line(purpose="10235")], [item("10234")])
        self.assert_pays([line(purpose="Invoice 2")], [item()], (0, (0,)))
        self.assert_pays([line(purpose="rent 06/2026")], [invoice(1)], (0, (0,)))
        self.assert_pays([line(purpose="AB2 7")], [item("AB-X")], (0, (0,)))

    def test_a_georgian_ending_belongs_to_the_sentence(self):
        for purpose in (
            "INV/2026/00254-ის საფასური",
            "გადახდა INV/2026/00254-ით",
            "ინვოისი №254-ის საფასური",
            "ინვ. 254",
            "Invoice254",
        ):
            self.assert_names(purpose, "INV/2026/00254")

    def test_a_longer_number_is_another_one(self):
        """Its piece must not leave the line to whatever has the amount."""
        items = [item("INV/2026/00254", cents=7), item("INV/2026/00255")]
        for purpose in (
            "INV/2026/00254A",
            "INV/2026/00254/1",
            "INV/2026/00254-00256",
            "INV/2026/00254-ა",
            "INV/2026/00254.5",
            "INV/2026/00254-ის საფასური",
            "ინვ. 254",
            "invoice254",
        ):
            with self.subTest(purpose=purpose):
                self.assert_pays([line(purpose=purpose)], items)
        both = [item("AB-777", cents=7), item("AB-777/2")]
        self.assert_pays([line(purpose="AB-777/2")], both, (0, (1,)))

    def test_a_number_that_two_have(self):
        items = [item("AB-77"), item("AB-77", cents=5_000)]
        self.assert_pays([line(purpose="AB-77")], items)

    def test_in_part_when_named(self):
        self.assert_pays([line(4_000, "INV/2026/00001")], [invoice(1)], (0, (0,)))
        lines = [line(4_000, "INV/2026/00001"), line(6_000, "INV/2026/00001")]
        self.assert_pays(lines, [invoice(1)], (0, (0,)), (1, (0,)))
        self.assert_pays([line(4_000)], [invoice(1)])

    def test_never_more_than_is_open(self):
        self.assert_pays([line(10_001, "INV/2026/00001")], [invoice(1)])
        twice = [line(purpose="INV/2026/00001"), line(purpose="INV/2026/00001")]
        self.assert_pays(twice, [invoice(1)])
        self.assert_pays(
            [line(-10_000, "AB-77"), line(-1, "AB-77")], [item("AB-77", cents=-10_000)]
        )

    def test_several_named_whose_sum_is_exact(self):
        items = [invoice(1), invoice(2, cents=2_500), invoice(3)]
        both = "INV/2026/00001, INV/2026/00002"
        self.assert_pays([line(12_500, both)], items, (0, (0, 1)))
        self.assert_pays([line(12_499, both)], items)
        self.assert_pays([line(12_500, both), line(1, "INV/2026/00001")], items)

    def test_an_invoice_less_a_credit_note(self):
        note = item("RINV/2026/00007", cents=-3_000)
        items = [invoice(1), note, invoice(2, cents=7_000)]
        both = "INV/2026/00001 - RINV/2026/00007"
        self.assert_pays([line(7_000, both)], items, (0, (0, 1)))
        more = [*items, item("RINV/2026/00008", cents=-500)]
        all_three = f"{both}, RINV/2026/00008"
        self.assert_pays([line(6_500, all_three)], more, (0, (0, 1, 3)))
        two = f"INV/2026/00001 INV/2026/00002 less {note.numbers[0]}"
        self.assert_pays([line(14_000, two)], items, (0, (0, 1, 2)))

    def test_a_bill_less_a_refund(self):
        items = [item("AB-771", cents=-10_000), item("AB-772", cents=3_000)]
        self.assert_pays([line(-7_000, "AB-771 AB-772")], items, (0, (0, 1)))
        # And what comes back when the refund is the larger one.
        items = [item("AB-771", cents=-3_000), item("AB-772", cents=10_000)]
        self.assert_pays([line(7_000, "AB-771 AB-772")], items, (0, (0, 1)))

    def test_a_credit_note_whose_net_does_not_fit(self):
        """No part payment, nor anything by its amount."""
        items = [invoice(1), item("RINV/2026/00007", cents=-3_000)]
        items += [invoice(2, cents=7_001), invoice(3, cents=3_000)]
        both = "INV/2026/00001, RINV/2026/00007"
        for cents in (7_001, 6_999, 10_000, 3_000, 13_000, -3_000, -7_000):
            with self.subTest(cents=cents):
                self.assert_pays([line(cents, both)], items)
        for cents in (3_000, 7_001):
            self.assert_pays([line(cents, "RINV/2026/00007")], items)
        # Nor while it is not open, whatever the invoice's rest would be.
        for purpose in (
            "INV/2026/00001, RINV/2026/00009",
            "INV/2026/00001 RINV-2026-9",
        ):
            self.assert_pays([line(7_000, purpose)], items)
            self.assert_pays([line(7_000, purpose)], [invoice(1)])
        purpose = "INV/2026/00001, RINV/2026/00009"
        self.assert_pays([line(10_000, purpose)], [invoice(1)], (0, (0,)))

    def test_a_credit_note_that_is_claimed_twice(self):
        items = [invoice(1), item("RINV/2026/00007", cents=-3_000)]
        lines = [
            line(7_000, "INV/2026/00001, RINV/2026/00007"),
            line(-3_000, "RINV/2026/00007"),
        ]
        self.assert_pays(lines, items)
        self.assert_pays(lines[:1], items, (0, (0, 1)))
        self.assert_pays(lines[1:], items, (0, (1,)))
        self.assert_pays([lines[0], line(-3_000)], items, (0, (0, 1)))

    def test_a_credit_note_on_another_account(self):
        items = [invoice(1), item("RINV/2026/00007", cents=-3_000, account_id=2)]
        self.assert_pays([line(7_000, "INV/2026/00001, RINV/2026/00007")], items)

    def test_a_refund_that_tells_of_its_invoice(self):
        items = [item("RINV/2026/00007", cents=-3_000), invoice(2)]
        for purpose in ("Refund for INV/2026/00001", "RINV/2026/00007, INV/2026/00001"):
            self.assert_pays([line(-3_000, purpose)], items, (0, (0,)))

    def test_several_of_which_one_is_not_read_in_full(self):
        items = [invoice(254, cents=50_000), invoice(255, cents=30_000)]
        for more in (", 00255", " და 255", " & #255", "; 255"):
            lines = [line(40_000, f"INV/2026/00254{more}")]
            with self.subTest(more=more):
                self.assert_pays(lines, items)
        self.assert_pays([line(40_000, "INV/2026/00254, 4 ც.")], items)
        self.assert_pays([line(40_000, "INV/2026/00254 და სხვა")], items, (0, (0,)))

    def test_a_date_is_no_number(self):
        for number in ("2026", "May 2026", "01.05.2026", "05/2026"):
            self.assert_pays(
                [line(5_000, f"rent {number}")], [item(number), invoice(9)]
            )

    def test_the_sum_of_instalments_stands_in_the_way(self):
        parts = [item("A/1", cents=5_000, document=7) for _ in range(2)]
        self.assert_pays([line(10_000)], [*parts, invoice(1)])

    def test_many_of_one_amount_are_quickly_none(self):
        lines = [line() for _ in range(3_000)]
        self.assert_pays(lines, [invoice(number) for number in range(3_000)])

    def test_instalments_are_one_document(self):
        parts = [
            item("INV/2026/00001", cents=5_000, document=7, day=DAY),
            item("INV/2026/00001", cents=5_000, document=7),
        ]
        self.assert_pays([line(10_000, "INV/2026/00001")], parts, (0, (0, 1)))

    def test_what_is_named_is_not_there_for_others(self):
        lines = [line(purpose="INV/2026/00001"), line()]
        self.assert_pays(lines, [invoice(1)], (0, (0,)))

    def test_items_of_two_accounts_are_not_paid_by_one_line(self):
        items = [invoice(1), invoice(2, account_id=2)]
        self.assert_pays([line(20_000, "INV/2026/00001 INV/2026/00002")], items)
