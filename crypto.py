"""Seal and open a secret with the server's key.

Only the ``cryptography`` library; the caller brings the keys. A sealed value is a
Fernet token (AES-128-CBC with HMAC-SHA256) whose content names the place it was
sealed for, so that a value copied to another record does not open there.
"""

import contextlib
import json
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealError(Exception):
    """A value can't be sealed or opened.

    ``reason`` is ``no_key`` (the server has none), ``bad_key`` (what the server has
    is not a key), ``no_file`` (the key file can't be read or made), ``wrong_key``
    (sealed with another key, or damaged) or
    ``wrong_place`` (sealed for another record or another database).
    """

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def seal(value, place, keys):
    """Seal the text ``value`` for ``place`` (text) with the first of ``keys``.

    :return: printable text. :raise SealError: ``no_key``, ``bad_key``.
    """
    content = json.dumps({"place": place, "value": value}).encode()
    return _fernet(keys).encrypt(content).decode()


def open_sealed(sealed, place, keys):
    """Return the text that :func:`seal` was given for the same ``place``.

    Any of ``keys`` may have sealed it. :raise SealError: see its reasons.
    """
    try:
        content = json.loads(_fernet(keys).decrypt(sealed.encode()))
    except InvalidToken as error:
        raise SealError("wrong_key") from error
    if content["place"] != place:
        raise SealError("wrong_place")
    return content["value"]


def reseal(sealed, keys):
    """Seal the same content again with the first of ``keys`` (rotation).

    :raise SealError: ``wrong_key`` where none of ``keys`` opens it.
    """
    try:
        return _fernet(keys).rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealError("wrong_key") from error


def split_keys(text):
    """Split a comma separated list of keys, newest first, into a tuple."""
    return tuple(key.strip() for key in (text or "").split(",") if key.strip())


def key_file(path, *, create=False):
    """Return the keys kept in the file ``path``; make one key if asked.

    The file is readable by its owner alone. Two servers that start together agree on
    the file that was there first.

    :return: a tuple of keys, empty where there is no file.
    :raise SealError: ``no_file``, the file can't be read or made.
    """
    path = Path(path)
    try:
        if create and not path.exists():
            _make_key_file(path)
        return split_keys(path.read_text()) if path.exists() else ()
    except (OSError, ValueError) as error:
        raise SealError("no_file") from error


def _make_key_file(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(Fernet.generate_key() + b"\n")
    # A link fails where a rename would replace another server's key.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _fernet(keys):
    if not keys:
        raise SealError("no_key")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise SealError("bad_key") from error
