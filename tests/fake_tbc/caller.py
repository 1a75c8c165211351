"""A bare HTTP caller with which the fake bank is tested: it adds nothing and hides
nothing.
"""

import base64
import http.client
import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from .bank import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET
from .exchange import FORM, JSON

ACCOUNTS, TRANSFERS = "/bab/v1/accounts", "/bab/v1/transfers"


@dataclass(slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        """The body, read as JSON."""
        return json.loads(self.body)


class Caller:
    """Keeps one connection to a bank, and one token once :meth:`sign_in` was called."""

    def __init__(
        self, bank, client_id=FAKE_CLIENT_ID, client_secret=FAKE_CLIENT_SECRET
    ):
        self._connection = http.client.HTTPConnection("127.0.0.1", bank.port, timeout=5)
        self._basic = (
            "Basic "
            + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        )
        self.headers = {}

    def ask_token(self, scope="bab_accounts", **changes):
        """``POST /oauth/token``; ``changes`` replace ``grant_type``, ``authorization``
        or ``content_type``.
        """
        form = {
            "grant_type": changes.get("grant_type", "client_credentials"),
            "scope": scope,
        }
        headers = {
            "Authorization": changes.get("authorization", self._basic),
            "Content-Type": changes.get("content_type", FORM),
        }
        return self.call("POST", "/oauth/token", urlencode(form), headers)

    def sign_in(self, scope="bab_accounts"):
        """Get a token and send it from now on. Returns the caller."""
        self.headers = {
            "Authorization": "Bearer " + self.ask_token(scope).json["access_token"]
        }
        return self

    def get(self, path, **query):
        """``GET`` below ``/bab/v1/accounts``; query values are encoded."""
        target = f"{ACCOUNTS}{path}" + (f"?{urlencode(query)}" if query else "")
        return self.call("GET", target, None, self.headers)

    def movements(self, **query):
        """``GET /movements``."""
        return self.get("/movements", **query)

    def import_single(self, *orders):
        """``POST /single`` with these orders."""
        return self.post("/single", {"singleTransferOrders": orders})

    def post(self, path, value):
        """``POST`` JSON below ``/bab/v1/transfers``; bytes are sent as they are."""
        body = value if isinstance(value, bytes) else json.dumps(value)
        headers = {**self.headers, "Content-Type": JSON}
        return self.call("POST", f"{TRANSFERS}{path}", body, headers)

    def status(self, transfer_id, kind="single"):
        """``GET /{kind}/{id}/status``."""
        return self._transfers(f"/{kind}/{transfer_id}/status")

    def find(self, external_id, kind="single"):
        """``GET /{kind}/{external id}``."""
        return self._transfers(f"/{kind}/{quote(str(external_id), safe='')}")

    def _transfers(self, path):
        return self.call("GET", f"{TRANSFERS}{path}", None, self.headers)

    def control(self, method, path, value=None):
        """A call of the control door, value in, JSON out."""
        body = None if value is None else json.dumps(value)
        return self.call(method, f"/_fake/{quote(path, safe='/?=')}", body, {}).json

    def call(self, method, target, body, headers):
        """Any call."""
        try:
            self._connection.request(method, target, body, headers)
            response = self._connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, answer)

    def close(self):
        """Close the connection; the next call opens it again."""
        self._connection.close()
