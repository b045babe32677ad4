"""SHOW and DESCRIBE."""

import enum
from typing import ClassVar, Final

from clockmill.core.errors import Unsupported
from clockmill.core.routine import RoutineKind
from clockmill.sql.functions import FunctionCall, read_query_id
from clockmill.sql.lexer import Kind
from clockmill.sql.parser import Argument, Parser, Reference
from clockmill.sql.routines import ROUTINES, DescribeRoutine, read_describe_routine
from clockmill.sql.statement import Statement, Verb


class Subject(enum.StrEnum):
    """What SHOW lists."""

    DATABASES = "DATABASES"
    SCHEMAS = "SCHEMAS"
    WAREHOUSES = "WAREHOUSES"
    TABLES = "TABLES"
    VIEWS = "VIEWS"
    OBJECTS = "OBJECTS"
    SEQUENCES = "SEQUENCES"
    STREAMS = "STREAMS"
    COLUMNS = "COLUMNS"
    TASKS = "TASKS"
    TAGS = "TAGS"
    ROLES = "ROLES"
    USERS = "USERS"
    PRIMARY_KEYS = "PRIMARY KEYS"
    UNIQUE_KEYS = "UNIQUE KEYS"
    IMPORTED_KEYS = "IMPORTED KEYS"
    EXPORTED_KEYS = "EXPORTED KEYS"
    PARAMETERS = "PARAMETERS"
    VARIABLES = "VARIABLES"
    PROCEDURES = "PROCEDURES"
    FUNCTIONS = "FUNCTIONS"


class Scope(enum.StrEnum):
    """Where SHOW looks."""

    ACCOUNT = "ACCOUNT"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    TABLE = "TABLE"
    VIEW = "VIEW"
    SESSION = "SESSION"
    TASK = "TASK"
    WAREHOUSE = "WAREHOUSE"
    USER = "USER"
    APPLICATION = "APPLICATION"


class Show(Statement, frozen=True, kw_only=True):
    """SHOW subject with its filters. Without *scope* the session's place decides.

    *scope_name* is None where the word stands alone (IN DATABASE: the current one). Where only a
    name is given (IN x), *scope* is None and *scope_name* is set.
    """

    verb: ClassVar[Verb] = Verb.SHOW
    subject: Subject
    terse: bool = False
    history: bool = False
    """Asks for what has been dropped too, of which nothing is kept, and for a column that says when."""
    like: str | None = None
    scope: Scope | None = None
    scope_name: Reference | None = None
    starts_with: str | None = None
    root_only: bool = False
    limit: int | None = None
    from_name: str | None = None


class Describe(Statement, frozen=True, kw_only=True):
    """DESCRIBE kind name; *kind* is TABLE, VIEW, SEQUENCE, DATABASE, SCHEMA, WAREHOUSE, TASK or STREAM."""

    verb: ClassVar[Verb] = Verb.DESCRIBE
    kind: str
    name: Reference


class DescribeResult(Statement, frozen=True, kw_only=True):
    """DESCRIBE RESULT id: *query* is an id, or a call of LAST_QUERY_ID."""

    verb: ClassVar[Verb] = Verb.DESCRIBE
    query: Argument | FunctionCall


_OF_USERS: Final = frozenset({Subject.TASKS, Subject.PROCEDURES, Subject.FUNCTIONS})
"""What may be asked for as SHOW USER …: there are no others here but those of users."""

_OF_TABLES: Final = frozenset(
    {Subject.COLUMNS, Subject.PRIMARY_KEYS, Subject.UNIQUE_KEYS}
    | {Subject.IMPORTED_KEYS, Subject.EXPORTED_KEYS}
)
"""What tables have: a bare name after IN is one."""

_SUBJECTS: Final = frozenset(Subject)
_SCOPES: Final = frozenset(Scope)
_DESCRIBED: Final = frozenset(
    {"TABLE", "VIEW", "SEQUENCE", "DATABASE", "SCHEMA", "WAREHOUSE", "TASK", "STREAM"}
)
_KEYS: Final = {word.split()[0]: word for word in Subject if word.endswith(" KEYS")}


