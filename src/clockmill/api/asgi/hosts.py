"""Refuses requests that name another host: a page in a browser must not reach a local server."""

import re
from collections.abc import Sequence
from typing import Final

from clockmill.api.asgi.request_id import request_id
from clockmill.api.asgi.types import ASGIApp, Receive, Scope, Send
from clockmill.api.errors import HostRefused, error_reply
from clockmill.api.reply import send_reply

_HOST: Final = re.compile(r"(?:\[(?P<address>[0-9a-fA-F:.]+)\]|(?P<name>[^\s:/@\[\]]+))(?::[0-9]*)?")


class AllowedHosts:
    """Answers 400 unless the Host header names one of *hosts* (names without a port)."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._any = "*" in hosts
        self._names = frozenset(host.lower() for host in hosts)
        self._suffixes = tuple(host[1:].lower() for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not (self._any or self._allows(scope)):
            await send_reply(error_reply(HostRefused(), request_id(scope)), send)
            return
        await self._app(scope, receive, send)

    def _allows(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"host"]
        if len(given) != 1:
            return False
        name = host_name(given[0].decode("latin-1"))
        return name in self._names or bool(self._suffixes and name.endswith(self._suffixes))


def host_name(header: str) -> str:
    """Return the host of a Host header: lower case, without port, brackets and trailing dot.

    A header in any other form names nobody: the answer is empty.

    >>> host_name("[::1]:8700"), host_name("LocalHost:8700")
    ('::1', 'localhost')
    """
    match = _HOST.fullmatch(header)
    return (match["address"] or match["name"]).rstrip(".").lower() if match else ""
