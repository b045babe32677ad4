"""The SQL API's calls: run a statement, look after it, fetch its result in partitions, stop it."""

import asyncio
import contextlib
import gzip
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from clockmill.api.asgi.request_id import request_id
from clockmill.api.asgi.types import Scope
from clockmill.api.errors import error_reply
from clockmill.api.reply import Reply
from clockmill.api.rest.endpoint import RawRequest
from clockmill.api.rest.parameters import parse_query
from clockmill.api.statements import operations
from clockmill.api.statements.answers import failure_reply, result_reply, running_reply
from clockmill.api.statements.cells import describe_column, encode_rows, statistics
from clockmill.api.statements.partitions import Layout, Layouts, lay_out, partition_at
from clockmill.api.statements.submission import (
    PointlessAlone,
    Submission,
    UnrecognizedBinding,
    new_handle,
    read_submission,
)
from clockmill.api.statements.tellings import Telling, Tellings
from clockmill.api.waiting import is_done
from clockmill.api.wire.encoding import Cell
from clockmill.core.caller import Caller
from clockmill.core.errors import (
    ClockmillError,
    InternalFault,
    InvalidRequest,
    StatementCancelled,
    StatementTimedOut,
    Unsupported,
)
from clockmill.engine.result import Result
from clockmill.session.door import Door
from clockmill.session.queries import Queries, QueryRequest, RunningQuery
from clockmill.session.results import ResultGone

T = TypeVar("T")

_MANY_CELLS: Final = 4_000
"""Results and bind values from this number on are a thread's work, lest they hold up everybody's calls."""

_THREADS: Final = 2
_CANCEL_WAIT_S: Final = 5.0
"""How long a cancellation waits for the statement's end, which is what its answer tells."""


class InvalidHandle(InvalidRequest):
    """What stands where a handle should is none."""

    def __init__(self, handle: str) -> None:
        super().__init__(f"Invalid statementHandle: {handle}. It must be one that an answer has told.")


class NotExecuting(ClockmillError):
    """A statement is to be stopped that has ended."""

    code, sqlstate = "000605", "57014"

    def __init__(self) -> None:
        super().__init__("Identified SQL statement is not currently executing.")


