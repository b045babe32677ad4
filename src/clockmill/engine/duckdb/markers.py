"""Completion markers in the engine's file: beside the data, in a schema that no statement can name."""

# S608: SQL of ours, made of names of ours.

import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any, Final

import duckdb

from clockmill.core.errors import ClockmillError, InternalFault
from clockmill.engine.completion import BodyKey, Completion, Marker
from clockmill.engine.duckdb.loss import Loss
from clockmill.engine.duckdb.names import PRIVATE, literal

_TABLE: Final = f"{PRIVATE}.markers"
_SINCE: Final = f"{PRIVATE}.marking"

# Each column of a table costs every body some hundredths of a millisecond, so there are but two:
# whose marker it is, as run and task, and a note. None says that all is done.
DDL: Final = (
    f"CREATE TABLE IF NOT EXISTS {_TABLE} (body VARCHAR PRIMARY KEY, note VARCHAR)",
    f"CREATE TABLE IF NOT EXISTS {_SINCE} (since TIMESTAMP NOT NULL)",
)

_PART: Final = "part"
_RETURNED: Final = "="
"""Begins the note of a body that is done and has set a return value, which follows."""

_RUN: Final = "regexp_extract(body, '^(.*?/[0-9]+)/', 1)"
"""The run in the name of a body."""

_INSERTION: Final = f"INSERT INTO {_TABLE} VALUES (?, ?)"
PREPARATION: Final = f"PREPARE leave_marker AS {_INSERTION}"
"""Makes a connection ready for markers: prepared, one costs a body a fifth of a millisecond less."""

_FORGOTTEN_AT_ONCE: Final = 500
"""Runs whose markers are taken away in one transaction: some milliseconds."""

Query = Callable[..., list[tuple[Any, ...]]]


