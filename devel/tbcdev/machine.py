"""The machine's own Debian packages: installed with apt, only when missing."""

import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path

from .progress import Failure, command

PYTHON_RANGE = ((3, 11), (3, 13))  # what Odoo 19 and the pinned packages share
DISTRIBUTION_PYTHON = Path("/usr/bin/python3")
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
CREATECLUSTER = Path("/etc/postgresql-common/createcluster.d")


def better_python():
    """Return the distribution's own Python, if it fits and is not the one that runs.

    Distributions build theirs with profiles: it does the same in three quarters of the
    time. Whoever names a Python (`make PYTHON=…`), or has an environment, keeps it.
    """
    found = DISTRIBUTION_PYTHON.resolve()  # such as /usr/bin/python3.11
    version = tuple(map(int, re.findall(r"\d+", found.name)))
    lowest, highest = PYTHON_RANGE
    has_venv = Path("/usr/lib", found.name, "ensurepip").exists()
    fits = found.exists() and has_venv and lowest <= version <= highest
    chosen = "PYTHON" in os.environ or sys.prefix != sys.base_prefix
    runs = Path(sys.executable).resolve() == found
    return str(found) if fits and not chosen and not runs else None


def check_python():
    """Refuse a Python that Odoo 19 or the pinned packages do not run on."""
    lowest, highest = PYTHON_RANGE
    if not lowest <= sys.version_info[:2] <= highest:
        raise Failure(
            f"This is Python {sys.version.split()[0]}; Python {lowest[0]}.{lowest[1]} "
            f"to {highest[0]}.{highest[1]} is needed. Name another one with "
            "`make PYTHON=/path/to/python3 …`."
        )


def postgres_programs():
    """Return the folder of initdb, pg_ctl and psql, or None."""
    debian = Path("/usr/lib/postgresql")
    versions = sorted(
        (path for path in debian.glob("*/bin") if (path / "initdb").exists()),
        key=lambda path: float(path.parent.name),
    )
    if versions:
        return versions[-1]
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def has_font():
    """Say whether a font with Georgian letters is there, for the browser."""
    fonts = Path("/usr/share/fonts")
    names = ("DejaVuSans.ttf", "NotoSansGeorgian*.ttf")
    return any(next(fonts.rglob(name), None) for name in names)


def missing_packages():
    """Return the Debian packages to install for what the machine lacks."""
    missing = []
    if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        missing.append("python3-venv")
    if not postgres_programs():
        missing.append("postgresql")
    if not any(map(shutil.which, BROWSERS)):
        missing.append("chromium")
    if not has_font():
        missing.append("fonts-dejavu-core")
    return missing


class Apt:
    """The machine's own apt, as root or through sudo."""

    def __init__(self, step):
        self.step = step
        self.as_root = [] if os.geteuid() == 0 else ["sudo"]

    def run(self, *args):
        """Run a command as root; dpkg does not like to be cut off."""
        command(
            [*self.as_root, *args],
            on_line=lambda line: self.step.detail(line[:70]),
            outlive=True,
        )

    def get(self, *args):
        """Run ``apt-get``, waiting for its lock if another one runs."""
        apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--yes"]
        self.run(*apt, "-o", "DPkg::Lock::Timeout=600", *args)

    def install(self, packages):
        """Install ``packages`` without what they only recommend."""
        self.get("install", "--no-install-recommends", *packages)

    def install_postgresql(self):
        """Install PostgreSQL without the cluster that Debian would make and start.

        The tests use a private cluster: one on the usual port would only be in the
        way of whatever else runs on this machine.
        """
        self.install(["postgresql-common"])
        option = CREATECLUSTER / "account_tbc_bank.conf"
        self.run("mkdir", "-p", CREATECLUSTER)
        self.run("sh", "-c", f"echo 'create_main_cluster = false' > '{option}'")
        try:
            self.install(["postgresql"])
        finally:
            self.run("rm", "-f", option)


def install_missing(step):
    """Install what is missing; ask apt nothing when nothing is."""
    packages = missing_packages()
    if not packages:
        return
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise Failure(f"This is no Debian. Please install first: {names}.")
    if os.geteuid() != 0 and not shutil.which("sudo"):
        raise Failure(
            f"Missing Debian packages: {names}. Install them, or run this as root or "
            "as a user who may use sudo."
        )
    apt = Apt(step)
    apt.run("dpkg", "--configure", "-a")  # in case an installation was cut off
    apt.get("update")
    if "postgresql" in packages:
        apt.install_postgresql()
    apt.install(packages)
