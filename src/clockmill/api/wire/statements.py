"""Statements over the connectors' protocol: run, wait for, look after, give up."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final

import msgspec

from clockmill.api.authentication import Authenticator
from clockmill.api.reply import Reply
from clockmill.api.waiting import is_done
from clockmill.api.wire.answers import UNCODED, failure, in_progress, parameter_list, success, unexpected
from clockmill.api.wire.bindings import read_bindings
from clockmill.api.wire.calls import Call
from clockmill.api.wire.encoding import describe_column, encode_rows
from clockmill.core.caller import Caller
from clockmill.core.errors import ClockmillError, Unauthenticated
from clockmill.engine.result import Result, StatementType
from clockmill.service.signin import Signin
from clockmill.session.answer import Answer
from clockmill.session.door import Door
from clockmill.session.queries import Queries, QueryRequest, RunningQuery
from clockmill.session.request import Bindings
from clockmill.session.results import ResultGone

DEFAULT_WAIT_S: Final = 10.0
"""How long a call waits for a statement before it says where to ask again, which clients do at once."""

_MANY_CELLS: Final = 4_000
"""Results and bind values from this number on are a thread's work, lest they hold up everybody's calls."""

_THREADS: Final = 2

_TOLD: Final = (
    "AUTOCOMMIT",
    "BINARY_OUTPUT_FORMAT",
    "DATE_OUTPUT_FORMAT",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT",
    "TIMESTAMP_OUTPUT_FORMAT",
    "TIMESTAMP_TZ_OUTPUT_FORMAT",
    "TIMEZONE",
    "TIME_OUTPUT_FORMAT",
)
"""The parameters that every answer repeats: clients read or show its cells by them."""

_STATES: Final = {
    "RUNNING": "RUNNING",
    "SUCCESS": "SUCCEEDED",
    "FAILED_WITH_ERROR": "FAILED",
    "ABORTED": "FAILED",
}

_STATISTICS: Final = {
    StatementType.INSERT: "numRowsInserted",
    StatementType.UPDATE: "numRowsUpdated",
    StatementType.DELETE: "numRowsDeleted",
}


class Submission(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a query call. What is not listed is ignored."""

    sql_text: str = ""
    async_exec: bool = False
    describe_only: bool = False
    parameters: dict[str, Any] | None = None
    bindings: dict[str, dict[str, Any]] | None = None


