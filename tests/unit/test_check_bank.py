"""The check of the bank's answers: against a bank as documented, and strange ones."""

import datetime
import json
import unittest
from unittest.mock import patch

from account_tbc_bank.tbc import check
from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank
from fake_tbc.caller import Caller
from fake_tbc.strange import STRANGE

IBAN, OTHER = "GE29TB7777777777777777", "GE29TB9999999999999999"
GEORGIA = datetime.timezone(datetime.timedelta(hours=4))
NOON = datetime.datetime(2026, 6, 30, 12, tzinfo=GEORGIA)
TODAY = NOON.date()
# strange → the rows that differ for it, no others
NAMED = {
    "pages_from_1": {"page_index"},
    "last_day_left_out": {"last_day"},
    "moments_only": {"date_form"},
    "days_only": {"moment_form"},
    "short_periods": {"longest_list", "longest_sums"},
    "small_pages": {"page_size"},
    "half_accounts": {"half_questions"},
    "no_timestamps": {"timestamp"},
    "total_of_page": {"same_total"},
    "overlapping_pages": {"pages_apart"},
    "no_page_past_end": {"past_end"},
    "utc_days": {"night_day", "sums_of_days"},
    "new_type": {"transaction_types"},
    "new_status_code": {"status_codes"},
    "new_member": {"members_unknown"},
    "no_taxpayer": {"members_missing"},
    "figures_as_text": {"member_types", "figure_types"},
    "sums_without_debits": {"sums_of_period", "sums_of_days", "balance"},
    "late_balance": {"balance"},
    "unknown_id_fails": {"movement_unknown"},
    "unknown_account_is_empty": {"account_unknown"},
    "other_errors": {"account_unknown", "error_shape", "movement_unknown"},
    "other_not_found": {"find_unknown", "status_unknown"},
    "other_status_words": {"status_words", "batch_words"},
    "unknown_batch_is_empty": {"status_unknown"},
    "batch_without_orders": {"batch_orders"},
    "short_tokens": {"token_life"},
    "other_token_shape": {"token_usable"},
    "other_token_type": {"token_type"},
}


