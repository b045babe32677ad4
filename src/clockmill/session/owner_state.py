"""What a procedure with its owner's rights sees as its session, and what it may not do in it."""

from typing import Final, NoReturn

from clockmill.core.errors import InvalidRequest
from clockmill.core.names import SchemaName
from clockmill.engine.protocol import Binding
from clockmill.session.state import Context, SessionState
from clockmill.sql.settings import AlterSession, SetVariables, UnsetVariables
from clockmill.sql.statement import Statement
from clockmill.sql.use import Use

_REFUSED: Final[dict[type[Statement], str]] = {
    Use: "USE",
    AlterSession: "ALTER_SESSION",
    SetVariables: "SET",
    UnsetVariables: "UNSET",
}
"""What would change the caller's session, which is none of the owner's business."""


class NotWithOwnersRights(InvalidRequest):
    """A statement that only a procedure with the caller's rights may run."""

    code, sqlstate = "090236", "42601"

    def __init__(self, statement: str) -> None:
        super().__init__(
            f"Stored procedure execution error: Unsupported statement type '{statement}'. "
            "A procedure that is to run it must be created with EXECUTE AS CALLER."
        )


class HiddenVariable(InvalidRequest):
    """A session variable is asked for where the session is the caller's and the rights are the owner's."""

    code, sqlstate = "090238", "42601"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Use of session variable '${name}' is not allowed in owners rights stored procedure."
        )


class _HiddenVariables(dict[str, Binding]):
    """No variables, and a reason for whoever asks for one."""

    def get(self, name: str, default: object = None) -> NoReturn:  # noqa: ARG002
        raise HiddenVariable(name)

    def __missing__(self, name: str) -> NoReturn:
        raise HiddenVariable(name)


class OwnerState(SessionState):
    """A session as a procedure with its owner's rights sees it: nobody's variables, nothing to change."""


def owner_state(caller: SessionState, owner: str, home: SchemaName) -> SessionState:
    """Return what a procedure that *owner* owns, in the schema *home*, sees as its session.

    The user, the warehouse and the parameters are the caller's.
    """
    context = Context(
        role=owner, warehouse=caller.context.warehouse, database=home.database, schema=home.schema
    )
    state = OwnerState(
        session_id=caller.session_id,
        user=caller.user,
        roles=frozenset({owner}),
        context=context,
        parameters=caller.parameters,
        client=caller.client,
    )
    state.variables = _HiddenVariables()
    return state


def require_allowed(state: SessionState, statement: Statement) -> None:
    """Raise NotWithOwnersRights if *statement* may not run in a session seen as *state*."""
    word = _REFUSED.get(type(statement))
    if word is not None and isinstance(state, OwnerState):
        raise NotWithOwnersRights(word)
