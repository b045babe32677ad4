"""Which requests are another node's to answer, and how they are sent there.

Statements of clients go where the tables are, and results that are fetched later to the node that
keeps them. Whoever asks notices nothing: the answer is handed on as it comes.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from clockmill.api.asgi.bodies import ClientGone, limit_body
from clockmill.api.asgi.request_id import request_id
from clockmill.api.asgi.types import ASGIApp, Receive, Scope, Send
from clockmill.api.errors import error_reply
from clockmill.api.forwarding.connections import (
    BrokenOff,
    Connections,
    PeerAnswer,
    PeerRequest,
    Unreachable,
)
from clockmill.api.reply import send_reply
from clockmill.api.rest.handles import number_of
from clockmill.api.wire.answers import failure
from clockmill.core.errors import ClockmillError, Unavailable
from clockmill.core.node import Node, NodeState
from clockmill.service.node_directory import Directory, NodeDirectory

log = logging.getLogger(__name__)

PEER: Final = b"x-clockmill-peer"
"""Says that a node sends the request on, by what only nodes know of each other."""
CLIENT: Final = b"x-clockmill-client"
"""The address of whoever asked that node."""

_CONNECTORS: Final = ("/session", "/queries/", "/monitoring/")
_STATEMENTS: Final = "/api/v2/statements"
_RESULTS: Final = "/api/v2/results/"
_PATIENCE_S: Final = 15.0
"""How long a node that cannot be reached is tried: long enough for one to start again."""
_AGAIN_AFTER_S: Final = 0.25
_LOOK_EVERY_S: Final = 2.0
"""How often it is asked whether a node lives that takes its time."""

_MOST_OF_ANYBODY: Final = 64 * 1024
"""Bytes in the body of a call about a session: strangers get little of the server's memory."""

_OF_ONE_HOP: Final = frozenset(
    {b"connection", b"keep-alive", b"transfer-encoding", b"te", b"trailer", b"upgrade", b"proxy-connection"}
)
_NOT_SENT_ON: Final = _OF_ONE_HOP | {b"host", b"content-length", b"content-encoding", b"expect", PEER, CLIENT}


Choose = Callable[[Directory], Node | None]


class NodeAway(Unavailable):
    """The node that could answer cannot be reached."""


class SentAstray(Unavailable):
    """A node sent a request on to this one, which cannot answer it either."""

    def __init__(self) -> None:
        super().__init__("The node that has the tables has just changed. Send the request again.")


