"""One way to the bank: a session, a time-out, retries of reads, a discreet log line."""

import logging
import re
import socket
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import requests
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict

from . import errors
from .answer import facts, parse_json, trace_id
from .deadline import Session
from .echo import Sent
from .errors import TbcError, TbcNoAnswer, TbcUnreachable, TbcUnreadable
from .sealed import Sealed, opened
from .wire import JsonValue, json_object, json_type, mask_ibans, redact

_logger = logging.getLogger(__name__)

# Seconds before the second and the third try of a read.
PAUSES = (0.5, 2)
# Whoever calls must not sleep longer because the bank asks: better to come back later.
LONGEST_PAUSE = 30
# 700 movements are about 1 MiB; a runaway answer must not fill the server's memory.
LARGEST_ANSWER = 32 * 1024 * 1024
# Commas and brackets: a page of 700 movements has about 30,000 of them. Each value takes
# a hundred times its bytes once it is read.
MOST_SIGNS = 400_000
LONGEST_TIMEOUT = 3600
# Bytes; many more than what is shown of them, so that no half of a secret is left.
LONGEST_PREVIEWED = 64 * 1024

_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?/?", re.A)
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# With these, the request cannot have left: the certificate comes before it.
_NOTHING_SENT = (
    requests.exceptions.ConnectTimeout,
    ConnectionRefusedError,
    socket.gaierror,
    ssl.SSLCertVerificationError,
)


class Auth(AuthBase):
    """Signs a request with a word and the first of ``hidden``, such as a token; the
    others are what else no answer may show.
    """

    def __init__(self, word: str, *hidden: Sealed) -> None:
        self._word, self.hidden = word, hidden

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"{self._word} {opened(self.hidden[0])}"
        return request


def _be_discreet(record: logging.LogRecord) -> bool:
    """urllib3 writes whole URLs at DEBUG level, and ours have IBANs in them; and, as a
    warning, what it can't read of an answer's headers, where anything may stand.
    """
    told = mask_ibans(record.getMessage())
    if record.exc_info:
        told = told.partition("): ")[0]
        record.exc_info = record.exc_text = None
    record.msg, record.args = told, ()
    return True


class Sender(Protocol):
    """A ``Transport``, or what stands in for it; see there."""

    @property
    def base_url(self) -> str: ...
    @property
    def last_trace_id(self) -> str | None: ...
    def close(self) -> None: ...
    def send(
        self, method: str, path: str, *, auth: Auth, repeat: bool, **content: Any
    ) -> JsonValue: ...


