"""A connector's call as the handlers see it, and how its body is read."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from clockmill.api.asgi.request_id import request_id
from clockmill.api.asgi.types import Receive, Scope
from clockmill.api.reply import Reply
from clockmill.core.errors import InvalidRequest

T = TypeVar("T")


class MalformedBody(InvalidRequest):
    """The body of a connector's call does not have the form that the call takes."""

    code, sqlstate = "390400", "08001"

    def __init__(self, why: str) -> None:
        super().__init__(f"The request body is not what this call takes: {why}.")


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call. *path_arguments* are the parts of the path that are not fixed."""

    headers: Mapping[bytes, bytes]
    query: Mapping[str, str]
    path_arguments: Mapping[str, str]
    address: str | None
    request_id: str
    """The id under which the server knows this call; not what the connector calls a request id."""
    receive: Receive

    async def read(self, form: type[T]) -> T:
        """Return the body as *form*. No body is an empty object."""
        body = (await self.receive()).get("body", b"")
        try:
            return msgspec.json.decode(body or b"{}", type=form)
        except msgspec.DecodeError as error:
            raise MalformedBody(str(error)) from error
        except RecursionError as error:
            raise MalformedBody("it is nested too deeply") from error


Handler = Callable[[Call], Awaitable[Reply]]


def call_of(scope: Scope, receive: Receive, path_arguments: Mapping[str, str]) -> Call:
    """Return the call that an HTTP request makes."""
    client = scope.get("client")
    return Call(
        headers=dict(scope["headers"]),
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        path_arguments=path_arguments,
        address=client[0] if client else None,
        request_id=request_id(scope),
        receive=receive,
    )
