"""An explicit transaction: what it has written, and how that outlives a failed statement.

DuckDB ends a transaction at an error and keeps the snapshot of its first read; the language does
neither. So the writes are remembered, and done again in a fresh transaction where that must give
the same: they depend on nothing random, and nobody wrote meanwhile what they had read.
"""

# ruff: noqa: ARG002
# ARG002: rules share a signature.

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import ClockmillError, StatementCancelled
from clockmill.engine.duckdb.connection import Connection
from clockmill.engine.duckdb.faults import Conflict, TransactionLost
from clockmill.engine.duckdb.locks import TableLocks, Wait
from clockmill.engine.duckdb.markers import Mark
from clockmill.engine.duckdb.streams.commits import Commit, done_by, settled
from clockmill.engine.duckdb.streams.faults import Overtaken
from clockmill.engine.duckdb.streams.positions import Positions
from clockmill.engine.duckdb.translate.plan import Plan

_REFRESHED: Final = 50
"""Writes that are done again merely to read what others committed meanwhile."""


class _Written(msgspec.Struct, frozen=True):
    plan: Plan
    values: list[Any]
    at: int
    """The locks' clock when it ran."""


class Transaction:
    """The open transaction of a session. It holds its tables' locks to its end."""

    def __init__(self, connection: Connection, locks: TableLocks, positions: Positions) -> None:
        self._connection = connection
        self._locks = locks
        self._positions = positions
        self._reading = positions.begin()
        self._done = Commit()
        self._log: list[_Written] = []
        self._held: set[str] = set()
        self._snapshot = 0
        self._loss: str | None = None

    def lock(self, wanted: Sequence[tuple[str, bool]], cancel: CancelToken, waiting: Wait | None) -> None:
        self._check()
        self._locks.acquire(self, wanted, cancel, waiting=waiting)
        self._held.update(name for name, _ in wanted)

    def read(self, plan: Plan, values: list[Any], cancel: CancelToken) -> list[tuple[Any, ...]]:
        """Run a query. Before the first write it stands alone and sees what is committed by then."""
        self._check()
        if self._connection.is_open and self._is_stale(plan.reads) and len(self._log) <= _REFRESHED:
            self._again(cancel)
        values = settled(plan, values, self._positions, self._reading)
        try:
            return self._connection.query(plan.steps[0], values, cancel)
        except BaseException:
            self._keep(cancel)
            raise

    def write(self, plan: Plan, values: list[Any], cancel: CancelToken) -> list[list[tuple[Any, ...]]]:
        """Run a statement that changes tables whose locks are held."""
        self._check()
        for stream in plan.consumes:
            if self._reading.is_overtaken(stream):
                raise Overtaken
        values = settled(plan, values, self._positions, self._reading)
        if not self._connection.is_open:
            self._open()
        elif self._is_stale(plan.reads | {name for name, _ in plan.locks}) and not self._again(cancel):
            self._lose("another transaction wrote a table that this one goes on to change")
            self._check()
        try:
            done = self._connection.run(plan.steps, values, cancel)
        except Conflict as conflict:
            self._keep(cancel)
            raise TransactionLost(
                "Statement aborted: another transaction changed the same rows."
            ) from conflict
        except BaseException:
            self._keep(cancel)
            raise
        self._log.append(_Written(plan, values, self._locks.clock))
        self._done = self._done.then(done_by(plan, values, done, self._reading))
        return done

    def commit(self, cancel: CancelToken, mark: Mark | None = None) -> Commit:
        """Make the transaction's writes lasting, and free its locks; return what it means for streams.

        *mark* is written with them. Raises AlreadyRun.
        """
        written = False
        try:
            self._check()
            if self._connection.is_open:
                self._connection.commit(cancel, mark)
                written = True
                self._positions.publish(self._done.logged, self._done.moved)
        except Conflict as conflict:
            if mark is not None:
                mark.look_again()
            raise TransactionLost("Transaction aborted: another one changed the same rows.") from conflict
        finally:
            self._connection.roll_back()
            self._free(written=written)
        return self._done if written else Commit()

    def roll_back(self) -> None:
        self._connection.roll_back()
        self._free(written=False)

    def _free(self, *, written: bool) -> None:
        self._reading.close()
        changed = {name for entry in self._log for name, _ in entry.plan.locks}
        self._locks.release(self, self._held - changed, written=False)
        self._locks.release(self, changed, written=written)
        self._held.clear()
        self._log.clear()

    # -- keeping what was done

    def _open(self) -> None:
        # Read before BEGIN: a commit in between makes us look older than we are, never younger.
        self._snapshot = self._locks.clock
        self._connection.begin()

    def _is_stale(self, names: frozenset[str] | set[str]) -> bool:
        return any(self._locks.version(name) > self._snapshot for name in names)

    def _can_repeat(self) -> bool:
        return all(
            entry.plan.is_deterministic
            and all(self._locks.version(name) <= entry.at for name in entry.plan.reads)
            for entry in self._log
        )

    def _again(self, cancel: CancelToken) -> bool:
        """Do everything again in a fresh transaction; return False, having done nothing, if one must not."""
        if not self._can_repeat():
            return False
        self._connection.roll_back()
        self._open()
        try:
            for entry in self._log:
                self._connection.run(entry.plan.steps, entry.values, cancel)
        except (ClockmillError, Conflict) as error:
            self._connection.roll_back()
            self._lose("its earlier statements could not be repeated")
            if isinstance(error, StatementCancelled):
                raise
            self._check()
        return True

    def _keep(self, cancel: CancelToken) -> None:
        """After a failed statement, which has ended DuckDB's transaction, get the earlier work back."""
        self._connection.roll_back()
        if not self._log:
            return
        if not self._can_repeat():
            self._lose("its earlier statements cannot be repeated with the same result")
            return
        try:
            self._again(CancelToken())
        except ClockmillError:
            return

    def _lose(self, why: str) -> None:
        self._connection.roll_back()
        self._loss = why

    def _check(self) -> None:
        if self._loss is not None:
            raise TransactionLost(
                f"The open transaction was rolled back: after a failed statement {self._loss}. "
                "Nothing of it was kept; end it with ROLLBACK and begin again."
            )
