"""A fake TBC Bank: its Business Integration Services, accounts and transfers.

Written from the bank's public pages with the standard library alone; it knows nothing
of the client it serves. In a test::

    with FakeBank(seed=7, days=30, until=date(2026, 6, 30)) as bank:
        ...  # bank.url, FAKE_CLIENT_ID, FAKE_CLIENT_SECRET
        bank.sign()  # what waits to be certified

Or by itself: ``python -m fake_tbc --help``.
"""

from .bank import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank
from .exchange import RecordedRequest

__all__ = ["FAKE_CLIENT_ID", "FAKE_CLIENT_SECRET", "FakeBank", "RecordedRequest"]
