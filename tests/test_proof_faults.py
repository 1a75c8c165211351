"""The proof when the bank fails, the time runs out, or somebody looks who may not."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .proof_common import ProofCase


@tagged("post_install", "-at_install")
class TestProofFaults(ProofCase):
    notes_changes = False

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account()
        self.sync(self.account)
        self.late = [self.add("5.00", f"2026-06-0{day}") for day in (2, 5, 8)]

    def test_the_bank_fails_at_each_question(self):
        """Wherever it fails, what is booked stays, it is told, and the next one ends."""
        for answered in range(40):
            self.bank.clear_faults()
            self.bank.add_fault("drop", on="any", times=None, after=answered)
            run = self.account.sync()
            if run.state == "done":
                break
            self.assertEqual(self.account.health, "failed")
            ids = self.ids(self.account)
            self.assertEqual(len(ids), len(set(ids)))
        self.assertGreater(answered, 8)
        self.assertEqual(sorted(self.ids(self.account)), self.late)
        self.assertEqual(self.account.health, "ok")

    def test_a_failure_in_the_middle_of_the_halving(self):
        self.bank.add_fault("html500", on="statements", times=None, after=3)
        run = self.account.sync()
        self.assertEqual(run.state, "failed")
        self.assertIn("did not answer", self.account.health_message)
        self.bank.clear_faults()
        self.sync(self.account)
        self.assertEqual(sorted(self.ids(self.account)), self.late)

    def test_known_differences_outlive_a_failure(self):
        self.sync(self.account)
        self.bank.ledger.withdraw(self.late[0])
        self.sync(self.account)
        rows = self.account.difference_ids
        self.assertTrue(rows)
        self.bank.add_fault("html500", on="statements", times=None)
        self.account.sync()
        self.assertEqual(self.account.difference_ids, rows)

    def test_no_time_at_all_still_ends(self):
        self.integration.action_test_connection()
        progress = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 0
        )
        with progress:
            for _call in range(8):
                self.env["tbc.account"]._cron_sync()
        self.assertEqual(sorted(self.ids(self.account)), self.late)
        self.assertEqual(self.account.run_ids[0].state, "done")
        self.assertEqual(self.account.health, "ok", self.account.health_message)

    def test_not_everything_at_once(self):
        """So much is repaired in a read at the most, and the next one goes on."""
        self.late += [self.add("1.00", f"2026-06-{day}") for day in range(10, 20)]
        limit = (
            "odoo.addons.account_tbc_bank.services.proof.day_by_day.MOST_REPAIRED_DAYS"
        )
        with patch(limit, 4):
            counts = []
            for _time in range(4):
                self.sync(self.account)
                counts.append(len(self.lines(self.account)))
        self.assertEqual(counts, [4, 8, 12, 13])
        self.assertEqual(self.account.health, "ok")

    def test_many_unlisted_days_take_turns(self):
        for movement_id in self.late:
            self.bank.ledger.hide(movement_id, keep_in_totals=True)
        self.sync(self.account)
        self.assertEqual(len(self.account.difference_ids), 3)
        limit = (
            "odoo.addons.account_tbc_bank.services.proof.day_by_day.MOST_UNLISTED_DAYS"
        )
        asked = []
        with patch(limit, 1):
            for _time in range(3):
                self._let_a_minute_pass()
                self.read_anew(self.account)
                asked += self.asked("movements")[1:]
        self.assertEqual(len(set(asked)), 3)

    def _let_a_minute_pass(self):
        """Make the differences older: a read follows on another in its own second."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE tbc_difference"
            " SET create_date = create_date - interval '1 minute',"
            " asked_at = asked_at - interval '1 minute'"
        )
        self.account.difference_ids.invalidate_recordset()

    def test_roles_see_and_nobody_writes(self):
        self.sync(self.account)
        self.bank.ledger.withdraw(self.late[0])
        self.sync(self.account)
        rows = self.account.difference_ids
        for user in (self.clerk, self.director, self.administrator):
            seen = self.env["tbc.difference"].with_user(user).search([])
            self.assertEqual(seen, rows)
            [values] = seen.read(["day", "kind", "amount", "message"])
            self.assertIn("delete the line", values["message"])
            for act in (
                lambda seen=seen: seen.write({"active": False}),
                lambda seen=seen: seen.unlink(),
                lambda seen=seen: seen.copy(),
            ):
                with self.assertRaises(AccessError):
                    act()
            account = self.account.with_user(user)
            self.assertEqual(account.difference_count, 1)
            self.assertEqual(account.health, "difference")
            action = account.action_open_differences()
            self.assertEqual(
                action["context"], {"search_default_account_id": account.id}
            )
        stranger = new_test_user(
            self.env, login="tbc_stranger", company_id=self.company.id
        )
        self.assertFalse(self.env["tbc.difference"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            rows.with_user(stranger).read(["amount"])

    def test_nobody_tells_what_the_bank_told(self):
        self.sync(self.account)
        line = self.lines(self.account)[0]
        with self.assertRaises(AccessError):
            line.with_user(self.accountant).tbc_amount = 1.0
        with self.assertRaises(AccessError):
            self.account.with_user(self.administrator).proved_day = "2026-06-02"
