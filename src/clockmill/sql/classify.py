"""From the text of one statement to what it is.

Reading is cached by text: a task runs the same body again and again, and clients repeat
themselves. Only what is known passes; the rest is refused by name.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from clockmill.core.errors import InvalidRequest, SyntaxFault, Unsupported
from clockmill.core.routine import RoutineKind
from clockmill.sql.calls import read_anonymous_call, read_call_procedure
from clockmill.sql.catalog import Creation, ObjectKind, read_change, read_comment, read_create, read_drop
from clockmill.sql.functions import (
    ANSWERED,
    WAITING,
    CallFunctions,
    read_call,
    read_plain_select,
    require_literal_return_value,
)
from clockmill.sql.lexer import Kind, Token, tokens, unexpected
from clockmill.sql.parser import Parser
from clockmill.sql.routines import (
    ROUTINES,
    read_alter_routine,
    read_comment_on_routine,
    read_create_routine,
    read_drop_routine,
)
from clockmill.sql.scripting.opening import is_block
from clockmill.sql.scripting.parser import parse_block, parse_execute_immediate
from clockmill.sql.scripting.statement import ImmediateStatement, ScriptBlock
from clockmill.sql.settings import SetVariables, read_alter_session, read_set, read_unset
from clockmill.sql.show import read_describe, read_show
from clockmill.sql.statement import EngineStatement, Statement, TransactionStatement, Verb
from clockmill.sql.streams import read_alter_stream, read_create_stream, read_drop_stream
from clockmill.sql.tags import read_create_tag, read_tag_change
from clockmill.sql.task import (
    AlterTask,
    read_alter_task,
    read_comment_on_task,
    read_create_task,
    read_execute_task,
)
from clockmill.sql.use import read_use

_LONGEST_CACHED: Final = 20_000
"""Characters of the longest text worth keeping: longer ones are loads of data, each seen once."""


def read_statement(text: str) -> Statement:
    """Return what the one statement in *text* is; raise SyntaxFault or Unsupported."""
    return _read_cached(text) if len(text) <= _LONGEST_CACHED else _read(text)


def needs_slot(statement: Statement) -> bool:
    """Say whether *statement*, at the top level, takes a slot of its warehouse."""
    if isinstance(statement, CallFunctions):
        return any(call.name == WAITING for call in statement.calls)
    if isinstance(statement, SetVariables):
        return any(each.expression is not None for each in statement.assignments)
    return statement.needs_slot


def takes_slot(text: str) -> bool:
    """Say whether running *text* will ask for a slot; one that cannot be read will not."""
    try:
        return needs_slot(read_statement(text))
    except InvalidRequest:
        return False


def _read(text: str) -> Statement:
    words = _opening(text)
    first = words[0]
    if all(word.kind is Kind.END or word.upper == ";" for word in words):
        raise SyntaxFault("SQL compilation error:\nEmpty SQL statement.")
    if is_block(words):
        return ScriptBlock(block=parse_block(text))
    # What a task or procedure is made of is looked at when it runs.
    if first.upper not in _DEFINING and "$set_return_value" in text.lower():
        require_literal_return_value(text)
    if first.upper in _ENGINE_VERBS:
        return _read_engine(text, words)
    reader = _READERS.get(first.upper)
    if reader is not None:
        return reader(Parser(text))
    if first.upper in _UNSUPPORTED:
        raise Unsupported(first.upper, _HINTS.get(first.upper, ""))
    raise unexpected(text, first)


_DEFINING: Final = frozenset({"CREATE", "ALTER"})

_read_cached = lru_cache(maxsize=4096)(_read)


def _opening(text: str) -> list[Token]:
    """Return the first three tokens, without reading the whole of a long text."""
    found: list[Token] = []
    for token in tokens(text):
        found.append(token)
        if len(found) == 3 or token.kind is Kind.END:
            break
    return found if len(found) > 1 else [*found, *found]


# --- what the engine runs --------------------------------------------------------------------


def _read_engine(text: str, words: list[Token]) -> Statement:
    verb = _ENGINE_VERBS[words[0].upper]
    if verb is Verb.SELECT and (words[1].upper in ANSWERED or words[1].upper == "*"):
        plain = read_plain_select(text)
        if plain is not None:
            return plain
    if words[0].upper == "WITH" and _is_anonymous_procedure(text):
        return read_anonymous_call(Parser(text))
    return EngineStatement(kind=verb)


def _is_anonymous_procedure(text: str) -> bool:
    """Say whether *text* is WITH name AS PROCEDURE …"""
    found = tokens(text)
    opening = [token.upper for token, _ in zip(found, range(4), strict=False)]
    return opening[2:4] == ["AS", "PROCEDURE"]


def _engine(kind: Verb) -> Statement:
    return EngineStatement(kind=kind)


_ENGINE_VERBS: Final = {
    "SELECT": Verb.SELECT,
    "WITH": Verb.SELECT,
    "(": Verb.SELECT,
    "VALUES": Verb.SELECT,
    "INSERT": Verb.INSERT,
    "UPDATE": Verb.UPDATE,
    "DELETE": Verb.DELETE,
    "MERGE": Verb.MERGE,
    "TRUNCATE": Verb.TRUNCATE,
}

# --- CREATE, ALTER, DROP ---------------------------------------------------------------------

_STORED: Final = frozenset({"DATABASE", "SCHEMA", "WAREHOUSE"})
_IN_ENGINE: Final = frozenset({"TABLE", "VIEW", "SEQUENCE"})
_TABLE_KINDS: Final = frozenset(
    {"TRANSIENT", "TEMPORARY", "TEMP", "VOLATILE", "SCOPED", "LOCAL", "GLOBAL", "SECURE", "RECURSIVE"}
)


def _read_create(parser: Parser) -> Statement:
    parser.expect("CREATE")
    or_replace = parser.accept("OR", "REPLACE")
    or_alter = not or_replace and parser.accept("OR", "ALTER")
    creation = Creation(or_replace, or_alter)
    modifiers = set()
    while (word := parser.accept_one(_TABLE_KINDS)) is not None:
        modifiers.add(word)
    if parser.token.upper in _IN_ENGINE:
        return _engine(Verb.CREATE)
    if parser.token.upper in _STORED and modifiers <= {"TRANSIENT"}:
        kind = ObjectKind(parser.advance().upper)
        return read_create(parser, kind, creation, transient=bool(modifiers))
    if parser.token.upper in ROUTINES:
        routine = RoutineKind(parser.advance().upper)
        return read_create_routine(parser, routine, creation, frozenset(modifiers))
    if parser.accept("TAG"):
        return read_create_tag(parser, creation)
    if parser.accept("STREAM"):
        return read_create_stream(parser, creation)
    if parser.accept("TASK"):
        task = read_create_task(parser, creation)
        _require_body(parser.text, task.clauses.body)
        return task
    raise _refusal("CREATE", parser)


def _read_alter(parser: Parser) -> Statement:
    parser.expect("ALTER")
    if parser.accept("SESSION"):
        return read_alter_session(parser)
    if parser.token.upper in _IN_ENGINE:
        return _engine(Verb.ALTER)
    if parser.token.upper in ROUTINES:
        return read_alter_routine(parser, RoutineKind(parser.advance().upper))
    if parser.accept("STREAM"):
        if_exists = parser.if_exists()
        return read_alter_stream(parser, parser.reference(), if_exists=if_exists)
    kind = parser.accept_one(_ALTERED)
    if kind is None:
        raise _refusal("ALTER", parser)
    if_exists = parser.if_exists()
    name = None if kind == "ACCOUNT" else parser.reference()
    tagged = read_tag_change(parser, ObjectKind(kind), name, if_exists=if_exists)
    if tagged is not None:
        return tagged
    if name is None:
        raise Unsupported(_named("ALTER ACCOUNT", parser))
    if kind == "TASK":
        task = read_alter_task(parser, name, if_exists=if_exists)
        if isinstance(task, AlterTask):
            _require_body(parser.text, task.alteration.clauses.body)
        return task
    return read_change(parser, ObjectKind(kind), name, if_exists=if_exists)


_ALTERED: Final = _STORED | {"ACCOUNT", "TASK"}


def _read_drop(parser: Parser) -> Statement:
    parser.expect("DROP")
    if parser.token.upper in _IN_ENGINE:
        return _engine(Verb.DROP)
    if parser.token.upper in ROUTINES:
        return read_drop_routine(parser, RoutineKind(parser.advance().upper))
    if parser.accept("STREAM"):
        return read_drop_stream(parser)
    kind = parser.accept_one(_STORED | {"TAG", "TASK"})
    if kind is None:
        raise _refusal("DROP", parser)
    return read_drop(parser, ObjectKind(kind))


def _require_body(text: str, body: str | None) -> None:
    """Raise SyntaxFault, placed in *text*, if the *body* of a task at its end is no statement.

    What is a statement, but cannot be run, is for the task's run to say.
    """
    if body is None:
        return
    before = text[: text.rfind(body)]
    blanks = "".join("\n" if each == "\n" else " " for each in before)
    try:
        _read(blanks + body)
    except SyntaxFault:
        raise
    except InvalidRequest:
        return


def _refusal(verb: str, parser: Parser) -> Unsupported:
    construct = _named(verb, parser)
    return Unsupported(construct, _HINTS.get(construct.removeprefix(f"{verb} "), ""))


def _named(verb: str, parser: Parser) -> str:
    """Name a construct by its verb and its kind of object: one or two words."""
    kind = [parser.token.upper]
    if kind[0] in _FIRST_OF_TWO:
        kind.append(parser.ahead(1).upper)
    return " ".join([verb, *kind]).strip()


_FIRST_OF_TWO: Final = frozenset(
    {"MATERIALIZED", "DYNAMIC", "EXTERNAL", "FILE", "ROW", "MASKING", "NETWORK", "RESOURCE", "API"}
    | {"STORAGE", "NOTIFICATION", "SECURITY", "EVENT", "HYBRID", "ICEBERG", "AGGREGATION", "PROJECTION"}
)

# --- the rest --------------------------------------------------------------------------------


def _read_transaction(parser: Parser) -> Statement:
    """Read BEGIN, START TRANSACTION, COMMIT or ROLLBACK; what they say besides does not matter."""
    word = parser.advance().upper
    if word == "START":
        parser.expect("TRANSACTION")
    else:
        parser.accept_one(frozenset({"WORK", "TRANSACTION"}))
    if word in ("BEGIN", "START") and parser.accept("NAME"):
        parser.identifier()
    parser.finish()
    return TransactionStatement(kind=_TRANSACTION_VERBS[word])


_TRANSACTION_VERBS: Final = {
    "BEGIN": Verb.BEGIN,
    "START": Verb.BEGIN,
    "COMMIT": Verb.COMMIT,
    "ROLLBACK": Verb.ROLLBACK,
}


def _read_call(parser: Parser) -> Statement:
    """Read a CALL, of one of our own functions or of a stored procedure."""
    parser.expect("CALL")
    if parser.token.upper.startswith("SYSTEM$"):
        return read_call(parser)
    return read_call_procedure(parser)


def _read_comment(parser: Parser) -> Statement:
    """Read COMMENT [IF EXISTS] ON kind name IS 'text'."""
    parser.expect("COMMENT")
    if_exists = parser.if_exists()
    parser.expect("ON")
    if parser.token.upper in ROUTINES:
        return read_comment_on_routine(parser, RoutineKind(parser.advance().upper), if_exists=if_exists)
    if parser.token.upper in _IN_ENGINE | {"COLUMN"}:
        return _engine(Verb.ALTER)
    kind = parser.accept_one(_STORED)
    if kind is not None:
        return read_comment(parser, ObjectKind(kind), if_exists=if_exists)
    if not parser.accept("TASK"):
        raise Unsupported(_named("COMMENT ON", parser))
    return read_comment_on_task(parser, if_exists=if_exists)


def _read_execute(parser: Parser) -> Statement:
    parser.expect("EXECUTE")
    if parser.at("IMMEDIATE"):
        return ImmediateStatement(immediate=parse_execute_immediate(parser.text))
    if not parser.accept("TASK"):
        raise Unsupported(_named("EXECUTE", parser))
    return read_execute_task(parser)


_READERS: Final[dict[str, Callable[[Parser], Statement]]] = {
    "CREATE": _read_create,
    "ALTER": _read_alter,
    "DROP": _read_drop,
    "SHOW": read_show,
    "DESCRIBE": read_describe,
    "DESC": read_describe,
    "USE": read_use,
    "SET": read_set,
    "UNSET": read_unset,
    "CALL": _read_call,
    "COMMENT": _read_comment,
    "EXECUTE": _read_execute,
    **dict.fromkeys(_TRANSACTION_VERBS, _read_transaction),
}

_UNSUPPORTED: Final = frozenset(
    {"GRANT", "REVOKE", "COPY", "PUT", "GET", "LIST", "LS", "REMOVE", "RM", "EXPLAIN", "UNDROP"}
    | {"LET", "RETURN", "IF", "FOR", "WHILE", "REPEAT", "LOOP", "CASE", "RAISE", "ASYNC"}
    | {"PRAGMA", "ATTACH", "DETACH", "INSTALL", "LOAD", "EXPORT", "IMPORT", "CHECKPOINT", "VACUUM"}
)

_NO_GRANTS: Final = "Privileges are not granted or revoked here yet: leave the statement out."
_NO_ROLES: Final = (
    "There are the roles of the system only: leave the statement out, and use one of them, as in "
    "USE ROLE SYSADMIN."
)
_NO_FILES: Final = "There are no stages or files here: load rows with INSERT."
_HINTS: Final[dict[str, str]] = {
    "GRANT": _NO_GRANTS,
    "REVOKE": _NO_GRANTS,
    "ROLE": _NO_ROLES,
    "USER": "Users are made on the command line: see clockmill user --help.",
    "RESOURCE MONITOR": "Nothing is charged for here: leave the statement out.",
    **dict.fromkeys(
        ("COPY", "PUT", "GET", "LIST", "LS", "REMOVE", "RM", "STAGE", "FILE FORMAT", "PIPE"), _NO_FILES
    ),
}
"""What to do without a statement, or a kind of object, that most scripts have and that is refused."""
