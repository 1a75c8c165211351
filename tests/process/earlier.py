"""The module as it was at an earlier commit, beside today's."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from staff import KEY

ROOT = Path(__file__).resolve().parents[2]
MODULE = "account_tbc_bank"
VARIABLES = {"TBC_BIS_ENCRYPTION_KEY": KEY}


class Earlier:
    """An earlier commit's files, and an odoo.conf that finds them in today's place.

    :param str commit: in the history of this repository
    """

    def __init__(self, commit):
        self._folder = tempfile.TemporaryDirectory(prefix="earlier-")
        addons = Path(self._folder.name)
        self.root = addons / MODULE
        self.root.mkdir()
        packed = subprocess.run(
            ["git", "-C", ROOT, "archive", commit], check=True, stdout=subprocess.PIPE
        )
        subprocess.run(["tar", "-x", "-C", self.root], check=True, input=packed.stdout)
        today = Path(os.environ["TBC_TEST_CONF"]).read_text(encoding="utf-8")
        path = re.search(r"^addons_path *= *(.+),[^,\n]+$", today, re.MULTILINE)
        self.conf = addons / "odoo.conf"
        self.conf.write_text(
            today.replace(path[0], f"addons_path = {path[1]},{addons}"),
            encoding="utf-8",
        )
        self.worker = self.root / "tests" / "process" / "worker.py"

    def environ(self):
        """The variables of a process that runs its code."""
        places = os.environ["PYTHONPATH"].split(os.pathsep)
        tests = str(ROOT / "tests")
        places = [str(self.root / "tests") if p == tests else p for p in places]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}

    def close(self):
        """Forget the files."""
        self._folder.cleanup()


def run_odoo(database, *arguments, version=None):
    """Run Odoo to its end on a database; return its log.

    :raise subprocess.CalledProcessError: it ended badly
    """
    conf = version.conf if version else os.environ["TBC_TEST_CONF"]
    python = os.environ["TBC_TEST_PYTHON"]
    done = subprocess.run(
        [
            python,
            "-m",
            "odoo",
            "-c",
            conf,
            "-d",
            database,
            *arguments,
            "--stop-after-init",
            "--no-http",
        ],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # As the server has it: an update seals anew what it opens.
        env={**(version.environ() if version else os.environ), **VARIABLES},
    )
    return done.stdout
