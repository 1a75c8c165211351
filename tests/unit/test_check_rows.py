"""What the check says of answers that no whole bank gives, and what it lets through."""

import datetime
import json
import unittest
from collections import Counter
from decimal import Decimal

from test_check_bank import IBAN, NOON, OTHER, TODAY, CheckCase

from account_tbc_bank import tbc
from account_tbc_bank.tbc import check
from account_tbc_bank.tbc.check import judge, lists, orders, periods, shapes
from account_tbc_bank.tbc.check.probe import Answer


def answer(value=None, error=None, endpoint="movements"):
    return Answer(endpoint=endpoint, value=value, error=error, seconds=0.1)


class TestWords(unittest.TestCase):
    def test_a_word_that_may_be_told(self):
        for word, told in (
            (None, None),
            ("INVALID_ACCOUNT", "INVALID_ACCOUNT"),
            ("One or more validation errors occurred",) * 2,
            ("NEW_CODE", "NEW_CODE"),
            (77, "77"),
            ("Mr Somebody", "…"),
            ("GE65TB0000004815162342", "…"),
            ("12345", "…"),
            ("Somebody", "…"),
            ("SomebodyElse", "…"),
            ("Completed", "Completed"),
            ("Ana", "…"),
            ("An", "An"),
        ):
            with self.subTest(word):
                secrets = ["Somebody", "x", "Ana Who"]
                self.assertEqual(check.safe_word(word, secrets), told)
        self.assertEqual(judge.safe_path("a[].somebody.amount"), "a[].somebody.amount")
        # A name of a member that is a person's, or that is written like one.
        self.assertEqual(judge.safe_path("a[].Somebody.amount"), "a[].….amount")
        self.assertEqual(judge.safe_path("a[].some", ["Some"]), "a[].…")
        self.assertEqual(judge.safe_path("a[].x1234567"), "a[].…")

    def test_a_code_is_no_name(self):
        for word, told in (
            ("NEW_CODE", "NEW_CODE"),
            ("*CM*", "*CM*"),
            ("GIB", "GIB"),
            ("LimitError", "LimitError"),
            ("no_such_order", "no_such_order"),
            ("-1", "-1"),
            ("Zhuzhuna", "…"),
            ("MacDonald", "…"),
            ("Completed", "…"),
            ("One or more validation errors occurred",) * 2,
            ("BLOCKED", "…"),
        ):
            with self.subTest(word):
                self.assertEqual(check.safe_code(word, ["Blocked LLC"]), told)

    def test_a_name_among_operation_codes(self):
        """It stands under another name, too, or is written as codes are not."""
        page = {
            "transactions": [
                {"opCode": "ZHUZHUNA", "partnerName": "Zhuzhuna B."},
                {"opCode": "ANA", "partnerAccountInfo": {"partnerName": "Ana"}},
                {"opCode": "Gvantsa", "purpose": None},
                {"opCode": "GIB", "purpose": "of a gibbon"},
            ],
            "total": 4,
        }
        found = lists.Listed([answer(page)])
        self.assertEqual(found.words("opCode"), ["GIB", "…"])

    def test_words_in_a_sentence(self):
        sentence = "The bank refused it (INVALID_ACCOUNT, HTTP 400) for Mr Who."
        self.assertEqual(check.words_in(sentence), ["HTTP 400", "INVALID_ACCOUNT"])
        self.assertEqual(check.words_in(None), [])

    def test_what_identifies_somebody_is_cut(self):
        told = {"rows": [{"seen": "Somebody here", "n": 4.5, "none": None}]}
        cut = check.without(told, ["Somebody", "abc", "INVALID_ACCOUNT"])
        self.assertEqual(cut["rows"][0], {"seen": "… here", "n": 4.5, "none": None})
        self.assertEqual(check.without(told, []), told)

    def test_what_is_known(self):
        for word in (None, "Finished", "FINISHED", "Error", "Finished with errors"):
            self.assertTrue(check.is_known_status_word(word), word)
        self.assertFalse(check.is_known_status_word("Completed"))
        self.assertTrue(check.is_known_error(None, None))
        self.assertTrue(check.is_known_error("DomainError", "whatever"))
        self.assertFalse(check.is_known_error("NEW", "New."))


class TestShapes(unittest.TestCase):
    def test_forms(self):
        for value, form in (
            ("", "empty"),
            ("2026-06-01", "date"),
            ("2026-06-01T00:00:00", "midnight"),
            ("2026-06-01T21:30:00", "moment"),
            ("2026-06-01T00:00:01+04:00", "moment with offset"),
            ("018745219864.1", "movement id"),
            ("204815162", "digits"),
            ("12.50", "decimal"),
            ("GEL", "three capitals"),
            ("1 EUR = 3.175 GEL", "rate"),
            ("GE48TB7873440574631292", "IBAN"),
            ("Somebody", "other text"),
            (7, "whole"),
            (Decimal("-1.250"), "negative, 2 decimals"),
            (True, None),
            (None, None),
        ):
            with self.subTest(value):
                self.assertEqual(shapes.form_of(value), form)

    def test_a_shape_counts_and_ends(self):
        value = {"a": [{"b": 1}, {"b": None}], "c": True}
        shape = shapes.shape_of(value)
        self.assertEqual(
            shape["a[].b"], Counter({"number": 1, "number: whole": 1, "null": 1})
        )
        self.assertEqual(shapes.values_of(value), {"1", "True"})
        self.assertEqual(len(shapes.shape_of({str(n): n for n in range(999)})), 200)
        deep = {}
        for _level in range(20):
            deep = {"x": deep}
        self.assertEqual(len(shapes.shape_of(deep)), shapes.DEEPEST + 1)


