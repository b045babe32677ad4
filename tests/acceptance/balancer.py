"""A plain load balancer: every request goes to the next node, whoever sends it."""

import http.client
import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

_PATIENCE_S: Final = 110
_OF_ONE_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding"})


class Backends:
    """The nodes behind the balancer, by port. One that cannot be reached is passed over."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._lock = threading.Lock()
        self._turns = itertools.count()
        self.ports = list(ports)

    def in_turn(self) -> list[int]:
        """Return all of them, beginning with the one whose turn it is."""
        with self._lock:
            start = next(self._turns) % len(self.ports)
            return self.ports[start:] + self.ports[:start]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    backends: Backends

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        for port in self.backends.in_turn():
            backend = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
            try:
                backend.connect()
            except OSError:
                continue
            self._ask(backend, body)
            return
        self.send_error(502)

    def _ask(self, backend: http.client.HTTPConnection, body: bytes) -> None:
        try:
            backend.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                backend.putheader(name, value)
            backend.endheaders(body)
            answer = backend.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            return
        finally:
            backend.close()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OF_ONE_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815 - as the base class calls them

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
        """Say nothing."""


@contextmanager
def balancer(backends: Backends) -> Iterator[int]:
    """Give the port of a balancer before *backends*, until the block ends."""
    handler = type("Handler", (_Handler,), {"backends": backends})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
