"""The seal, without Odoo."""

import os
import stat
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet

import crypto

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _key in range(3))


class TestSeal(unittest.TestCase):
    def refuses(self, reason, function, *args):
        with self.assertRaises(crypto.SealError) as caught:
            function(*args)
        self.assertEqual(caught.exception.reason, reason)

    def test_what_goes_in_comes_out(self):
        sealed = crypto.seal("s3cret ლარი", "db/1/secret", [NEW])
        self.assertNotIn("s3cret", sealed)
        self.assertEqual(
            crypto.open_sealed(sealed, "db/1/secret", [NEW]), "s3cret ლარი"
        )

    def test_it_opens_in_its_place_only(self):
        sealed = crypto.seal("s", "db/1/secret", [NEW])
        self.refuses("wrong_place", crypto.open_sealed, sealed, "db/2/secret", [NEW])

    def test_it_opens_with_its_key_only(self):
        sealed = crypto.seal("s", "here", [NEW])
        self.refuses("wrong_key", crypto.open_sealed, sealed, "here", [OTHER])
        self.refuses("wrong_key", crypto.open_sealed, "garbage", "here", [NEW])
        self.refuses("no_key", crypto.open_sealed, sealed, "here", [])
        self.refuses("bad_key", crypto.open_sealed, sealed, "here", ["short"])

    def test_rotation(self):
        sealed = crypto.seal("s", "here", [OLD])
        again = crypto.reseal(sealed, [NEW, OLD])
        self.assertEqual(crypto.open_sealed(again, "here", [NEW]), "s")
        self.refuses("wrong_key", crypto.open_sealed, again, "here", [OLD])
        self.refuses("wrong_key", crypto.reseal, sealed, [OTHER])

    def test_the_list_of_keys(self):
        self.assertEqual(crypto.split_keys(f" {NEW}, {OLD} ,"), (NEW, OLD))
        self.assertEqual(crypto.split_keys(None), ())


class TestKeyFile(unittest.TestCase):
    def test_it_is_made_once_and_private(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "deeper" / "key"
            self.assertEqual(crypto.key_file(path), ())
            [key] = crypto.key_file(path, create=True)
            Fernet(key)
            self.assertEqual(crypto.key_file(path, create=True), (key,))
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            self.assertEqual([item.name for item in path.parent.iterdir()], ["key"])

    def refuses(self, path, reason="unsafe_file", **options):
        with self.assertRaises(crypto.SealError) as caught:
            crypto.key_file(path, **options)
        self.assertEqual(caught.exception.reason, reason)

    def test_a_file_that_others_may_touch_is_not_taken(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "key"
            [key] = crypto.key_file(path, create=True)
            for mode in (0o666, 0o640, 0o604, 0o610, 0o602):
                path.chmod(mode)
                self.refuses(path)
            path.chmod(0o400)
            self.assertEqual(crypto.key_file(path), (key,))

    def test_a_link_is_not_followed(self):
        with tempfile.TemporaryDirectory() as folder:
            theirs, path = Path(folder) / "theirs", Path(folder) / "key"
            theirs.write_text(OLD)
            theirs.chmod(0o600)
            path.symlink_to(theirs)
            self.refuses(path)
            self.refuses(path, create=True)
            theirs.unlink()
            self.refuses(path, create=True)
            self.assertFalse(theirs.exists())

    def test_what_is_no_file_is_not_taken(self):
        with tempfile.TemporaryDirectory() as folder:
            pipe = Path(folder) / "key"
            os.mkfifo(pipe, 0o600)
            self.refuses(pipe)
            self.refuses(folder)

    @unittest.skipIf(os.geteuid(), "only root can give a file away")
    def test_a_file_of_another_account_is_not_taken(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "key"
            crypto.key_file(path, create=True)
            os.chown(path, 65534, 65534)
            self.refuses(path)

    def test_a_planted_draft_does_not_get_the_key(self):
        """Its name can't be foreseen, and what is there already is not opened."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "key"
            planted = path.with_name("key.foreseen")
            planted.touch(0o666)
            names = iter(["foreseen", "another"])
            with patch("tempfile._get_candidate_names", lambda: names):
                [key] = crypto.key_file(path, create=True)
            self.assertEqual(list(names), [])
            self.assertEqual(planted.read_text(), "")
            self.assertTrue(key)
            self.assertEqual(sorted(os.listdir(folder)), ["key", "key.foreseen"])

    def test_the_usual_mask_of_the_process_does_not_open_it(self):
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "key"
            crypto.key_file(path, create=True)
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)


class TestSignature(unittest.TestCase):
    def test_only_the_key_signs(self):
        signature = crypto.sign("text", [NEW, OLD])
        self.assertTrue(crypto.is_signed("text", signature, [OTHER, NEW]))
        self.assertFalse(crypto.is_signed("text", signature, [OLD, OTHER]))
        self.assertFalse(crypto.is_signed("texts", signature, [NEW]))
        self.assertFalse(crypto.is_signed("text", "", [NEW]))
        self.assertFalse(crypto.is_signed("text", signature, []))
        self.assertFalse(crypto.is_signed("text", "ნ", [NEW]))
        for keys in ([], ["short"]):
            with self.assertRaises(crypto.SealError):
                crypto.sign("text", keys)
