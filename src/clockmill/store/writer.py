"""The writer: one connection, and turns at it. Whoever has the turn commits all that waits, together.

A thread that waits for its own piece takes the turn itself, so a lone write costs no hop between
threads; what nobody waits for is done by a thread of the writer's.
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection

from clockmill.core.errors import ClockmillError, InternalFault, Unavailable
from clockmill.store.backend import WriteLink

T = TypeVar("T")
log = logging.getLogger(__name__)

MAX_GROUP: Final = 1000
"""Pieces of one commit. More would make the first wait too long for the last."""


class Pending(Generic[T]):
    """A piece of work whose submitter waits for it, and does it along with others' if nobody else has."""

    __slots__ = ("_error", "_value", "_writer", "is_done", "is_shared", "work")

    def __init__(self, writer: "Writer", work: Callable[[Connection], T], *, is_shared: bool) -> None:
        self._writer = writer
        self.work = work
        self.is_shared = is_shared
        self.is_done = False
        self._value: Any = None
        self._error: Exception | None = None

    def exception(self) -> Exception | None:
        """Return what it failed with, once that is known, or None once it is durable."""
        self._writer.see_done(self)
        return self._error

    def result(self) -> T:
        """Return what it gave once that is durable, or raise what it failed with."""
        error = self.exception()
        if error is not None:
            raise error
        value: T = self._value
        return value

    def is_wanted(self) -> bool:
        return True

    def resolve(self, value: Any) -> None:
        self._value, self.is_done = value, True

    def fail(self, error: Exception) -> None:
        self._error, self.is_done = error, True


class _Promised:
    """A piece of work that nobody may be waiting for: its future tells how it went."""

    def __init__(self, work: Callable[[Connection], Any], future: "Future[Any]", *, is_shared: bool) -> None:
        self.work = work
        self.is_shared = is_shared
        self._future = future

    @property
    def is_done(self) -> bool:
        return self._future.done()

    def is_wanted(self) -> bool:
        return self._future.set_running_or_notify_cancel()

    def resolve(self, value: Any) -> None:
        self._future.set_result(value)

    def fail(self, error: Exception) -> None:
        self._future.set_exception(error)


_Piece = Pending[Any] | _Promised


class _TransactionLost(Exception):
    """The database gave up the whole transaction, so every piece of the group is undone."""


