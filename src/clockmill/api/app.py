"""The HTTP server's application: what passes which guards, and who answers where."""

from collections.abc import Callable
from typing import Final

import msgspec

from clockmill.api.asgi.bodies import Bodies
from clockmill.api.asgi.hosts import AllowedHosts
from clockmill.api.asgi.request_id import RequestIds, request_id
from clockmill.api.asgi.types import ASGIApp, Receive, Scope, Send
from clockmill.api.errors import MethodNotAllowed, UnknownPath, error_reply
from clockmill.api.forwarding.forwarder import Forwarder
from clockmill.api.openapi.document import openapi_document
from clockmill.api.reply import Reply, send_reply
from clockmill.api.rest.endpoint import RestEndpoint
from clockmill.api.services import Services
from clockmill.api.settings import ApiSettings
from clockmill.api.statements.calls import StatementCalls
from clockmill.core.errors import ClockmillError

_REST: Final = "/api/"
_CONNECTORS: Final = ("/session", "/queries/", "/monitoring/", "/telemetry/")


def create_app(
    services: Services,
    settings: ApiSettings,
    *,
    connectors: ASGIApp | None = None,
    statements: StatementCalls | None = None,
    forwarder: Forwarder | None = None,
) -> "Application":
    """Return the application that serves *services*.

    *connectors* answers the paths of the connectors' protocol, *statements* those of the SQL API;
    without them they are not served. *forwarder* knows what is another node's to answer.
    """
    answerers = statements.by_operation if statements else None
    node_number = forwarder.own_number if forwarder else _no_number
    rest = RestEndpoint(services, settings, answerers, node_number)
    return Application(rest, settings, connectors, forwarder)


class Application:
    """All that is served, behind the guards that every request passes."""

    def __init__(
        self,
        rest: RestEndpoint,
        settings: ApiSettings,
        connectors: ASGIApp | None,
        forwarder: Forwarder | None = None,
    ) -> None:
        self._rest = rest
        self._connectors = connectors
        self._forwarder = forwarder
        entry = self._dispatch if forwarder is None else forwarder.before(self._dispatch)
        guarded = Bodies(entry, limit=settings.max_body_bytes, timeout_s=settings.body_timeout_s)
        self._entry = RequestIds(AllowedHosts(guarded, settings.allowed_hosts))
        self._public: dict[str, Callable[[], bytes]] = {"/health": _health, "/openapi.json": openapi_document}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._entry(scope, receive, send)
            case "lifespan":
                await self._live(receive, send)
            case other:
                raise NotImplementedError(f"nothing is served over {other}")

    async def _live(self, receive: Receive, send: Send) -> None:
        """Say that starting needs nothing, and close at the end."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                self.close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    def close(self) -> None:
        """Begin no more work, and wait for what is going on, which is short."""
        self._rest.close()
        if self._forwarder is not None:
            self._forwarder.close()

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith(_REST):
            await self._rest(scope, receive, send)
        elif self._connectors is not None and path.startswith(_CONNECTORS):
            await self._connectors(scope, receive, send)
        else:
            await send_reply(self._public_reply(scope), send)

    def _public_reply(self, scope: Scope) -> Reply:
        """Return the answer of a path that takes no credentials."""
        try:
            content = self._public.get(scope["path"])
            if content is None:
                raise UnknownPath(scope["path"])
            if scope["method"] != "GET":
                raise MethodNotAllowed(scope["method"], scope["path"], ("GET",))
            return Reply(status=200, body=content(), request_id=request_id(scope))
        except ClockmillError as error:
            return error_reply(error, request_id(scope))


def _no_number() -> None:
    """Return the number of the only node there is."""


def _health() -> bytes:
    return msgspec.json.encode({"status": "ok"})
