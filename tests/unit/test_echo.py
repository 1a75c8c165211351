"""What the bank says of what we sent is cut, in whichever coding, and nothing else."""

import base64
import html
import json
import logging
import unittest
from decimal import Decimal
from urllib.parse import quote, quote_plus

from golden import golden, golden_bytes
from scripted_server import DROP, Drip, scripted
from transfer_orders import WITHIN_BANK

from account_tbc_bank import tbc
from account_tbc_bank.tbc.answer import parse_json
from account_tbc_bank.tbc.echo import Sent
from account_tbc_bank.tbc.sealed import Sealed

SECRET = "s3cR/et+0f=the&int\"eg'r<a>tion"
PLAIN = "s3cret-0f-the-integration"
GRANTED = (200, {}, {"access_token": "t0ken-0f-the-integration", "expires_in": 3600})


def cut(value, *sent):
    one = Sent()
    one.add(map(Sealed, sent))
    return one.cut(value)


def escaped(text):
    return "".join(f"\\u{ord(sign):04x}" for sign in text)


def percent(text):
    return "".join(f"%{byte:02x}" for byte in text.encode())


CODINGS = {
    "as it is": str,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "by turns": lambda text: "".join(
        sign.upper() if place % 2 else sign.lower() for place, sign in enumerate(text)
    ),
    "escaped": escaped,
    "escaped in capitals": lambda text: escaped(text).replace("\\u00", "\\U00").upper(),
    "escaped twice": lambda text: escaped(text).replace("\\", "\\\\"),
    "escaped by the byte": lambda text: "".join(f"\\x{ord(s):02X}" for s in text),
    "in JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "with \\ before all": lambda text: "".join(
        f"\\{s}" if s in "/\"'" else s for s in text
    ),
    "in a URL": lambda text: quote(text, safe=""),
    "in a URL in part": quote,
    "in a form": quote_plus,
    "in a URL wholly": percent,
    "in a URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "in a page": html.escape,
    "in numbers": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "in hexadecimal numbers": lambda text: "".join(f"&#x{ord(s):X};" for s in text),
    "in a URL in a page": lambda text: html.escape(quote(text)),
    "in Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in Base64 of URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "in hexadecimal": lambda text: text.encode().hex(),
    "in hexadecimal capitals": lambda text: text.encode().hex().upper(),
    "over lines": lambda text: "\r\n  ".join([text[:7], text[7:12], text[12:]]),
    "with blanks": " ".join,
    "with what nobody sees": "\u200b".join,
    "with NULs": "\0".join,
}


class TestCodings(unittest.TestCase):
    def test_each_of_them(self):
        for secret in (SECRET, PLAIN, "a/b+c=d", "საიდუმლო სიტყვა", "Ünïcode-Ärger 12"):
            for name, coded in CODINGS.items():
                if "byte" in name and not secret.isascii():
                    continue
                with self.subTest(name, secret=secret):
                    found = cut({"a": [f"before {coded(secret)} after"]}, secret)
                    found = found["a"][0].translate(dict.fromkeys(map(ord, '\\"')))
                    self.assertEqual(" ".join(found.split()), "before … after")

    def test_within_a_longer_text_in_base64(self):
        for before in range(9):
            text = f"{'x' * before}:{PLAIN}, and more of it".encode()
            for coded in (base64.b64encode(text), base64.urlsafe_b64encode(text)):
                found = cut(coded.decode(), PLAIN)
                self.assertIn("…", found)
                rest = "".join(found.split("…"))
                self.assertLess(len(rest), len(coded) - len(PLAIN))

    def test_wherever_it_stands(self):
        value = {
            PLAIN: 1,
            "list": [[PLAIN], {"deep": f"({PLAIN})({PLAIN}){PLAIN}"}],
            "none": None,
            "yes": True,
            "amount": Decimal("1.10"),
        }
        expected = {
            "…": 1,
            "list": [["…"], {"deep": "(…)(…)…"}],
            "none": None,
            "yes": True,
            "amount": Decimal("1.10"),
        }
        self.assertEqual(cut(value, PLAIN), expected)

    def test_letters_that_fold_into_two(self):
        self.assertEqual(cut("in der Straße 1234.", "STRAßE 1234"), "in der ….")
        self.assertEqual(cut("(ß) s3cret-word", "s3cret-word"), "(ß) …")

    def test_several_that_overlap(self):
        found = cut("a-long-id:a-long-id-and-secret", "a-long-id", "id-and-secret")
        self.assertEqual(found, "…:…")

    def test_a_long_number(self):
        number = "12345678901234567"
        table = [(int(number), "…"), (Decimal(number), "…"), (12345678, 12345678)]
        for value, expected in table:
            self.assertEqual(cut({"a": value}, number), {"a": expected})


