"""``python -m fake_tbc``: a fake bank in a process of its own."""

import argparse
import datetime as dt
import signal
import sys
import threading

from . import control
from .bank import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank
from .clock import read_moment
from .misbehaviour import FAULTS
from .strange import STRANGE


def main(arguments=None):
    """Serve until SIGTERM or SIGINT. Returns the exit status."""
    options = vars(_parser().parse_args(arguments))
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    made_up = options.pop("ibans")
    options["accounts"] = dict(options.pop("account")) or made_up
    options["openings"] = dict(options.pop("opening"))
    try:
        bank = FakeBank(**options).start()
    except (KeyError, OSError, ValueError) as error:
        sys.stderr.write(f"fake TBC bank: {error}\n")
        return 1
    print(f"fake TBC bank listening on {bank.url}", flush=True)
    done.wait()
    bank.stop()
    return 0


def _epilog():
    faults = "\n".join(
        f"  {' '.join([name, *sorted(options)])}"
        for name, (_act, options) in FAULTS.items()
    )
    odd = "\n".join(
        f"  {name}: {bend.__doc__}" for name, (bend, _on) in STRANGE.items()
    )
    return (
        f"{control.__doc__}\nFaults and their options:\n{faults}\n"
        f"\nWhat --strange may name:\n{odd}\n"
    )


def _list(text):
    return tuple(text.split(","))


def _account(text):
    iban, _equals, currencies = text.partition("=")
    return iban, _list(currencies or "GEL")


def _opening(text):
    account, _equals, amount = text.partition("=")
    return tuple(account.split("/")), amount


_OPTIONS = {
    "--mode": {"choices": ("ledger", "documented"), "default": "ledger"},
    "--port": {"type": int, "default": 0, "help": "default: a free one"},
    "--seed": {"type": int, "default": 1, "help": "of the ledger"},
    "--account": {
        "type": _account,
        "action": "append",
        "default": [],
        "metavar": "IBAN=GEL,USD",
        "help": "an account of the ledger; may be repeated",
    },
    "--ibans": {
        "type": int,
        "default": 1,
        "help": "how many to make up when no --account is given",
    },
    "--currencies": {
        "type": _list,
        "default": "GEL,USD,EUR",
        "help": "of made-up IBANs",
    },
    "--days": {"type": int, "default": 30, "help": "length of the books"},
    "--per-day": {
        "type": float,
        "default": 2,
        "help": "movements a day on each account and currency, on average",
    },
    "--until": {
        "type": dt.date.fromisoformat,
        "metavar": "DATE",
        "help": "last day of the books, default: today",
    },
    "--now": {
        "type": read_moment,
        "metavar": "MOMENT",
        "help": "freeze the bank's clock, default: real time",
    },
    "--opening": {
        "type": _opening,
        "action": "append",
        "default": [],
        "metavar": "IBAN/GEL=1000.00",
        "help": "an opening balance; may be repeated",
    },
    "--client-id": {"default": FAKE_CLIENT_ID},
    "--client-secret": {"default": FAKE_CLIENT_SECRET},
    "--token-lifetime": {"type": float, "default": 3600, "metavar": "SECONDS"},
    "--strange": {
        "type": _list,
        "default": (),
        "metavar": "NAME,NAME",
        "help": "assumptions of clients that do not hold, by name (see below)",
    },
    "--verbose": {"action": "store_true", "help": "each request on stderr"},
}


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m fake_tbc",
        description="A fake TBC Bank (BIS: token, accounts, transfers) on 127.0.0.1. "
        "A person signs transfer orders at /_fake/certification.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_epilog(),
    )
    for name, settings in _OPTIONS.items():
        default = settings.get("default")
        words = [settings.get("help"), default and f"default: {default}"]
        told = ", ".join(word for word in words if word)
        parser.add_argument(name, **{**settings, "help": told})
    return parser


if __name__ == "__main__":
    sys.exit(main())