class Writer:
    """Runs pieces of work in the order they came, and tells how they went after the commit."""

    def __init__(self, link: WriteLink) -> None:
        self._link = link
        self._waiting: deque[_Piece] = deque()
        self._gate = threading.Lock()
        self._is_closed = False
        self._turn = threading.Lock()
        self._leader: int | None = None
        self._calls: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, work: Callable[[Connection], T], *, shared: bool = False) -> "Future[T]":
        """Queue *work*, to be done soon. Raises Unavailable once the writer is closed."""
        future: Future[T] = Future()
        self._queue(_Promised(work, future, is_shared=shared))
        self._call()
        return future

    def enqueue(self, work: Callable[[Connection], T], *, shared: bool = False) -> Pending[T]:
        """Queue *work*, to be done at the latest when its result is asked for. May raise as submit does."""
        pending = Pending(self, work, is_shared=shared)
        self._queue(pending)
        return pending

    def see_done(self, piece: Pending[Any]) -> None:
        """Return when *piece* has been done, by whoever has the turn."""
        while not piece.is_done:
            self.refuse_inside()
            with self._turn:
                # Whoever had the turn before has probably done this one too.
                if not piece.is_done:
                    self._lead()

    def refuse_inside(self) -> None:
        """Raise if called by a piece of work: waiting for its own commit it would never end."""
        if self._leader == threading.get_ident():
            raise RuntimeError("a write inside a write: hand over the transaction instead")

    def close(self) -> None:
        """Finish what is queued, then close the connection."""
        with self._gate:
            if self._is_closed:
                return
            self._is_closed = True
        self._calls.put(False)
        if self._thread is not None:
            self._thread.join()
        with self._turn:
            while self._waiting:
                self._lead()
            self._link.close()

    def _queue(self, piece: _Piece) -> None:
        with self._gate:
            if self._is_closed:
                raise Unavailable("The store is closed: the server is stopping. Nothing was changed.")
            self._waiting.append(piece)

    def _call(self) -> None:
        """Let the writer's thread do what waits; there is none before it is needed."""
        with self._gate:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
                self._thread.start()
        self._calls.put(True)

    def _serve(self) -> None:
        while self._calls.get():
            with self._turn:
                if self._waiting:
                    self._lead()

    def _lead(self) -> None:
        """Do what waits. The caller has the turn."""
        count = min(len(self._waiting), MAX_GROUP)
        group = [self._waiting.popleft() for _ in range(count)]
        self._leader = threading.get_ident()
        try:
            self._write(group)
        except BaseException:
            # The thread is being stopped, and the others of the group would wait for ever.
            self._fail([piece for piece in group if not piece.is_done], InternalFault())
            raise
        finally:
            self._leader = None

    def _write(self, group: list[_Piece]) -> None:
        """Run *group* in one transaction and tell everybody how it went."""
        wanted = [piece for piece in group if piece.is_wanted()]
        if not wanted:
            return
        try:
            # One piece that must be alone keeps others out for its whole group.
            self._link.begin(shared=all(piece.is_shared for piece in wanted))
            outcomes = self._run_pieces(wanted)
        except Exception as error:  # noqa: BLE001 - the pieces carry it to whoever waits
            self._fail(wanted, self._nothing_done(error))
            return
        try:
            if any(not isinstance(outcome, _Failure) for outcome in outcomes):
                self._link.commit()
            else:
                self._link.rollback()
        except Exception as error:  # noqa: BLE001 - the same
            self._fail(wanted, self._commit_failed(error))
            return
        for piece, outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, _Failure):
                piece.fail(outcome.error)
            else:
                piece.resolve(outcome)

    def _run_pieces(self, pieces: list[_Piece]) -> list[Any]:
        if len(pieces) == 1:
            # Alone it needs no savepoint: undoing it is undoing everything.
            return [self._run_alone(pieces[0])]
        return [self._run_piece(piece) for piece in pieces]

    def _run_alone(self, piece: _Piece) -> Any:
        try:
            return piece.work(self._link.tx)
        except Exception as error:  # noqa: BLE001 - the same
            return _Failure(self._link.explain(error) or error)

    def _run_piece(self, piece: _Piece) -> Any:
        self._link.begin_piece()
        try:
            result = piece.work(self._link.tx)
        except Exception as error:
            if not self._link.is_open:
                raise _TransactionLost from error
            self._link.undo_piece()
            return _Failure(self._link.explain(error) or error)
        self._link.keep_piece()
        return result

    def _fail(self, pieces: list[_Piece], error: ClockmillError) -> None:
        try:
            self._link.rollback()
        except Exception:
            log.exception("rollback failed")
        for piece in pieces:
            piece.fail(error)

    def _nothing_done(self, error: Exception) -> ClockmillError:
        cause = error.__cause__ if isinstance(error, _TransactionLost) else error
        unavailable = self._link.explain(cause) if isinstance(cause, Exception) else None
        _log_refusal("write group refused", error, unavailable)
        return unavailable or Unavailable(
            "The store cannot be written right now. Nothing was changed; try again."
        )

    def _commit_failed(self, error: Exception) -> ClockmillError:
        unavailable = self._link.explain(error) if self._link.is_undone(error) else None
        _log_refusal("commit failed", error, unavailable)
        return unavailable or InternalFault()


def _log_refusal(event: str, error: Exception, known: Unavailable | None) -> None:
    """Log the whole of a surprise; a full disk or a server that is down is told in a line each time."""
    if known is None:
        log.error(event, exc_info=error)
    else:
        log.error(event, extra={"error": known.message})


class _Failure(NamedTuple):
    error: Exception
