"""How many transactions are left, and how many people settled today."""

from datetime import datetime, time, timezone

from odoo.fields import Domain

from ...tbc import GEORGIAN_TIME
from ..clock import bank_today


def match_counts(lines, domain):
    """Return ``{"left": n, "settled_today": n}`` of what the user may see.

    :param domain: of the lines that are looked at; today's are those of all of them
    """
    to_match = Domain("is_reconciled", "=", False) & Domain("state", "=", "posted")
    midnight = datetime.combine(bank_today(), time.min, GEORGIAN_TIME)
    midnight = midnight.astimezone(timezone.utc).replace(tzinfo=None)
    return {
        "left": lines.search_count(Domain(domain or []) & to_match),
        "settled_today": lines.search_count([("tbc_settled_at", ">=", midnight)]),
    }
