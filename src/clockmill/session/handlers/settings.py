"""ALTER SESSION."""

from clockmill.core.parameters import SESSION_PARAMETERS, UnknownParameter, read_session_parameter
from clockmill.core.sentences import DONE
from clockmill.engine.result import Result, StatementType, status
from clockmill.session.execution import Execution
from clockmill.sql.settings import AlterSession


def alter_session(run: Execution, statement: AlterSession) -> Result:
    """Set or unset session parameters: all of them, or none if one is refused."""
    changes = dict(read_session_parameter(name, value) for name, value in statement.settings.items())
    for name in statement.unset:
        if name not in SESSION_PARAMETERS:
            raise UnknownParameter(name, "SESSION")
    run.state.change_parameters(changes, statement.unset)
    return status(DONE, StatementType.SCL)