class Transport:
    """Sends requests to one host and nowhere else.

    :param base_url: an https origin; plain http only on this very machine
    :param timeout: seconds to connect, and as many for the whole answer
    :raise ValueError: for any other URL or timeout
    """

    def __init__(
        self, base_url: str, *, timeout: float, sleep: Callable[[float], None]
    ) -> None:
        self._timeout = _checked_timeout(timeout)
        self.base_url = checked_origin(base_url)
        self.last_trace_id: str | None = None
        self._sleep = sleep
        self._sent = Sent()
        self._session = Session()
        for name in ("urllib3.connectionpool", "urllib3.connection"):
            # Where it is already, it stays one.
            logging.getLogger(name).addFilter(_be_discreet)
        # A proxy of the environment has no business between us and loopback. ~/.netrc
        # is never read either way, because each request brings its own auth.
        self._session.trust_env = self.base_url.startswith("https:")

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(
        self, method: str, path: str, *, auth: Auth, repeat: bool, **content: Any
    ) -> JsonValue:
        """Send one request and return the JSON value of its answer.

        Nothing of what was sent in confidence through this transport is in the value,
        nor in an error, nor does an error lead to it. The answer to a form has the token
        that it brings. What is raised is a ``TbcError``, and nothing of ``requests``.

        :param repeat: whether a second try is harmless (reads, the token)
        :param content: ``params``, ``data`` (a form) or ``json``, as for ``requests``
        """
        request = {"auth": auth, **content}
        self._sent.add(auth.hidden)
        if not repeat:
            # A connection kept alive may be stale: that looks like a lost answer.
            self._session.close()
        pauses = list(PAUSES) if repeat else []
        while True:
            try:
                return self._send_once(method, path, request)
            except (TbcUnreachable, TbcNoAnswer, errors.TbcBusy) as error:
                pause = max(pauses.pop(0), error.after or 0) if pauses else None
                if pause is None or pause > LONGEST_PAUSE:
                    raise
            self._sleep(pause)

    def _send_once(self, method: str, path: str, request: dict[str, Any]) -> JsonValue:
        self.last_trace_id = None
        status: int | str = "no answer"
        started = time.monotonic()
        try:
            status, found = self._exchange(method, path, request)
        except BaseException as error:
            # Whatever it is: the frames below have the request, with its header.
            error.__context__ = None
            raise error.with_traceback(None) from None
        finally:
            spent = (time.monotonic() - started) * 1000
            seen = (method, mask_ibans(path), status, spent, self.last_trace_id)
            _logger.info("%s %s: %s in %d ms, trace %s", *seen)
        if isinstance(found, TbcError):
            raise found
        return found

    def _exchange(
        self, method: str, path: str, request: dict[str, Any]
    ) -> tuple[int | str, JsonValue | TbcError]:
        """(HTTP status, JSON value) of one request, or the error in place of the value:
        if it were raised, it would lead to this frame, which has the request.
        """
        caught_before = sys.exc_info()[1]
        try:
            with self._session.request(
                method,
                self.base_url + path,
                timeout=self._timeout,
                # A redirect would carry the credentials to another address.
                allow_redirects=False,
                stream=True,
                **request,
            ) as response:
                status, headers = response.status_code, response.headers
                body = _body(response)
        except OSError as error:
            # That of requests, or a bare one, such as for lost CA certificates.
            return "no answer", _error_from_exception(error, caught_before)
        if body is None:
            return status, TbcUnreadable("the answer is too large", status=status)
        value: JsonValue
        try:
            value = parse_json(body)
        except ValueError:
            value = None
        if "data" in request and 200 <= status < 300:
            return status, self._grant(status, headers, value)
        return status, self._found(status, self._clean(headers), value, body)

    def _grant(
        self, status: int, headers: Mapping[str, str], value: JsonValue
    ) -> JsonValue | TbcError:
        """The answer with a token as it is, or an error without a word of it."""
        if not isinstance(value, dict):
            self._session.close()
            return TbcUnreadable("the answer is not a JSON object", status=status)
        # What a header may show of it is no trace id.
        self._sent.add([Sealed(str(value.get("access_token")))])
        self.last_trace_id = trace_id(self._clean(headers))
        return value

    def _clean(self, headers: Mapping[str, str]) -> "CaseInsensitiveDict[str]":
        cut = json_object(self._sent.cut({**headers}))
        clean = CaseInsensitiveDict({name: str(told) for name, told in cut.items()})
        if clean != headers:
            # A connection keeps the headers of its last answer.
            self._session.close()
        return clean

    def _found(
        self, status: int, headers: Mapping[str, str], value: JsonValue, body: bytes
    ) -> JsonValue | TbcError:
        """The JSON value of a 2xx answer, or the error that the answer is."""
        self.last_trace_id = trace_id(headers)
        value = self._sent.cut(value)
        if not 200 <= status < 300:
            known = facts(value, headers)
            self.last_trace_id = known["trace_id"]
            known["author"] = errors.author(status, value, body)
            names = json_object(value)
            known["members"] = {name: json_type(one) for name, one in names.items()}
            return errors.error_from_answer(status, known)
        if value is not None:
            return value
        text = str(self._sent.cut(body[:LONGEST_PREVIEWED].decode(errors="replace")))
        return TbcUnreadable(
            "the answer is not JSON",
            status=status,
            trace_id=self.last_trace_id,
            preview=redact(text),
        )


def _checked_timeout(timeout: float) -> float:
    if not isinstance(timeout, (int, float)) or not 0 < timeout <= LONGEST_TIMEOUT:
        raise ValueError(f"the timeout is a number of seconds up to {LONGEST_TIMEOUT}")
    return timeout


def checked_origin(base_url: str) -> str:
    """The URL as scheme, host and port; ``ValueError`` if it is more, or not safe."""
    match = _ORIGIN.fullmatch(str(base_url).lower())
    if not match:
        raise ValueError("the base URL is a scheme and a host, nothing else")
    scheme, host, port = match.groups()
    if scheme == "http" and host not in _LOOPBACK:
        raise ValueError("the base URL must be https")
    return f"{scheme}://{host}{port or ''}"


def _body(response: requests.Response) -> bytes | None:
    """The bytes of an answer, ``None`` if it is too large."""
    # urllib3 before its version 2 would take half an answer for a whole one.
    response.raw.enforce_content_length = True
    body = bytearray()
    for piece in response.iter_content(64 * 1024):
        body += piece
        if len(body) > LARGEST_ANSWER:
            return None
    return None if sum(map(body.count, b",[{")) > MOST_SIGNS else bytes(body)


def _error_from_exception(
    error: BaseException, caught_before: BaseException | None
) -> TbcError:
    """Surely nothing sent → ``TbcUnreachable``; any doubt → ``TbcNoAnswer``.

    ``caught_before`` ends the chain of causes: what our caller was busy with says
    nothing of this request.
    """
    cause: BaseException | None = error
    while cause is not None and cause is not caught_before:
        if isinstance(cause, _NOTHING_SENT):
            return TbcUnreachable(f"unreachable ({type(cause).__name__})")
        cause = cause.__cause__ or cause.__context__
    return TbcNoAnswer(f"no answer ({type(error).__name__})")
