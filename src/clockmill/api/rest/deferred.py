"""Answers that come later: work that outlasts the wait, and pages of long listings.

Everything here happens on the event loop, so nothing is locked.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from clockmill.api.errors import ResultNotFound
from clockmill.api.reply import JSON, Reply
from clockmill.api.rest.handles import is_handle, new_handle
from clockmill.api.rest.paging import page_of
from clockmill.core.caller import Caller
from clockmill.core.errors import InvalidRequest, Unavailable


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a 202. The service has been seen to spell the handle in either way."""

    code: str = "392604"
    message: str = (
        "Request execution in progress. Use the provided location header or result handler ID "
        "to perform query monitoring and management."
    )
    result_handler_camel: str = msgspec.field(name="resultHandler")
    result_handler: str


class _Entry(msgspec.Struct, kw_only=True):
    """Work that somebody may ask for: going on, or done with its answer."""

    user: str
    role: str
    future: "asyncio.Future[Reply]"
    expires_at: float | None = None
    size: int = 0


class DeferredResults:
    """Keeps work in progress and answers, for those who asked for them, within bounds.

    Finished answers go when they are old, or the oldest first when there are too many. Work in
    progress stays; when it alone fills the place, new work is refused before it is begun.
    """

    def __init__(
        self,
        *,
        max_entries: int,
        max_bytes: int,
        lifetime_s: float,
        monotonic: Callable[[], float],
        node_number: Callable[[], int | None] = lambda: None,
    ) -> None:
        """*node_number* gives the number of this node, for the handles, where there may be others."""
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._lifetime_s = lifetime_s
        self._monotonic = monotonic
        self._node_number = node_number
        self._running: dict[str, _Entry] = {}
        self._finished: OrderedDict[str, _Entry] = OrderedDict()
        self._bytes = 0

    def check_room(self) -> None:
        """Raise Unavailable if so much is going on that no more can be kept track of."""
        if len(self._running) >= self._max_entries:
            raise Unavailable("Too many requests are in progress. Nothing was done; try again later.")

    def keep(self, future: "asyncio.Future[Reply]", caller: Caller) -> str:
        """Keep the answer that *future* has or will have, for *caller*, and return its handle."""
        handle = new_handle(self._node_number())
        entry = _Entry(user=caller.user, role=caller.role, future=future)
        self._running[handle] = entry
        if future.done():
            self._finish(handle)
        else:
            future.add_done_callback(lambda _: self._finish(handle))
        return handle

    def keep_reply(self, reply: Reply, caller: Caller) -> str:
        """Keep a finished answer, for *caller*, and return its handle."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        future.set_result(reply)
        return self.keep(future, caller)

    async def fetch(self, handle: str, caller: Caller, *, page: int, wait_s: float) -> Reply | None:
        """Return the answer under *handle*, or None if it is not there within *wait_s*.

        Raises InvalidRequest for what is no handle or page, ResultNotFound for a handle that is
        unknown, too old, or not the caller's.
        """
        if not is_handle(handle):
            raise InvalidRequest(f"Invalid resultHandler: {handle}")
        self._drop_old()
        entry = self._running.get(handle) or self._finished.get(handle)
        if entry is None or (entry.user, entry.role) != (caller.user, caller.role):
            raise ResultNotFound(handle)
        done, _ = await asyncio.wait({entry.future}, timeout=wait_s)
        return page_of(entry.future.result(), handle, page) if done else None

    def _finish(self, handle: str) -> None:
        entry = self._running.pop(handle)
        if entry.future.cancelled():
            return
        entry.size = entry.future.result().size
        entry.expires_at = self._monotonic() + self._lifetime_s
        self._finished[handle] = entry
        self._bytes += entry.size
        self._drop_old()

    def _drop_old(self) -> None:
        now = self._monotonic()
        while self._finished:
            oldest = next(iter(self._finished.values()))
            is_old = oldest.expires_at is not None and oldest.expires_at <= now
            # The latest answer is kept even if it alone is too large: its asker is about to fetch it.
            is_too_much = len(self._finished) > 1 and (
                len(self._finished) > self._max_entries or self._bytes > self._max_bytes
            )
            if not (is_old or is_too_much):
                return
            self._finished.popitem(last=False)
            self._bytes -= oldest.size


def accepted_reply(handle: str, request_id: str) -> Reply:
    """Return the answer that says where the result will be."""
    body = Accepted(result_handler_camel=handle, result_handler=handle)
    return Reply(
        status=202,
        body=msgspec.json.encode(body),
        request_id=request_id,
        headers=(JSON, (b"location", f"/api/v2/results/{handle}".encode())),
    )