class TestWhatStays(unittest.TestCase):
    def test_an_answer_without_it_is_the_very_same(self):
        value = golden("movements_page")
        self.assertIs(cut(value, SECRET, PLAIN), value)
        self.assertIsNone(cut(None, PLAIN))

    def test_so_are_its_other_members(self):
        page = golden("movements_page")
        page["transactions"][0]["said"] = f"it is {PLAIN}"
        found = cut(page, PLAIN)
        self.assertEqual(found["transactions"][0].pop("said"), "it is …")
        del page["transactions"][0]["said"]
        self.assertEqual(found, page)

    def test_digits_are_cut_as_a_word_only(self):
        """Movements, amounts and accounts have digits in them that are no client id."""
        table = [
            ("client 204567 of ours", "client … of ours"),
            ("204567", "…"),
            ("018204567219.1", "018204567219.1"),
            ("20 45 67", "20 45 67"),
            ("GE29TB0000000000204567", "GE29TB0000000000204567"),
        ]
        for text, expected in table:
            self.assertEqual(cut(text, "204567"), expected)
        self.assertEqual(cut({"amount": 204567}, "204567"), {"amount": 204567})

    def test_so_are_short_values_and_the_shortest_not_at_all(self):
        table = [
            ("wrong", "this is wrong, wrongly", "this is …, wrongly"),
            ("wrong", "WRONG", "…"),
            ("ab", "ab ab", "ab ab"),
            ("", "anything", "anything"),
        ]
        for secret, text, expected in table:
            self.assertEqual(cut(text, secret), expected)

    def test_a_text_is_decoded_only_where_it_must_be(self):
        text = f"100%25 &amp; \\u0041 {percent('nothing')}"
        self.assertEqual(cut(text, PLAIN), text)
        self.assertEqual(cut(f"{text} {PLAIN}", PLAIN), f"{text} …")

    def test_depth_of_decoding_has_an_end(self):
        deep = PLAIN
        for _time in range(9):
            deep = quote(deep.replace("e", "%65"), safe="")
        self.assertEqual(cut(deep, PLAIN), deep)


def page_of(**changes):
    """A page with one movement, as a JSON value."""
    page = json.loads(golden_bytes("movements_page"))
    page["transactions"] = [{**page["transactions"][0], **changes}]
    return page


