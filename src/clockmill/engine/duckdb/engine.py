"""The engine: one DuckDB file, closed to the host, and the sessions that work in it."""

import contextlib
import logging
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any, Final

import duckdb
from sqlglot import exp

from clockmill.engine.duckdb import objects
from clockmill.engine.duckdb.locks import TableLocks
from clockmill.engine.duckdb.macros import MACROS
from clockmill.engine.duckdb.names import PRIVATE, quote, quoted
from clockmill.engine.duckdb.objects import Column, Object, Objects
from clockmill.engine.duckdb.session import DuckDBSession
from clockmill.engine.protocol import Relation

log: Final = logging.getLogger(__name__)

MAX_THREADS: Final = 4
"""More brought nothing, measured on statements of tasks."""
_CACHED: Final = 4096
"""Translations and syntax trees that are kept."""


class Cache:
    """The least recently used go first. Safe between threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, Any] = OrderedDict()

    def get(self, key: Any) -> Any:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: Any, value: Any) -> None:
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)


class DuckDBEngine:
    """Runs the account's SQL over one DuckDB file (or in memory, for tests).

    *memory_limit* is as DuckDB has it (``2GB``); *temp_dir* takes what does not fit.
    """

    def __init__(
        self,
        path: str | Path = ":memory:",
        *,
        memory_limit: str | None = None,
        temp_dir: str | Path | None = None,
        threads: int = MAX_THREADS,
    ) -> None:
        settings: dict[str, Any] = {
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "threads": str(min(threads, MAX_THREADS)),
            "preserve_insertion_order": "true",
        }
        if memory_limit is not None:
            settings["memory_limit"] = memory_limit
        if temp_dir is not None:
            settings["temp_directory"] = str(temp_dir)
        self._connection = duckdb.connect(str(path), config=settings)
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET lock_configuration = true")
        self._lock = threading.Lock()
        self._prepare()
        self.objects = Objects(self._connection)
        self.locks = TableLocks()
        self.plans = Cache(_CACHED)
        self.trees: Cache = Cache(_CACHED)
        self._sessions: set[DuckDBSession] = set()
        self._doomed: set[str] = set()

    def _prepare(self) -> None:
        """Make our own schema and functions. They are made anew at each start: their text is ours."""
        self._connection.execute("BEGIN")
        for statement in objects.DDL:
            self._connection.execute(statement)
        for head, body in MACROS.items():
            self._connection.execute(f"CREATE OR REPLACE MACRO {PRIVATE}.{head} AS {body}")
        self._connection.execute("COMMIT")

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own, for one session."""
        with self._lock:
            connection = self._connection.cursor()
        connection.execute("SELECT 1")
        return connection

    def open_session(self) -> DuckDBSession:
        session = DuckDBSession(self)
        self._sessions.add(session)
        return session

    def session_closed(self, session: DuckDBSession) -> None:
        self._sessions.discard(session)

    # -- namespaces

    def create_namespace(self, namespace: str) -> None:
        """Make sure that *namespace* exists."""
        with self._lock:
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(namespace)}")

    def drop_namespace(self, namespace: str) -> None:
        """Drop *namespace* and all in it, if it is there.

        Where an open transaction stands in the way, it goes when that ends, or at the next start.
        """
        with self.objects.committing:
            if not self._drop(namespace):
                self._doomed.add(namespace)
            self.objects.forget(namespace)

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
                self._connection.execute(f"DROP SCHEMA IF EXISTS {quote(namespace)} CASCADE")
                self._connection.execute(f"DELETE FROM {PRIVATE}.objects WHERE namespace = ?", (namespace,))
                self._connection.execute("COMMIT")
            except duckdb.Error as error:
                log.info("namespace dropped later", extra={"namespace": namespace, "why": str(error)[:200]})
                with contextlib.suppress(duckdb.Error):  # the failure may have ended the transaction
                    self._connection.execute("ROLLBACK")
                return False
        return True

    def namespaces(self) -> set[str]:
        """Return every namespace that exists, so that a start can clear orphans."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() "
                "AND NOT internal AND schema_name NOT IN ('main', ?)",
                (PRIVATE,),
            ).fetchall()
        return {name for (name,) in rows}

    # -- what SHOW and DESCRIBE ask

    def list_objects(self, namespace: str) -> list[Object]:
        """Return the tables, views and sequences in *namespace*, by name."""
        return self.objects.list(namespace)

    def relations(self, namespace: str) -> list[Relation]:
        """Return the tables, views and sequences in *namespace*, by name; none if it is not there."""
        return [self._relation(each) for each in self.objects.list(namespace)]

    def _relation(self, thing: Object) -> Relation:
        is_table = thing.kind == objects.TABLE
        return Relation(
            name=thing.name,
            kind="TRANSIENT" if thing.is_transient and is_table else thing.kind,
            owner=thing.owner,
            comment=thing.comment,
            created_on=thing.created_on,
            rows=self.count_rows(thing.namespace, thing.name) if is_table else None,
            text=thing.text,
        )

    def find_object(self, namespace: str, name: str, kind: str = objects.TABLE) -> Object | None:
        """Return the table or view (or sequence) of that name, or None."""
        return self.objects.find(namespace, name, kind)

    def list_columns(self, namespace: str, name: str) -> tuple[Column, ...]:
        """Return the columns of a table or view; none where there is no such thing."""
        found = self.objects.find(namespace, name)
        return found.columns if found is not None else ()

    def count_rows(self, namespace: str, name: str) -> int:
        """Return how many rows a table has."""
        found = self.objects.find(namespace, name)
        if found is None or found.kind != objects.TABLE:
            return 0
        with self._lock:
            row = self._connection.execute(
                f"SELECT count(*) FROM {quote(namespace)}.{quoted(name)}"
            ).fetchone()
        return int(row[0]) if row else 0

    def tree(self, sql: str) -> exp.Expr | None:
        """Return the cached syntax tree of *sql*, if there is one."""
        found: exp.Expr | None = self.trees.get(sql)
        return found

    def close(self) -> None:
        """End all sessions and close the file."""
        for session in list(self._sessions):
            session.close()
        self._connection.close()
