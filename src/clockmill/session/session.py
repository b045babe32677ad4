"""A live session: it takes text, runs its statements one by one, and remembers what they changed."""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.errors import (
    ClockmillError,
    InternalFault,
    StatementCancelled,
    StatementTimedOut,
    SystemFault,
)
from clockmill.core.parameters import SESSION_PARAMETERS, read_login_parameters
from clockmill.engine.protocol import Binding, HostFunctions
from clockmill.engine.result import Result, StatementType, status
from clockmill.session.answer import Answer, Child
from clockmill.session.deadline import deadline
from clockmill.session.engine_link import EngineLink
from clockmill.session.execution import Execution
from clockmill.session.faults import NestedTooDeeply, StatementCountMismatch
from clockmill.session.host import SessionFunctions
from clockmill.session.router import carry_out
from clockmill.session.running import RunningStatement
from clockmill.session.services import Services
from clockmill.session.slots import SlotHolder
from clockmill.session.state import Context, SessionState
from clockmill.sql.classify import read_statement
from clockmill.sql.split import count_statements, split_statements
from clockmill.sql.statement import Statement, Verb
from clockmill.store.queries import QueryRow

log = logging.getLogger(__name__)

Bindings = Mapping[str, Binding] | Sequence[Mapping[str, Binding]]
"""Bind values by position; or, for array binding, a list of them with one entry for each row."""

_NO_BINDINGS: Final[Mapping[str, Binding]] = {}
_DEFAULT_TIMEOUT_S: Final = SESSION_PARAMETERS["STATEMENT_TIMEOUT_IN_SECONDS"].default


def new_query_id() -> str:
    """Return an id that nobody can guess."""
    return str(uuid.uuid4())


