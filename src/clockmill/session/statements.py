"""Carrying out one statement: read, done, put on record, its result kept."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from clockmill.core.cancel import CancelReason
from clockmill.core.errors import (
    ClockmillError,
    InternalFault,
    StatementCancelled,
    StatementTimedOut,
    SystemFault,
)
from clockmill.core.parameters import SESSION_PARAMETERS
from clockmill.engine.protocol import Binding, HostFunctions
from clockmill.engine.result import Result
from clockmill.session.deadline import deadline
from clockmill.session.execution import Execution
from clockmill.session.faults import NestedTooDeeply
from clockmill.session.information.tables import InformationTables
from clockmill.session.request import Bindings, Work
from clockmill.session.router import carry_out
from clockmill.session.running import RunningStatement
from clockmill.session.services import Services
from clockmill.sql.classify import read_statement
from clockmill.sql.statement import EngineStatement, Statement, Verb
from clockmill.store.queries import QueryRow

log = logging.getLogger(__name__)

_NO_BINDINGS: Final[Mapping[str, Binding]] = {}
_DEFAULT_TIMEOUT_S: Final = SESSION_PARAMETERS["STATEMENT_TIMEOUT_IN_SECONDS"].default
_QUESTION: Final = EngineStatement(kind=Verb.SELECT)


class Statements:
    """Carries out the statements of one session, those within other statements too."""

    def __init__(
        self,
        services: Services,
        functions: Callable[[Execution], HostFunctions],
        *,
        is_interactive: bool,
    ) -> None:
        self._services = services
        self._functions = functions
        self._is_interactive = is_interactive

    def run(self, work: Work) -> Result:
        """Carry out a statement that a client or a task has sent. Raises ClockmillErrors."""
        self._announce(work)
        try:
            work.request.limit_s = self._timeout(work)
            with deadline(work.cancel, work.request.limit_s):
                result = self._carry_out(work, work.request.bindings)
        finally:
            self._services.running.remove(work.query_id)
        if self._is_interactive and not work.request.describe_only:
            self._services.results.keep(work.query_id, work.state.caller, result)
        return result

    def run_nested(self, work: Work, bindings: Mapping[str, Binding]) -> Result:
        """Carry out a statement within another: it has no time limit of its own."""
        result = self._carry_out(work, bindings)
        self._services.results.keep(work.query_id, work.state.caller, result, is_nested=True)
        return result

    def ask(self, work: Work, bindings: Mapping[str, Binding]) -> Result:
        """Answer a query that is only a means: it is not put on record."""
        execution = self._execution(work, _QUESTION, self._services.clock.now())
        try:
            return carry_out(execution, bindings)
        except Exception as caught:
            raise _as_fault(caught, work) from caught

    def _carry_out(self, work: Work, bindings: Bindings) -> Result:
        started_at = self._services.clock.now()
        statement: Statement | None = None
        try:
            statement = read_statement(work.sql)
            result = carry_out(self._execution(work, statement, started_at), bindings)
        except Exception as caught:  # whatever it is, the statement's end is put on record
            error = _as_fault(caught, work)
            self._record(work, statement, started_at, error=error)
            raise error from caught
        self._record(work, statement, started_at, result=result)
        return result

    # --- before --------------------------------------------------------------------------------

    def _announce(self, work: Work) -> None:
        """Let others find and cancel the statement; runs of tasks are cancelled through the runner."""
        if not self._is_interactive:
            return
        state, context = work.state, work.state.context
        self._services.running.add(
            RunningStatement(
                query_id=work.query_id,
                session_id=state.session_id,
                user=state.user,
                role=context.role,
                cancel=work.cancel,
                text=work.sql,
                tag=_parameters(work)["QUERY_TAG"] or None,
                warehouse=context.warehouse,
                database=context.database,
                schema=context.schema,
                started_at=self._services.clock.now(),
            )
        )

    def _execution(self, work: Work, statement: Statement, now: datetime) -> Execution:
        execution = Execution(
            services=self._services,
            state=work.state,
            link=work.link,
            sql=work.sql,
            statement=statement,
            query_id=work.query_id,
            parameters=_parameters(work),
            bindings=_NO_BINDINGS,
            cancel=work.cancel,
            slot=work.slot,
            now=now,
            describe_only=work.request.describe_only,
            detached=work.request.detached,
        )
        execution.functions = self._functions(execution)
        execution.tables = InformationTables(execution)
        execution.statements = self
        execution.request = work.request
        execution.depth = work.depth
        execution.only_reads = work.only_reads
        execution.outputs = work.outputs
        return execution

    def _timeout(self, work: Work) -> float | None:
        """Return the statement's time limit in seconds; None for the default, which is days.

        The limits of a task's body are worked out and watched by the runner.
        """
        if not self._is_interactive:
            return None
        name = "STATEMENT_TIMEOUT_IN_SECONDS"
        seconds = work.request.settings.get(name, work.state.parameters.get(name, 0))
        return None if seconds in (0, _DEFAULT_TIMEOUT_S) else float(seconds)

    # --- afterwards ----------------------------------------------------------------------------

    def _record(
        self,
        work: Work,
        statement: Statement | None,
        started_at: datetime,
        *,
        result: Result | None = None,
        error: ClockmillError | None = None,
    ) -> None:
        if work.request.describe_only:
            return
        state, context = work.state, work.state.context
        state.remember_query(work.query_id)
        self._services.log.record(
            QueryRow(
                id=work.query_id,
                session_id=state.session_id,
                user_name=state.user,
                role=context.role,
                warehouse=context.warehouse,
                database=context.database,
                schema=context.schema,
                text=work.sql,
                kind=_kind(statement),
                tag=_parameters(work)["QUERY_TAG"] or None,
                state="SUCCESS" if error is None else "FAILED_WITH_ERROR",
                rows=None if result is None else _count(result),
                error_code=None if error is None else error.code,
                error_message=None if error is None else error.message,
                started_at=started_at,
                completed_at=self._services.clock.now(),
            )
        )


def _parameters(work: Work) -> Mapping[str, Any]:
    effective, settings = work.state.effective_parameters, work.request.settings
    return {**effective, **settings} if settings else effective


def _count(result: Result) -> int:
    """Return how many rows a statement has changed, or else given."""
    return len(result.rows) if result.affected is None else result.affected


def _kind(statement: Statement | None) -> str | None:
    if statement is None:
        return None
    kind = getattr(statement, "kind", None)
    return str(kind if isinstance(kind, Verb) else statement.verb)


def _as_fault(error: Exception, work: Work) -> ClockmillError:
    """Return what the user is told: a cancelled statement by the reason it was cancelled for."""
    if isinstance(error, StatementCancelled):
        if work.cancel.reason is CancelReason.TIMEOUT:
            return StatementTimedOut(work.request.limit_s or float(_DEFAULT_TIMEOUT_S))
        if work.cancel.reason is CancelReason.SHUTDOWN:
            return SystemFault("The statement was stopped because the server is stopping. Run it again.")
        return error
    if isinstance(error, ClockmillError):
        return error
    if isinstance(error, RecursionError):
        # Every parser here goes down a level by a call. The text is at fault, and may come again.
        return NestedTooDeeply()
    log.error("statement failed unexpectedly", extra={"query_id": work.query_id}, exc_info=error)
    return InternalFault()
