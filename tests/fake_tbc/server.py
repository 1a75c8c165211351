"""HTTP/1.1 on the loopback interface, one thread for each connection, each answer in
one write.
"""

import contextlib
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import control, routes
from .exchange import Call, Reply

_LARGEST_BODY = 16 << 20


class Server(ThreadingHTTPServer):
    """Serves one bank, in a thread of its own, as soon as it is made.
    :param bank: asked for every answer.
    :param int port: 0 for any free one.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, bank, port):
        self.bank = bank
        self._open, self._open_lock = set(), threading.Lock()
        self._ending = False
        super().__init__(("127.0.0.1", port), Connection)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def server_bind(self):
        """Bind without the name look-up that ``HTTPServer`` makes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address

    def get_request(self):
        """Accept, and remember the connection so that it can be closed when the bank
        stops.
        """
        connection, address = super().get_request()
        with self._open_lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request):
        """Close and forget a connection."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end(self):
        """Stop listening, and end the connections that clients keep alive."""
        self._ending = True
        with contextlib.suppress(OSError):
            socket.create_connection(self.server_address).close()
        self._thread.join()
        self.server_close()
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        """Until the end. ``serve_forever`` looks now and then whether it should stop,
        which many banks in one run of tests would pay for; this one is woken.
        """
        while not self._ending:
            with contextlib.suppress(OSError):  # the client was faster
                connection, address = self.get_request()
                if self._ending:
                    self.shutdown_request(connection)
                else:
                    self.process_request(connection, address)

    def handle_error(self, request, client_address):
        """A client that goes away is no error; anything else is a fault of ours and is
        shown.
        """
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Connection(BaseHTTPRequestHandler):
    """Reads the requests of one connection and writes the answers."""

    protocol_version = "HTTP/1.1"
    server_version = "FakeTbc"
    disable_nagle_algorithm = True

    def exchange(self):
        """Answer one request."""
        body = self._body()
        if body is None:
            self._send(Reply(status=411, body=b"", close=True))
            return
        call = Call.read(self.command, self.path, self.headers, body)
        ours = call.path.startswith("/_fake")
        bank = self.server.bank
        self._send(control.answer(bank, call) if ours else routes.answer(bank, call))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = exchange

    def log_message(self, format, *arguments):
        """Only on request (``verbose``), and without the query."""
        if self.server.bank.verbose:
            path = getattr(self, "path", "").partition("?")[0]
            sys.stderr.write(f"{self.command} {path} {arguments[1]}\n")

    def _body(self):
        length = self.headers.get("Content-Length", "0")
        if (
            "Transfer-Encoding" in self.headers
            or not length.isdigit()
            or int(length) > _LARGEST_BODY
        ):
            return None
        return self.rfile.read(int(length))

    def _send(self, reply):
        if reply.dropped:
            self.close_connection = True
            return
        self.close_connection = self.close_connection or reply.close
        self.log_message("", "", reply.status)
        if reply.stream is None:
            body = reply.payload()
            self.wfile.write(self._head(reply, len(body)) + body)
            return
        self.wfile.write(self._head(reply, None))
        for piece in reply.stream:
            self.wfile.write(
                piece
                if reply.declared is not None
                else b"%x\r\n%b\r\n" % (len(piece), piece)
            )
        if reply.declared is None:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, reply, length):
        headers = {
            "Content-Type": reply.content_type,
            "Date": self.date_time_string(),
            **reply.headers,
        }
        length = length if reply.declared is None else reply.declared
        if length is None:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = length
        if self.close_connection:
            headers["Connection"] = "close"
        reason = self.responses.get(reply.status, ("",))[0]
        lines = [
            f"HTTP/1.1 {reply.status} {reason}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
