"""An answer before it is sent: a plain value, so that it can be kept and sent again."""

from typing import Final

import msgspec

from clockmill.api.asgi.types import Send

Header = tuple[bytes, bytes]

JSON: Final[Header] = (b"content-type", b"application/json")


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """Status, headers and body of an answer.

    *pages* are the bodies of all pages of a listing that takes more than one; *body* is the
    first of them then. *request_id* is that of the request which asked for it.
    """

    status: int
    body: bytes
    request_id: str
    headers: tuple[Header, ...] = (JSON,)
    pages: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that keeping this answer takes, roughly."""
        return sum(map(len, self.pages)) or len(self.body)


async def send_reply(reply: Reply, send: Send) -> None:
    """Send *reply*, under the id of the request it belongs to."""
    headers = [
        *reply.headers,
        (b"content-length", b"%d" % len(reply.body)),
        (b"x-snowflake-request-id", reply.request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
