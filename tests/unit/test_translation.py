"""The translation follows the texts: nothing left out, no placeholder lost."""

import re
import unittest
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "i18n"


def entries(path):
    """Return ``{msgid: msgstr}`` of a .po or .pot file, the header left out."""
    found, field = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.match(r'(?:(msgid|msgstr) )?"(.*)"$', line)
        if not match:
            field = None
        elif match[1] == "msgid":
            field, msgid, text = "msgid", match[2], ""
        elif match[1] == "msgstr":
            field, text = "msgstr", match[2]
        elif field == "msgid":
            msgid += match[2]
        else:
            text += match[2]
        if match and field == "msgstr" and msgid:
            found[msgid] = text
    return found


class TestTranslation(unittest.TestCase):
    def test_georgian_is_complete(self):
        wanted = entries(FOLDER / "account_tbc_bank.pot")
        georgian = entries(FOLDER / "ka.po")
        self.assertGreater(len(wanted), 300)
        self.assertEqual(wanted.keys(), georgian.keys())
        self.assertEqual([key for key, text in georgian.items() if not text], [])

    def test_placeholders_stay(self):
        for msgid, msgstr in entries(FOLDER / "ka.po").items():
            with self.subTest(msgid):
                placeholders = [
                    sorted(re.findall(r"%\(\w+\)s|</?\w+", text))
                    for text in (msgid, msgstr)
                ]
                self.assertEqual(set(placeholders[0]), set(placeholders[1]))
