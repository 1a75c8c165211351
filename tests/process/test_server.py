"""What the server's administrator does: neutralise, rotate the key, start anew."""

import configparser
import json
import os
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from cryptography.fernet import Fernet
from staff import KEY, ProcessCase

from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET


class TestNeutralize(ProcessCase):
    def test_a_neutralised_copy_asks_the_bank_nothing(self):
        found = self.call(self.clerk, "neutralized", integration_id=self.integration)
        self.assertFalse(found["has_credentials"])
        self.assertEqual(found["credentials"], 0)
        self.assertEqual((found["state"], found["due"]), ("paused", 0))
        self.assertEqual(found["environment"], "sandbox")
        self.assertIn("neutralised", found["error"])
        self.assertEqual(self.bank.requests, [])
        # It was undone: the same account can be read here.
        expected = self.add(3)
        self.call(self.clerk, "cron_sync")
        self.assertWhole(expected)


class TestReseal(ProcessCase):
    """``odoo tbc_reseal`` as it is typed."""

    def reseal(self, keys):
        """Run the command with these keys; return its status and what it printed."""
        conf = os.environ["TBC_TEST_CONF"]
        options = configparser.ConfigParser(interpolation=None)
        options.read(conf, encoding="utf-8")
        # Odoo looks for a module's command before it reads its configuration.
        addons = f"--addons-path={options['options']['addons_path']}"
        odoo = [os.environ["TBC_TEST_PYTHON"], "-m", "odoo", addons]
        done = subprocess.run(
            [*odoo, "tbc_reseal", "-c", conf, "-d", os.environ["TBC_TEST_DB"]],
            env={**os.environ, "TBC_BIS_ENCRYPTION_KEY": keys},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.assertFalse("Traceback (most recent" in done.stderr, done.stderr[-500:])
        return done.returncode, done.stdout, done.stderr

    def opens_with(self, keys):
        """Whether the credentials open with ``keys``, the bank itself saying so."""
        self.settings["variables"]["TBC_BIS_ENCRYPTION_KEY"] = keys
        self.call(self.clerk, "cron_sync")
        state = self.state()
        return state["runs"][-1] == "done", state["errors"][-1]

    def sealed(self):
        return self.call(self.clerk, "sealed", integration_id=self.integration)

    def test_the_key_is_rotated(self):
        new, before = Fernet.generate_key().decode(), self.sealed()
        status, output, errors = self.reseal(f"{new},{KEY}")
        self.assertEqual(status, 0, errors)
        self.assertIn(
            "1 Client ID(s) and Secret(s) sealed with the newest key.", output
        )
        self.assertNotEqual(self.sealed(), before)
        self.assertFalse(self.opens_with(KEY)[0])
        self.assertEqual(self.opens_with(new), (True, False))

    def test_a_wrong_key_changes_nothing(self):
        wrong, before = Fernet.generate_key().decode(), self.sealed()
        for name, keys in (("another key", wrong), ("no key", "no key at all")):
            with self.subTest(name):
                status, output, errors = self.reseal(keys)
                self.assertNotEqual(status, 0)
                last = (output + errors).strip().splitlines()[-1]
                self.assertIn("key", last)
                self.assertEqual(self.sealed(), before)
        self.assertTrue(self.opens_with(KEY)[0])


class TestCheckCommand(ProcessCase):
    """``odoo tbc_check`` as it is typed."""

    def check(self, *arguments):
        """Run the command; return its status, output and errors."""
        conf = os.environ["TBC_TEST_CONF"]
        options = configparser.ConfigParser(interpolation=None)
        options.read(conf, encoding="utf-8")
        addons = f"--addons-path={options['options']['addons_path']}"
        odoo = [os.environ["TBC_TEST_PYTHON"], "-m", "odoo", addons]
        database = ["-c", conf, "-d", os.environ["TBC_TEST_DB"]]
        done = subprocess.run(
            [*odoo, "tbc_check", *database, *arguments],
            env={**os.environ, **self.settings["variables"]},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        self.assertFalse("Traceback (most recent" in done.stderr, done.stderr[-900:])
        return done.returncode, done.stdout, done.stderr

    def test_it_tells_each_row_and_saves_the_file(self):
        self.add(3)
        folder = tempfile.mkdtemp(prefix="tbc-check-")
        self.addCleanup(shutil.rmtree, folder)
        path = Path(folder) / "check.json"
        name = "To be checked"
        self.call(
            self.clerk,
            "name_integration",
            integration_id=self.integration,
            name=name,
        )
        status, output, errors = self.check("--integration", name, "--file", str(path))
        self.assertEqual(status, 0, errors)
        self.assertIn("step 1 of ", output)
        self.assertIn("As Expected        Pages are counted from 0.", output)
        saved = path.read_text(encoding="utf-8")
        self.assertIn("rows", json.loads(saved))
        self.assertIn(saved, output, "it is shown")
        methods = {request.method for request in self.bank.requests_to("movements")}
        self.assertEqual(methods, {"GET"})

    def test_an_integration_that_is_not_there(self):
        status, output, errors = self.check("--integration", "no such one")
        self.assertNotEqual(status, 0)
        self.assertIn("Choose one with --integration", output + errors)


class TestKeyFile(ProcessCase):
    """A server without ``tbc_bis_encryption_key`` makes a key file of its own."""

    def setUp(self):
        super().setUp()
        folder = tempfile.mkdtemp(prefix="tbc-data-")
        self.addCleanup(shutil.rmtree, folder)
        self.folder = Path(folder)
        del self.settings["variables"]["TBC_BIS_ENCRYPTION_KEY"]
        self.settings["data_dir"] = folder

    def enter(self, worker, integration, **when):
        self.send(
            worker,
            "enter_credentials",
            integration_id=integration,
            client_id=FAKE_CLIENT_ID,
            client_secret=FAKE_CLIENT_SECRET,
            **when,
        )

    def test_two_processes_agree_on_it(self):
        others, workers = [], [self.hire(), self.hire()]
        for worker in workers:
            made = self.call(
                worker,
                "open_integration",
                accounts=[],
                client_id=FAKE_CLIENT_ID,
                client_secret=FAKE_CLIENT_SECRET,
            )
            others.append(made["integration"])
            self.addCleanup(self.call, self.clerk, "retire", integration_id=others[-1])
        for path in self.folder.iterdir():
            path.unlink()
        # Both see that there is no key file; the second has its key a little later.
        at = time.time() + 0.1
        self.enter(workers[0], others[0], at=at, making_takes=0.3)
        self.enter(workers[1], others[1], at=at, making_takes=0.6)
        for worker in workers:
            worker.answer()
        for worker, integration in zip(workers, reversed(others), strict=True):
            state, report = self.call(
                worker, "test_connection", integration_id=integration
            )
            self.assertEqual(state, "connected", report)
        [path] = self.folder.iterdir()
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(path.name, "tbc_bis_encryption.key")

    def test_without_its_file_one_sentence_and_no_loss(self):
        self.enter(self.clerk, self.integration)
        self.clerk.answer()
        self.call(self.clerk, "test_connection", integration_id=self.integration)
        before = self.call(self.clerk, "sealed", integration_id=self.integration)
        path = self.folder / "tbc_bis_encryption.key"
        away = path.rename(self.folder / "away")
        self.call(self.clerk, "cron_sync")
        state = self.state()
        self.assertEqual(state["runs"], ["failed"])
        [sentence] = state["errors"]
        self.assertIn("key", sentence)
        self.assertNotIn("\n", sentence)
        self.assertFalse(path.exists(), "a new key would open nothing")
        kept = self.call(self.clerk, "sealed", integration_id=self.integration)
        self.assertEqual(kept, before)
        away.rename(path)
        self.call(self.clerk, "cron_sync")
        self.assertEqual(self.state()["runs"], ["failed", "done"])

    def test_it_lies_outside_the_filestore(self):
        """A backup of a database has its filestore, and must not have its key."""
        self.enter(self.clerk, self.integration)
        self.clerk.answer()
        filestore = Path(self.call(self.clerk, "filestore"))
        self.assertEqual(filestore.parent.name, "filestore")
        [path] = self.folder.iterdir()
        self.assertNotIn("filestore", path.parts)
