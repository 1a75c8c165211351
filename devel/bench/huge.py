"""An answer of 30 MiB of tiny elements, which is refused before it fills the memory."""

import sys
import time
import tracemalloc
from pathlib import Path

from meter import Meter, Row, check

from odoo.addons.account_tbc_bank.tbc import TbcUnreadable
from odoo.addons.account_tbc_bank.tbc.auth import Token
from odoo.addons.account_tbc_bank.tbc.transport import Transport

PURE_TESTS = Path(__file__).parents[2] / "tests" / "unit"
MIB = 2**20
BODY = b'{"transactions":[' + b"{}," * (10 * MIB)
MOST_SECONDS, MOST_MEMORY = 1.0, 100.0


def rows(bench):
    """Yield the seconds and the memory that it takes to refuse it."""
    meter = Meter(bench.env)
    for _round in range(1 if bench.is_small else 3):
        with meter:
            refuse()
    tracemalloc.start()
    refuse()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    name = "an answer of 30 MiB of tiny elements"
    yield Row(name, meter.second, MOST_SECONDS)
    yield Row(name, most / MIB, MOST_MEMORY, unit="MiB")


def refuse():
    """Ask for it over HTTP, and make sure that nothing is taken of it."""
    # Here, because it is no part of Odoo.
    sys.path.append(str(PURE_TESTS))
    from scripted_server import scripted

    with scripted((200, {}, BODY)) as server:
        transport, answer = Transport(server.url, timeout=60, sleep=time.sleep), None
        try:
            answer = transport.send(
                "GET", "/path", auth=Token("token", 0), repeat=False
            )
        except TbcUnreadable as error:
            answer = str(error)
        finally:
            transport.close()
    check("the answer", answer, "the answer is too large (HTTP 200)")
