"""Jobs beside each other, and shares of equal length: no test may be left out."""

import contextlib
import io
import subprocess
import sys
import threading
import unittest
from unittest.mock import patch

from tbcdev import jobs, shares
from tbcdev.progress import Failure


def job(do, seconds=1.0, name="job"):
    return jobs.Job(name, seconds, do, lambda told: f"failed: {told}")


def done(*wanted):
    """Return the results, and what was shown."""
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        results = jobs.work_off(list(wanted))
    return results, shown.getvalue()


class TestJobs(unittest.TestCase):
    def test_results_stand_in_the_order_of_the_jobs(self):
        results, _shown = done(
            job(lambda: "short", 1), job(lambda: "long", 9), job(lambda: "middle", 5)
        )
        self.assertEqual(results, ["short", "long", "middle"])

    def test_the_longest_begins(self):
        begun = []
        wanted = [job(lambda n=n: begun.append(n), n) for n in (3, 7, 5)]
        with patch.object(jobs, "workers", lambda: 1):
            done(*wanted)
        self.assertEqual(begun, [7, 5, 3])

    def test_two_work_at_once_and_their_words_stay_apart(self):
        together = threading.Barrier(2, timeout=30)

        def speak(word):
            for _time in range(3):
                together.wait()
                print(word)

        with patch.object(jobs, "workers", lambda: 2):
            _results, shown = done(job(lambda: speak("a")), job(lambda: speak("b")))
        self.assertIn(shown.split(), ([*"aaabbb"], [*"bbbaaa"]))

    def test_a_process_is_heard_where_its_job_speaks(self):
        def speak():
            print("before")
            words = [sys.executable, "-c", "print('within')"]
            subprocess.run(words, stdout=sys.stdout, check=True)
            print("after")

        _results, shown = done(job(speak))
        self.assertEqual(shown.split(), ["before", "within", "after"])

    def test_one_that_fails_is_told_and_the_others_go_on(self):
        def fail():
            raise Failure("No room.")

        def err():
            raise ZeroDivisionError("oh")

        results, shown = done(job(fail), job(err), job(lambda: "well"))
        told = "ZeroDivisionError: oh"
        self.assertEqual(results, ["failed: No room.", f"failed: {told}", "well"])
        self.assertIn("job: No room.", shown)
        self.assertIn(f"job: {told}", shown)


class TestShares(unittest.TestCase):
    def test_shares_are_equally_long(self):
        seconds = {"a": 9.0, "b": 5.0, "c": 4.0, "d": 0.5}
        self.assertEqual(shares.split(seconds, 2), [["a", "d"], ["b", "c"]])

    def test_no_share_is_empty(self):
        self.assertEqual(shares.split({"a": 1.0}, 3), [["a"]])

    def test_classes_and_files_of_this_module_are_found(self):
        classes, files = shares.odoo_classes(), shares.process_files()
        self.assertIn("TestRead", classes)
        self.assertNotIn("TbcCase", classes)
        self.assertIn("test_kill", files)

    def test_the_last_share_takes_what_is_in_no_other(self):
        self.assertEqual(
            shares.tags([["A", "C"], ["B"], ["D"]]),
            [
                "/account_tbc_bank:A,/account_tbc_bank:C",
                "/account_tbc_bank:B",
                ",".join(
                    ["/account_tbc_bank"]
                    + [f"-/account_tbc_bank:{name}" for name in ("A", "C", "B")]
                ),
            ],
        )
        self.assertEqual(shares.tags([["A"]]), ["/account_tbc_bank"])
