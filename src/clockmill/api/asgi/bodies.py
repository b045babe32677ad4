"""Receives request bodies: in time, within a limit, and decompressed."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterable
from typing import Final

from clockmill.api.asgi.types import ASGIApp, Message, Receive, Scope, Send
from clockmill.api.errors import BodyTimedOut, BodyTooLarge, BodyUnreadable, UnsupportedMediaType

_WINDOW: Final = {b"gzip": 16 + zlib.MAX_WBITS, b"x-gzip": 16 + zlib.MAX_WBITS, b"deflate": zlib.MAX_WBITS}
"""How zlib reads each encoding. The HTTP encoding «deflate» is the zlib format."""

_OWN_LIMIT: Final = "max_body_bytes"


class ClientGone(Exception):
    """The client closed the connection before its request was complete. Nobody is left to answer."""


def limit_body(scope: Scope, most: int) -> None:
    """Let the request's body have *most* bytes at most, however much others may have."""
    scope["state"][_OWN_LIMIT] = most


class Bodies:
    """Gives the application a request's whole body in its first message, decompressed.

    Nothing is read before the application asks. Then it may raise :class:`BodyTimedOut`,
    :class:`BodyTooLarge`, :class:`BodyUnreadable`, :class:`UnsupportedMediaType` or
    :class:`ClientGone` out of ``receive``.
    """

    def __init__(self, app: ASGIApp, *, limit: int, timeout_s: float) -> None:
        self._app = app
        self._limit = limit
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_read = False

        async def receive_whole() -> Message:
            nonlocal is_read
            if is_read:
                return await receive()
            is_read = True
            body = await self._receive(scope, receive)
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_whole, send)

    async def _receive(self, scope: Scope, receive: Receive) -> bytes:
        headers = dict(scope["headers"])
        encoding = _encoding(scope["headers"])
        limit = min(self._limit, scope.get("state", {}).get(_OWN_LIMIT, self._limit))
        if _length(headers) > limit:
            raise BodyTooLarge(limit)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await _collect(_decoded(encoding, _chunks(receive), limit), limit)
        except TimeoutError as error:
            raise BodyTimedOut(self._timeout_s) from error


def _encoding(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return how the body is encoded; headers that come twice say that it is so twice."""
    return b", ".join(value.strip().lower() for name, value in headers if name == b"content-encoding")


def _length(headers: dict[bytes, bytes]) -> int:
    declared = headers.get(b"content-length", b"")
    return int(declared) if declared.isdigit() else 0


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def _collect(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(limit)
    return bytes(body)


def _decoded(encoding: bytes, chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    if encoding in {b"", b"identity"}:
        return chunks
    if encoding not in _WINDOW:
        raise UnsupportedMediaType(
            "Content-Encoding", encoding.decode("latin-1"), "gzip, deflate or identity"
        )
    return _inflated(chunks, _WINDOW[encoding], limit)


async def _inflated(chunks: AsyncIterator[bytes], window: int, limit: int) -> AsyncIterator[bytes]:
    """Inflate *chunks*, never more than one byte beyond *limit* from one of them."""
    inflater = zlib.decompressobj(window)
    is_empty = True
    async for chunk in chunks:
        is_empty = is_empty and not chunk
        try:
            yield inflater.decompress(chunk, limit + 1)
        except zlib.error as error:
            raise BodyUnreadable("The request body is not in the encoding its header names.") from error
        if inflater.unused_data:
            raise BodyUnreadable("The request body goes on after its compressed data.")
    # Some clients name an encoding on requests that have no body at all.
    if not inflater.eof and not is_empty:
        raise BodyUnreadable("The compressed request body is not complete.")
