"""What the sessions of an engine share: the file, what is in it, its locks, and translations."""

import contextlib
import logging
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any, Final

import duckdb

from clockmill.engine.duckdb import markers
from clockmill.engine.duckdb.checkpoints import Checkpoints
from clockmill.engine.duckdb.locks import TableLocks
from clockmill.engine.duckdb.loss import Loss
from clockmill.engine.duckdb.markers import DuckDBMarkers
from clockmill.engine.duckdb.names import PRIVATE, quote
from clockmill.engine.duckdb.objects import Objects
from clockmill.engine.duckdb.streams.keeper import Keeper
from clockmill.engine.duckdb.streams.positions import Positions

log: Final = logging.getLogger(__name__)

_CACHED: Final = 4096
"""Translations and syntax trees that are kept, at most."""

_CACHED_CHARACTERS: Final = 500_000
"""Text that they were made of, together: a tree takes some hundred bytes for each character of it."""

_LONGEST_CACHED: Final = 20_000
"""Longer text is kept by nobody: it is mostly rows written out, which do not come again."""


class Cache:
    """What was made of text, bounded in number and in text. The least recently used go first.

    Safe between threads.
    """

    def __init__(self, limit: int = _CACHED, characters: int = _CACHED_CHARACTERS) -> None:
        self._limit = limit
        self._most_characters = characters
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._characters = 0

    def get(self, key: Any) -> Any:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Any, value: Any, text: str) -> None:
        """Keep *value*, which was made of *text*, unless that is very long."""
        if len(text) > _LONGEST_CACHED:
            return
        with self._lock:
            if key in self._kept:
                self._characters -= self._kept.pop(key)[1]
            self._kept[key] = (value, len(text))
            self._characters += len(text)
            while len(self._kept) > self._limit or self._characters > self._most_characters:
                self._characters -= self._kept.popitem(last=False)[1][1]


class Shared:
    """One DuckDB file as all sessions see it. Safe between threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._doomed: set[str] = set()
        self.loss = Loss()
        self.objects = Objects(connection)
        self.locks = TableLocks()
        self.positions = Positions()
        self.streams = Keeper(self.objects, self.positions, self.query)
        self.checkpoints = Checkpoints(path, self.connect, self.loss)
        self.markers = DuckDBMarkers(self.query, self.loss)
        self.plans = Cache()
        self.trees = Cache()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own, for one session."""
        with self._lock:
            connection = self._connection.cursor()
        connection.execute(markers.PREPARATION)
        return connection

    def query(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query of our own."""
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except duckdb.FatalException as error:
                self.loss.map_error(error)
                raise

    def drop_namespace(self, namespace: str) -> None:
        """Drop *namespace* and all in it, if it is there.

        Where an open transaction stands in the way, it goes when that ends, or at the next start.
        """
        with self.objects.committing:
            if not self._drop(namespace):
                self._doomed.add(namespace)
            self.objects.forget(namespace)
            self.streams.settle_all()

    def drop_doomed(self) -> None:
        """Drop the namespaces that could not be dropped before."""
        if self._doomed:
            for namespace in list(self._doomed):
                if self._drop(namespace):
                    self._doomed.discard(namespace)

    def _drop(self, namespace: str) -> bool:
        with self._lock:
            try:
                self._connection.execute("BEGIN")
                for statement in self.streams.without(namespace):
                    self._connection.execute(statement)
                self._connection.execute(f"DROP SCHEMA IF EXISTS {quote(namespace)} CASCADE")
                self._connection.execute(f"DELETE FROM {PRIVATE}.objects WHERE namespace = ?", (namespace,))
                self._connection.execute("COMMIT")
            except duckdb.Error as error:
                log.info("namespace dropped later", extra={"namespace": namespace, "why": str(error)[:200]})
                with contextlib.suppress(duckdb.Error):  # the failure may have ended the transaction
                    self._connection.execute("ROLLBACK")
                return False
        return True
