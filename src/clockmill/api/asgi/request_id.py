"""Gives every request an id of its own; answers carry it (:func:`clockmill.api.reply.send_reply`)."""

import uuid
from typing import cast

from clockmill.api.asgi.types import ASGIApp, Receive, Scope, Send


class RequestIds:
    """Puts an unguessable id into ``scope["state"]["request_id"]``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["request_id"] = str(uuid.uuid4())
        await self._app(scope, receive, send)


def request_id(scope: Scope) -> str:
    """Return the id of the request."""
    return cast("str", scope["state"]["request_id"])
