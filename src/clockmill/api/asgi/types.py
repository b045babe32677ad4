"""The shapes of ASGI: how the server hands us a request and takes the answer."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
"""What is known of a request before its body: method, path, headers, client."""
Message = MutableMapping[str, Any]
"""A part of a request or of an answer, by ``type``."""

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
