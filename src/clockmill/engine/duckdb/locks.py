"""Locks on tables: shared for those who only add rows, exclusive for those who change them.

DuckDB lets a DELETE and an UPDATE of one row both commit and loses the update, so writers of one
table are kept apart here. Locks are granted first come, first served.
"""

# ruff: noqa: PLR0917
# PLR0917: the parts are always given together.

import threading
from collections.abc import Iterable
from typing import Final, Protocol

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import StatementCancelled, StatementFault
from clockmill.engine.duckdb.faults import LockTimeout

SHARED: Final = False
EXCLUSIVE: Final = True
WAIT_S: Final = 3600.0
"""How long a statement waits for a table before it gives up."""

_MOST_KEPT: Final = 10_000
"""Tables that are remembered. Those made and dropped again would be, too, for ever."""


class Wait(Protocol):
    def begin(self) -> None: ...
    def end(self) -> None: ...


class Deadlock(StatementFault):
    code, sqlstate = "100041", "40001"

    def __init__(self) -> None:
        super().__init__(
            "Statement aborted because it would wait for itself: a deadlock with another transaction."
        )


class _Table:
    __slots__ = ("holders", "version", "waiters")

    def __init__(self, version: int) -> None:
        self.holders: dict[object, bool] = {}
        self.waiters: list[tuple[object, bool]] = []
        self.version = version

    @property
    def is_idle(self) -> bool:
        return not self.holders and not self.waiters


class TableLocks:
    """All table locks of an engine, and how often each table was written."""

    def __init__(self, most_kept: int = _MOST_KEPT) -> None:
        self._changed = threading.Condition()
        self._tables: dict[str, _Table] = {}
        self._most_kept = most_kept
        self._forgotten = 0
        """No table that is not remembered was written later than this."""
        self.clock = 0
        """Counts the commits that wrote a table."""

    @property
    def remembered(self) -> int:
        """How many tables are remembered."""
        return len(self._tables)

    def acquire(
        self,
        owner: object,
        wanted: Iterable[tuple[str, bool]],
        cancel: CancelToken,
        *,
        waiting: Wait | None = None,
        limit_s: float = WAIT_S,
    ) -> None:
        """Give *owner* the locks *wanted*, in name order, or raise and give none of the new ones.

        Raises StatementCancelled when *cancel* fires, Deadlock, and LockTimeout after *limit_s*.
        """
        taken: list[tuple[str, bool | None]] = []
        try:
            for name, mode in sorted(wanted):
                before = self._take(owner, name, mode, cancel, waiting, limit_s)
                if before != mode:
                    taken.append((name, before))
        except BaseException:
            self._give_back(owner, taken)
            raise

    def _take(
        self, owner: object, name: str, mode: bool, cancel: CancelToken, waiting: Wait | None, limit_s: float
    ) -> bool | None:
        """Return the mode in which *owner* held *name* before."""
        with self._changed:
            table = self._tables.get(name)
            if table is None:
                table = self._tables[name] = _Table(self._forgotten)
            before = table.holders.get(owner)
            if before is not None and before >= mode:
                return mode
            if self._is_free(table, owner, mode) and not table.waiters:
                table.holders[owner] = mode
                return before
            table.waiters.append((owner, mode))
        try:
            self._wait(owner, name, mode, cancel, waiting, limit_s)
        finally:
            with self._changed:
                table.waiters.remove((owner, mode))
                self._changed.notify_all()
        return before

    def _wait(
        self, owner: object, name: str, mode: bool, cancel: CancelToken, waiting: Wait | None, limit_s: float
    ) -> None:
        table = self._tables[name]
        if waiting is not None:
            waiting.begin()
        try:
            with cancel.interrupting(self._wake), self._changed:
                if self._would_deadlock(owner):
                    raise Deadlock
                granted = self._changed.wait_for(
                    lambda: cancel.reason is not None or self._is_next(table, owner, mode), timeout=limit_s
                )
                if cancel.reason is not None:
                    raise StatementCancelled
                if not granted:
                    raise LockTimeout(f"Statement waited longer than {limit_s:g} seconds for a lock.")
                table.holders[owner] = mode
        finally:
            if waiting is not None:
                waiting.end()

    def _wake(self) -> None:
        # The canceller may hold nothing of ours; a thread of its own keeps it from waiting here.
        threading.Thread(target=self._notify, daemon=True).start()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    @staticmethod
    def _is_free(table: _Table, owner: object, mode: bool) -> bool:
        others = [held for holder, held in table.holders.items() if holder is not owner]
        return not others or (mode is SHARED and EXCLUSIVE not in others)

    def _is_next(self, table: _Table, owner: object, mode: bool) -> bool:
        if not self._is_free(table, owner, mode):
            return False
        if owner in table.holders:  # who widens its lock cannot queue behind those who wait for it
            return True
        for waiter, wanted in table.waiters:
            if waiter is owner:
                return True
            if wanted is EXCLUSIVE or mode is EXCLUSIVE:
                return False
        return True

    def _would_deadlock(self, owner: object) -> bool:
        """Say whether *owner*, now waiting, waits (over others) for itself."""
        seen: set[int] = set()
        todo = self._blockers(owner)
        while todo:
            blocker = todo.pop()
            if blocker is owner:
                return True
            if id(blocker) not in seen:
                seen.add(id(blocker))
                todo.extend(self._blockers(blocker))
        return False

    def _blockers(self, owner: object) -> list[object]:
        found: list[object] = []
        for table in self._tables.values():
            place = next((i for i, (waiter, _) in enumerate(table.waiters) if waiter is owner), None)
            if place is None:
                continue
            mode = table.waiters[place][1]
            found += [
                holder
                for holder, held in table.holders.items()
                if holder is not owner and (mode is EXCLUSIVE or held is EXCLUSIVE)
            ]
            if owner not in table.holders:
                found += [
                    waiter
                    for waiter, wanted in table.waiters[:place]
                    if waiter is not owner and (mode is EXCLUSIVE or wanted is EXCLUSIVE)
                ]
        return found

    def _give_back(self, owner: object, taken: list[tuple[str, bool | None]]) -> None:
        with self._changed:
            for name, before in taken:
                if before is None:
                    self._tables[name].holders.pop(owner, None)
                else:
                    self._tables[name].holders[owner] = before
            self._changed.notify_all()

    def release(self, owner: object, names: Iterable[str], *, written: bool) -> None:
        """Free the locks of *owner* on *names*; *written* says that it committed changes to them."""
        with self._changed:
            if written:
                self.clock += 1
            waited_for = False
            for name in names:
                table = self._tables.get(name)
                if table is None:
                    continue
                table.holders.pop(owner, None)
                waited_for = waited_for or bool(table.waiters)
                if written:
                    table.version = self.clock
            if len(self._tables) > self._most_kept:
                self._forget_oldest()
            if waited_for:
                self._changed.notify_all()

    def _forget_oldest(self) -> None:
        """Forget half of the tables that nobody uses: those that have not been written for longest."""
        idle = sorted((table.version, name) for name, table in self._tables.items() if table.is_idle)
        for version, name in idle[: (len(idle) + 1) // 2]:
            # First the bound: who asks meanwhile may take a table for younger, never for older.
            self._forgotten = max(self._forgotten, version)
            del self._tables[name]

    def version(self, name: str) -> int:
        """Return the clock's value at the last commit that wrote *name*; a later one if it was forgotten."""
        table = self._tables.get(name)
        return table.version if table else self._forgotten
