"""Seal and open a secret with the server's key.

Only the ``cryptography`` library; the caller brings the keys. A sealed value is a
Fernet token (AES-128-CBC with HMAC-SHA256) whose content names the place it was
sealed for, so that a value copied to another record does not open there.

What is raised in here leads to no frame that has a key or a value: such frames are kept
with an exception, and shown by whatever walks or prints it.
"""

import contextlib
import hashlib
import hmac
import json
import os
import stat
import tempfile
from functools import wraps
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

# Bytes: a few keys of 44 letters.
LARGEST_KEY_FILE = 64 * 1024


class SealError(Exception):
    """A value can't be sealed or opened.

    ``reason`` is ``no_key`` (the server has none), ``bad_key`` (what the server has
    is not a key), ``no_file`` (the key file can't be read or made), ``unsafe_file``
    (others than this server's account own it, or may read or write it), ``wrong_key``
    (sealed with another key, or damaged) or ``wrong_place`` (sealed for another user,
    record or database).
    """

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def _bare_errors(function):
    """Let a ``SealError`` out without the frames in which it arose."""

    @wraps(function)
    def bare(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except SealError as error:
            reason = error.reason
        del args, kwargs
        raise SealError(reason)

    return bare


@_bare_errors
def seal(value, place, keys):
    """Return ``value`` sealed for ``place`` with the first of ``keys``; all are text."""
    content = json.dumps({"place": place, "value": value}).encode()
    return _fernet(keys).encrypt(content).decode()


@_bare_errors
def open_sealed(sealed, place, keys):
    """Return what :func:`seal` was given for the same ``place`` with any of ``keys``."""
    try:
        content = json.loads(_fernet(keys).decrypt((sealed or "").encode()))
    except InvalidToken as error:
        raise SealError("wrong_key") from error
    if content["place"] != place:
        raise SealError("wrong_place")
    return content["value"]


@_bare_errors
def reseal(sealed, keys):
    """Seal the same content again with the first of ``keys`` (rotation)."""
    try:
        return _fernet(keys).rotate((sealed or "").encode()).decode()
    except InvalidToken as error:
        raise SealError("wrong_key") from error


@_bare_errors
def sign(text, keys):
    """Return the signature of ``text`` by the first of ``keys``, as printable text."""
    _fernet(keys)
    return _signature(text, keys[0])


def is_signed(text, signature, keys):
    """Whether any of ``keys`` has signed ``text`` so."""
    given = signature.encode()
    return any(
        hmac.compare_digest(_signature(text, key).encode(), given) for key in keys
    )


def _signature(text, key):
    # Apart from what the key does elsewhere: it seals.
    key = hashlib.sha256(b"account_tbc_bank signs\n" + key.encode()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def split_keys(text):
    """Split a comma separated list of keys, newest first, into a tuple."""
    return tuple(key.strip() for key in (text or "").split(",") if key.strip())


@_bare_errors
def key_file(path, *, create=False):
    """Return the keys kept in the file ``path``, none without it; make one key if asked.

    The file is its owner's alone, and the owner is the account of this very process: a
    file that somebody else has laid there is not taken. Two servers that start together
    agree on the file that was there first.
    """
    path = Path(path)
    try:
        if create and not os.path.lexists(path):
            _make_key_file(path)
        return split_keys(_read_own_file(path)) if os.path.lexists(path) else ()
    except (OSError, ValueError) as error:
        raise SealError("no_file") from error


def _read_own_file(path):
    """Return the text of a file that nobody but this process's account can touch."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise SealError("unsafe_file") from error
        raise
    try:
        found = os.fstat(descriptor)
        is_own = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        if not is_own or found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SealError("unsafe_file")
        return os.read(descriptor, LARGEST_KEY_FILE).decode()
    finally:
        os.close(descriptor)


def _make_key_file(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    # A file that this very call has made, and nobody else may read.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.") as draft:
        draft.write(Fernet.generate_key() + b"\n")
        draft.flush()
        # A link fails where a rename would replace another server's key.
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, path)


def _fernet(keys):
    if not keys:
        raise SealError("no_key")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise SealError("bad_key") from error