class DuckDBMarkers:
    """The markers of an engine; see :class:`clockmill.engine.completion.Markers`. Safe between threads.

    *query* runs a statement of ours in a transaction of its own.
    """

    def __init__(self, query: Query, loss: Loss) -> None:
        self._ask = query
        self._loss = loss
        self._lock = threading.Lock()
        self._runs = {_run(*row) for row in query(f"SELECT DISTINCT {_RUN} FROM {_TABLE}")}

    # --- from when on ----------------------------------------------------------------------------

    @property
    def since(self) -> datetime | None:
        """From when on every body was marked; None if they are not."""
        rows = self._query(f"SELECT since FROM {_SINCE}")
        return rows[0][0].replace(tzinfo=UTC) if rows else None

    def keep_from(self, now: datetime | None) -> None:
        """Take note that bodies are marked from *now* on, if they were not before; None: not any more."""
        if now is None:
            self._query(f"DELETE FROM {_SINCE}")
        elif self.since is None:
            self._query(f"INSERT INTO {_SINCE} VALUES (?)", (now.astimezone(UTC).replace(tzinfo=None),))

    # --- with the transaction of a body ----------------------------------------------------------

    def write(self, raw: duckdb.DuckDBPyConnection, completion: Completion) -> None:
        """Write the marker in the open transaction of *raw*; raises AlreadyRun if there is one."""
        note = _note(completion.marker())
        # A NULL without a type would have DuckDB plan anew what it has prepared.
        values = f"{literal(_name(completion.key))}, {'NULL::VARCHAR' if note is None else literal(note)}"
        try:
            raw.execute(f"EXECUTE leave_marker({values})")
        except duckdb.ConstraintException as error:
            raise completion.meet() from error
        self._note(completion.key)

    def _note(self, key: BodyKey) -> None:
        with self._lock:
            self._runs.add((key.group_id, key.attempt))

    # --- by themselves ---------------------------------------------------------------------------

    def find(self, key: BodyKey) -> Marker | None:
        """Return what the body has left, None if nothing of it is committed."""
        rows = self._query(f"SELECT note FROM {_TABLE} WHERE body = ?", (_name(key),))
        return _marker(*rows[0]) if rows else None

    def begin(self, completion: Completion) -> None:
        """Leave word that a part of the body may be done from now on, unless that is done.

        Raises AlreadyRun.
        """
        completion.check()
        with completion.committing() as is_first:
            if is_first:
                self._begin(completion)

    def _begin(self, completion: Completion) -> None:
        key = completion.key
        try:
            self._ask(_INSERTION, (_name(key), _PART))
        except duckdb.Error as error:
            if self.find(key) is not None:
                raise completion.meet() from error
            raise self._fault(error) from error
        self._note(key)

    def complete(self, key: BodyKey, return_value: str | None) -> None:
        """Leave word that all of a body is done that had left word of a part."""
        note = _note(Marker(is_complete=True, return_value=return_value))
        self._query(f"UPDATE {_TABLE} SET note = ? WHERE body = ?", (note, _name(key)))

    def clear(self, key: BodyKey) -> None:
        """Forget that a part of the body was done: it begins anew. A complete one stays."""
        self._query(f"DELETE FROM {_TABLE} WHERE body = ? AND note = ?", (_name(key), _PART))

    def _query(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._ask(sql, values)
        except duckdb.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: duckdb.Error) -> ClockmillError:
        fault = self._loss.map_error(error)
        return fault if isinstance(fault, ClockmillError) else InternalFault()

    # --- of runs that are closed -----------------------------------------------------------------

    def runs(self) -> set[tuple[str, int]]:
        """Return the runs, by group id and attempt, whose bodies have left markers."""
        with self._lock:
            return set(self._runs)

    def runs_among(self, runs: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Return those of *runs* whose bodies have left markers."""
        with self._lock:
            return self._runs.intersection(runs)

    def forget(self, runs: Collection[tuple[str, int]]) -> None:
        """Take away the markers of *runs*."""
        gone = list(runs)
        for place in range(0, len(gone), _FORGOTTEN_AT_ONCE):
            self._forget(gone[place : place + _FORGOTTEN_AT_ONCE])

    def _forget(self, runs: list[tuple[str, int]]) -> None:
        places = ", ".join("?" * len(runs))
        names = tuple(f"{group_id}/{attempt}" for group_id, attempt in runs)
        self._query(f"DELETE FROM {_TABLE} WHERE {_RUN} IN ({places})", names)
        with self._lock:
            self._runs.difference_update(runs)


class Mark:
    """The marker that a transaction has to write if it is the first of its body."""

    def __init__(self, markers: DuckDBMarkers, completion: Completion) -> None:
        self._markers = markers
        self._completion = completion
        self._is_written = False

    def begin(self, raw: duckdb.DuckDBPyConnection) -> None:
        """Write it first of all if it is known to be this transaction's; raises AlreadyRun."""
        self._is_written = self._completion.is_whole
        if self._is_written:
            self._markers.write(raw, self._completion)

    def commit(self, raw: duckdb.DuckDBPyConnection, commit: Callable[[], None]) -> None:
        """Write it if nobody has yet, and commit; raises AlreadyRun."""
        with self._completion.committing() as is_first:
            if is_first and not self._is_written:
                self._markers.write(raw, self._completion)
            commit()

    def look_again(self) -> None:
        """Raise AlreadyRun if it was for the marker of another execution that the commit has failed."""
        if self._markers.find(self._completion.key) is not None:
            raise self._completion.meet()


def _name(key: BodyKey) -> str:
    return f"{key.group_id}/{key.attempt}/{key.task_id}"


def _run(name: str) -> tuple[str, int]:
    group_id, _, attempt = name.rpartition("/")
    return group_id, int(attempt)


def _note(marker: Marker) -> str | None:
    if not marker.is_complete:
        return _PART
    return None if marker.return_value is None else _RETURNED + marker.return_value


def _marker(note: str | None) -> Marker:
    if note == _PART:
        return Marker(is_complete=False)
    return Marker(is_complete=True, return_value=None if note is None else note.removeprefix(_RETURNED))
