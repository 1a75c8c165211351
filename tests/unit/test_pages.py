"""Walking the pages of a list of movements."""

import datetime
import unittest
from urllib.parse import parse_qs, urlsplit

from golden import golden
from scripted_server import TOKEN, scripted

from account_tbc_bank import tbc

DAY = datetime.date(2026, 6, 22)
JUNE = {"iban": "GE48TB7873440574631292", "currency": "GEL"}
JUNE |= {"period_from": DAY, "period_to": DAY}
SAMPLE = tbc.json_value(golden("movements_page")["transactions"][0])


def answer(count, total, *, unreadable=0):
    rows = [SAMPLE] * count + [None] * unreadable
    return 200, {}, {"transactions": rows, "total": total}


class TestPages(unittest.TestCase):
    def walk(self, *answers, size=2, **place):
        """The pages of a whole walk; and which page each request asked for."""
        with scripted(TOKEN, *answers) as server:
            credentials = ("an-id", "a-secret")
            with tbc.TbcClient(server.url, lambda: credentials) as client:
                self.asked = asked = []
                pages = client.movement_pages(page_size=size, **place, **JUNE)
                for number, page in enumerate(pages, start=1):
                    # Nothing is asked ahead of who books the page first.
                    asked[:] = [one[1] for one in server.requests[1:]]
                    self.assertEqual(len(asked), number)
                    yield page
                self.assertEqual(len(server.requests[1:]), len(asked))

    def ends(self, *answers, **place):
        return [page.is_last for page in self.walk(*answers, **place)]

    def test_until_as_many_were_read_as_the_bank_counts(self):
        self.assertEqual(
            self.ends(answer(2, 5), answer(2, 5), answer(1, 5)), [False, False, True]
        )
        queries = [parse_qs(urlsplit(path).query) for path in self.asked]
        self.assertEqual([q["PageIndex"] for q in queries], [["0"], ["1"], ["2"]])
        self.assertEqual({*(q["PageSize"][0] for q in queries)}, {"2"})
        self.assertEqual({*(q["PeriodFrom"][0] for q in queries)}, {"2026-06-22"})

    def test_a_walk_goes_on_where_another_one_stopped(self):
        ends = self.ends(answer(2, 7), answer(1, 7), begin=2, read=4)
        self.assertEqual(ends, [False, True])
        queries = [parse_qs(urlsplit(path).query) for path in self.asked]
        self.assertEqual([q["PageIndex"] for q in queries], [["2"], ["3"]])

    def test_what_cannot_be_read_counts(self):
        pages = [answer(1, 4, unreadable=1), answer(0, 4, unreadable=2)]
        self.assertEqual(self.ends(*pages), [False, True])

    def test_an_empty_page_is_the_last_one(self):
        self.assertEqual(self.ends(answer(0, 0)), [True])
        self.assertEqual(self.ends(answer(2, 9), answer(0, 9)), [False, True])

    def test_a_total_that_changes_on_the_way(self):
        self.assertEqual(
            self.ends(answer(2, 3), answer(2, 5), answer(1, 5)), [False, False, True]
        )
        self.assertEqual(self.ends(answer(2, 3), answer(1, 2)), [False, True])

    def test_a_page_that_is_longer_than_asked_for(self):
        for rows in ((3, 0), (1, 2)):
            with self.assertRaisesRegex(tbc.TbcUnreadable, "more transactions than"):
                self.ends(answer(rows[0], 9, unreadable=rows[1]))

    def test_who_stops_asks_for_no_more(self):
        for number, _page in enumerate(self.walk(answer(2, 9), answer(2, 9))):
            if number:
                break
        self.assertEqual(len(self.asked), 2)

    def test_the_banks_error_comes_through(self):
        refusal = (400, {}, {"code": "ValidationError", "status": 400})
        walk = self.walk(answer(2, 9), refusal)
        self.assertFalse(next(walk).is_last)
        with self.assertRaises(tbc.TbcRefused):
            next(walk)
