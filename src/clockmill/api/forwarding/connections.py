"""HTTP/1.1 to other nodes: connections that are kept, one request at a time on each.

It speaks to servers of ours only, so it knows no redirects, cookies, proxies or encodings: the
answer's head and body are handed on as they come.
"""

import asyncio
import contextlib
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httptools

_CONNECT_S: Final = 3.0
_SILENCE_S: Final = 150.0
"""How long a node may take before it says something: longer than anybody waits for a statement."""

_IDLE_S: Final = 30.0
"""After which a kept connection is not used again: well before the other end would close it."""

_MOST_IDLE: Final = 32
_CHUNK: Final = 65_536

Header = tuple[bytes, bytes]


class Unreachable(Exception):
    """No connection can be made: nothing was sent."""


class BrokenOff(Exception):
    """The connection ended, or fell silent, before the answer was complete."""


class PeerRequest(NamedTuple):
    """A request as it is sent on. *target* is the path, with its query, as it came."""

    method: str
    target: bytes
    headers: Iterable[Header]
    body: bytes


class PeerAnswer:
    """The answer of a node: its head at once, its body as it comes."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self.status = 0
        self.headers: list[Header] = []

    async def body(self) -> AsyncIterator[bytes]:
        """Give the pieces of the body as they arrive; raises BrokenOff."""
        async for piece in self._connection.pieces():
            yield piece


class Connection:
    """One connection. It is also what the parser calls back."""

    def __init__(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host = host
        self._reader = reader
        self._writer = writer
        self._begin()
        self.idle_since = 0.0

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._headers: list[Header] = []
        self._has_head = False
        self.is_done = False

    # --- what the parser tells ---------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._has_head = True

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        self.is_done = True

    # --- a request and its answer ------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return not self._reader.at_eof() and not self._writer.is_closing()

    @property
    def may_be_kept(self) -> bool:
        return self.is_done and self.is_open and bool(self._parser.should_keep_alive())

    async def ask(self, request: PeerRequest) -> PeerAnswer:
        """Send *request* and return the answer once its head is here; raises BrokenOff."""
        self._begin()
        answer = PeerAnswer(self)
        try:
            self._writer.write(_head(request, self._host) + request.body)
            await self._writer.drain()
            while not self._has_head:
                await self._receive()
        except OSError as error:
            raise BrokenOff(str(error)) from error
        answer.status = self._parser.get_status_code()
        answer.headers = self._headers
        return answer

    async def pieces(self) -> AsyncIterator[bytes]:
        while True:
            pieces, self._pieces = self._pieces, []
            for piece in pieces:
                yield piece
            if self.is_done:
                return
            try:
                await self._receive()
            except OSError as error:
                raise BrokenOff(str(error)) from error

    async def _receive(self) -> None:
        try:
            async with asyncio.timeout(_SILENCE_S):
                data = await self._reader.read(_CHUNK)
        except TimeoutError as error:
            raise BrokenOff(f"it has said nothing for {_SILENCE_S:g} seconds") from error
        if not data:
            raise BrokenOff("it closed the connection")
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise BrokenOff(f"its answer is no HTTP: {error}") from error

    def close(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.close()


class Connections:
    """Connections to other nodes, by address. To be used on one event loop."""

    def __init__(self, monotonic: Callable[[], float], tls: ssl.SSLContext | None = None) -> None:
        """*tls* is what connections to ``https`` addresses are checked by (None: the system's)."""
        self._monotonic = monotonic
        self._tls = tls
        self._idle: defaultdict[str, list[Connection]] = defaultdict(list)

    @contextlib.asynccontextmanager
    async def request(self, address: str) -> AsyncIterator["Connection"]:
        """Give a connection to the node at *address* for one request; raises Unreachable.

        It is kept for the next one if the answer was received to its end.
        """
        connection = self._take(address) or await self._connect(address)
        try:
            yield connection
        finally:
            self._put_back(address, connection)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        idle, self._idle = self._idle, defaultdict(list)
        for connection in (each for several in idle.values() for each in several):
            connection.close()

    def _take(self, address: str) -> Connection | None:
        idle = self._idle[address]
        oldest = self._monotonic() - _IDLE_S
        while idle:
            connection = idle.pop()
            if connection.is_open and connection.idle_since >= oldest:
                return connection
            connection.close()
        return None

    def _put_back(self, address: str, connection: Connection) -> None:
        if connection.may_be_kept and len(self._idle[address]) < _MOST_IDLE:
            connection.idle_since = self._monotonic()
            self._idle[address].append(connection)
        else:
            connection.close()

    async def _connect(self, address: str) -> Connection:
        parts = urlsplit(address)
        is_tls = parts.scheme == "https"
        tls = (self._tls or ssl.create_default_context()) if is_tls else None
        try:
            async with asyncio.timeout(_CONNECT_S):
                return Connection(
                    parts.netloc,
                    *await asyncio.open_connection(
                        parts.hostname, parts.port or (443 if is_tls else 80), ssl=tls, limit=_CHUNK
                    ),
                )
        except (OSError, TimeoutError) as error:
            raise Unreachable(str(error) or "it does not answer") from error


def _head(request: PeerRequest, host: str) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.target), b"host: " + host.encode()]
    lines += [name + b": " + value for name, value in request.headers]
    lines.append(b"content-length: %d" % len(request.body))
    return b"\r\n".join(lines) + b"\r\n\r\n"
