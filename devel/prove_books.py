"""A year of three accounts in three currencies, read and matched, beside the truth.

`make prove-books` runs it; N=20000 says how many transactions, SEED=… repeats a year. The
same code runs in the process ring, with fewer: `tests/books/proof.py`.
"""

import os
import secrets

from books.proof import BooksProof

DEFAULT_COUNT = 20_000
FEWEST = 150


def main(env):
    """Prove it; return the exit status: 0 when everything ties out.

    :param env: Odoo's environment, as the superuser
    """
    wanted = os.environ.get("N") or str(DEFAULT_COUNT)
    if not wanted.isdigit() or int(wanted) < FEWEST:
        print(f"N={wanted}: it is a number of transactions, {FEWEST} at least.")
        return 2
    seed = os.environ.get("SEED") or str(secrets.randbelow(10**6))
    print(f"SEED={seed} N={wanted}", flush=True)
    proof = BooksProof(env.registry, seed, int(wanted), say=_say)
    violations = []
    for part, verdict in proof.parts():
        print(f"\n{part.capitalize()}:")
        print("\n".join(verdict.summary()) + "\n", flush=True)
        violations += [f"{part}: {one}" for one in verdict.violations()]
    print(", ".join(f"{k} {v:.0f} s" for k, v in proof.seconds.items()))
    if not violations:
        print("The books tie out, and nothing was matched that is not certain.")
        return 0
    print(f"\n{len(violations)} VIOLATIONS (SEED={seed} N={wanted}):")
    for violation in violations:
        print(f"- {violation}")
    return 1


def _say(line):
    print(line, flush=True)
