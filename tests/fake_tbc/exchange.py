"""One request as it came in (:class:`Call`), the answer to it (:class:`Reply`), and
what is remembered of both.
"""

import json
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote, urlsplit

JSON = "application/json; charset=utf-8"
FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True, kw_only=True)
class Call:
    """A request. ``path`` is decoded, ``raw_path`` as it came; ``query`` holds the
    first value of each parameter, ``headers`` has lower-case names. ``refused`` is a
    fault's: positions of orders that the bank must refuse → list of reasons.
    """

    method: str
    path: str
    raw_path: str = ""
    query: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    refused: dict = field(default_factory=dict)

    @classmethod
    def read(cls, method, target, headers, body):
        """From the request line, the headers and the body."""
        parts = urlsplit(target)
        query = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            query.setdefault(name, value)
        lower = {name.lower(): value for name, value in headers.items()}
        return cls(
            method=method,
            path=unquote(parts.path),
            raw_path=parts.path,
            query=query,
            headers=lower,
            body=body,
        )

    def form(self):
        """The fields of a form body."""
        return dict(
            parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        )

    def json(self):
        """The body, read as JSON.
        :raise ValueError: when it is not; ``NaN`` and its like are none.
        """
        return json.loads(self.body.decode(), parse_constant=_not_json)

    def with_query(self, **changes):
        """The same request with other query parameters."""
        return replace(self, query={**self.query, **changes})


@dataclass(slots=True, kw_only=True)
class Reply:
    """An answer. ``value`` is JSON to be written, unless ``body`` bytes are given.

    ``declared`` is a Content-Length other than the true one; ``stream`` yields the body
    in pieces, in chunked coding unless ``declared`` is given; ``dropped`` closes the
    connection and says nothing.
    """

    status: int = 200
    value: object = None
    body: bytes | None = None
    content_type: str = JSON
    headers: dict = field(default_factory=dict)
    declared: int | None = None
    stream: object = None
    dropped: bool = False
    close: bool = False

    def payload(self):
        """The bytes of the body."""
        if self.body is not None:
            return self.body
        return json.dumps(
            self.value, ensure_ascii=False, separators=(",", ":")
        ).encode()


@dataclass(slots=True)
class RecordedRequest:
    """What is remembered of a request; never a secret, never a token.

    ``name``: the route, of ``routes.NAMES`` (``None`` for an unknown path).
    ``status``: ``None`` while unanswered, or dropped. ``scope``: asked for in a token
    request, granted to the token otherwise. ``trace_id``: of the error, where there was
    one. ``body``: the JSON of an import (``None`` when it was none).
    """

    name: str | None
    method: str
    path: str
    query: dict
    status: int | None = None
    scope: str | None = None
    grant: str | None = None
    trace_id: str | None = None
    body: object = None


def _not_json(word):
    raise ValueError(f"{word} is not JSON")
