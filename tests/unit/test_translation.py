"""The translation follows the texts: nothing left out, no placeholder lost."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "i18n"
POT = FOLDER / "account_tbc_bank.pot"
PAGE = ROOT / "docs" / "messages.md"


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
        wanted = entries(POT)
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


class TestMessagesPage(unittest.TestCase):
    def test_each_entry_is_said_somewhere(self):
        """``…`` stands for a value, and `` / `` parts two ways to go on."""
        msgids = [text.replace('\\"', '"') for text in entries(POT)]
        rows = re.findall(r"^\| (\*.+?) \| ", PAGE.read_text("utf-8"), re.MULTILINE)
        self.assertGreater(len(rows), 60)
        for row in rows:
            for entry in re.findall(r"\*(.+?)\*", row):
                for words in entry.split(" / "):
                    pattern = ".+".join(map(re.escape, words.split("…")))
                    with self.subTest(words):
                        self.assertTrue(any(re.search(pattern, one) for one in msgids))