class Session:
    """One session. Statements that change tables take turns; the others need not wait."""

    def __init__(
        self,
        *,
        services: Services,
        state: SessionState,
        functions: Callable[[Execution], HostFunctions] = SessionFunctions,
        save: Callable[[SessionState], None] | None = None,
        is_interactive: bool = True,
        is_pooled: bool = False,
    ) -> None:
        self._services = services
        self._functions = functions
        self._save = save
        self._is_interactive = is_interactive
        self.state = state
        uses_pool = is_pooled or not is_interactive
        self.link = EngineLink(services.body_sessions if uses_pool else services.engine)
        self.last_used = services.clock.now()
        self._lock = threading.Lock()
        self._requests = 0

    def execute(
        self,
        sql: str,
        *,
        bindings: Bindings = _NO_BINDINGS,
        parameters: Mapping[str, Any] | None = None,
        query_id: str | None = None,
        describe_only: bool = False,
        cancel: CancelToken | None = None,
        statement_count: int | None = None,
        detached: bool = False,
        slot: SlotHolder | None = None,
    ) -> Answer:
        """Run the statements in *sql* and return the answer to the last, or to all of them.

        *parameters* hold for this request alone. *statement_count* says how many statements there
        must be (0: any number); without it MULTI_STATEMENT_COUNT decides. *slot* is a slot that
        the caller already holds. A *detached* request does not wait for the session's others.
        Raises ClockmillErrors.
        """
        request = _Request(
            settings=read_login_parameters(parameters or {}),
            bindings=bindings,
            describe_only=describe_only,
            cancel=cancel or CancelToken(),
            detached=detached,
            slot=slot,
        )
        query_id = query_id or new_query_id()
        before, changed_from = self.state.context, self.state.parameters
        self._use(+1)
        children: tuple[Child, ...] = ()
        try:
            if self._is_single(sql, request.settings, statement_count):
                result = self._run_one(sql, query_id, request)
            else:
                result, children = self._run_several(sql, query_id, request)
        finally:
            self._use(-1)
            self._save_changes(before, changed_from)
        return self._answer(query_id, result, children, changed_from)

    @property
    def is_busy(self) -> bool:
        """True while a request runs in it."""
        return self._requests > 0

    def close(self) -> None:
        """End the session; what it has not committed is rolled back."""
        self.link.close()

    def _use(self, change: int) -> None:
        with self._lock:
            self._requests += change
            self.last_used = self._services.clock.now()

    # --- several statements --------------------------------------------------------------------

    def _is_single(self, sql: str, settings: Mapping[str, Any], wanted: int | None) -> bool:
        if wanted is None:
            default = self.state.effective_parameters["MULTI_STATEMENT_COUNT"]
            wanted = int(settings.get("MULTI_STATEMENT_COUNT", default))
        actual = count_statements(sql)
        if wanted == 1 and actual <= 1:
            return True
        if wanted not in (0, actual):
            raise StatementCountMismatch(actual, wanted)
        return actual <= 1

    def _run_several(self, sql: str, query_id: str, request: "_Request") -> tuple[Result, tuple[Child, ...]]:
        children: list[Child] = []
        for text in split_statements(sql):
            child_id = new_query_id()
            result = self._run_one(text, child_id, request)
            children.append(Child(child_id, result.statement_type))
        self.state.remember_query(query_id)
        result = status("Multiple statements executed successfully.", StatementType.MULTI_STATEMENT)
        return result, tuple(children)

    # --- one statement -------------------------------------------------------------------------

    def _run_one(self, sql: str, query_id: str, request: "_Request") -> Result:
        started_at = self._services.clock.now()
        statement: Statement | None = None
        self._announce(query_id, request.cancel)
        try:
            statement = read_statement(sql)
            result = self._carry_out(sql, statement, query_id, request, started_at)
        except Exception as caught:  # whatever it is, the statement's end is put on record
            error = _as_fault(caught, query_id, request.cancel, self._timeout(request.settings))
            self._record(sql, statement, query_id, request, started_at, error=error)
            raise error from caught
        finally:
            self._services.running.remove(query_id)
        self._record(sql, statement, query_id, request, started_at, result=result)
        if self._is_interactive and not request.describe_only:
            self._services.results.keep(query_id, self.state.caller, result)
        return result

    def _announce(self, query_id: str, cancel: CancelToken) -> None:
        """Let others find and cancel the statement; runs of tasks are cancelled through the runner."""
        if not self._is_interactive:
            return
        self._services.running.add(
            RunningStatement(
                query_id=query_id,
                session_id=self.state.session_id,
                user=self.state.user,
                role=self.state.context.role,
                cancel=cancel,
            )
        )

    def _carry_out(
        self, sql: str, statement: Statement, query_id: str, request: "_Request", now: datetime
    ) -> Result:
        execution = Execution(
            services=self._services,
            state=self.state,
            link=self.link,
            sql=sql,
            statement=statement,
            query_id=query_id,
            parameters=self._parameters(request.settings),
            bindings=_NO_BINDINGS,
            cancel=request.cancel,
            slot=request.slot
            or SlotHolder(self._services.slots, self.state.context.warehouse, request.cancel),
            now=now,
            describe_only=request.describe_only,
            detached=request.detached,
        )
        execution.functions = self._functions(execution)
        with deadline(request.cancel, self._timeout(request.settings)):
            return carry_out(execution, request.bindings)

    def _parameters(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        effective = self.state.effective_parameters
        return {**effective, **settings} if settings else effective

    def _timeout(self, settings: Mapping[str, Any]) -> float | None:
        """Return the statement's time limit in seconds; None for the default, which is days.

        The limits of a task's body are worked out and watched by the runner.
        """
        if not self._is_interactive:
            return None
        name = "STATEMENT_TIMEOUT_IN_SECONDS"
        seconds = settings.get(name, self.state.parameters.get(name, 0))
        return None if seconds in (0, _DEFAULT_TIMEOUT_S) else float(seconds)

    # --- afterwards ----------------------------------------------------------------------------

    def _record(
        self,
        sql: str,
        statement: Statement | None,
        query_id: str,
        request: "_Request",
        started_at: datetime,
        *,
        result: Result | None = None,
        error: ClockmillError | None = None,
    ) -> None:
        if request.describe_only:
            return
        self.state.remember_query(query_id)
        state, context = self.state, self.state.context
        self._services.log.record(
            QueryRow(
                id=query_id,
                session_id=state.session_id,
                user_name=state.user,
                role=context.role,
                warehouse=context.warehouse,
                database=context.database,
                schema=context.schema,
                text=sql,
                kind=_kind(statement),
                tag=self._parameters(request.settings)["QUERY_TAG"] or None,
                state="SUCCESS" if error is None else "FAILED_WITH_ERROR",
                rows=None if result is None else len(result.rows),
                error_code=None if error is None else error.code,
                error_message=None if error is None else error.message,
                started_at=started_at,
                completed_at=self._services.clock.now(),
            )
        )

    def _save_changes(self, context: Context, parameters: Mapping[str, Any]) -> None:
        """Keep what USE and ALTER SESSION changed, so that a restart does not lose it."""
        if self._save is None:
            return
        if self.state.context != context or self.state.parameters is not parameters:
            self._save(self.state)

    def _answer(
        self, query_id: str, result: Result, children: tuple[Child, ...], before: Mapping[str, Any]
    ) -> Answer:
        context, effective = self.state.context, self.state.effective_parameters
        after = self.state.parameters
        changed = {} if after is before else {name: effective[name] for name in {**before, **after}}
        return Answer(
            query_id=query_id,
            result=result,
            children=children,
            database=context.database,
            schema=context.schema,
            warehouse=context.warehouse,
            role=context.role,
            changed_parameters=changed,
            parameters=effective,
        )


class _Request:
    """What holds for every statement of one request."""

    def __init__(
        self,
        *,
        settings: Mapping[str, Any],
        bindings: Bindings,
        describe_only: bool,
        cancel: CancelToken,
        detached: bool,
        slot: SlotHolder | None,
    ) -> None:
        self.settings = settings
        self.bindings = bindings
        self.describe_only = describe_only
        self.cancel = cancel
        self.detached = detached
        self.slot = slot


def _kind(statement: Statement | None) -> str | None:
    if statement is None:
        return None
    kind = getattr(statement, "kind", None)
    return str(kind if isinstance(kind, Verb) else statement.verb)


def _as_fault(
    error: Exception, query_id: str, cancel: CancelToken, timeout_s: float | None
) -> ClockmillError:
    """Return what the user is told: a cancelled statement by the reason it was cancelled for."""
    if isinstance(error, StatementCancelled):
        if cancel.reason is CancelReason.TIMEOUT:
            return StatementTimedOut(timeout_s or float(_DEFAULT_TIMEOUT_S))
        if cancel.reason is CancelReason.SHUTDOWN:
            return SystemFault("The statement was stopped because the server is stopping. Run it again.")
        return error
    if isinstance(error, ClockmillError):
        return error
    if isinstance(error, RecursionError):
        # Every parser here goes down a level by a call. The text is at fault, and may come again.
        return NestedTooDeeply()
    log.error("statement failed unexpectedly", extra={"query_id": query_id}, exc_info=error)
    return InternalFault()