class Abortion(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a call that gives up a statement by the request that started it."""

    request_id: str = ""


class StatementCalls:
    """The handlers of ``/queries`` and ``/monitoring``."""

    def __init__(
        self,
        *,
        signin: Signin,
        authenticator: Authenticator,
        door: Door,
        queries: Queries,
        wait_s: float,
    ) -> None:
        self._signin = signin
        self._authenticator = authenticator
        self._door = door
        self._queries = queries
        self._wait_s = wait_s
        self._writers = ThreadPoolExecutor(_THREADS, thread_name_prefix="rowsets")

    def close(self) -> None:
        """Write no more results."""
        self._writers.shutdown(wait=False, cancel_futures=True)

    async def submit(self, call: Call) -> Reply:
        """Run a statement; the same request id again only waits for it again."""
        record = self._authenticator.session(call.headers)
        sent = await call.read(Submission)
        request = QueryRequest(
            sql=sent.sql_text,
            bindings=await self._bindings(sent.bindings or {}),
            parameters=sent.parameters or {},
            request_id=call.query.get("requestId") or None,
            describe_only=sent.describe_only,
            is_async=sent.async_exec,
        )
        query = self._queries.submit(self._door.session(record), request)
        if sent.async_exec:
            return in_progress(query.id, call.request_id, detached=True)
        return await self._outcome(query, call.request_id)

    async def _bindings(self, sent: Mapping[str, Mapping[str, Any]]) -> Bindings:
        if sum(_count(entry) for entry in sent.values()) < _MANY_CELLS:
            return read_bindings(sent)
        return await asyncio.get_running_loop().run_in_executor(self._writers, read_bindings, sent)

    async def result(self, call: Call) -> Reply:
        """Wait for a statement that was started before, or fetch what it, or one of several, gave."""
        caller, query_id = self._caller(call), call.path_arguments["query_id"]
        try:
            query = self._queries.get(query_id, caller)
        except ResultGone:
            kept = self._door.results.fetch(query_id, caller)
            return await self._write(kept, lambda: _rows(query_id, kept), call.request_id)
        return await self._outcome(query, call.request_id)

    async def status(self, call: Call) -> Reply:
        """Tell how a statement stands; nothing of one that is unknown or another's."""
        try:
            caller = self._caller(call)
        except Unauthenticated as error:
            # Connector 5.x does not see the code, and renew, unless the list is there.
            return failure(error, call.request_id, queries=[])
        try:
            known = [_status(self._queries.get(call.path_arguments["query_id"], caller))]
        except ResultGone:
            known = []
        return success({"queries": known}, call.request_id)

    async def abort_request(self, call: Call) -> Reply:
        """Cancel the statement that a request of this session started."""
        caller, body = self._caller(call), await call.read(Abortion)
        self._queries.abort(caller, request_id=body.request_id)
        return success(None, call.request_id)

    async def abort_query(self, call: Call) -> Reply:
        """Cancel a statement by its id."""
        self._queries.abort(self._caller(call), query_id=call.path_arguments["query_id"])
        return success(None, call.request_id)

    def _caller(self, call: Call) -> Caller:
        return self._signin.caller(self._authenticator.session(call.headers))

    async def _outcome(self, query: RunningQuery, request_id: str) -> Reply:
        """Wait a moment for *query*; answer with its result, its error, or where to ask again."""
        if not await is_done(query, self._wait_s):
            return in_progress(query.id, request_id, detached=False)
        try:
            answer = query.outcome()
            return await self._write(
                answer.result, lambda: _answered(answer, query.request.describe_only), request_id
            )
        except ClockmillError as error:
            return failure(error, request_id, query_id=query.id)
        except Exception as error:  # noqa: BLE001 - told with the statement's id
            return unexpected(error, request_id, query_id=query.id)

    async def _write(self, result: Result, data: Callable[[], Mapping[str, Any]], request_id: str) -> Reply:
        if len(result.rows) * len(result.columns) < _MANY_CELLS:
            return success(data(), request_id)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, lambda: success(data(), request_id))


def _count(entry: Mapping[str, Any]) -> int:
    value = entry.get("value")
    return len(value) if isinstance(value, list) else 1


def _answered(answer: Answer, describe_only: bool) -> Mapping[str, Any]:
    told = {name: answer.parameters[name] for name in _TOLD} | dict(answer.changed_parameters)
    data = {
        **_rows(answer.query_id, answer.result),
        "parameters": parameter_list(told),
        "finalDatabaseName": answer.database,
        "finalSchemaName": answer.schema,
        "finalWarehouseName": answer.warehouse,
        "finalRoleName": answer.role,
    }
    if answer.children:
        data["resultIds"] = ",".join(child.query_id for child in answer.children)
        data["resultTypes"] = ",".join(str(int(child.statement_type)) for child in answer.children)
    if describe_only:
        data["arrayBindSupported"] = answer.result.statement_type is StatementType.INSERT
    return data


def _rows(query_id: str, result: Result) -> dict[str, Any]:
    count = len(result.rows) if result.affected is None else result.affected
    data: dict[str, Any] = {
        "queryId": query_id,
        "queryResultFormat": "json",
        "statementTypeId": int(result.statement_type),
        "rowtype": [describe_column(column) for column in result.columns],
        "rowset": encode_rows(result.columns, result.rows),
        "total": count,
        "returned": count,
        "version": 1,
    }
    statistic = _STATISTICS.get(result.statement_type)
    if statistic is not None:
        data["stats"] = {statistic: count}
    return data


def _status(query: RunningQuery) -> Mapping[str, Any]:
    entry: dict[str, Any] = {
        "id": query.id,
        "status": query.status,
        "state": _STATES[query.status],
        "sessionId": query.session.state.session_id,
        "sqlText": query.request.sql,
        "startTime": _milliseconds(query.started_at),
        "errorCode": None,
        "errorMessage": None,
    }
    if query.completed_at is not None:
        entry["endTime"] = _milliseconds(query.completed_at)
        entry["totalDuration"] = entry["endTime"] - entry["startTime"]
    if query.error is not None:
        entry |= {"errorCode": query.error.code or UNCODED, "errorMessage": query.error.message}
    return entry


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
