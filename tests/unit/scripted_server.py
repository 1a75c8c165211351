"""An HTTP server on loopback that gives the answers it was told to, in order.

For answers no bank would give on purpose; for a bank that thinks, see ``fake_tbc``.
"""

import contextlib
import json
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DROP = object()
TOKEN = (200, {}, {"access_token": "token-of-the-script", "expires_in": 3600})


class Drip:
    """The bytes of a whole answer, one at a time, ``pause`` seconds between two."""

    def __init__(self, answer, pause, *, at_once=0):
        self.answer, self.pause, self.at_once = answer, pause, at_once

    def write(self, wire):
        with contextlib.suppress(OSError):  # the client has hung up
            wire.write(self.answer[: self.at_once])
            for place in range(self.at_once, len(self.answer)):
                time.sleep(self.pause)
                wire.write(self.answer[place : place + 1])


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = self.server
        server.requests.append((self.command, self.path, dict(self.headers), body))
        answer = server.answers.pop(0)
        if callable(answer):
            answer = answer()
        if answer is DROP:
            self.close_connection = True
            return
        if isinstance(answer, Drip):
            self.close_connection = True
            answer.write(self.wfile)
            return
        status, headers, body = answer
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": len(body)} | headers).items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)
        # Whoever promised more than the body has must hang up for it to be noticed.
        self.close_connection = "Content-Length" in headers

    do_POST = do_CONNECT = do_GET

    def log_message(self, *arguments):
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def server_bind(self):
        # Without the name look-up of HTTPServer.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]


@contextlib.contextmanager
def scripted(*answers):
    """Serve ``answers``: (status, headers, body), ``DROP``, a ``Drip``, or a function of
    one.

    Yields the server, which has ``url`` and ``requests``, a list of (method, path,
    headers, body). Asking more often than there are answers drops the connection.
    """
    server = _Server(("127.0.0.1", 0), _Connection)
    server.answers, server.requests = [*answers, *[DROP] * 9], []
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.001,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
