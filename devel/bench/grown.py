"""An account with a long past: its movements at the fake bank, its lines as copies.

Four lines are created by Odoo (in and out, settled and open), and copied by SQL, which
makes a million lines of as many movements in minutes. The bank has the same movements:
both sides reckon them from their number.
"""

import json
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from company import connect, make_account
from copies import Copies

from odoo.addons.account_tbc_bank.services.counterpart import (
    Counterpart,
    put_on_counterpart,
)
from odoo.addons.account_tbc_bank.services.statements.booking import Booking
from odoo.addons.account_tbc_bank.tbc import parse_movement

from fake_tbc.iban import georgian_iban
from fake_tbc.movement import Movement

GEORGIA = timezone(timedelta(hours=4))
# The day before the first poll, and when the bank had booked all that lies before.
UNTIL = date(2026, 6, 29)
LONG_AGO = datetime(2016, 1, 1, tzinfo=GEORGIA)
# So many movements a day: with ten years of them an account has 300,000. A week of
# them is still one page.
A_DAY = 82
# So many of the newest lines are not matched yet.
OPEN = 200
CUSTOMERS = 250
# More than an account has lines.
NUMBERS = 10_000_000
# The names of the customers, and words that no other movement has.
NAME, WORDS = "Customer {} LLC", "Order {} paid"
IBAN = georgian_iban("BG", "1234567890123456")
# An account's lines and their items, as if each had been written once, when it was made.
_AS_OLD = """
    UPDATE account_bank_statement_line SET write_date = create_date
     WHERE tbc_account_id = %(account)s AND write_date > create_date;
    UPDATE account_move_line item SET write_date = item.create_date
      FROM account_bank_statement_line line
     WHERE line.move_id = item.move_id AND item.write_date > item.create_date
       AND line.tbc_account_id = %(account)s
"""


