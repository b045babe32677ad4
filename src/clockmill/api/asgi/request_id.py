"""Gives every request an id of its own, and the answer the same."""

import uuid
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-snowflake-request-id"


class RequestIds:
    """Puts an unguessable id into ``scope["state"]["request_id"]`` and into the answer's headers.

    An answer that has the header already keeps it: a stored result is sent as it was.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                if not any(name == HEADER for name, _ in headers):
                    message["headers"] = [*headers, (HEADER, request_id.encode())]
            await send(message)

        await self._app(scope, receive, send_with_id)


def request_id(scope: Scope) -> str:
    """Return the id of the request."""
    return cast("str", scope["state"]["request_id"])
