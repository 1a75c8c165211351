"""Adds up the older days of an account, and keeps what comes out: see ``kept_days``."""

from datetime import date

from odoo.tools import SQL

from .clock import DAY
from .kept_days import NOTHING_KEPT, Kept, recent_from
from .ledger import ITEMS_OF_DAYS, flush_items, movement_lines, on_ledger_account

_KEEP = f"""
    INSERT INTO tbc_day (account_id, day, credits, debits, lines, posted,
                         booked_in, booked_out, is_stale)
    SELECT %(account)s, day, SUM(credit), SUM(debit), SUM(lines), SUM(posted),
           SUM(came), SUM(went), FALSE
      FROM (SELECT day, GREATEST(told, 0) AS credit, GREATEST(-told, 0) AS debit,
                   1 AS lines, (state = 'posted')::int AS posted, 0 AS came, 0 AS went
              FROM (%(lines)s) line
             UNION ALL
            SELECT day, 0, 0, 0, 0, came, went
              FROM ({ITEMS_OF_DAYS}) booked) found
     WHERE day <= %(last)s
     GROUP BY day
    RETURNING id
"""


def keep_days(account, known, *, whole):
    """Keep what the older days of an account (sudo) add up to.

    :param known: what is :class:`.kept_days.Kept` now
    :param whole: all of them anew; else those of which something was written since
    """
    flush_items(account)
    last = recent_from() - DAY if whole else known.until
    if not whole and not known.touched:
        return
    # Of a past day nothing is open but what is told.
    wanted = NOTHING_KEPT if whole else Kept(date.max - DAY, known.touched)
    gone = SQL("TRUE") if whole else SQL("day = ANY(%s)", known.touched)
    env = account.env
    env.execute_query(
        SQL(
            "DELETE FROM tbc_day WHERE account_id = %s AND %s RETURNING id",
            account.id,
            gone,
        )
    )
    lines = movement_lines(account, date.min, last, wanted)
    values = on_ledger_account(account, wanted) | {"last": last, "lines": lines}
    env.execute_query(SQL(_KEEP, **values))
    account.write({"days_kept_until": last, "days_kept_at": env.cr.now()})