class StatementCalls:
    """The answers of the operations in :mod:`clockmill.api.statements.operations`.

    A request waits *wait_s* seconds for its statements before it says where to ask again.
    Results of more than *partition_bytes* are told in partitions of about so many.
    """

    def __init__(
        self,
        *,
        door: Door,
        queries: Queries,
        wait_s: float,
        partition_bytes: int,
    ) -> None:
        self._door = door
        self._queries = queries
        self._wait_s = wait_s
        self._partition_bytes = partition_bytes
        self._layouts = Layouts()
        self._tellings = Tellings()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="statements")
        self.by_operation: Mapping[str, Callable[[RawRequest, Scope], Awaitable[Reply]]] = {
            operations.SUBMIT: self.submit,
            operations.STATUS: self.status,
            operations.CANCEL: self.cancel,
        }

    def close(self) -> None:
        """Write no more results."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    # --- the operations ------------------------------------------------------------------------

    async def submit(self, request: RawRequest, scope: Scope) -> Reply:
        """Run statements in a session of their own; the same request id again only waits again."""
        query = _query(request)
        submission = read_submission(request.body)
        try:
            running = await self._start(submission, request.caller, query)
        except (PointlessAlone, UnrecognizedBinding, Unsupported) as error:
            return failure_reply(error, new_handle(), request_id(scope), status=422)
        wait_s = 0.0 if query["async"] else self._wait_s
        if not await _ended(running, wait_s):
            return running_reply(running.id, request_id(scope), _milliseconds(running.started_at))
        return await self._outcome(running, scope, timed_out=408)

    async def _start(self, submission: Submission, caller: Caller, query: Mapping[str, Any]) -> RunningQuery:
        context, count = submission.context(caller), submission.count()
        submission.check_alone()
        bindings = await self._worked_out(submission.cells(), submission.values)
        session = self._door.session_for_request(caller, context, submission.settings())
        running = self._queries.submit(
            session,
            QueryRequest(
                sql=submission.sql,
                bindings=bindings,
                parameters=submission.limits(),
                request_id=query["requestId"],
                statement_count=count,
                asker=(caller.user, context.role),
                ends_session=True,
            ),
        )
        telling = Telling(_milliseconds(running.started_at), query["nullable"] is False)
        self._tellings.follow(running, telling)
        return running

    async def status(self, request: RawRequest, scope: Scope) -> Reply:
        """Tell how a statement stands: that it goes on, what it failed with, a partition of its result."""
        handle, number = _handle(request), _query(request)["partition"] or 0
        try:
            running = _in_any_role(request.caller, lambda caller: self._queries.get(handle, caller))
        except ResultGone:
            return await self._of_several(handle, request, scope, number)
        if not running.is_done:
            return running_reply(running.id, request_id(scope), _milliseconds(running.started_at))
        return await self._outcome(running, scope, number=number)

    async def cancel(self, request: RawRequest, scope: Scope) -> Reply:
        """Stop a statement, and answer once it has ended or will soon."""
        handle, id_ = _handle(request), request_id(scope)
        try:
            running = _in_any_role(request.caller, lambda caller: self._queries.get(handle, caller))
        except ResultGone as error:
            if not self._door.services.running.cancel(request.caller, handle):
                return failure_reply(error, handle, id_, status=422)
            return failure_reply(StatementCancelled(), handle, id_, status=200)
        if not self._queries.abort(request.caller, query_id=handle):
            return failure_reply(NotExecuting(), handle, id_, status=422)
        await _ended(running, _CANCEL_WAIT_S)
        return failure_reply(StatementCancelled(), handle, id_, status=200)

    # --- answers -------------------------------------------------------------------------------

    async def _of_several(self, handle: str, request: RawRequest, scope: Scope, number: int) -> Reply:
        """Answer with the result of one statement of several, which is kept by itself."""
        try:
            result = _in_any_role(request.caller, lambda caller: self._door.results.fetch(handle, caller))
        except ResultGone as error:
            return failure_reply(error, handle, request_id(scope), status=422)
        return await self._told(handle, result, {}, scope, number)

    async def _outcome(
        self, running: RunningQuery, scope: Scope, *, number: int = 0, timed_out: int = 422
    ) -> Reply:
        id_, created_on = request_id(scope), _milliseconds(running.started_at)
        try:
            answer = running.outcome()
        except InternalFault as error:
            return error_reply(error, id_)
        except ClockmillError as error:
            status = timed_out if isinstance(error, StatementTimedOut) else 422
            return failure_reply(error, running.id, id_, status=status, created_on=created_on)
        children = [child.query_id for child in answer.children]
        more = {"statementHandles": children} if children else {}
        return await self._told(running.id, answer.result, more, scope, number)

    async def _told(
        self, handle: str, result: Result, more: Mapping[str, Any], scope: Scope, number: int
    ) -> Reply:
        cells = len(result.rows) * len(result.columns)
        return await self._worked_out(cells, lambda: self._write(handle, result, more, scope, number))

    def _write(
        self, handle: str, result: Result, more: Mapping[str, Any], scope: Scope, number: int
    ) -> Reply:
        telling = self._tellings.get(handle)
        layout, data = self._cut(handle, result, number, nulls_as_text=telling.nulls_as_text)
        stats = statistics(result)
        body = {
            "resultSetMetaData": {
                "numRows": len(result.rows),
                "format": "jsonv2",
                "partitionInfo": [each.described() for each in layout],
                "rowType": [describe_column(column) for column in result.columns],
                "nullable": not telling.nulls_as_text,
            },
            "data": data,
            **({"createdOn": telling.created_on} if telling.created_on is not None else {}),
            **({"stats": stats} if stats else {}),
            **more,
        }
        reply = result_reply(handle, body, request_id(scope), number=number, count=len(layout))
        return _zipped(reply) if number > 0 and _takes_gzip(scope) else reply

    def _cut(
        self, handle: str, result: Result, number: int, *, nulls_as_text: bool
    ) -> tuple[Layout, list[list[Cell]]]:
        """Return how *result* is cut, and the cells of partition *number*."""
        layout = self._layouts.get(handle, nulls_as_text=nulls_as_text)
        if layout is not None:
            partition = partition_at(layout, number)
            rows = result.rows[partition.first : partition.end]
            return layout, encode_rows(result.columns, rows, nulls_as_text=nulls_as_text)
        cells = encode_rows(result.columns, result.rows, nulls_as_text=nulls_as_text)
        layout = lay_out(cells, self._partition_bytes)
        self._layouts.keep(handle, layout, nulls_as_text=nulls_as_text)
        partition = partition_at(layout, number)
        return layout, cells[partition.first : partition.end]

    async def _worked_out(self, cells: int, work: Callable[[], T]) -> T:
        """Do *work* here if it is about few cells, else in a thread."""
        if cells < _MANY_CELLS:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


async def _ended(running: RunningQuery, wait_s: float) -> bool:
    return running.is_done if wait_s <= 0 else await is_done(running, wait_s)


def _in_any_role(caller: Caller, find: Callable[[Caller], T]) -> T:
    """Return what *find* finds for *caller* in one of the roles they may act in; may raise ResultGone.

    A submission names its role, and its statements may change it; who fetches need not repeat that.
    """
    try:
        return find(caller)
    except ResultGone:
        for role in sorted(caller.roles - {caller.role}):
            with contextlib.suppress(ResultGone):
                return find(msgspec.structs.replace(caller, role=role))
        raise


def _query(request: RawRequest) -> Mapping[str, Any]:
    return parse_query(request.query, request.match.operation.parameters)


def _handle(request: RawRequest) -> str:
    _query(request)
    text = request.match.texts["statementHandle"]
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise InvalidHandle(text) from None


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])


def _zipped(reply: Reply) -> Reply:
    headers = (*reply.headers, (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"))
    return msgspec.structs.replace(reply, headers=headers, body=gzip.compress(reply.body, 1, mtime=0))
