"""Remembers what was read of identities, until somebody, in any process, changes one."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from clockmill.store.account import identity_version
from clockmill.store.database import Store, Transaction

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class IdentityCache(Generic[K, V]):
    """Values by key, loaded when asked for, of which the least used are dropped."""

    def __init__(self, store: Store, limit: int = 10_000) -> None:
        self._store = store
        self._limit = limit
        self._lock = threading.Lock()
        self._values: OrderedDict[K, V] = OrderedDict()
        self._seen_data = -1
        self._seen_identities = -1
        self._generation = 0

    def get(self, key: K, load: Callable[[Transaction], V]) -> V:
        """Return the value of *key* as of now. What *load* raises is not remembered."""
        self._refresh()
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            generation = self._generation
        with self._store.read() as tx:
            value = load(tx)
        self._remember(key, value, generation)
        return value

    def replace(self, key: K, old: V, new: V) -> bool:
        """Remember *new* for *key* if *old* is what is remembered; return whether it was."""
        with self._lock:
            if self._values.get(key) is not old:
                return False
            self._values[key] = new
            return True

    def forget(self, key: K) -> None:
        """Drop the value of *key*, which this process has just changed in the store."""
        with self._lock:
            self._generation += 1
            self._values.pop(key, None)

    def _refresh(self) -> None:
        """Drop everything if an identity was changed since the last look."""
        # Read before the identities are: a commit in between only makes us look once more.
        data = self._store.data_version()
        if data == self._seen_data:
            return
        with self._store.read() as tx:
            identities = identity_version(tx)
        with self._lock:
            if identities != self._seen_identities:
                self._generation += 1
                self._values.clear()
            self._seen_identities = identities
            self._seen_data = data

    def _remember(self, key: K, value: V, generation: int) -> None:
        with self._lock:
            # Something changed while we were reading: our value may be the old one.
            if generation != self._generation:
                return
            self._values[key] = value
            if len(self._values) > self._limit:
                self._values.popitem(last=False)
