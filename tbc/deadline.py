"""A session whose answers have a deadline, however slowly they trickle in.

The time-out of ``requests`` is that between two pieces: a bank, or whatever stands
before it, that sends a byte now and then would hold a worker for ever.
"""

import functools
import http.client
import io
import time
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter


class Session(requests.Session):
    """Its ``timeout`` is that of connecting, and that of the answer as a whole.

    From the end of the request to the last byte of the body, headers included. No
    cookie is taken: nobody asked for one, and it may hold anything.
    """

    def __init__(self):
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for prefix in ("https://", "http://"):
            self.mount(prefix, _Adapter())

    def get_redirect_target(self, response):
        """None: no redirect is followed, so its address is not even looked at."""


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments, **options):
        made = super().init_poolmanager(*arguments, **options)
        _hurry(self.poolmanager)
        return made

    def proxy_manager_for(self, *arguments, **options):
        manager = super().proxy_manager_for(*arguments, **options)
        _hurry(manager)
        return manager


class _Deadline:
    """Of a connection: what an answer is read with, by the clock of its time-out."""

    def response_class(self, sock, *arguments, **options):
        response = http.client.HTTPResponse(sock, *arguments, **options)
        deadline = time.monotonic() + self.timeout
        # Unbuffered it is the socket's own reader, which keeps the socket alive.
        hurried = _Hurried(response.fp.detach(), sock, deadline)
        response.fp = io.BufferedReader(hurried)
        return response


class _Hurried(io.RawIOBase):
    """A socket's reader that has its time until ``deadline`` for all it reads."""

    def __init__(self, raw, sock, deadline):
        super().__init__()
        self._raw, self._sock, self._deadline = raw, sock, deadline

    def readable(self):
        return True

    def readinto(self, buffer):
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self):
        self._raw.close()
        return super().close()


def _hurry(manager):
    """Let a pool manager of urllib3 make connections with a deadline."""
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {name: _hurried(pools[name]) for name in pools}


@functools.cache
def _hurried(pool):
    if issubclass(pool.ConnectionCls, _Deadline):
        # The manager of a proxy is kept, and comes by again.
        return pool
    connection = type("Connection", (_Deadline, pool.ConnectionCls), {})
    return type("Pool", (pool,), {"ConnectionCls": connection})
