"""The seal, without Odoo."""

import stat
import tempfile
import unittest
from pathlib import Path

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
