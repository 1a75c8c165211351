#!/usr/bin/env python3
"""The developer's commands; `make help` lists them.

Usage: run.py COMMAND [ARGUMENT…]
"""

import os
import sys

sys.dont_write_bytecode = True  # the repository stays as it is

from tbcdev import commands, machine  # noqa: E402

if __name__ == "__main__":
    if python := machine.better_python():
        os.execv(python, [python, *sys.argv])
    sys.exit(commands.main(sys.argv[1:]))
