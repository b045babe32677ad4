"""A DuckDB connection that can be stopped at any time and speaks in our errors."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import duckdb

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import StatementCancelled
from clockmill.engine.duckdb.loss import Loss
from clockmill.engine.duckdb.markers import Mark
from clockmill.engine.duckdb.translate.plan import Step

_AGAIN_S: Final = 0.02
"""An interrupt that comes just before DuckDB starts is forgotten by it: it is repeated."""


class Connection:
    """One connection, used by one thread at a time."""

    def __init__(self, raw: duckdb.DuckDBPyConnection, loss: Loss) -> None:
        self._raw = raw
        self._loss = loss
        self.is_open = False
        """Whether a transaction is open in DuckDB."""

    def query(self, step: Step, values: Sequence[Any], cancel: CancelToken) -> list[tuple[Any, ...]]:
        """Run one statement of DuckDB and return its rows."""
        with self._stoppable(cancel):
            return self._step(step, values)

    def run(
        self,
        steps: Sequence[Step],
        values: Sequence[Any],
        cancel: CancelToken,
        commit: Callable[[Callable[[], None]], None] | None = None,
        mark: Mark | None = None,
    ) -> list[list[tuple[Any, ...]]]:
        """Run *steps* in one transaction: the open one, or one of their own, ended by *commit* if given.

        One of their own writes *mark* too.
        """
        with self._stoppable(cancel):
            if self.is_open or (len(steps) == 1 and mark is None):
                return [self._step(step, values) for step in steps]
            self._raw.execute("BEGIN")
            try:
                if mark is not None:
                    mark.begin(self._raw)
                done = [self._step(step, values) for step in steps]
                (commit or _plainly)(lambda: self._commit(mark))
            except BaseException:
                self._roll_back()
                raise
            return done

    def begin(self) -> None:
        self._raw.execute("BEGIN")
        self.is_open = True

    def commit(self, cancel: CancelToken, mark: Mark | None = None) -> None:
        """Commit, *mark* included; whatever comes of it, no transaction is open then."""
        try:
            with self._stoppable(cancel):
                self._commit(mark)
        except BaseException:
            self._roll_back()
            raise
        finally:
            self.is_open = False

    def roll_back(self) -> None:
        if self.is_open:
            self.is_open = False
            self._roll_back()

    def close(self) -> None:
        self._raw.close()

    def _commit(self, mark: Mark | None) -> None:
        if mark is None:
            self._raw.execute("COMMIT")
        else:
            mark.commit(self._raw, lambda: self._commit(None))

    def _roll_back(self) -> None:
        while True:
            try:
                self._raw.execute("ROLLBACK")
            except duckdb.InterruptException:
                # Meant for what is rolled back. The transaction is still open, for whoever comes next.
                continue
            except duckdb.Error:
                # The failure may have ended the transaction already.
                return
            return

    def _step(self, step: Step, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._fetch(step.sql, [values[i] for i in step.uses] if step.uses else step.values)

    def _fetch(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        if values:
            return self._raw.execute(sql, values).fetchall()
        return self._raw.execute(sql).fetchall()

    @contextmanager
    def _stoppable(self, cancel: CancelToken) -> Iterator[None]:
        run = _Run()

        def interrupt() -> None:
            threading.Thread(target=self._interrupt_until, args=(run, run.stop()), daemon=True).start()

        try:
            with cancel.interrupting(interrupt):
                if cancel.reason is not None:
                    raise StatementCancelled
                yield
        except duckdb.InterruptException as error:
            raise StatementCancelled from error
        except duckdb.Error as error:
            if cancel.reason is not None:
                raise StatementCancelled from error
            raise self._loss.map_error(error) from error
        finally:
            run.end()

    def _interrupt_until(self, run: "_Run", ended: threading.Event) -> None:
        while run.interrupt(self._raw):
            ended.wait(_AGAIN_S)


class _Run:
    """Whether what may be stopped has ended. An event to wait for is made only for who stops it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._has_ended = False
        self._ended: threading.Event | None = None

    def stop(self) -> threading.Event:
        """Return what tells when no interrupt is needed any more."""
        self._ended = self._ended or threading.Event()
        return self._ended

    def interrupt(self, raw: duckdb.DuckDBPyConnection) -> bool:
        """Interrupt what runs; return False, and do nothing, if this has ended."""
        with self._lock:
            if not self._has_ended:
                raw.interrupt()
            return not self._has_ended

    def end(self) -> None:
        """Return when no interrupt comes any more: one too late would hit the next statement."""
        with self._lock:
            self._has_ended = True
        if self._ended is not None:
            self._ended.set()


def _plainly(commit: Callable[[], None]) -> None:
    commit()
