"""Stored procedures after FROM: TABLE(p(arguments)) reads the table that a call returns."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from clockmill.core.errors import InvalidRequest, StatementFault, Unsupported
from clockmill.core.names import QualifiedName, render
from clockmill.core.routine import Rights, Routine, RoutineKind
from clockmill.core.types import ColumnType
from clockmill.engine.protocol import Binding, HostTable
from clockmill.engine.result import ResultColumn
from clockmill.session.execution import Execution
from clockmill.session.owner_state import owner_state
from clockmill.session.routines import run_procedure
from clockmill.sql.statement import Statement, Verb

_FULL: Final = 3
_READING: Final = frozenset({Verb.SELECT, Verb.SHOW, Verb.DESCRIBE, Verb.CALL})


class ChangesInQuery(StatementFault):
    """A procedure that a query selects from runs something else than queries."""

    def __init__(self, verb: Verb) -> None:
        super().__init__(
            "Stored procedure execution error: a procedure that a query selects from may only run SELECT, "
            f"SHOW, DESCRIBE and CALL, not {verb}. CALL the procedure instead."
        )


def require_reading(statement: Statement) -> None:
    """Raise ChangesInQuery if *statement* may not run where a query reads what it gives."""
    verb = getattr(statement, "kind", statement.verb)
    if verb not in _READING and statement.verb not in _READING:
        raise ChangesInQuery(verb if isinstance(verb, Verb) else statement.verb)


class UnknownColumns(InvalidRequest):
    """What a statement can select from a procedure is not known before it is called."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"SQL compilation error:\nThe procedure '{render(name)}' cannot be selected from: it does not "
            "declare the columns of the table that it returns. Declare them in RETURNS TABLE (...)."
        )


class ProcedureTables:
    """The procedures that the query of *execution* may select from."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution

    def parameters(self, name: tuple[str, ...]) -> Mapping[str, ColumnType] | None:
        """Return the arguments of the procedure *name*, or None if there is none that returns a table."""
        routine = self._find(name)
        return None if routine is None else {each.name: each.type for each in routine.spec.arguments}

    def columns(self, name: tuple[str, ...]) -> tuple[ResultColumn, ...] | None:
        """Return the columns that a procedure declares; raises UnknownColumns if it does not."""
        routine = self._find(name)
        if routine is None:
            return None
        if not routine.spec.columns:
            raise UnknownColumns(routine.name.name)
        return tuple(ResultColumn(each.name, each.type) for each in routine.spec.columns)

    def rows(self, table: HostTable) -> Sequence[Sequence[Any]]:
        """Call the procedure, which may only read, and return the rows that it returns."""
        routine = self._find(table.name)
        if routine is None:
            return []
        types = {each.name: each.type for each in routine.spec.arguments}
        values = [(name, Binding(value, types[name])) for name, value in table.arguments or ()]
        run, state = self._execution, None
        if routine.spec.rights is Rights.OWNER:
            state = owner_state(run.state, routine.owner, routine.name.parent)
        return run_procedure(run, routine.name.name, routine.spec, values, state, only_reads=True).rows

    def _find(self, name: tuple[str, ...]) -> Routine | None:
        """Return the one procedure of that name that returns a table; arguments do not choose here."""
        run = self._execution
        if len(name) == _FULL - 1 and run.state.context.database is not None:
            name = (run.state.context.database, *name)
        if len(name) != _FULL:
            return None
        found = run.services.routines.overloads(RoutineKind.PROCEDURE, QualifiedName(*name))
        tables = [each for each in found if each.spec.is_table]
        if len(tables) > 1:
            raise Unsupported(f"TABLE() of the procedure {render(name[-1])}, of which there are several")
        return tables[0] if tables else None
