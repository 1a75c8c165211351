#!/usr/bin/env python3
"""The developer's commands; `make help` lists them.

Usage: run.py COMMAND [ARGUMENT…]
"""

import sys

sys.dont_write_bytecode = True  # the repository stays as it is

from tbcdev import commands  # noqa: E402

if __name__ == "__main__":
    sys.exit(commands.main(sys.argv[1:]))
