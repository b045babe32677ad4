"""Which statement is carried out by whom. One table; what a statement is says :mod:`clockmill.sql`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from clockmill.core.errors import Unsupported
from clockmill.core.sentences import DONE
from clockmill.engine.protocol import Binding
from clockmill.engine.result import Result, status
from clockmill.session.execution import Execution
from clockmill.session.handlers import (
    catalog,
    describe,
    functions,
    routines,
    scripts,
    settings,
    show,
    streams,
    tags,
    tasks,
    use,
    variables,
)
from clockmill.session.handlers.engine import (
    in_transaction_of_its_own,
    run_in_engine,
    run_transaction_statement,
)
from clockmill.session.owner_state import require_allowed
from clockmill.session.procedure_tables import require_reading
from clockmill.session.routines import call_anonymous, call_procedure
from clockmill.sql.calls import CallAnonymous, CallProcedure
from clockmill.sql.catalog import ChangeObject, CreateObject, DropObject, SwitchWarehouse
from clockmill.sql.effects import Effect, effect_of
from clockmill.sql.functions import CallFunctions, ResultScan
from clockmill.sql.routines import (
    AlterRoutine,
    CreateRoutine,
    DescribeRoutine,
    DropRoutine,
    TagRoutine,
)
from clockmill.sql.scripting.statement import ImmediateStatement, ScriptBlock
from clockmill.sql.settings import AlterSession, SetVariables, UnsetVariables
from clockmill.sql.show import Describe, DescribeResult, Show
from clockmill.sql.statement import EngineStatement, Statement, TransactionStatement
from clockmill.sql.streams import AlterStream, CreateStream, DropStream
from clockmill.sql.tags import CreateTag, TagObject
from clockmill.sql.task import AlterTask, CreateTask, ExecuteTask, SwitchTask
from clockmill.sql.use import Use

Handler = Callable[[Execution, Any], Result]

_HANDLERS: Final[dict[type[Statement], Handler]] = {
    EngineStatement: run_in_engine,
    TransactionStatement: run_transaction_statement,
    CallFunctions: functions.call_functions,
    ResultScan: functions.scan_result,
    Use: use.use,
    AlterSession: settings.alter_session,
    SetVariables: variables.set_variables,
    UnsetVariables: variables.unset_variables,
    CreateObject: catalog.create_object,
    DropObject: catalog.drop_object,
    ChangeObject: catalog.change_object,
    SwitchWarehouse: catalog.switch_warehouse,
    CreateTag: tags.create_tag,
    TagObject: tags.tag_object,
    CreateTask: tasks.create_task,
    AlterTask: tasks.alter_task,
    SwitchTask: tasks.switch_task,
    ExecuteTask: tasks.execute_task,
    CreateStream: streams.create_stream,
    AlterStream: streams.alter_stream,
    DropStream: streams.drop_stream,
    CreateRoutine: routines.create_routine,
    AlterRoutine: routines.alter_routine,
    TagRoutine: routines.tag_routine,
    DropRoutine: routines.drop_routine,
    DescribeRoutine: routines.describe_routine,
    ScriptBlock: scripts.run_script,
    ImmediateStatement: scripts.execute_immediate,
    CallProcedure: call_procedure,
    CallAnonymous: call_anonymous,
    Show: show.show,
    Describe: describe.describe,
    DescribeResult: describe.describe_result,
}

_DESCRIBED_BY_RUNNING: Final = (
    *(CallFunctions, CallProcedure, CallAnonymous, ResultScan),
    *(Show, Describe, DescribeResult, DescribeRoutine),
)
"""Statements of ours that give rows and change nothing (what is called is not, to be described)."""


def carry_out(run: Execution, bindings: Mapping[str, Binding] | Sequence[Mapping[str, Binding]]) -> Result:
    """Carry out one statement. What is only to be described does nothing and gives no rows."""
    if not run.describe_only or isinstance(run.statement, EngineStatement):
        return _carry_out(run, bindings)
    if not isinstance(run.statement, _DESCRIBED_BY_RUNNING):
        return status(DONE)
    return msgspec.structs.replace(_carry_out(run, bindings), rows=[])


def _carry_out(run: Execution, bindings: Mapping[str, Binding] | Sequence[Mapping[str, Binding]]) -> Result:
    require_allowed(run.state, run.statement)
    if run.only_reads:
        require_reading(run.statement)
    if run.request.completion is not None and effect_of(run.statement, run.sql) is Effect.OTHER:
        run.leave_word()
    handler = _HANDLERS[type(run.statement)]
    if isinstance(bindings, Mapping):
        run.bindings = bindings
        return handler(run, run.statement)
    if not isinstance(run.statement, EngineStatement) or not run.statement.writes:
        raise Unsupported("array binding of a statement that changes no rows")
    return in_transaction_of_its_own(run, bindings)
