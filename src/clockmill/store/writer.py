"""The writer: one thread that owns the write connection and commits what waits together."""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection

from clockmill.core.errors import ClockmillError, InternalFault, Unavailable
from clockmill.store.sqlite import as_unavailable, primary_code

T = TypeVar("T")
log = logging.getLogger(__name__)

_COMMIT_UNDONE: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL}
"""Failures of COMMIT after which SQLite surely kept nothing."""

MAX_GROUP: Final = 1000
"""Pieces of one commit. More would make the first wait too long for the last."""


class Link(Protocol):
    """A connection that can group pieces of work into one transaction."""

    tx: Connection

    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def begin_piece(self) -> None: ...
    def keep_piece(self) -> None: ...
    def undo_piece(self) -> None: ...
    @property
    def is_open(self) -> bool: ...
    def close(self) -> None: ...


class _Piece(NamedTuple):
    work: Callable[[Connection], Any]
    future: "Future[Any]"


class _TransactionLost(Exception):
    """The database gave up the whole transaction, so every piece of the group is undone."""


class Writer:
    """Runs pieces of work in order, and resolves their futures after the commit."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._queue: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T]) -> "Future[T]":
        """Queue *work*. Raises Unavailable once the writer is closed."""
        future: Future[T] = Future()
        with self._gate:
            if self._is_closed:
                raise Unavailable("The store is closed: the server is stopping. Nothing was changed.")
            self._queue.put(_Piece(work, future))
        return future

    def refuse_own_thread(self) -> None:
        """Raise if called by a piece of work: waiting for itself it would never end."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write inside a write: hand over the transaction instead")

    def close(self) -> None:
        """Finish what is queued, then close the connection."""
        with self._gate:
            if self._is_closed:
                return
            self._is_closed = True
            self._queue.put(None)
        self._thread.join()
        self._link.close()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group, is_last = self._gather(first)
            self._write(group)
            if is_last:
                return

    def _gather(self, first: _Piece) -> tuple[list[_Piece], bool]:
        """Return what is waiting, and whether the writer has been closed behind it."""
        group = [first]
        while len(group) < MAX_GROUP:
            try:
                piece = self._queue.get_nowait()
            except queue.Empty:
                break
            if piece is None:
                return group, True
            group.append(piece)
        return group, False

    def _write(self, group: list[_Piece]) -> None:
        """Run *group* in one transaction and tell everybody how it went. Never raises."""
        wanted = [piece for piece in group if piece.future.set_running_or_notify_cancel()]
        if not wanted:
            return
        try:
            self._link.begin()
            outcomes = self._run_pieces(wanted)
        except Exception as error:  # noqa: BLE001 - the futures carry it to whoever waits
            self._fail(wanted, _nothing_done(error))
            return
        try:
            if any(not isinstance(outcome, _Failure) for outcome in outcomes):
                self._link.commit()
            else:
                self._link.rollback()
        except Exception as error:  # noqa: BLE001 - the same
            self._fail(wanted, _commit_failed(error))
            return
        for piece, outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, _Failure):
                piece.future.set_exception(outcome.error)
            else:
                piece.future.set_result(outcome)

    def _run_pieces(self, pieces: list[_Piece]) -> list[Any]:
        if len(pieces) == 1:
            # Alone it needs no savepoint: undoing it is undoing everything.
            return [self._run_alone(pieces[0])]
        return [self._run_piece(piece) for piece in pieces]

    def _run_alone(self, piece: _Piece) -> Any:
        try:
            return piece.work(self._link.tx)
        except Exception as error:  # noqa: BLE001 - the same
            return _Failure(as_unavailable(error) or error)

    def _run_piece(self, piece: _Piece) -> Any:
        self._link.begin_piece()
        try:
            result = piece.work(self._link.tx)
        except Exception as error:
            if not self._link.is_open:
                raise _TransactionLost from error
            self._link.undo_piece()
            return _Failure(as_unavailable(error) or error)
        self._link.keep_piece()
        return result

    def _fail(self, pieces: list[_Piece], error: ClockmillError) -> None:
        try:
            self._link.rollback()
        except Exception:
            log.exception("rollback failed")
        for piece in pieces:
            piece.future.set_exception(error)


class _Failure(NamedTuple):
    error: Exception


def _nothing_done(error: Exception) -> ClockmillError:
    log.error("write group refused", exc_info=error)
    cause = error.__cause__ if isinstance(error, _TransactionLost) else error
    unavailable = as_unavailable(cause) if isinstance(cause, Exception) else None
    return unavailable or Unavailable(
        "The store cannot be written right now. Nothing was changed; try again."
    )


def _commit_failed(error: Exception) -> ClockmillError:
    log.error("commit failed", exc_info=error)
    # After a failed sync nobody knows what the disk holds: saying «nothing was done» could be a lie.
    if primary_code(error) in _COMMIT_UNDONE:
        return as_unavailable(error) or InternalFault()
    return InternalFault()
