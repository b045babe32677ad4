"""Long listings: the first page is the answer, the rest waits under a result handle."""

from collections.abc import Sequence
from typing import Any

import msgspec

from clockmill.api.reply import JSON, Reply
from clockmill.core.errors import InvalidRequest


def listing_reply(rows: Sequence[Any], page_size: int, request_id: str) -> Reply:
    """Return the answer with *rows*: whole, or as pages of at most *page_size*."""
    encode = msgspec.json.encode
    if len(rows) <= page_size:
        return Reply(status=200, body=encode(rows), request_id=request_id)
    pages = tuple(encode(rows[start : start + page_size]) for start in range(0, len(rows), page_size))
    return Reply(status=200, body=pages[0], pages=pages, request_id=request_id)


def page_of(reply: Reply, handle: str, page: int) -> Reply:
    """Return page *page* of *reply*, with links to its siblings if there are any."""
    count = len(reply.pages) or 1
    if page >= count:
        raise InvalidRequest(f"Not a valid page: {page}. Result {handle} has {count} page(s), from 0.")
    if not reply.pages:
        return reply
    return Reply(
        status=reply.status,
        body=reply.pages[page],
        request_id=reply.request_id,
        headers=(JSON, (b"link", _links(handle, page, count).encode())),
    )


def _links(handle: str, page: int, count: int) -> str:
    """Return the Link header of a page. No blank after a comma: the official client splits there."""
    pages = {"first": 0, "prev": page - 1, "next": page + 1, "last": count - 1}
    return ",".join(
        f'</api/v2/results/{handle}?page={number}>; rel="{relation}"'
        for relation, number in pages.items()
        if 0 <= number < count
    )
