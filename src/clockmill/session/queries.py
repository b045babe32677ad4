"""Statements that clients wait for, come back to, or give up: each runs in a thread of its own."""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from clockmill.clock import Clock
from clockmill.core.caller import Caller
from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.errors import ClockmillError, InternalFault, StatementCancelled, Unavailable
from clockmill.session.answer import Answer
from clockmill.session.request import Bindings
from clockmill.session.results import ResultGone
from clockmill.session.session import Session

_MOST_THREADS: Final = 256
_MOST_WAITING: Final = 10_000
_KEPT_FOR: Final = timedelta(hours=1)
_MOST_KEPT: Final = 2_000
_MOST_CELLS: Final = 4_000_000
"""Cells that the answers of finished statements hold together before the oldest are forgotten."""


class QueryRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request of a client. *request_id* is the same when it is only a repetition."""

    sql: str
    bindings: Bindings = msgspec.field(default_factory=dict)
    parameters: Mapping[str, Any] = msgspec.field(default_factory=dict)
    request_id: str | None = None
    describe_only: bool = False
    is_async: bool = False
    statement_count: int | None = None
    asker: Hashable = None
    """Who repeats a request, where that is not the session: one that lives for the request alone."""
    ends_session: bool = False
    """The session was opened for this request, and ends with it."""

    def key(self, session: Session) -> "tuple[Hashable, str] | None":
        """Return what a repetition of this request has in common with it; None if it has no id."""
        if self.request_id is None:
            return None
        return (session.state.session_id if self.asker is None else self.asker, self.request_id)


class RunningQuery:
    """A request under way or done. *answer* or *error* is set once it is done."""

    def __init__(self, query_id: str, session: Session, request: QueryRequest, now: datetime) -> None:
        self.id = query_id
        self.session = session
        self.request = request
        self.user = session.state.user
        self.role = session.state.context.role
        self.started_at = now
        self.completed_at: datetime | None = None
        self.cancel = CancelToken()
        self.answer: Answer | None = None
        self.error: ClockmillError | None = None
        self._finished: Future[None] = Future()

    @property
    def is_done(self) -> bool:
        return self._finished.done()

    @property
    def status(self) -> str:
        """RUNNING, SUCCESS, FAILED_WITH_ERROR or ABORTED, as monitoring names them."""
        if not self.is_done:
            return "RUNNING"
        if self.error is None:
            return "SUCCESS"
        return "ABORTED" if isinstance(self.error, StatementCancelled) else "FAILED_WITH_ERROR"

    @property
    def cells(self) -> int:
        """How many cells the answer holds, which is what keeping it costs."""
        if self.answer is None:
            return 1
        result = self.answer.result
        return (len(result.rows) + 1) * max(1, len(result.columns))

    def outcome(self) -> Answer:
        """Return the answer of a query that is done, or raise its error."""
        if self.error is not None:
            raise self.error
        if self.answer is None:
            raise ResultGone(self.id)
        return self.answer

    def run(self, clock: Clock) -> None:
        """Run the request to its end in the calling thread. Never raises."""
        request = self.request
        try:
            if self.cancel.reason is not None:
                raise StatementCancelled
            self.answer = self.session.execute(
                request.sql,
                bindings=request.bindings,
                parameters=request.parameters,
                query_id=self.id,
                describe_only=request.describe_only,
                cancel=self.cancel,
                statement_count=request.statement_count,
                detached=request.is_async,
            )
        except ClockmillError as error:
            self.error = error
        finally:
            if self.answer is None and self.error is None:
                self.error = InternalFault()
            if request.ends_session:
                # Before anybody is told: what it held is free by then.
                self.session.close()
            self.completed_at = clock.now()
            self._finished.set_result(None)

    def when_done(self, tell: Callable[[], None]) -> None:
        """Call *tell* once it is done, in its thread, or at once if it is: it must be quick."""
        self._finished.add_done_callback(lambda _: tell())

    def wait(self, timeout_s: float | None) -> bool:
        """Wait until it is done, at most *timeout_s*; say whether it is."""
        return bool(wait([self._finished], timeout_s).done)


class Queries:
    """The requests of all clients, by query id and by request id."""

    def __init__(self, clock: Clock, *, most_threads: int = _MOST_THREADS) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(most_threads, thread_name_prefix="query")
        self._by_id: OrderedDict[str, RunningQuery] = OrderedDict()
        self._by_request: dict[tuple[Hashable, str], RunningQuery] = {}
        self._cells = 0
        self._running = 0
        self._is_closed = False

    def submit(self, session: Session, request: QueryRequest) -> RunningQuery:
        """Start *request* in *session*, or return the one that was started for it before.

        Raises Unavailable, having done nothing, when too many requests wait or the server stops.
        """
        with self._lock:
            key = request.key(session)
            known = None if key is None else self._by_request.get(key)
            if known is not None:
                return known
            if self._is_closed or self._running >= _MOST_WAITING:
                raise Unavailable("The server cannot take the statement now. Send it again later.")
            query = RunningQuery(str(uuid.uuid4()), session, request, self._clock.now())
            self._by_id[query.id] = query
            if key is not None:
                self._by_request[key] = query
            self._running += 1
            self._threads.submit(self._run, query)
        return query

    def wait(self, query: RunningQuery, timeout_s: float | None) -> bool:
        """Wait until *query* is done, at most *timeout_s* seconds; say whether it is."""
        return query.wait(timeout_s)

    def get(self, query_id: str, caller: Caller) -> RunningQuery:
        """Return the query, or raise ResultGone if it is not kept or not the caller's."""
        query = self._by_id.get(query_id)
        if query is None or (query.user, query.role) != (caller.user, caller.role):
            raise ResultGone(query_id)
        return query

    def abort(self, caller: Caller, *, query_id: str | None = None, request_id: str | None = None) -> bool:
        """Cancel the query of this id, or of this request id in the caller's session.

        Says whether there was one of the caller's that still ran.
        """
        with self._lock:
            query = self._by_id.get(query_id) if query_id else None
            if query is None and request_id:
                query = self._by_request.get((caller.session_id, request_id))
        if query is None or query.user != caller.user or query.is_done:
            return False
        query.cancel.cancel(CancelReason.USER)
        return True

    def close(self, timeout_s: float = 0.0) -> None:
        """Take nothing more, give what runs *timeout_s* seconds, then cancel it and wait for its end."""
        with self._lock:
            self._is_closed = True
            running = [query for query in self._by_id.values() if not query.is_done]
        until = self._clock.monotonic() + timeout_s
        for query in running:
            query.wait(max(0.0, until - self._clock.monotonic()))
        for query in running:
            query.cancel.cancel(CancelReason.SHUTDOWN)
        self._threads.shutdown(wait=True)

    # --- keeping -------------------------------------------------------------------------------

    def _run(self, query: RunningQuery) -> None:
        query.run(self._clock)
        with self._lock:
            self._running -= 1
            self._cells += query.cells
            self._forget_old(self._clock.now() - _KEPT_FOR)

    def _forget_old(self, oldest: datetime) -> None:
        """Forget finished queries from the oldest on while they are too old, many or large."""
        for query in list(self._by_id.values())[:64]:
            if query.completed_at is None:
                continue
            full = len(self._by_id) > _MOST_KEPT or self._cells > _MOST_CELLS
            if not full and query.completed_at >= oldest:
                return
            del self._by_id[query.id]
            key = query.request.key(query.session)
            if key is not None:
                self._by_request.pop(key, None)
            self._cells -= query.cells
