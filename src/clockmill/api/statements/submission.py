"""A submitted statement: the body of the request, read and made into a session and its work."""

import itertools
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from clockmill.api.wire.bindings import InvalidBinding, read_bindings
from clockmill.core.caller import Caller
from clockmill.core.errors import ClockmillError, InvalidRequest
from clockmill.core.identity import RoleNotGranted
from clockmill.core.parameters import read_login_parameters
from clockmill.session.request import Bindings
from clockmill.session.state import Context
from clockmill.sql.classify import read_statement
from clockmill.sql.lexer import tokens
from clockmill.sql.settings import AlterSession, SetVariables, UnsetVariables
from clockmill.sql.split import count_statements
from clockmill.sql.statement import EngineStatement, Statement, TransactionStatement, Verb
from clockmill.sql.use import Use

_LONGEST_TIMEOUT_S: Final = 604_800
_COUNT: Final = "MULTI_STATEMENT_COUNT"
_TIMEOUT: Final = "STATEMENT_TIMEOUT_IN_SECONDS"


class InvalidPayload(InvalidRequest):
    """The body of the request does not have the form that the operation takes."""

    code, sqlstate = "390142", "08001"

    def __init__(self, why: str) -> None:
        super().__init__(f"Incoming request does not contain a valid payload. {why}")


class UnrecognizedBinding(InvalidRequest):
    """A bind value that cannot be read as its type."""

    code, sqlstate = "100037", "22018"

    def __init__(self, kind: str, value: object) -> None:
        super().__init__(f"{kind} value '{value}' is not recognized")


class PointlessAlone(InvalidRequest):
    """A statement that only changes its session comes alone: the session ends with the request."""

    code, sqlstate = "000002", "0A000"

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"Unsupported feature '{kind} as the only statement of a request'. A request is a session of its "
            f"own: send it together with the statements it is for, and say how many in {_COUNT}."
        )


class Submission(msgspec.Struct, frozen=True):
    """The body of a request. Names of objects are exact, as they are kept."""

    statement: str | None = None
    timeout: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """In seconds; 0 is the longest there is."""
    database: str | None = None
    schema: str | None = None
    warehouse: str | None = None
    role: str | None = None
    bindings: dict[str, dict[str, Any]] | None = None
    parameters: dict[str, Any] | None = None

    @property
    def sql(self) -> str:
        return self.statement or ""

    def context(self, caller: Caller) -> Context:
        """Return where the statements run, the caller's own places by default.

        Raises RoleNotGranted for a role that the caller does not have.
        """
        if self.role and self.role not in caller.roles:
            raise RoleNotGranted(self.role, caller.user)
        home = caller.home
        own_schema = home.schema if home and self.database in (None, "", home.database) else None
        database = self.database or (home.database if home else None)
        return Context(
            role=self.role or caller.role,
            warehouse=self.warehouse or caller.warehouse,
            database=database,
            schema=self.schema or own_schema or ("PUBLIC" if database else None),
        )

    def settings(self) -> Mapping[str, Any]:
        """Return the session parameters to begin with; unknown ones are left out."""
        return read_login_parameters(self.parameters or {})

    def limits(self) -> Mapping[str, Any]:
        """Return the settings that hold for the request, whatever its statements set."""
        if self.timeout is None:
            return {}
        return {_TIMEOUT: min(self.timeout or _LONGEST_TIMEOUT_S, _LONGEST_TIMEOUT_S)}

    def count(self) -> int:
        """Return how many statements there must be; 0 is any number."""
        given = {name.upper(): value for name, value in (self.parameters or {}).items()}.get(_COUNT)
        if given is None:
            return 1
        try:
            count = int(str(given))
        except ValueError:
            count = -1
        if count < 0:
            raise InvalidPayload(f"{_COUNT} must be a whole number, 0 or more.")
        return count

    def values(self) -> Bindings:
        """Return the bind values, or raise UnrecognizedBinding or Unsupported."""
        sent = self.bindings or {}
        try:
            return read_bindings(sent)
        except InvalidBinding as error:
            raise UnrecognizedBinding(error.kind, sent[error.position].get("value")) from error

    def cells(self) -> int:
        """Return how many bind values there are, array elements counted."""
        values = [entry.get("value") for entry in (self.bindings or {}).values()]
        return sum(len(value) if isinstance(value, list) else 1 for value in values)

    def check_alone(self) -> None:
        """Raise PointlessAlone for a single statement that would change nothing but its session."""
        try:
            if count_statements(self.sql) != 1:
                return
            kind = _kind_for_session(self.sql, read_statement(self.sql))
        except (ClockmillError, RecursionError):
            return  # Whoever runs it says so, on record.
        if kind is not None:
            raise PointlessAlone(kind)


_decoder: Final = msgspec.json.Decoder(Submission)


def read_submission(body: bytes) -> Submission:
    """Return what *body* asks for, or raise InvalidPayload."""
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise InvalidPayload(f"{error}.") from error
    except RecursionError as error:
        raise InvalidPayload("It is nested too deeply.") from error


def new_handle() -> str:
    """Return a handle for what is refused before it becomes a statement."""
    return str(uuid.uuid4())


def _kind_for_session(text: str, statement: Statement) -> str | None:
    """Return what *statement* is called if it changes nothing but its session, else None."""
    match statement:
        case EngineStatement(kind=Verb.CREATE) if _makes_temporary(text):
            return "CREATE TEMPORARY"
        case TransactionStatement(kind=kind):
            return kind.partition("_")[0]
        case Use():
            return "USE"
        case AlterSession():
            return "ALTER SESSION"
        case SetVariables() | UnsetVariables():
            return "SET" if isinstance(statement, SetVariables) else "UNSET"
    return None


def _makes_temporary(text: str) -> bool:
    """Say whether *text*, a CREATE, makes something that is gone with its session."""
    words = itertools.takewhile(lambda token: token.upper in _BEFORE_KIND, tokens(text))
    return any(token.upper in _TEMPORARY for token in words)


_TEMPORARY: Final = frozenset({"TEMPORARY", "TEMP", "VOLATILE"})
_BEFORE_KIND: Final = _TEMPORARY | {"CREATE", "OR", "REPLACE", "LOCAL", "GLOBAL"}
