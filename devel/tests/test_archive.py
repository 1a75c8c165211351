"""The machine's own archive is found in both formats of apt's sources."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from tbcdev import archive

DEB822 = """\
Types: deb
# a comment within
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian.gpg
"""
ONE_LINE = """\
# deb http://off.example/debian bookworm main
deb-src http://src.example/debian bookworm main
deb [arch=amd64 signed-by=/keys/other.gpg] http://other.example/apt other-suite main
deb [signed-by=/keys/debian.gpg] http://mirror.example/debian bookworm main # mine
"""


class TestOwnArchive(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.apt = Path(folder.name)
        (self.apt / "sources.list.d").mkdir()
        for name, value in (
            ("SOURCES", self.apt),
            ("_own_suites", lambda: {"bookworm"}),
        ):
            patch = mock.patch.object(archive, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def test_deb822(self):
        (self.apt / "sources.list.d" / "debian.sources").write_text(DEB822)
        expected = ("http://mirror.example/debian", "/usr/share/keyrings/debian.gpg")
        self.assertEqual(archive.own_archive(), expected)

    def test_one_line(self):
        (self.apt / "sources.list").write_text(ONE_LINE)
        expected = ("http://mirror.example/debian", "/keys/debian.gpg")
        self.assertEqual(archive.own_archive(), expected)

    def test_none(self):
        with self.assertRaisesRegex(archive.Failure, "ODOO="):
            archive.own_archive()
