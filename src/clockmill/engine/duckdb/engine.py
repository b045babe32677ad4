"""The engine: one DuckDB file, closed to the host, and the sessions that work in it."""

import contextlib
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import duckdb

from clockmill.core.errors import NotFound
from clockmill.engine.duckdb import markers, objects, relations
from clockmill.engine.duckdb.checkpoints import NEVER_BY_ITSELF
from clockmill.engine.duckdb.copying import HeldFile, hold
from clockmill.engine.duckdb.faults import EngineUnopened
from clockmill.engine.duckdb.macros import MACROS
from clockmill.engine.duckdb.names import PRIVATE, quote
from clockmill.engine.duckdb.objects import Column, Object
from clockmill.engine.duckdb.session import DuckDBSession
from clockmill.engine.duckdb.shared import Shared
from clockmill.engine.protocol import Relation

MAX_THREADS: Final = 4
"""More brought nothing, measured on statements of tasks."""


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
            "checkpoint_threshold": NEVER_BY_ITSELF,
        }
        if memory_limit is not None:
            settings["memory_limit"] = memory_limit
        if temp_dir is not None:
            settings["temp_directory"] = str(temp_dir)
        self._path = Path(path)
        try:
            self._connection = duckdb.connect(str(path), config=settings)
            self._connection.execute("SET TimeZone = 'UTC'")
            self._connection.execute("SET lock_configuration = true")
            self._prepare()
        except duckdb.Error as error:
            raise EngineUnopened(path, error) from error
        self._shared = Shared(self._connection, self._path)
        self._sessions: weakref.WeakSet[DuckDBSession] = weakref.WeakSet()

    def _prepare(self) -> None:
        """Make our own schema and functions. They are made anew at each start: their text is ours."""
        self._connection.execute("BEGIN")
        for statement in (*objects.DDL, *markers.DDL):
            self._connection.execute(statement)
        for head, body in MACROS.items():
            self._connection.execute(f"CREATE OR REPLACE MACRO {PRIVATE}.{head} AS {body}")
        self._connection.execute("COMMIT")

    @property
    def markers(self) -> markers.DuckDBMarkers:
        """The markers that bodies of tasks have left."""
        return self._shared.markers

    def watch_loss(self, callback: Callable[[], None]) -> None:
        """Have *callback* called when DuckDB gives up the file: it can only be opened anew."""
        self._shared.loss.on_lost = callback

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own."""
        return self._shared.connect()

    def open_session(self) -> DuckDBSession:
        session = DuckDBSession(self._shared)
        self._sessions.add(session)
        return session

    def file_id(self) -> str:
        """Return what tells this file from every other, and its copies from no other."""
        ((found,),) = self._shared.query(f"SELECT id FROM {PRIVATE}.file")
        return str(found)

    # -- namespaces

    def create_namespace(self, namespace: str) -> None:
        """Make sure that *namespace* exists."""
        self._shared.query(f"CREATE SCHEMA IF NOT EXISTS {quote(namespace)}")

    def drop_namespace(self, namespace: str) -> None:
        """Drop *namespace* and all in it, now or when no transaction uses it any more."""
        self._shared.drop_namespace(namespace)

    def namespaces(self) -> set[str]:
        """Return every namespace that exists, so that a start can clear orphans."""
        rows = self._shared.query(
            "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() "
            "AND NOT internal AND schema_name NOT IN ('main', ?)",
            (PRIVATE,),
        )
        return {name for (name,) in rows}

    # -- what SHOW and DESCRIBE ask

    def list_objects(self, namespace: str) -> list[Object]:
        """Return the tables, views and sequences in *namespace*, by name."""
        return self._shared.objects.list(namespace)

    def relations(self, namespace: str, *, counted: bool = True) -> list[Relation]:
        """Return what is in *namespace*, by name; none if it is not there.

        The rows of tables are counted only if *counted*.
        """
        return relations.relations(self._shared, namespace, counted=counted)

    def stream_has_data(self, namespace: str, name: str) -> bool:
        """Say whether anything was changed that a stream has not seen: quick, and rather true than false."""
        found = self._shared.streams.has_data(namespace, name)
        if found is None:
            raise NotFound("Stream", name)
        return found

    def watch_streams(self, callback: Callable[[frozenset[tuple[str, str]]], None]) -> None:
        """Have *callback* called after each commit with the streams that may have data by it."""
        self._shared.streams.watch(callback)

    def list_columns(self, namespace: str, name: str) -> tuple[Column, ...]:
        """Return the columns of a table or view; none where there is no such thing."""
        found = self._shared.objects.find(namespace, name)
        return found.columns if found is not None else ()

    def hold_file(self) -> contextlib.AbstractContextManager[HeldFile]:
        """Keep the file from being rewritten for the block, so that it can be copied."""
        return hold(self._shared.connect(), self._path)

    def close(self) -> None:
        """End all sessions and close the file."""
        for session in list(self._sessions):
            session.close()
        self._connection.close()
