"""Errors that clockmill raises on purpose.

The class says the kind of mistake; ``code`` and ``sqlstate`` are the figures that clients of
the service know it by (both may be empty where none is documented); the message names the
object and says what to do. HTTP statuses are not known here: ``api`` maps kinds to them.

Subjects with errors of their own derive from the kinds below in their own module.
"""

from typing import ClassVar


class ClockmillError(Exception):
    """Something we refuse or could not do, told to the user."""

    code: str = ""
    sqlstate: str = "42601"

    def __init__(self, message: str, *, code: str | None = None, sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if sqlstate is not None:
            self.sqlstate = sqlstate


class InvalidRequest(ClockmillError):
    """The request is wrong in itself: syntax, a value out of range, a bad combination."""

    code = ""


class SyntaxFault(InvalidRequest):
    """SQL text that does not parse."""

    code, sqlstate = "001003", "42000"


class InvalidIdentifier(InvalidRequest):
    """Text that is not an identifier stands where a name is expected."""

    sqlstate = "42601"

    def __init__(self, text: str) -> None:
        super().__init__(f"Invalid SQL Identifier found in the request: {text}")


class GraphRule(InvalidRequest):
    """A change that the rules of task graphs forbid. Nothing was changed."""


class Unsupported(InvalidRequest):
    """A construct that exists in the language but not (yet) here. Never passed through.

    The *hint* says what to do without it.
    """

    code, sqlstate = "000002", "0A000"

    def __init__(self, construct: str, hint: str = "") -> None:
        super().__init__(f"Unsupported feature '{construct}'. {hint}".rstrip())
        self.construct = construct


class NotFound(ClockmillError):
    """The named object does not exist, or the caller may not know that it does."""

    code, sqlstate = "002003", "02000"

    def __init__(self, kind: str, name: object) -> None:
        super().__init__(f"SQL compilation error:\n{kind} '{name}' does not exist or not authorized.")


class AlreadyExists(ClockmillError):
    """An object of that name is there already."""

    code, sqlstate = "002002", "42710"

    def __init__(self, name: object) -> None:
        super().__init__(f"SQL compilation error:\nObject '{name}' already exists.")


class Forbidden(ClockmillError):
    """The caller is known, but may not do this."""

    code, sqlstate = "003001", "42501"


class InsufficientPrivileges(Forbidden):
    """The caller's role lacks a privilege on an object that it may see."""

    def __init__(self, kind: str, name: object) -> None:
        super().__init__(f"SQL access control error:\nInsufficient privileges to operate on {kind} '{name}'")


class Unauthenticated(ClockmillError):
    """No credentials, or credentials that do not hold. The message never says which part is wrong."""

    code, sqlstate = "390144", "08001"


class TooManyRequests(ClockmillError):
    """The caller must slow down."""

    code, sqlstate = "390429", "57014"


class Unavailable(ClockmillError):
    """Nothing was done, and the same request may be sent again."""

    code, sqlstate = "390503", "57014"


class InternalFault(ClockmillError):
    """A mistake of ours. The log has the details; the answer has none."""

    code, sqlstate = "000603", "XX000"
    text: ClassVar[str] = "Internal error. The server's log has the details under this request id."

    def __init__(self) -> None:
        super().__init__(self.text)


class StatementFault(ClockmillError):
    """A statement failed while running: a user's mistake in SQL or data."""

    code, sqlstate = "100000", "22000"


class StatementCancelled(StatementFault):
    """A running statement was stopped by somebody."""

    code, sqlstate = "000604", "57014"

    def __init__(self) -> None:
        super().__init__("SQL execution canceled")


class StatementTimedOut(StatementFault):
    """A running statement reached its time limit and was stopped in the engine."""

    code, sqlstate = "000630", "57014"

    def __init__(self, seconds: float) -> None:
        limit = f"{seconds:g}"
        super().__init__(
            f"Statement reached its statement or warehouse timeout of {limit} second(s) and was canceled."
        )


class SystemFault(StatementFault):
    """A run ended by our own doing (a crash, a stop): not the task's failure, and not counted."""

    code, sqlstate = "000603", "XX000"
