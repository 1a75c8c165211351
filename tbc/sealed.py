"""A text that is kept in memory and that no attribute shows.

Whoever runs code in this process opens it as we do. It is kept from whatever prints or
walks objects: a format string over a traceback, a report of a crash with its variables.
"""

import hashlib
import secrets

# A hash has no attribute for what it was fed with: nothing leads to the key.
_KEY = hashlib.shake_256(secrets.token_bytes(32))


class Sealed:
    """A text, sealed for the life of this process; ``opened`` opens it."""

    __slots__ = ("__once", "__shut")

    def __init__(self, text: str) -> None:
        self.__once = secrets.token_bytes(16)
        self.__shut = _mixed(text.encode(), self.__once)

    def __repr__(self) -> str:
        return "<Sealed>"


def opened(sealed: Sealed) -> str:
    """The text of a ``Sealed``. Keep it in no attribute, and in no frame that raises."""
    # The checker of types does not know the class-private names from outside.
    shut, once = sealed._Sealed__shut, sealed._Sealed__once  # type: ignore[attr-defined]
    return _mixed(shut, once).decode()


def _mixed(given: bytes, once: bytes) -> bytes:
    # What the hash of key and nonce goes on to give is used once: a stream cipher.
    stream = _KEY.copy()
    stream.update(once)
    pad = stream.digest(len(given))
    return bytes(one ^ other for one, other in zip(given, pad, strict=True))