@dataclass(frozen=True)
class Past:
    """The movements of one account, reckoned from their number.

    :param int place: of the account among the others: no two have the same ids
    """

    place: int
    count: int
    a_day: int = A_DAY

    @property
    def first_day(self):
        days = -(-self.count // self.a_day)
        return UNTIL - timedelta(days=days - 1)

    @property
    def months(self):
        """How many whole months of it are over."""
        first, last = self.first_day - timedelta(days=1), UNTIL
        return max(0, 12 * (last.year - first.year) + last.month - first.month - 1)

    @property
    def open_from(self):
        """The number of the first movement that is not matched."""
        return max(self.count - OPEN, self.count // 2)

    @property
    def first_operation(self):
        return 20_000_000_000 + self.place * 100_000_000

    def movements(self, iban):
        """Yield the :class:`Movement` of each, as the bank has it."""
        sides = [
            {"accountIban": IBAN, "partnerName": NAME.format(number)}
            for number in range(CUSTOMERS)
        ]
        for number in range(self.count):
            sign = -1 if number % 5 > 2 else 1
            operation = self.first_operation + number
            yield Movement(
                movement_id=f"{operation:012d}.{1 if sign < 0 else 2}",
                iban=iban,
                currency="GEL",
                cents=sign * (500 + number % 9_000),
                day=self.first_day + timedelta(days=number // self.a_day),
                appears_at=LONG_AGO,
                authorised_at=LONG_AGO,
                members={
                    "purpose": WORDS.format(number),
                    "partnerAccountInfo": sides[number % CUSTOMERS],
                },
                owner="Bench LLC",
            )


# The same in SQL, of the number ``n`` and the constants of a pattern.
_SERIES = """
    CREATE TEMPORARY TABLE plan AS
    SELECT nextval('account_move_id_seq') AS move_id,
           nextval('account_bank_statement_line_id_seq') AS line_id,
           (n + %(first_number)s)::integer AS number,
           %(prefix)s || (n + %(first_number)s) AS name,
           day AS date, cents / 100.0 AS amount, NULL::integer AS partner_id,
           %(vals)s::jsonb || jsonb_build_object(
               'amount', %(sign)s * cents / 100.0,
               'tbc_amount', %(sign)s * cents / 100.0,
               'payment_ref', purpose, 'partner_name', side, 'tbc_day', day,
               'tbc_movement_id', id, 'tbc_operation_id', operation,
               'transaction_details', %(details)s::jsonb || jsonb_build_object(
                   'movementId', id, 'externalPaymentId', operation,
                   'amount', cents / 100.0, 'purpose', purpose,
                   'documentDate', day || 'T00:00:00', 'date', day || 'T00:00:00',
                   'partnerAccountInfo', %(details)s::jsonb->'partnerAccountInfo'
                       || jsonb_build_object('partnerName', side))) AS vals
      FROM (SELECT n, 500 + n %% 9000 AS cents,
                   %(first_day)s::date + (n / %(a_day)s)::integer AS day,
                   'Order ' || n || ' paid' AS purpose,
                   'Customer ' || n %% %(customers)s || ' LLC' AS side,
                   (%(operation)s + n)::text AS operation,
                   lpad((%(operation)s + n)::text, 12, '0') || %(suffix)s AS id
              FROM generate_series(%(begin)s::bigint, %(end)s::bigint - 1) n
             WHERE (n %% 5 > 2) = %(is_out)s) AS movement
     ORDER BY n
"""


class Series(Copies):
    """Copies bank lines of a :class:`Past`; as old as their day, as if never touched."""

    # The next pattern gets the number after the highest one.
    first_number = 1

    def of_past(self, pattern, past, begin, end):
        """Copy a line for each of its movements from ``begin`` to before ``end``."""
        self.env.flush_all()
        details = pattern.transaction_details
        is_out = pattern.amount < 0
        vals = {
            "account_number": pattern.account_number or None,
            "transaction_type": pattern.transaction_type or None,
        }
        self.env.cr.execute("DROP TABLE IF EXISTS plan")
        self.env.cr.execute(
            _SERIES,
            {
                "prefix": pattern.move_id.sequence_prefix,
                "vals": json.dumps(vals),
                "details": json.dumps(details),
                "sign": -1 if is_out else 1,
                "is_out": is_out,
                "suffix": ".1" if is_out else ".2",
                "operation": past.first_operation,
                "first_day": past.first_day,
                "a_day": past.a_day,
                "customers": CUSTOMERS,
                "begin": begin,
                "end": end,
                "first_number": self.first_number,
            },
        )
        self.first_number += NUMBERS
        self._insert_line(pattern)

    def _shared(self, table):
        dates = dict.fromkeys(("create_date", "write_date"), "plan.date")
        return {**super()._shared(table), **dates}


def grow(env, bank, company, past):
    """Make the account with this past, on both sides; return it.

    It is as if each page had been read, and nothing proved yet.
    """
    started = time.monotonic()
    account = make_account(env, company, _fill(bank, past), past.first_day)
    env = account.env
    copies = Series(env)
    for begin, end, is_open in (
        (0, past.open_from, False),
        (past.open_from, past.count, True),
    ):
        for sign in (1, -1):
            pattern = _pattern(account, bank, sign, is_open=is_open)
            copies.of_past(pattern, past, begin, end)
            _remove(pattern)
    account.write({"synced_until": UNTIL, "last_sync_at": env.cr.now()})
    make_old(account)
    print(
        f"{past.count:,} lines made in {time.monotonic() - started:.0f} s", flush=True
    )
    return account


def make_old(account):
    """Let nothing of the account's lines have been written since they were made."""
    env = account.env
    env.flush_all()
    env.cr.execute(_AS_OLD, {"account": account.id})
    env.cr.commit()
    env.invalidate_all()
    for table in (
        "account_move",
        "account_move_line",
        "account_bank_statement_line",
    ):
        _vacuum(env, table)


def take_up(env, bank, company, past):
    """Return the account of a database that was kept, before its first poll."""
    iban = _fill(bank, past)
    account = env["tbc.account"].search(
        [("company_id", "=", company.id), ("iban", "=", iban)]
    )
    connect(account.integration_id)
    return account


def _fill(bank, past):
    """Let the bank have the movements; return the IBAN."""
    owned = (iban for iban, _currency in bank.ledger.accounts)
    iban = next(one for one in owned if int(one[6:]) == past.place)
    for movement in past.movements(iban):
        bank.ledger.write(movement)
    return iban


def ibans(count):
    """As many IBANs of ours; the place of each is in its number."""
    return [georgian_iban("TB", f"{place:016d}") for place in range(1, count + 1)]


def _pattern(account, bank, sign, *, is_open):
    """A bank line of 1.00 or -1.00, created and settled as a read and a person do."""
    movement = Movement(
        movement_id=f"000000000000.{1 if sign < 0 else 2}",
        iban=account.iban,
        currency="GEL",
        cents=sign * 100,
        day=UNTIL,
        appears_at=LONG_AGO,
        authorised_at=LONG_AGO,
        members={
            "purpose": "Pattern",
            "partnerAccountInfo": {"accountIban": IBAN, "partnerName": "Pattern"},
        },
        owner="Bench LLC",
    )
    parsed = parse_movement(movement.as_json(bank.now))
    [vals] = Booking(account, [parsed]).prepare_lines_vals([parsed]).values()
    line = account.env["account.bank.statement.line"].create(vals)
    if not is_open:
        counterpart = account.env["account.account"].search(
            [
                ("company_ids", "in", account.company_id.ids),
                ("account_type", "=", "income" if sign > 0 else "expense"),
            ],
            limit=1,
        )
        put_on_counterpart(
            [Counterpart(line=line, account=counterpart, note="Settled.")]
        )
    account.env.flush_all()
    return line


def _remove(line):
    move = line.move_id
    move.button_draft()
    move.unlink()
    move.env.flush_all()


def _vacuum(env, table):
    """What PostgreSQL does by itself after a while; it can't be in a transaction."""
    with env.registry.cursor() as cr:
        cr._cnx.rollback()
        cr._cnx.autocommit = True
        cr._cnx.cursor().execute(f"VACUUM ANALYZE {table}")
        cr._cnx.autocommit = False
