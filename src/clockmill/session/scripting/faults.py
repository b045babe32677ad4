"""What goes wrong in a script: exceptions on their way to a handler, and what is told if none takes them."""

from typing import Final

from clockmill.core.errors import ClockmillError, InvalidRequest, StatementFault
from clockmill.sql.lexer import place

STATEMENT_ERROR: Final = "STATEMENT_ERROR"
EXPRESSION_ERROR: Final = "EXPRESSION_ERROR"
OTHER: Final = "OTHER"

_RAISED_STATE: Final = "P0001"
"""The SQLSTATE of exceptions that a script declares."""

_DEFAULT_CODE: Final = -20000
"""The number of an exception that is declared without one."""


class DeclaredException:
    """An exception that a block declares. Two of the same name in two blocks are two exceptions."""

    def __init__(self, name: str, code: int | None, message: str | None) -> None:
        self.name = name
        self.code = _DEFAULT_CODE if code is None else code
        self.message = message or ""


class Raised(Exception):
    """An exception on its way to a handler: what it is called, what it says, where it came up."""

    def __init__(
        self, name: str, error: ClockmillError, start: int, declared: DeclaredException | None = None
    ) -> None:
        super().__init__(name)
        self.name = name
        self.error = error
        self.start = start
        self.declared = declared

    @property
    def code(self) -> int:
        """What SQLCODE is."""
        return int(self.error.code) if self.error.code.lstrip("-").isdigit() else 0

    @property
    def message(self) -> str:
        """What SQLERRM is."""
        return self.error.message

    @property
    def state(self) -> str:
        """What SQLSTATE is."""
        return self.error.sqlstate


class UncaughtException(StatementFault):
    """No handler has taken an exception. The code and SQLSTATE are those of what happened."""

    def __init__(self, raised: Raised, source: str) -> None:
        line, column = place(source, raised.start)
        said = f" : {raised.message}" if raised.message else ""
        super().__init__(
            f"Uncaught exception of type '{raised.name}' on line {line} at position {column}{said}",
            code=raised.error.code,
            sqlstate=raised.error.sqlstate,
        )


class DeclaredFault(StatementFault):
    """What is told of an exception that a script has declared and raised."""

    def __init__(self, declared: DeclaredException) -> None:
        super().__init__(declared.message, code=str(declared.code), sqlstate=_RAISED_STATE)


class ScriptFault(InvalidRequest):
    """A script that cannot be run as it stands; no handler takes it."""

    code, sqlstate = "000904", "42000"

    def __init__(
        self, source: str, start: int, why: str, *, code: str | None = None, sqlstate: str | None = None
    ) -> None:
        line, column = place(source, start)
        super().__init__(
            f"SQL compilation error: error line {line} at position {column}\n{why}",
            code=code,
            sqlstate=sqlstate,
        )


def unknown_name(source: str, start: int, name: str) -> ScriptFault:
    """Return the error that says that nothing of that name is in scope."""
    return ScriptFault(source, start, f"invalid identifier '{name}'")


class CursorFault(StatementFault):
    """A cursor is used in a state in which it cannot be."""

    code, sqlstate = "090086", "24000"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"CURSOR {name} {why}")


class TextTooLong(StatementFault):
    """A text is assigned to a variable that is too short for it."""

    code, sqlstate = "100078", "22000"

    def __init__(self, text: str) -> None:
        super().__init__(f"String '{text}' is too long and would be truncated")


class NotOneRow(StatementFault):
    """SELECT … INTO gives more rows than there are variables for."""

    code, sqlstate = "090242", "21000"

    def __init__(self, count: int) -> None:
        super().__init__(f"\nA SELECT INTO statement expects exactly 1 returned row, but got {count}.")


class WrongVariableCount(StatementFault):
    """INTO names another number of variables than there are columns."""

    code, sqlstate = "002066", "42601"

    def __init__(self, wanted: int, given: int) -> None:
        super().__init__(
            f"SQL compilation error:\nThe number of INTO variables ({wanted}) does not match the number of "
            f"columns ({given})."
        )


class WrongReturn(StatementFault):
    """A procedure returns a value where it is declared to return a table, or the other way round."""

    def __init__(self, *, wants_table: bool) -> None:
        declared, given = ("a table", "a value") if wants_table else ("a value", "a table")
        super().__init__(
            f"Stored procedure execution error: the procedure is declared to return {declared}, and its body "
            f"returns {given}."
        )


class NothingToRaise(StatementFault):
    """RAISE without a name outside a handler."""

    def __init__(self) -> None:
        super().__init__("RAISE without a name is possible only in an exception handler.")
