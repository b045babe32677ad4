"""Keeping logs and positions in order: at the start, after DDL, and after each commit that touched them."""

# S608: SQL of ours, made of names of ours.

import logging
from collections.abc import Callable, Iterable
from typing import Any, Final

import duckdb
import msgspec

from clockmill.engine.duckdb.names import PRIVATE, literal
from clockmill.engine.duckdb.objects import STREAM, Object, Objects, Stream, insertion, removal
from clockmill.engine.duckdb.streams.commits import Commit
from clockmill.engine.duckdb.streams.faults import BaseDropped
from clockmill.engine.duckdb.streams.log import INSERTED, KINDS, MARK, PLACE, end_tracking, log_name
from clockmill.engine.duckdb.streams.positions import Logged, Position, Positions, Watcher
from clockmill.engine.duckdb.translate.plan import Step

log: Final = logging.getLogger(__name__)

Query = Callable[..., list[tuple[Any, ...]]]


class Keeper:
    """The streams of an engine, as committed. Safe between threads."""

    def __init__(self, objects: Objects, positions: Positions, query: Query) -> None:
        self._objects = objects
        self._positions = positions
        self._query = query
        self._watchers: list[Watcher] = []
        self._sweep()
        found = self._read()
        self._positions.load(found, {each: self._logged(each) for each in self._logs(found)})

    def _read(self) -> list[Position]:
        rows = self._query(f"SELECT id, tracking, batch, is_initial FROM {PRIVATE}.offsets")
        return [Position(*row) for row in rows]

    def _logs(self, positions: Iterable[Position]) -> set[str]:
        trackings = {each.tracking for each in positions}
        return {each for each in trackings if self._objects.tracked(each) is not None}

    def _logged(self, tracking: str) -> Logged:
        rows = self._query(
            f"SELECT max({PLACE}) // {KINDS}, "
            f"max({PLACE}) FILTER (WHERE {PLACE} % {KINDS} = {INSERTED}) // {KINDS} "
            f"FROM {log_name(tracking)} WHERE {MARK} IS NULL"
        )
        last, inserted = rows[0]
        return Logged(last or 0, inserted or 0)

    def _sweep(self) -> None:
        """Take away what a namespace that was dropped has left: logs and offsets without an owner.

        A table of another namespace whose last stream went with it is tracked no more.
        """
        rows = self._query(f"SELECT table_name FROM duckdb_tables() WHERE schema_name = '{PRIVATE}'")
        logs = (name for (name,) in rows if name.startswith("log_"))
        for tracking in (name.removeprefix("log_") for name in logs):
            table = self._objects.tracked(tracking)
            if table is None:
                self._query(f"DROP TABLE {log_name(tracking)}")
            elif not self._objects.streams_on(tracking):
                self._untrack(table)
        known = {each.id for each in self._objects.streams()}
        for position in self._read():
            if position.id not in known:
                self._query(f"DELETE FROM {PRIVATE}.offsets WHERE id = {literal(position.id)}")

    def _untrack(self, table: Object) -> None:
        untracked = msgspec.structs.replace(table, tracking=None)
        steps = [*end_tracking(table), Step(*removal(table)), Step(*insertion(untracked))]
        self._query("BEGIN")
        for step in steps:
            self._query(step.sql, step.values)
        self._query("COMMIT")
        self._objects.committed([untracked], [table])

    def settle(self, added: Iterable[Object], dropped: Iterable[Object]) -> None:
        """Take over from the file which streams there are, if DDL that is committed has changed that."""
        if any(thing.kind == STREAM for thing in (*added, *dropped)):
            self.settle_all()

    def settle_all(self) -> None:
        self._positions.settle(self._read())

    def has_data(self, namespace: str, name: str) -> bool | None:
        """Say whether the stream may have data, or raise that it is stale; None if there is none."""
        thing = self._objects.find(namespace, name)
        if thing is None or thing.stream is None:
            return None
        if self._objects.tracked(thing.stream.tracking) is None:
            raise BaseDropped(thing.stream.base, name)
        if self.is_stale(thing.stream):
            raise BaseDropped(thing.stream.source, name, "view")
        return self._may_have_data(thing)

    def is_stale(self, stream: Stream) -> bool:
        """Say whether what *stream* was made on is gone."""
        made = stream.view
        if made is not None:
            view = self._objects.find(made.namespace, made.name)
            if view is None or view.created_on != made.created_on:
                return True
        return self._objects.tracked(stream.tracking) is None

    def _may_have_data(self, thing: Object) -> bool:
        stream = thing.stream
        return stream is not None and self._positions.has_data(stream.id, only_inserts=stream.is_append_only)

    def without(self, namespace: str) -> list[str]:
        """Return the statements that take away what is kept for the streams and tables of a namespace."""
        things = self._objects.list(namespace)
        logs = [log_name(thing.tracking) for thing in things if thing.tracking is not None]
        streams = [literal(thing.stream.id) for thing in things if thing.stream is not None]
        return [
            *(f"DROP TABLE IF EXISTS {each}" for each in logs),
            *(f"DELETE FROM {PRIVATE}.offsets WHERE id = {each}" for each in streams),
        ]

    # -- after a commit

    def watch(self, callback: Watcher) -> None:
        self._watchers.append(callback)

    def committed(self, commit: Commit) -> None:
        """Take out of the logs what nobody needs any more, and tell whoever watches of what is new."""
        for position in commit.moved:
            self._prune(position)
        for tracking in commit.logged:
            if not self._objects.streams_on(tracking):  # its last one went with its schema
                self._delete(tracking, "true")
        if commit.logged:
            self.tell(thing for tracking in commit.logged for thing in self._objects.streams_on(tracking))

    def tell(self, streams: Iterable[Object]) -> None:
        """Tell the watchers of those of *streams* that may have data."""
        if not self._watchers:
            return
        names = frozenset(thing.key for thing in streams if self._may_have_data(thing))
        for callback in self._watchers if names else ():
            try:
                callback(names)
            except Exception:  # what was committed is committed, whatever becomes of who is told
                log.exception("watcher of streams failed")

    def _prune(self, moved: Position) -> None:
        """Take out of a log what everybody has passed, and the first rows of the stream that has moved."""
        if self._objects.tracked(moved.tracking) is None:
            return
        passed = KINDS * (self._positions.passed(moved.tracking) + 1)
        seen = f"{MARK} IS NULL AND {PLACE} < {passed}"
        if not self._positions.is_initial(moved.id):
            seen = f"({seen}) OR {MARK} = {literal(moved.id)}"
        self._delete(moved.tracking, seen)

    def _delete(self, tracking: str, condition: str) -> None:
        try:
            self._query(f"DELETE FROM {log_name(tracking)} WHERE {condition}")
        except duckdb.Error as error:
            # Somebody prunes or changes it at the same time: the next who consumes will do it.
            log.info("change log pruned later", extra={"why": type(error).__name__})
