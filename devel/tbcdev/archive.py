"""Debian packages unpacked into the cache: nothing is added to the machine.

Odoo 19 is in Debian's unstable suite only. apt gets a private configuration, made
from the machine's own archive and keyring with the suite replaced, and folders of
its own; the machine's sources stay as they are.
"""

import os
import re
from pathlib import Path

from .progress import Failure, command

SOURCES = Path("/etc/apt")


def _deb822_sources(text):
    """Yield (URI, suites, components, keyring) of a ``.sources`` file."""
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        fields = re.findall(r"(?m)^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", "\n".join(lines))
        source = {name.lower(): value.split() for name, value in fields}
        if source.get("enabled") == ["no"] or "deb" not in source.get("types", ()):
            continue
        keyring = source.get("signed-by", [""])
        keyring = keyring[0] if len(keyring) == 1 else ""  # not a key written inline
        for uri in source.get("uris", ()):
            yield uri, source.get("suites", ()), source.get("components", ()), keyring


def _one_line_sources(text):
    """Yield (URI, suites, components, keyring) of a ``.list`` file."""
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)", line)
        if match:
            options, uri, suite, components = match.groups()
            keyring = re.search(r"signed-by=(/\S+)", options or "")
            yield uri, [suite], components.split(), keyring[1] if keyring else ""


def _machine_sources():
    for path in [SOURCES / "sources.list", *sorted(SOURCES.glob("sources.list.d/*"))]:
        if path.suffix in (".list", ".sources") and path.is_file():
            read = _deb822_sources if path.suffix == ".sources" else _one_line_sources
            yield from read(path.read_text(encoding="utf-8"))


def _own_suites():
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    codename = re.search(r"(?m)^VERSION_CODENAME=\"?(\w+)", release)
    return {"stable", "testing", "unstable", "sid", codename[1] if codename else ""}


def own_archive():
    """Return (URI, keyring) of the Debian archive that this machine uses."""
    suites = _own_suites()
    for uri, own_suites, components, keyring in _machine_sources():
        if suites.intersection(own_suites) and "main" in components:
            return uri, keyring
    raise Failure(
        "No Debian archive was found in the machine's apt sources. Name an Odoo 19 "
        "that you already have: `make ODOO=/path/to/odoo …`."
    )


def _apt_options(folder):
    """Write the private configuration and return apt's options for it."""
    uri, keyring = own_archive()
    signed = f"Signed-By: {keyring}\n" if keyring else ""
    stanzas = [
        f"Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: main\n{signed}"
        for suite in ("unstable", "bookworm")
    ]
    sources = folder / "private.sources"
    sources.write_text("\n".join(stanzas), encoding="utf-8")
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",  # `_apt` may not enter the cache folder
    }
    return [word for key in options for word in ("-o", f"{key}={options[key]}")]


def unpack(packages, target, work, step):
    """Download ``packages`` (``name/suite``) and unpack them into ``target``.

    :param work: a folder for apt's lists and the downloads
    :return: the file names of the packages, which hold their versions
    """
    options = _apt_options(work)
    quiet = {**os.environ, "LC_ALL": "C.UTF-8"}
    step.detail("reading the package lists")
    command(["apt-get", *options, "update"], env=quiet, cwd=work)
    for number, package in enumerate(packages, 1):
        step.detail(f"downloading {package}, {number} of {len(packages)}")
        command(["apt-get", *options, "download", package], env=quiet, cwd=work)
    names = sorted(path.name for path in work.glob("*.deb"))
    for number, name in enumerate(names, 1):
        step.detail(f"unpacking {name}, {number} of {len(names)}")
        command(["dpkg-deb", "--extract", work / name, target])
    return names