class TestAnswers(unittest.TestCase):
    """What was sent, as the bank or a gateway says it back."""

    def client(self, server):
        client = tbc.TbcClient(
            server.url, lambda: ("an-id-0f-ours", PLAIN), sleep=lambda seconds: None
        )
        self.addCleanup(client.close)
        return client

    def test_escapes_of_json_hide_nothing(self):
        body = f'{{"{escaped("title")}": "{escaped(PLAIN)}"}}'.encode()
        self.assertEqual(parse_json(body), {"title": PLAIN})
        with scripted(GRANTED, (400, {}, body)) as server:
            with self.assertRaises(tbc.TbcRefused) as caught:
                self.client(server).movements()
        self.assertEqual(caught.exception.title, "…")

    def test_a_page_of_movements(self):
        page = page_of(purpose=f"Invoice {PLAIN}", said={"Authorization": PLAIN})
        with scripted(GRANTED, (200, {}, page)) as server:
            found = self.client(server).movements()
        self.assertEqual(found.movements[0].purpose, "Invoice …")
        self.assertEqual(found.movements[0].raw["said"], {"Authorization": "…"})

    def test_a_movement_whose_id_was_cut_is_not_read(self):
        """Two of which the same is left would look like one, and one be left out."""
        page = page_of(movementId=PLAIN)
        page["transactions"] *= 2
        with scripted(GRANTED, (200, {}, page)) as server:
            found = self.client(server).movements()
        self.assertEqual(
            [bad.reason for bad in found.unreadable], ["movementId: cut"] * 2
        )

    def test_the_states_of_transfers(self):
        status = golden("transfer_status_single")
        status["singleTransferData"]["errorDetailsEn"] = PLAIN
        said = json.dumps(status).replace(
            '"errorDetails', f'"{PLAIN}": "x", "errorDetails'
        )
        with scripted(GRANTED, (200, {}, said.encode())) as server:
            found = self.client(server).single_status("1")
        self.assertNotIn(PLAIN, repr(found))

    def test_a_preview_and_half_of_a_secret_at_its_end(self):
        body = " " * 3 + f"<p>{PLAIN} and {percent(PLAIN)}</p>" + "\u2003" * 99
        with scripted(GRANTED, (200, {}, body.encode())) as server:
            with self.assertRaises(tbc.TbcUnreadable) as caught:
                self.client(server).movements()
        self.assertEqual(caught.exception.preview, "<p>… and …</p>")
        for filler in ("\u2003", " ", "\U0001f600", "x"):
            body = filler.encode() * (4086 // len(filler.encode())) + PLAIN.encode()
            with scripted(GRANTED, (200, {}, body)) as server:
                with self.assertRaises(tbc.TbcUnreadable) as caught:
                    self.client(server).movements()
            self.assertNotIn(PLAIN[:6], caught.exception.preview)

    def test_utf_16(self):
        with scripted(GRANTED, (200, {}, f"<p>{PLAIN}</p>".encode("utf-16"))) as server:
            with self.assertRaises(tbc.TbcUnreadable) as caught:
                self.client(server).movements()
        self.assertNotIn(PLAIN, caught.exception.preview)

    def test_headers_that_are_kept(self):
        table = [("X-Trace-Id", PLAIN), ("traceparent", f"00-{PLAIN}-01")]
        table += [("X-Request-Id", "t0ken-0f-the-integration"), ("X-Other", "fine")]
        for name, value in table:
            page = (200, {name: value}, golden_bytes("movements_past_the_end"))
            with scripted(GRANTED, page) as server:
                client = self.client(server)
                client.movements()
                self.assertIsNone(client.last_trace_id)

    def test_the_header_of_the_answer_that_brings_a_token(self):
        """Nobody has sent it yet."""
        headers = {"X-Trace-Id": "t0ken-0f-the-integration"}
        for body in (GRANTED[2], b"not JSON", b"[]"):
            with scripted((200, headers, body)) as server:
                client = self.client(server)
                with self.assertLogs(tbc.transport.__name__, logging.INFO) as logs:
                    try:
                        client.check_scope(tbc.SCOPE_ACCOUNTS)
                    except tbc.TbcUnreadable as error:
                        self.assertNotIn("t0ken", str(error))
                self.assertNotIn("t0ken", "".join(logs.output))
                self.assertIsNone(client.last_trace_id)

    def test_lines_that_are_no_headers(self):
        """urllib3 would write them into the log."""
        answer = f"HTTP/1.1 200 OK\r\n{PLAIN}\r\nA: b\r\n\r\n{{}}".encode()
        with scripted(GRANTED, Drip(answer, 0, at_once=999)) as server:
            client = self.client(server)
            with self.assertLogs(level=logging.DEBUG) as logs:
                with self.assertRaises(tbc.TbcUnreadable):
                    client.movements()
        told = [r for r in logs.records if "Failed to parse headers" in r.getMessage()]
        self.assertEqual(len(told), 1)
        shown = [logging.Formatter().format(record) for record in logs.records]
        self.assertNotIn(PLAIN, "\n".join(shown))

    def test_an_id_of_a_transfer_that_is_a_secret(self):
        """It is no id any more, so the order is in doubt and is asked for."""
        receipt = {"succeeded": [{"position": 2, "transferId": PLAIN}]}
        with scripted(GRANTED, (200, {}, receipt), DROP) as server:
            found = self.client(server).import_single([WITHIN_BANK])
        self.assertEqual((found.accepted, found.refused), ({}, {}))