class TestRows(CheckCase):
    def test_a_window_has_movements_enough_and_not_too_many(self):
        for totals, days in (
            ({}, 0),
            ({31: 0}, 0),
            ({31: 3, 92: 5}, 92),
            ({31: 3, 92: 50}, 92),
            ({31: 20_000}, 3),
            ({31: 10_000_000}, 1),
        ):
            self.assertEqual(periods._window(totals), days, totals)

    def test_an_id_without_a_leg(self):
        rows = [
            {
                "movementId": name,
                "amount": 1,
                "currency": "GEL",
                "isDebit": is_debit,
                "statusCode": 0,
                "date": "2026-06-01",
            }
            for name, is_debit in (("018745219864.1", True), ("018745219865.1", False))
        ]
        page = {"transactions": rows, "total": 2, "pager": {"pageSize": 50}}
        found = lists.Listed([answer(page)])
        told = {row.key: row for row in lists._of_the_list(found)}
        self.assertEqual(told["id_form"].outcome, check.DIFFERS)
        self.assertEqual(told["page_size"].seen, {"figure": 50})
        page["total"] = 9
        self.assertEqual(lists._page_size(answer(page)).seen, {"figure": 2})
        short = lists.Listed([answer(page)])
        told = lists._of_sums(None, None, short, None)
        self.assertEqual({row.outcome for row in told}, {check.NOT_SEEN})

    def test_a_list_that_is_not_given(self):
        bank = self.bank()
        self.fill(bank)
        bank.add_fault("GENERAL_ERROR", on="movements", after=7, times=3)
        rows, _memory = self.check(bank, self.subject(transfers=False))
        self.assertEqual(rows["list_complete"].outcome, check.NOT_SEEN)
        self.assertEqual(rows["list_complete"].seen["title"], "GENERAL_ERROR")
        self.assertEqual(rows["page_index"].outcome, check.NOT_SEEN)

    def test_movements_on_several_pages(self):
        bank = self.bank()
        self.fill(bank, per_day=120)
        subject, memory = self.subject(transfers=False), {"days": 31}
        found = check.run_step("listed", self.probe(bank), subject, memory)
        told = {row.key: row.outcome for row in found}
        self.assertEqual(told["list_complete"], check.EXPECTED)
        self.assertEqual(told["page_size"], check.EXPECTED)
        self.assertEqual(memory["total"], 721)

    def test_days_without_movements(self):
        bank = self.bank()
        subject, memory = self.subject(transfers=False), {"days": 31}
        found = check.run_step("listed", self.probe(bank), subject, memory)
        told = {row.key: row.outcome for row in found}
        self.assertEqual(told["first_day"], check.NOT_SEEN)
        self.assertEqual(told["operation_codes"], check.NOT_SEEN)

    def test_no_sums_and_no_balance(self):
        bank = self.bank()
        bank.add_fault("INVALID_ACCOUNT", on="statements", times=None)
        bank.add_fault("INVALID_ACCOUNT", on="balances", times=None)
        found = check.run_step("figures", self.probe(bank), self.subject(), {})
        self.assertEqual({row.outcome for row in found}, {check.NOT_SEEN})

    def test_a_night_s_movement_under_its_day(self):
        bank = self.bank()
        self.fill(bank)
        bank.ledger.add(
            IBAN, "GEL", amount="1", day="2026-06-19", date="2026-06-19T21:30:00"
        )
        memory = {"days": 31}
        found = check.run_step("listed", self.probe(bank), self.subject(), memory)
        told = {row.key: row.outcome for row in found}
        self.assertEqual(told["night_day"], check.EXPECTED)


