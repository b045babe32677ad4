"""A live session: it takes text, runs its statements one by one, and remembers what they changed."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from clockmill.core.cancel import CancelToken
from clockmill.core.parameters import read_login_parameters
from clockmill.engine.completion import Completion
from clockmill.engine.protocol import Binding, HostFunctions
from clockmill.engine.result import TEXT, Result, ResultColumn, StatementType
from clockmill.session.answer import Answer, Child
from clockmill.session.engine_link import EngineLink
from clockmill.session.execution import Execution
from clockmill.session.faults import StatementCountMismatch
from clockmill.session.host import SessionFunctions
from clockmill.session.query_ids import new_query_id
from clockmill.session.request import Bindings, Request, Work
from clockmill.session.services import Services
from clockmill.session.slots import SlotHolder
from clockmill.session.state import Context, SessionState
from clockmill.session.statements import Statements
from clockmill.sql.split import count_statements, split_statements

_NO_BINDINGS: Final[Mapping[str, Binding]] = {}
_BYTE_ORDER_MARK: Final = "\ufeff"
"""What editors of some systems write in front of a file: scripts are sent with it."""
_EXECUTED: Final = Result(
    columns=(ResultColumn("multiple statement execution", TEXT),),
    rows=[("Multiple statements executed successfully.",)],
    statement_type=StatementType.MULTI_STATEMENT,
)
"""What a request of several statements gets; their own results are kept by their ids."""


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
        self._statements = Statements(services, functions, is_interactive=is_interactive)
        self._save = save
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
        completion: Completion | None = None,
    ) -> Answer:
        """Run the statements in *sql* and return the answer to the last, or to all of them.

        *parameters* hold for this request alone. *statement_count* says how many statements there
        must be (0: any number); without it MULTI_STATEMENT_COUNT decides. *slot* is a slot that
        the caller already holds. A *detached* request does not wait for the session's others.
        *completion* is the marker that its first commit leaves.
        Raises ClockmillErrors.
        """
        sql = sql.removeprefix(_BYTE_ORDER_MARK)
        request = Request(
            settings=read_login_parameters(parameters or {}),
            bindings=bindings,
            describe_only=describe_only,
            cancel=cancel or CancelToken(),
            detached=detached,
            slot=slot,
            completion=completion,
        )
        query_id = query_id or new_query_id()
        before, changed_from = self.state.context, self.state.parameters
        self._use(+1)
        children: tuple[Child, ...] = ()
        try:
            if self._is_single(sql, request.settings, statement_count):
                result = self._statements.run(self._work(sql, query_id, request))
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

    @property
    def is_blank(self) -> bool:
        """True if its record says all that it would be missed for: no variables, nothing in the engine."""
        return not self.is_busy and not self.state.variables and self.link.is_clean

    def touch(self) -> None:
        """Take note that somebody is about to use it."""
        self._use(0)

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

    def _run_several(self, sql: str, query_id: str, request: Request) -> tuple[Result, tuple[Child, ...]]:
        children: list[Child] = []
        for text in split_statements(sql):
            child_id = new_query_id()
            result = self._statements.run(self._work(text, child_id, request))
            children.append(Child(child_id, result.statement_type))
        self.state.remember_query(query_id)
        return _EXECUTED, tuple(children)

    def _work(self, sql: str, query_id: str, request: Request) -> Work:
        state = self.state
        slot = request.slot or SlotHolder(self._services.slots, state.context.warehouse, request.cancel)
        return Work(
            sql=sql,
            query_id=query_id,
            request=request,
            state=state,
            link=self.link,
            cancel=request.cancel,
            slot=slot,
        )

    # --- afterwards ----------------------------------------------------------------------------

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