class CheckCase(unittest.TestCase):
    options = {"accounts": {IBAN: ("GEL", "EUR"), OTHER: ("GEL",)}, "days": 0}

    def setUp(self):
        for name, value in (("check.probe.PAUSE", 0), ("transport.PAUSES", (0, 0))):
            patcher = patch(f"account_tbc_bank.tbc.{name}", value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def bank(self, **options):
        bank = FakeBank(**{**self.options, "now": NOON, **options}).start()
        self.addCleanup(bank.stop)
        return bank

    def fill(self, bank, per_day=2):
        """Movements of some days of June, the last one of which awaits authorisation."""
        for day in range(14, 20):
            for turn in range(per_day):
                amount = (
                    f"{100 + day}.{turn % 10}5" if turn % 2 else f"-{10 + turn}.{day}"
                )
                bank.ledger.add(IBAN, "GEL", amount=amount, day=f"2026-06-{day}")
        bank.ledger.add(IBAN, "GEL", amount="5.00", day="2026-06-19", statusCode=1)

    def order(self, bank):
        """An executed order that the bank has: (our own id, the bank's id)."""
        caller = Caller(bank).sign_in("bab_transfers")
        answer = caller.import_single(
            {
                "transferType": "TransferToOwnAccount",
                "transferExternalId": "an-order-of-ours",
                "position": 1,
                "debitAccount": {"accountNumber": IBAN, "accountCurrencyCode": "GEL"},
                "creditAccount": {"accountNumber": OTHER, "accountCurrencyCode": "GEL"},
                "amount": {"amount": 1.5, "currency": "GEL"},
                "description": "Between own accounts",
            }
        )
        [taken] = answer.json["succeeded"]
        bank.sign(transfer_id=taken["transferId"])
        for _question in range(5):
            caller.status(taken["transferId"])
        caller.close()
        return "an-order-of-ours", str(taken["transferId"])

    def batch(self, bank):
        """The same of a batch of two."""
        caller = Caller(bank).sign_in("bab_transfers")
        payload = {
            "batchTransferExternalId": "a-batch-of-ours",
            "batchName": "Test",
            "debitAccount": {"accountNumber": IBAN, "accountCurrencyCode": "GEL"},
            "transferOrders": [
                {
                    "transferType": "TransferToOwnAccount",
                    "position": place,
                    "documentNumber": place,
                    "creditAccount": {
                        "accountNumber": OTHER,
                        "accountCurrencyCode": "GEL",
                    },
                    "amount": {"amount": 1.5, "currency": "GEL"},
                    "description": "Between own accounts",
                }
                for place in (1, 2)
            ],
        }
        answer = caller.post("/batch", payload)
        batch_id = answer.json["batchTransferId"]
        bank.sign(batch_id=batch_id)
        for _question in range(5):
            caller.status(batch_id, kind="batch")
        caller.close()
        return "a-batch-of-ours", str(batch_id)

    def known(self, bank):
        """What the subject has of the orders that the bank knows."""
        return {"order": self.order(bank), "batch": self.batch(bank)}

    def subject(self, **changes):
        told = {"iban": IBAN, "currency": "GEL", "today": TODAY, "transfers": True}
        return check.Subject(**{**told, **changes})

    def probe(self, bank):
        probe = check.Probe(
            bank.url, lambda: (FAKE_CLIENT_ID, FAKE_CLIENT_SECRET), timeout=10
        )
        self.addCleanup(probe.close)
        return probe

    def check(self, bank, subject=None):
        """``({key: Row}, memory)`` of a whole check."""
        subject, memory, rows = subject or self.subject(), {}, {}
        probe = self.probe(bank)
        for name in check.names_of_steps(subject):
            for row in check.run_step(name, probe, subject, memory):
                self.assertNotIn(row.key, rows)
                rows[row.key] = row
            memory = json.loads(json.dumps(memory))
        for row in check.unseen_rows(rows):
            rows[row.key] = row
        self.assertEqual(set(rows), set(check.KEYS))
        return rows, memory

    def keys(self, rows, outcome):
        return {key for key, row in rows.items() if row.outcome == outcome}


class TestStrange(CheckCase):
    def test_the_documented_bank_is_as_expected(self):
        bank = self.bank()
        self.fill(bank)
        rows, memory = self.check(bank, self.subject(**self.known(bank)))
        self.assertEqual(self.keys(rows, check.DIFFERS), set(), rows)
        unseen = self.keys(rows, check.NOT_SEEN)
        scenarios = {key for key in check.KEYS if key.startswith("scenario_")}
        self.assertEqual(unseen, {"night_day", *scenarios})
        self.assertLess(memory["requests"], 60)
        self.assertGreater(memory["requests"], 30)

    def test_each_strange_thing_is_named_and_no_other(self):
        self.assertEqual(set(NAMED), set(STRANGE))
        self.assertGreaterEqual(len(STRANGE), 12)
        for name, expected in NAMED.items():
            with self.subTest(name):
                bank = self.bank()
                # The list of a small page has more than one.
                self.fill(bank, per_day=18 if name == "small_pages" else 2)
                subject = self.subject(transfers=False)
                if name.startswith("other_") or "batch" in name:
                    subject = self.subject(**self.known(bank))
                bank.strange = {name}
                rows, _memory = self.check(bank, subject)
                self.assertEqual(self.keys(rows, check.DIFFERS), expected, rows)

    def test_what_does_not_exist_is_no_strange_thing(self):
        with self.assertRaisesRegex(ValueError, "pages_from_1"):
            FakeBank(strange=["pages_from_9"])


class TestOthers(CheckCase):
    def test_the_sandbox_s_own_transfers(self):
        # The second bank has no account for the batch, and says so.
        for mode, refused in (("documented", set()), ("ledger", {"scenario_batch"})):
            with self.subTest(mode):
                bank = self.bank(mode=mode)
                subject = self.subject(with_scenarios=True, iban=None)
                rows, _memory = self.check(bank, subject)
                tried = {key for key in rows if key.startswith("scenario_")}
                self.assertEqual(len(tried), 8)
                self.assertEqual(tried - self.keys(rows, check.EXPECTED), refused)
                self.assertTrue(bank.requests_to("import_batch"))
