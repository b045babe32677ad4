"""Remembers what was read from the store for as long as nobody, in any process, commits.

There is no list of what makes a value stale, and so none to forget: :meth:`Store.data_version`
changes with every commit, the command line's in another process too, and then everything is
dropped. It pays where the same things are read again and again between two commits, and costs
next to nothing where they are not.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from clockmill.store.database import Store, Transaction

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LIMIT: Final = 4_096
"""Values kept. When there are more, all are dropped: the next commit would do so anyway."""


class SnapshotCache(Generic[K, V]):
    """Immutable values by key, each as it is in the newest snapshot. Any thread may use it."""

    def __init__(self, store: Store, limit: int = LIMIT) -> None:
        self._store = store
        self._limit = limit
        self._lock = threading.Lock()
        self._version = -1
        self._values: dict[K, V] = {}

    def get(self, key: K, load: Callable[[Transaction], V]) -> V:
        """Return the value of *key* as of now. What *load* raises is not remembered."""
        # Asked before reading: a commit in between makes our value newer than the version it is
        # kept under, and the next one to ask drops it.
        version = self._store.data_version()
        values = self._values_of(version)
        try:
            return values[key]
        except KeyError:
            pass
        with self._store.read() as tx:
            value = load(tx)
        # Into the dictionary of that version, which nobody looks into any more if there is a later one.
        if len(values) >= self._limit:
            values.clear()
        values[key] = value
        return value

    def _values_of(self, version: int) -> dict[K, V]:
        with self._lock:
            if version != self._version:
                self._version, self._values = version, {}
            return self._values
