"""Calls of functions that we answer ourselves: CALL f(...), SELECT f(...) and RESULT_SCAN."""

from typing import ClassVar, Final

import msgspec

from clockmill.core.errors import InvalidRequest, Unsupported
from clockmill.sql.lexer import Kind, tokens
from clockmill.sql.parser import Argument, Parser
from clockmill.sql.statement import Statement, Verb

WAITING: Final = "SYSTEM$WAIT"
"""The one system function that takes its time, and therefore a slot."""


class FunctionCall(msgspec.Struct, frozen=True):
    """A function with plain arguments, and the name of the column that its value goes into."""

    name: str
    arguments: tuple[Argument, ...]
    column: str


class CallFunctions(Statement, frozen=True, kw_only=True):
    """CALL SYSTEM$…(…), or a SELECT of nothing but such calls: no table, no expression."""

    verb: ClassVar[Verb] = Verb.CALL
    calls: tuple[FunctionCall, ...]
    is_select: bool = False


class ResultScan(Statement, frozen=True, kw_only=True):
    """SELECT * FROM TABLE(RESULT_SCAN(id)): *query* is an id, or a call of LAST_QUERY_ID."""

    verb: ClassVar[Verb] = Verb.SELECT
    query: Argument | FunctionCall


_LITERAL_ONLY: Final = "SYSTEM$SET_RETURN_VALUE"
ANSWERED: Final = frozenset(
    {"CURRENT_ACCOUNT", "CURRENT_CLIENT", "CURRENT_REGION", "CURRENT_SESSION", "CURRENT_STATEMENT"}
    | {"CURRENT_USER", "CURRENT_ROLE", "CURRENT_ROLE_TYPE", "CURRENT_WAREHOUSE", "CURRENT_DATABASE"}
    | {"CURRENT_SCHEMA", "CURRENT_SCHEMAS", "CURRENT_ACCOUNT_NAME", "CURRENT_ORGANIZATION_NAME"}
    | {"CURRENT_SECONDARY_ROLES", "CURRENT_AVAILABLE_ROLES", "CURRENT_VERSION", "CURRENT_TRANSACTION"}
    | {"LAST_QUERY_ID", "GETVARIABLE", "IS_ROLE_IN_SESSION"}
    | {"SYSTEM$CANCEL_ALL_QUERIES", "SYSTEM$CANCEL_QUERY", "SYSTEM$CLIENT_VERSION_INFO", WAITING}
    | {"SYSTEM$CURRENT_USER_TASK_NAME", "SYSTEM$GET_PREDECESSOR_RETURN_VALUE", "SYSTEM$SET_RETURN_VALUE"}
    | {"SYSTEM$GET_TASK_GRAPH_CONFIG", "SYSTEM$STREAM_HAS_DATA", "SYSTEM$TASK_DEPENDENTS_ENABLE"}
    | {"SYSTEM$TASK_RUNTIME_INFO", "SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS"}
)
"""The functions that no engine can answer, because they are about the session or the system."""


def read_call(parser: Parser) -> CallFunctions:
    """Read what follows CALL where a system function is called."""
    name = parser.token.upper
    if name not in ANSWERED:
        raise Unsupported(f"function {name}")
    call = _call(parser)
    parser.finish()
    return CallFunctions(calls=(FunctionCall(call.name, call.arguments, call.name),))


def read_plain_select(text: str) -> Statement | None:
    """Return the statement if *text* is a SELECT that needs no engine, else None."""
    parser = Parser(text)
    parser.expect("SELECT")
    if parser.accept("*", "FROM", "TABLE", "("):
        return _result_scan(parser)
    calls: list[FunctionCall] = []
    while True:
        call = _try_call(parser)
        if call is None:
            return None
        calls.append(call)
        if not parser.accept(","):
            break
    return CallFunctions(calls=tuple(calls), is_select=True) if parser.at_end else None


def require_literal_return_value(text: str) -> None:
    """Raise InvalidRequest if SYSTEM$SET_RETURN_VALUE is given an expression anywhere in *text*."""
    found = list(tokens(text))
    for index, token in enumerate(found):
        if token.upper != _LITERAL_ONLY or found[index + 1].upper != "(":
            continue
        rest = found[index + 2 : index + 5]
        closing = 2 if rest[0].upper == ":" else 1
        plain = rest[0].kind in (Kind.STRING, Kind.NUMBER, Kind.VARIABLE) or rest[0].upper in _STAND_INS
        if not plain or len(rest) <= closing or rest[closing].upper != ")":
            raise InvalidRequest(
                f"SQL compilation error:\nInvalid argument for function '{_LITERAL_ONLY}': it must be a "
                "literal or a bind variable.",
                code="001015",
                sqlstate="22023",
            )


_STAND_INS: Final = frozenset({"?", ":", "NULL"})


def _try_call(parser: Parser) -> FunctionCall | None:
    """Take f(plain arguments) [[AS] alias], or return None having taken whatever it likes."""
    if parser.token.upper not in ANSWERED or parser.ahead(1).upper != "(":
        return None
    depth = 0
    for count in range(1, _MOST_TOKENS):
        token = parser.ahead(count)
        depth += {"(": 1, ")": -1}.get(token.upper, 0)
        if depth == 0:
            break
        if depth > 1 or token.kind is Kind.END:
            return None
        if token.kind in (Kind.WORD, Kind.QUOTED) and token.upper not in ("TRUE", "FALSE", "NULL"):
            return None
        if token.kind is Kind.SIGN and token.upper not in _PLAIN_SIGNS:
            return None
    call = _call(parser)
    named = parser.token.kind in (Kind.WORD, Kind.QUOTED) and parser.token.upper != "FROM"
    if parser.accept("AS") or named:
        return FunctionCall(call.name, call.arguments, parser.identifier())
    return call


_MOST_TOKENS: Final = 40
_PLAIN_SIGNS: Final = frozenset({"(", ",", "?", ":", "-", "+"})


def _call(parser: Parser) -> FunctionCall:
    """Take NAME(argument, …); the column is named by the text, in upper case outside literals."""
    start = parser.advance()
    pieces = [start.upper]
    parser.expect("(")
    arguments: list[Argument] = []
    while not parser.at(")"):
        if arguments:
            parser.expect(",")
        before = parser.token
        if before.kind in (Kind.WORD, Kind.SIGN) and before.upper not in _ARGUMENT_STARTS:
            raise Unsupported(f"an expression as an argument of {start.upper}")
        arguments.append(parser.argument())
        pieces.append(parser.text[before.start : parser.token.start].strip())
    parser.expect(")")
    return FunctionCall(start.upper, tuple(arguments), f"{pieces[0]}({', '.join(pieces[1:])})")


_ARGUMENT_STARTS: Final = frozenset({"TRUE", "FALSE", "NULL", "?", ":", "-", "+"})


def _result_scan(parser: Parser) -> ResultScan | None:
    """Take RESULT_SCAN(id)) and nothing after it, or return None."""
    if not parser.accept("RESULT_SCAN", "("):
        return None
    query = read_query_id(parser)
    if query is None or not (parser.accept(")", ")") and parser.at_end):
        return None
    return ResultScan(query=query)


def read_query_id(parser: Parser) -> Argument | FunctionCall:
    """Take what stands for the id of a query, or return None."""
    if parser.at("LAST_QUERY_ID", "("):
        return _call(parser)
    if parser.token.kind in (Kind.STRING, Kind.VARIABLE) or parser.token.upper in ("?", ":"):
        return parser.argument()
    return None
