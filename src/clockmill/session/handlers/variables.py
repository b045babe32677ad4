"""Session variables: SET and UNSET."""

from typing import Final

from clockmill.core.errors import InvalidRequest
from clockmill.core.sentences import DONE
from clockmill.engine.protocol import Binding
from clockmill.engine.result import BOOLEAN, NUMBER, TEXT, ColumnType, Kind, Result, StatementType, status
from clockmill.session.execution import Execution
from clockmill.sql.parser import Argument
from clockmill.sql.settings import Assignment, SetVariables, UnsetVariables

_LONGEST: Final = 256
"""Bytes of the longest text a variable may hold, as documented."""

_REAL: Final = ColumnType(kind=Kind.REAL)


class VariableTooLong(InvalidRequest):
    """The value of a session variable is longer than variables may be."""

    code, sqlstate = "001039", "22001"

    def __init__(self, name: str, length: int) -> None:
        super().__init__(
            f"Assignment to '{name}' not done because value exceeds size limit for variables. "
            f"Its size is {length}; the limit is {_LONGEST} (internal storage size in bytes)."
        )


def set_variables(run: Execution, statement: SetVariables) -> Result:
    """Evaluate the expressions, the engine's help included, then set all the variables."""
    values = {each.name: _evaluate(run, each) for each in statement.assignments}
    run.state.change_variables(values)
    return status(DONE, StatementType.SCL)


def unset_variables(run: Execution, statement: UnsetVariables) -> Result:
    """Forget variables; one that was not set is no mistake."""
    run.state.change_variables({}, statement.names)
    return status(DONE, StatementType.SCL)


def _evaluate(run: Execution, assignment: Assignment) -> Binding:
    if assignment.expression is None:
        value = run.value(assignment.literal)
        binding = Binding(value, _type_of(value))
    else:
        result = run.ask_engine(f"SELECT {assignment.expression}")
        value = result.rows[0][0] if result.rows else None
        binding = Binding(value, result.columns[0].type)
    if isinstance(value, str) and len(value.encode()) > _LONGEST:
        raise VariableTooLong(assignment.name, len(value.encode()))
    return binding


def _type_of(value: Argument) -> ColumnType:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int):
        return NUMBER
    return _REAL if isinstance(value, float) else TEXT
