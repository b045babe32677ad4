"""The connectors' protocol as an ASGI application: which call it is, and an answer whatever happens."""

import re
from typing import Final

import msgspec

from clockmill.api.asgi.bodies import ClientGone, limit_body
from clockmill.api.asgi.request_id import request_id
from clockmill.api.asgi.types import Receive, Scope, Send
from clockmill.api.authentication import Authenticator
from clockmill.api.errors import MethodNotAllowed, UnknownPath
from clockmill.api.reply import Reply, send_reply
from clockmill.api.wire.answers import failure, unexpected
from clockmill.api.wire.calls import Handler, call_of
from clockmill.api.wire.sessions import SessionCalls
from clockmill.api.wire.statements import DEFAULT_WAIT_S, StatementCalls
from clockmill.core.errors import ClockmillError
from clockmill.service.signin import Signin
from clockmill.session.door import Door
from clockmill.session.queries import Queries

_MOST_OF_ANYBODY: Final = 64 * 1024
"""Bytes in the body of a call without a session: strangers get little of the server's memory."""


class Route(msgspec.Struct, frozen=True):
    """A call of the protocol: its method, its path, and who answers."""

    method: str
    path: str
    handler: Handler
    is_open: bool = False
    """It takes no session: whoever calls may be anybody."""


class WireApp:
    """Answers the paths of the connectors' protocol.

    A call waits *wait_s* seconds for its statement before it says where to ask again.
    """

    def __init__(
        self,
        *,
        signin: Signin,
        authenticator: Authenticator,
        door: Door,
        queries: Queries,
        wait_s: float = DEFAULT_WAIT_S,
    ) -> None:
        self._sessions = SessionCalls(signin=signin, authenticator=authenticator, door=door)
        self._statements = statements = StatementCalls(
            signin=signin, authenticator=authenticator, door=door, queries=queries, wait_s=wait_s
        )
        self.routes: Final = (
            Route("POST", "/session/v1/login-request", self._sessions.sign_in, is_open=True),
            Route("POST", "/session/token-request", self._sessions.renew, is_open=True),
            Route("POST", "/session/heartbeat", self._sessions.keep_alive),
            Route("POST", "/session", self._sessions.sign_out),
            Route("DELETE", "/session", self._sessions.sign_out),
            Route("POST", "/queries/v1/query-request", statements.submit),
            Route("POST", "/queries/v1/abort-request", statements.abort_request),
            Route("GET", "/queries/{query_id}/result", statements.result),
            Route("POST", "/queries/{query_id}/abort-request", statements.abort_query),
            Route("GET", "/monitoring/queries/{query_id}", statements.status),
            Route("POST", "/telemetry/send", self._sessions.take_telemetry),
        )
        self._table = [(_pattern(route.path), route) for route in self.routes]

    def close(self) -> None:
        """Begin no more work."""
        self._sessions.close()
        self._statements.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._answer(scope, receive)
        except ClockmillError as error:
            reply = failure(error, request_id(scope))
        except ClientGone:
            return
        except Exception as error:  # noqa: BLE001 - an error status would be repeated for minutes
            reply = unexpected(error, request_id(scope))
        await send_reply(reply, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        # Connector 5.x asks for /monitoring/queries//ID.
        path = re.sub("/{2,}", "/", scope["path"]).rstrip("/")
        allowed = []
        for pattern, route in self._table:
            match = pattern.fullmatch(path)
            if match and route.method == scope["method"]:
                if route.is_open:
                    limit_body(scope, _MOST_OF_ANYBODY)
                return await route.handler(call_of(scope, receive, match.groupdict()))
            if match:
                allowed.append(route.method)
        if allowed:
            raise MethodNotAllowed(scope["method"], path, tuple(allowed))
        raise UnknownPath(path)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