class Forwarder:
    """Stands before *app*: what another node has to answer is sent there.

    *has_engine* says whether the tables are here.
    """

    def __init__(
        self,
        directory: NodeDirectory,
        connections: Connections,
        *,
        has_engine: bool,
        monotonic: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._connections = connections
        self._has_engine = has_engine
        self._monotonic = monotonic
        self._number: int | None = None

    def close(self) -> None:
        """Close the connections to other nodes."""
        self._connections.close()

    def own_number(self) -> int | None:
        """Return the number of this node; it has one before it serves anybody."""
        if self._number is None:
            own = self._directory.own()
            self._number = None if own is None else own.number
        return self._number

    def before(self, app: ASGIApp) -> ASGIApp:
        """Return *app* for what this node answers, and the other nodes for the rest."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                is_sent_on = await self._greet_peer(scope)
                choose = await self._whose(scope)
                if choose is None:
                    await app(scope, receive, send)
                elif is_sent_on:
                    raise SentAstray
                else:
                    await self._forward(choose, scope, receive, send)
            except ClockmillError as error:
                await _tell(error, scope, send)
            except ClientGone:
                return

        return answer

    async def _whose(self, scope: Scope) -> "Choose | None":
        """Return how to find the node that has to answer, or None if this one can."""
        path: str = scope["path"]
        if path.startswith(_RESULTS):
            number = number_of(path.removeprefix(_RESULTS))
            if number in {None, self.own_number()} or _numbered(number, await self._look()) is None:
                return None
            return partial(_numbered, number)
        is_statement = path == _STATEMENTS or path.startswith((_STATEMENTS + "/", *_CONNECTORS))
        return _engine_node if is_statement and not self._has_engine else None

    # --- those who send requests on ----------------------------------------------------------

    async def _greet_peer(self, scope: Scope) -> bool:
        """Say whether a node has sent the request on; the client is then whom that node names."""
        headers = dict(scope["headers"])
        incarnation = headers.get(PEER)
        if incarnation is None:
            return False
        directory = await self._look()
        if directory.has_incarnation(incarnation.decode("latin-1")) and headers.get(CLIENT):
            scope["client"] = (headers[CLIENT].decode("latin-1"), 0)
        return True

    # --- sending on --------------------------------------------------------------------------

    async def _forward(self, choose: Choose, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/session"):
            limit_body(scope, _MOST_OF_ANYBODY)
        body = (await receive()).get("body", b"")
        request = PeerRequest(scope["method"], _target(scope), await self._headers(scope), body)
        until = self._monotonic() + _PATIENCE_S
        while True:
            node = choose(await self._look())
            try:
                async with self._asked(node, request) as answer:
                    await _hand_on(answer, send)
                return
            except BrokenOff as error:
                raise NodeAway(_broken_off(node)) from error
            except Unreachable as error:
                if self._monotonic() >= until:
                    raise NodeAway(_away(node)) from error
            # Whoever starts again is soon back; most clients would ask just as often.
            await asyncio.sleep(_AGAIN_AFTER_S)

    @asynccontextmanager
    async def _asked(self, node: Node | None, request: PeerRequest) -> AsyncIterator[PeerAnswer]:
        if node is None or node.address is None:
            raise Unreachable("nobody knows where it is")
        async with self._connections.request(node.address) as connection:
            asking = asyncio.ensure_future(connection.ask(request))
            while not (await asyncio.wait({asking}, timeout=_LOOK_EVERY_S))[0]:
                # A process that is stopped, or a machine that is cut off, keeps its connections.
                if await self._has_ended(node):
                    asking.cancel()
                    raise BrokenOff("its lease has ended")
            yield asking.result()

    async def _has_ended(self, node: Node) -> bool:
        try:
            now = (await self._look()).nodes.get(node.name)
        except Unavailable:
            return False
        return now is None or now.state is NodeState.STOPPED or now.incarnation != node.incarnation

    async def _headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        headers = [(name, value) for name, value in scope["headers"] if name not in _NOT_SENT_ON]
        own = (await self._look()).nodes.get(self._directory.node)
        headers.append((PEER, b"?" if own is None else own.incarnation.encode()))
        if scope.get("client"):
            headers.append((CLIENT, scope["client"][0].encode()))
        return headers

    async def _look(self) -> Directory:
        known = self._directory.known()
        if known is not None:
            return known
        return await asyncio.get_running_loop().run_in_executor(None, self._directory.current)


def _numbered(number: int | None, directory: Directory) -> Node | None:
    return None if number is None else directory.with_number(number)


def _engine_node(directory: Directory) -> Node | None:
    return directory.nodes.get(directory.engine_node or "")


def _away(node: Node | None) -> str:
    if node is None:
        return "No node has the tables of the account, so that no statement can be run."
    return f"Node '{node.name}', which has to answer this, cannot be reached. Try again once it is back."


def _target(scope: Scope) -> bytes:
    path: bytes = scope["raw_path"]
    return path + b"?" + scope["query_string"] if scope["query_string"] else path


def _broken_off(node: Node | None) -> str:
    name = "" if node is None else node.name
    return (
        f"Node '{name}' broke off before it answered; what was asked may have been done. "
        "Look before you send it again."
    )


class CutShort(Exception):
    """The node broke off within its answer, of which the client has a part: it gets no other."""


async def _hand_on(answer: PeerAnswer, send: Send) -> None:
    headers = [(name, value) for name, value in answer.headers if name not in _OF_ONE_HOP]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    try:
        async for piece in answer.body():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    except BrokenOff as error:
        raise CutShort from error
    await send({"type": "http.response.body", "body": b""})


async def _tell(error: ClockmillError, scope: Scope, send: Send) -> None:
    is_connector = scope["path"].startswith(_CONNECTORS)
    reply = failure(error, request_id(scope)) if is_connector else error_reply(error, request_id(scope))
    await send_reply(reply, send)
