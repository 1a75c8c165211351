"""Many transfer orders, a bank at its worst, killed workers; then both sides are counted.

`make prove-transfers` runs it; N=2000 says how many orders, SEED=… repeats a run, as far
as the machine lets the same things meet. The same code runs in the process ring, with
fewer orders: `tests/process/proof.py`.
"""

import os
import secrets
import sys

from proof import Proof

DEFAULT_COUNT = 2000
FEWEST = 10


def main(count, seed):
    """Prove it; return the exit status: 0 when every order is accounted for."""
    print(f"SEED={seed} N={count}", flush=True)
    evidence = Proof(seed, count, say=lambda line: print(line, flush=True)).run()
    print("\n".join(evidence.summary()))
    violations = evidence.violations()
    if not violations:
        print("Every transfer is there once, and accounted for.")
        return 0
    print(f"\n{len(violations)} VIOLATIONS (SEED={seed} N={count}):")
    for violation in violations:
        print(f"- {violation}")
    return 1


if __name__ == "__main__":
    wanted = os.environ.get("N") or str(DEFAULT_COUNT)
    if not wanted.isdigit() or int(wanted) < FEWEST:
        sys.exit(f"N={wanted}: it is a number of transfers, {FEWEST} at least.")
    sys.exit(main(int(wanted), os.environ.get("SEED") or str(secrets.randbelow(10**6))))
