"""Errors that a session finds itself, before or beside the engine."""

from clockmill.core.errors import ClockmillError, Forbidden, InvalidRequest, StatementFault, SyntaxFault


class NoCurrentDatabase(InvalidRequest):
    """A name without a database is used where the session has none."""

    code, sqlstate = "090105", "22000"

    def __init__(self) -> None:
        super().__init__(
            "Cannot perform operation. This session does not have a current database. "
            "Call 'USE DATABASE', or use a qualified name."
        )


class NoActiveWarehouse(InvalidRequest):
    """The warehouse of the session is not there (any more), and the statement needs it."""

    code, sqlstate = "000606", "57P03"

    def __init__(self) -> None:
        super().__init__(
            "No active warehouse selected in the current session. "
            "Select an active warehouse with the 'use warehouse' command."
        )


class NoCurrentSchema(InvalidRequest):
    """A name without a schema is used where the session has none."""

    code, sqlstate = "090106", "22000"

    def __init__(self) -> None:
        super().__init__(
            "Cannot perform operation. This session does not have a current schema. "
            "Call 'USE SCHEMA', or use a qualified name."
        )


class MissingForUse(InvalidRequest):
    """USE names something that does not exist."""

    code, sqlstate = "002043", "02000"

    def __init__(self) -> None:
        super().__init__("SQL compilation error:\nObject does not exist, or operation cannot be performed.")


class RoleNotUsable(Forbidden):
    """USE ROLE names a role that the user does not hold."""

    code, sqlstate = "003013", "42501"

    def __init__(self, role: str) -> None:
        super().__init__(
            f"SQL access control error:\nRequested role '{role}' is not assigned to the executing user. "
            "Specify another role to activate."
        )


class StatementCountMismatch(InvalidRequest):
    """A request holds another number of statements than it says."""

    code, sqlstate = "000008", "0A000"

    def __init__(self, actual: int, desired: int) -> None:
        super().__init__(
            f"Actual statement count {actual} did not match the desired statement count {desired}."
        )


class NestedTooDeeply(SyntaxFault):
    """A statement, or a value in it, has more levels than can be read."""

    def __init__(self) -> None:
        super().__init__("SQL compilation error:\nThe statement or a value in it is nested too deeply.")


class UnknownVariable(InvalidRequest):
    """A session variable is read that is not set."""

    code, sqlstate = "002211", "02000"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"SQL compilation error: error line 0 at position -1\nSession variable '${name}' does not exist"
        )


class UnboundValue(InvalidRequest):
    """A placeholder has no value."""

    code, sqlstate = "002049", "42601"

    def __init__(self, key: str) -> None:
        super().__init__(f"SQL compilation error:\nBind variable :{key} not set.")


class InvalidArgument(InvalidRequest):
    """A system function is called with an argument that it does not take."""

    code, sqlstate = "001015", "22023"

    def __init__(self, function: str, why: str) -> None:
        super().__init__(f"SQL compilation error:\nInvalid argument for function '{function}': {why}")


class OutsideTask(InvalidRequest):
    """A function is called that only a task's body may call."""

    code, sqlstate = "091411", "22023"

    def __init__(self, function: str) -> None:
        super().__init__(f"Function {function} must be called from within a task.")


class NullResult(StatementFault):
    """A value that is not there would become a row of the result."""

    code, sqlstate = "100072", "22000"

    def __init__(self) -> None:
        super().__init__("NULL result in a non-nullable column")


class TransactionLost(StatementFault):
    """The session stood idle with an open transaction for so long that it was rolled back."""

    code, sqlstate = "000625", "57014"

    def __init__(self) -> None:
        super().__init__(
            "The session's transaction was rolled back because the session was idle while it held locks. "
            "Nothing of this statement was done; begin the transaction again."
        )


class SessionClosed(ClockmillError):
    """A statement comes to a session that has ended."""

    code, sqlstate = "390111", "08003"

    def __init__(self) -> None:
        super().__init__("The session has ended. Sign in again.")


class ListingTooLong(InvalidRequest):
    """A SHOW asks for more rows than one listing has, or has more and no LIMIT."""

    code, sqlstate = "090153", "22000"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A listing has at most {limit} rows. Ask for fewer with LIMIT and FROM.")