def read_show(parser: Parser) -> Show:
    """Read a SHOW statement."""
    parser.expect("SHOW")
    terse = parser.accept("TERSE")
    if parser.token.upper == "USER" and parser.ahead(1).upper in _OF_USERS:
        parser.advance()
    subject = _subject(parser)
    history = parser.accept("HISTORY")
    like = parser.string() if parser.accept("LIKE") else None
    scope, name = _scope(parser)
    if scope is None and name is not None and subject in _OF_TABLES:
        scope = Scope.TABLE
    starts_with = parser.string() if parser.accept("STARTS", "WITH") else None
    root_only = parser.accept("ROOT", "ONLY")
    limit = parser.integer() if parser.accept("LIMIT") else None
    from_name = parser.string() if parser.accept("FROM") else None
    parser.finish()
    return Show(
        subject=subject,
        terse=terse,
        history=history,
        like=like,
        scope=scope,
        scope_name=name,
        starts_with=starts_with,
        root_only=root_only,
        limit=limit,
        from_name=from_name,
    )


def _subject(parser: Parser) -> Subject:
    if parser.ahead(1).upper == "KEYS" and parser.token.upper in _KEYS:
        words = _KEYS[parser.token.upper]
        parser.expect(*words.split())
        return Subject(words)
    word = parser.accept_one(_SUBJECTS)
    if word is None:
        raise Unsupported(f"SHOW {_phrase(parser)}")
    return Subject(word)


def read_describe(parser: Parser) -> Describe | DescribeResult | DescribeRoutine:
    """Read a DESCRIBE or DESC statement."""
    parser.advance()
    if parser.accept("RESULT"):
        query = read_query_id(parser)
        if query is None:
            parser.fail()
        parser.finish()
        return DescribeResult(query=query)
    if parser.token.upper in ROUTINES:
        return read_describe_routine(parser, RoutineKind(parser.advance().upper))
    word = parser.accept_one(_DESCRIBED)
    if word is None:
        raise Unsupported(f"DESCRIBE {_phrase(parser)}")
    name = parser.reference()
    if parser.accept("TYPE"):
        parser.expect("=")
        if not parser.accept("COLUMNS"):
            raise Unsupported(f"DESCRIBE {word} … TYPE = {parser.token.upper}")
    parser.finish()
    return Describe(kind=word, name=name)


def _scope(parser: Parser) -> tuple[Scope | None, Reference | None]:
    if not (parser.accept("IN") or parser.accept("FOR")):
        return None, None
    if parser.token.upper == "APPLICATION" and parser.ahead(1).upper in _AFTER_SCOPE:
        return None, parser.reference()
    # A word that stands for a scope may also be the name of one: SHOW TABLES IN session.t.
    word = None if parser.ahead(1).upper == "." else parser.accept_one(_SCOPES)
    if word is None:
        return None, parser.reference()
    if parser.at_end or _filter_follows(parser):
        return Scope(word), None
    if word == Scope.APPLICATION:
        parser.accept("PACKAGE")
    return Scope(word), parser.reference()


_AFTER_SCOPE: Final = frozenset({"", ".", ";", "STARTS", "ROOT", "LIMIT"})


def _filter_follows(parser: Parser) -> bool:
    """Say whether a filter comes next, and not the name of something that is called like one."""
    if parser.token.upper == "LIMIT":
        return parser.ahead(1).kind is Kind.NUMBER
    return parser.at("STARTS", "WITH") or parser.at("ROOT", "ONLY")


def _phrase(parser: Parser) -> str:
    """Return up to two words that come next, for an error: the name of a kind, no filter."""
    words = [token.upper for token in (parser.token, parser.ahead(1)) if token.kind is Kind.WORD]
    return " ".join(words[:1] if words[1:] and words[1] in _FILTERS else words)


_FILTERS: Final = frozenset({"LIKE", "IN", "STARTS", "LIMIT", "HISTORY"})
