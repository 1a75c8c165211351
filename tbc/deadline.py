"""A session whose answers have a deadline, however slowly they trickle in.

The time-out of ``requests`` is that between two pieces: a bank, or whatever stands
before it, that sends a byte now and then would hold a worker for ever.
"""

# The linter wants what ``super()`` gives returned, and the types say it is nothing.
# pylint: disable=missing-return

import http.client
import io
import socket
import time
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from urllib3 import HTTPConnectionPool


class Session(requests.Session):
    """Its ``timeout`` is that of connecting, and that of the whole answer: from the end
    of the request to the last byte of the body.
    """

    def __init__(self) -> None:
        super().__init__()
        # Nobody asked for a cookie, and it may hold anything.
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for prefix in ("https://", "http://"):
            self.mount(prefix, _Adapter())

    def get_redirect_target(self, response: requests.Response) -> None:
        """None: no redirect is followed, so its address is not even looked at."""


class _Adapter(HTTPAdapter):
    def cert_verify(self, conn: "HTTPConnectionPool", *settings: Any) -> None:
        """Have each pool make connections with a deadline; here all of them come by."""
        super().cert_verify(conn, *settings)
        if not issubclass(conn.ConnectionCls, _Deadline):
            bases = (_Deadline, conn.ConnectionCls)
            conn.ConnectionCls = type("Connection", bases, {})


class _Deadline:
    """Of a connection: what an answer is read with, by the clock of its time-out."""

    timeout: float

    def response_class(
        self, sock: socket.socket, *arguments: Any, **options: Any
    ) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(sock, *arguments, **options)
        deadline = time.monotonic() + self.timeout
        # Unbuffered it is the socket's own reader, which keeps the socket alive.
        hurried = _Hurried(response.fp.detach(), sock, deadline)
        response.fp = io.BufferedReader(hurried)
        return response


class _Hurried(io.RawIOBase):
    """A socket's reader that has its time until ``deadline`` for all it reads."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: float) -> None:
        super().__init__()
        self._raw, self._sock, self._deadline = raw, sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
