"""CALL of a stored procedure: which one is meant, in whose name it runs, what it gives."""

from collections.abc import Mapping

from clockmill.core.errors import StatementFault
from clockmill.core.names import QualifiedName
from clockmill.core.routine import (
    Given,
    Rights,
    Routine,
    RoutineKind,
    RoutineSpec,
    UnknownRoutine,
    choose,
    require_fitting,
)
from clockmill.engine.result import Result, ResultColumn, StatementType
from clockmill.session.call_arguments import NO_TARGETS, Values, evaluate, fit, output_targets, types_of
from clockmill.session.completion import note_whole_procedure
from clockmill.session.execution import Execution
from clockmill.session.languages import find_language
from clockmill.session.nested import Nested
from clockmill.session.owner_state import owner_state
from clockmill.session.state import SessionState
from clockmill.sql.calls import CallAnonymous, CallProcedure


class ReturnedTableMismatch(StatementFault):
    """A procedure returns another table than the one it is declared to return."""

    def __init__(self) -> None:
        super().__init__(
            "Stored procedure execution error: data type of returned table does not match expected returned "
            "table type."
        )


def call_procedure(run: Execution, statement: CallProcedure) -> Result:
    """Call a stored procedure."""
    with run.whole_turn():
        values = evaluate(run, statement.arguments)
        routine = _find(run, run.object_name(statement.name), types_of(values))
        state = None
        if routine.spec.rights is Rights.OWNER:
            state = owner_state(run.state, routine.owner, routine.name.parent)
        targets = output_targets(routine.name.name, routine.spec, statement.arguments, run.outputs)
        note_whole_procedure(run, routine.spec)
        return run_procedure(run, routine.name.name, routine.spec, values, state, targets=targets)


def call_anonymous(run: Execution, statement: CallAnonymous) -> Result:
    """Call the procedure that the statement itself defines: with the caller's rights."""
    spec = statement.spec
    find_language(run.services.languages, spec.language).check(RoutineKind.PROCEDURE, spec)
    with run.whole_turn():
        values = evaluate(run, statement.arguments)
        require_fitting(statement.name, spec, types_of(values))
        targets = output_targets(statement.name, spec, statement.arguments, run.outputs)
        note_whole_procedure(run, spec)
        return run_procedure(run, statement.name, spec, values, None, targets=targets)


def _find(run: Execution, name: QualifiedName, given: Given) -> Routine:
    """Return the procedure that a call of *name* means, or raise why none is."""
    overloads = run.services.routines.overloads(RoutineKind.PROCEDURE, name)
    if not overloads:
        raise UnknownRoutine(RoutineKind.PROCEDURE, name)
    return choose(name.name, overloads, given)


def run_procedure(
    run: Execution,
    name: str,
    spec: RoutineSpec,
    values: Values,
    state: SessionState | None,
    *,
    targets: Mapping[str, str] = NO_TARGETS,
    only_reads: bool = False,
) -> Result:
    """Run the body, seeing *state* as its session where it has the owner's rights.

    *targets* are the bind values of the caller that output arguments are handed back to. With
    *only_reads* its statements may change nothing.
    """
    language = find_language(run.services.languages, spec.language)
    if run.describe_only:
        return Result(columns=_columns(name, spec), rows=[], statement_type=StatementType.SELECT)
    with Nested(run).scope() as scope:
        nested = scope if state is None else scope.within(state)
        nested = nested.reading() if only_reads else nested
        arguments = fit(nested, spec, values)
        if spec.is_strict and any(each.value is None for each in arguments.values()):
            rows = [] if spec.is_table else [(None,)]
            return Result(columns=_columns(name, spec), rows=rows, statement_type=StatementType.SELECT)
        result = language.call(nested, spec, arguments)
    if run.outputs is not None:
        run.outputs.update({key: arguments[name] for name, key in targets.items()})
    return _shaped(name, spec, result)


def _columns(name: str, spec: RoutineSpec) -> tuple[ResultColumn, ...]:
    if spec.returns is not None:
        return (ResultColumn(name, spec.returns),)
    return tuple(ResultColumn(each.name, each.type) for each in spec.columns)


def _shaped(name: str, spec: RoutineSpec, result: Result) -> Result:
    """Return what the body gave under the names that the procedure gives it."""
    if spec.returns is None and not spec.columns:
        return Result(columns=result.columns, rows=result.rows, statement_type=StatementType.SELECT)
    declared = _columns(name, spec)
    kinds = [column.type.kind for column in result.columns]
    if spec.is_table and kinds != [column.type.kind for column in declared]:
        raise ReturnedTableMismatch
    columns = tuple(
        ResultColumn(column.name, had.type) for column, had in zip(declared, result.columns, strict=True)
    )
    return Result(columns=columns, rows=result.rows, statement_type=StatementType.SELECT)
