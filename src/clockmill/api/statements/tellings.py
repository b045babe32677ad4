"""How results are to be told: what a request has asked for that later requests do not repeat."""

import threading
from collections import OrderedDict
from typing import Final

import msgspec

from clockmill.session.queries import RunningQuery

_MOST_KEPT: Final = 10_000


class Telling(msgspec.Struct, frozen=True):
    """When a request began, in milliseconds since 1970, and how its NULLs are written."""

    created_on: int | None = None
    nulls_as_text: bool = False


_PLAIN: Final = Telling()


class Tellings:
    """What is remembered of requests by the handles of all their statements, the newest of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Telling] = OrderedDict()

    def get(self, handle: str) -> Telling:
        """Return what is known of *handle*: for one that came by another door, nothing special."""
        return self._kept.get(handle, _PLAIN)

    def follow(self, running: RunningQuery, telling: Telling) -> None:
        """Remember *telling* for *running*, and for each of its statements once it is done.

        A repetition of the request changes nothing.
        """
        if running.id in self._kept:
            return
        self._keep(running.id, telling)

        def keep_children() -> None:
            for child in running.answer.children if running.answer else ():
                self._keep(child.query_id, telling)

        running.when_done(keep_children)

    def _keep(self, handle: str, telling: Telling) -> None:
        with self._lock:
            self._kept[handle] = telling
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
