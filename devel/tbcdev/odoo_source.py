"""Odoo 19 Community: fetched from Debian, or one that is already there."""

import os
import re
import shutil
from pathlib import Path

from . import archive, paths
from .progress import Failure, remake

PACKAGES = [
    "odoo-19/unstable",
    # Debian links out of Odoo's tree to these. The links are relative: unpacked
    # beside Odoo they resolve. Without the first three every page answers 500.
    "libjs-jquery/unstable",
    "libjs-jquery-form/unstable",
    "libjs-underscore/unstable",
    "fonts-roboto-unhinted/unstable",
    "fonts-montserrat/unstable",
    "fonts-inconsolata/unstable",
    "fonts-ocr-b/unstable",
    # Odoo's icons are Font Awesome 4; unstable has version 7, with other file names.
    "fonts-font-awesome/bookworm",
]
DIST_PACKAGES = Path("usr/lib/python3/dist-packages")
# Not free software, so not in Debian. A tour fails when the browser misses it.
SELFIE = Path("odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js")
FETCHED = paths.CACHE / "odoo-19.0"


def fetch(step):
    """Bring Odoo 19 into the cache, unless it is there or ``ODOO`` names one."""
    if os.environ.get("ODOO"):
        source_folder()
        return
    wanted = paths.digest("1", *PACKAGES)
    stamp = FETCHED / "made-of.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8").startswith(wanted):
        return
    remake(FETCHED, lambda folder: _make(folder, wanted, step))


def _make(folder, wanted, step):
    work = folder / "apt"
    work.mkdir()
    names = archive.unpack(PACKAGES, folder, work, step)
    shutil.rmtree(work)
    selfie = folder / DIST_PACKAGES / SELFIE
    selfie.parent.mkdir(parents=True, exist_ok=True)
    selfie.write_text("// Not part of Debian's Odoo.\n", encoding="utf-8")
    (folder / "made-of.txt").write_text("\n".join([wanted, *names]) + "\n", "utf-8")


def source_folder():
    """Return the folder that holds the ``odoo`` package."""
    chosen = os.environ.get("ODOO")
    if not chosen:
        return FETCHED / DIST_PACKAGES
    folder = Path(chosen).expanduser().resolve()
    if folder.name in ("odoo", "odoo-bin") and not (folder / "odoo").is_dir():
        folder = folder.parent
    release = folder / "odoo" / "release.py"
    if not release.exists():
        raise Failure(f"ODOO={chosen}: there is no odoo/release.py in that folder.")
    if not re.search(r"version_info = \(19, 0,", release.read_text(encoding="utf-8")):
        raise Failure(f"ODOO={chosen} is not Odoo 19.0.")
    return folder


def version():
    """Return a text that changes whenever another Odoo is used."""
    if not os.environ.get("ODOO"):
        return (FETCHED / "made-of.txt").read_text(encoding="utf-8")
    folder = source_folder()
    release = folder / "odoo" / "release.py"
    head = folder / ".git" / "logs" / "HEAD"  # a checkout: its last commit
    last = head.read_text(encoding="utf-8").splitlines()[-1] if head.exists() else ""
    return "\n".join([str(folder), release.read_text(encoding="utf-8"), last])