class TestAccess(CheckCase):
    def test_scopes_that_are_not_granted(self):
        bank = self.bank()
        bank.permissions = {"statements"}
        rows, memory = self.check(bank)
        self.assertEqual(rows["scope_transfers"].outcome, check.DIFFERS)
        self.assertEqual(rows["scope_transfers"].seen["code"], "invalid_scope")
        self.assertEqual(rows["find_unknown"].outcome, check.NOT_SEEN)
        bank.permissions = set()
        rows, memory = self.check(bank)
        self.assertEqual(rows["token_type"].outcome, check.NOT_SEEN)
        self.assertIn("token", {error["endpoint"] for error in memory["errors"]})

    def test_a_token_that_is_not_where_it_should_be(self):
        bank = self.bank()
        self.fill(bank)
        bank.strange = {"other_token_shape"}
        rows, _memory = self.check(bank)
        self.assertEqual(rows["token_usable"].seen["members"]["accessToken"], "text")
        self.assertEqual(rows["scope_accounts"].outcome, check.NOT_SEEN)
        self.assertEqual(rows["list_complete"].outcome, check.NOT_SEEN)

    def test_a_token_of_other_members(self):
        bank = self.bank()
        grant = tbc.auth.Grant(None, None, {"refresh_token": "text"})
        self.assertEqual(check.access._type(grant).outcome, check.DIFFERS)
        self.assertEqual(check.access._life(grant).outcome, check.DIFFERS)
        for word, told in (("Secretary", "…"), ("BearerToken", "BearerToken")):
            row = check.access._type(tbc.auth.Grant(None, word, {}))
            self.assertEqual(row.seen["word"], told)
        found = self.probe(bank).grant(tbc.SCOPE_ACCOUNTS)
        self.assertEqual((found.lifetime, found.token_type), (3600, "Bearer"))
        self.assertEqual(found.members["access_token"], "text")

    def test_a_bank_that_is_away_or_busy(self):
        bank = self.bank()
        probe = self.probe(bank)
        bank.add_fault("429", on="movements", times=None)
        with self.assertRaises(tbc.TbcBusy):
            check.run_step("timestamp", probe, self.subject(), {})
        bank.stop()
        for name in ("tokens", "timestamp"):
            with self.assertRaises(tbc.TbcUnreachable):
                check.run_step(name, self.probe(bank), self.subject(), {})

    def test_a_bank_that_takes_any_token(self):
        rows = check.access.bad_token(_Open(), None, None)
        self.assertEqual(rows[0].outcome, check.DIFFERS)

    def test_slow_answers(self):
        [_busy, row] = check.run_step(
            "times", self.probe(self.bank()), None, {"seconds": {"movements": 11.0}}
        )
        self.assertEqual(
            (row.outcome, row.seen), (check.DIFFERS, {"words": ["movements"]})
        )

    def test_an_account_is_found_where_none_is_known(self):
        bank = self.bank()
        memory = {}
        for _time in range(2):
            step = ("find_account", self.probe(bank), self.subject(iban=None), memory)
            self.assertEqual(check.run_step(*step), [])
            if not _time:
                self.assertNotIn("account", memory)
                bank.ledger.add(OTHER, "GEL", amount="1", day="2026-06-19")
                self.fill(bank)
        self.assertEqual(memory["account"], [IBAN, "GEL"])
        bank.strange = {"moments_only"}
        memory = {}
        check.run_step(
            "find_account", self.probe(bank), self.subject(iban=None), memory
        )
        self.assertEqual(memory["account"], [IBAN, "GEL"])
        bank.strange = {"short_periods", "days_only"}
        memory = {}
        check.run_step(
            "find_account", self.probe(bank), self.subject(iban=None), memory
        )
        self.assertEqual(memory["account"], [IBAN, "GEL"])

    def test_a_subject_without_an_account(self):
        subject = self.subject(iban=None)
        self.assertEqual(subject.account, {})
        names = check.names_of_steps(subject)
        self.assertNotIn("listed", names)
        self.assertNotIn(IBAN, repr(self.subject()))
        self.assertEqual(periods.last_days(subject, 1), (TODAY, TODAY))
        self.assertEqual(
            NOON.date() - datetime.timedelta(days=30), periods.last_days(subject, 31)[0]
        )


class TestOrders(CheckCase):
    def test_no_status_at_all(self):
        missing = answer(error=tbc.TbcRefused(status=404))
        row = orders.status_row("status_words", missing)
        self.assertEqual((row.outcome, row.seen["status"]), (check.NOT_SEEN, 404))
        self.assertEqual(orders.status_row("status_words", answer({})).seen, {})
        row = orders._orders_row(missing)
        self.assertEqual((row.key, row.outcome), ("batch_orders", check.NOT_SEEN))

    def test_a_recipient_in_the_place_of_a_status(self):
        told = {"transferStatus": "Zhuzhuna", "errorDetailEN": "Zhuzhuna is blocked"}
        value = {"status": "Completed", "batchTransferData": [told, told]}
        row = orders.status_row("batch_words", answer(value))
        self.assertEqual(row.seen, {"words": ["Completed", "…"]})

    def test_a_batch_whose_orders_have_no_id(self):
        value = {"batchTransferData": [{"transferId": None, "transferStatus": "Draft"}]}
        row = orders._orders_row(answer(value))
        self.assertEqual((row.outcome, row.seen), (check.DIFFERS, {"count": 1}))

    def test_a_receipt_of_another_form(self):
        bank = self.bank(mode="documented")
        bank.add_fault("variant_b", on="import_single")
        memory = {}
        subject = self.subject(with_scenarios=True)
        [row] = check.run_step("scenario_own", self.probe(bank), subject, memory)
        self.assertEqual(row.outcome, check.DIFFERS)
        self.assertEqual(row.seen, {"words": ["singleTransferResults"]})
        self.assertTrue(json.dumps(memory))


class _Open:
    def ask_with_bad_token(self):
        return answer({})
