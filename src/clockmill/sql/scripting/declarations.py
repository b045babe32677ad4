"""Reading what a block declares, before its BEGIN or with LET."""

from typing import Final

import msgspec

from clockmill.core.errors import Unsupported
from clockmill.sql.lexer import Kind
from clockmill.sql.scripting.ast import (
    CursorDeclaration,
    Declaration,
    ExceptionDeclaration,
    ExecuteImmediate,
    Expression,
    Let,
    ProcedureDeclaration,
    Query,
    ResultSetDeclaration,
    Sql,
    VariableDeclaration,
)
from clockmill.sql.scripting.reader import Reader
from clockmill.sql.types import TYPE_NAMES, read_type

_IS_SET_TO: Final = frozenset({"DEFAULT", ":="})
_EXCEPTION_CODES: Final = range(-20999, -19999)
_QUERIES: Final = frozenset({"SELECT", "WITH", "VALUES", "("})
"""What in parentheses is a value too; any other statement can only fill a result set."""
_STATEMENTS: Final = _QUERIES | frozenset(
    {"CALL", "SHOW", "DESCRIBE", "DESC", "EXECUTE", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"}
    | {"CREATE", "ALTER", "DROP", "COPY", "LIST", "LS", "USE", "SET", "UNSET", "GRANT", "REVOKE"}
)


def read_declarations(reader: Reader) -> tuple[Declaration, ...]:
    """Take what stands between DECLARE and BEGIN."""
    found: list[Declaration] = []
    while not (reader.at("BEGIN") and reader.ahead(1).upper not in _IS_SET_TO):
        found.append(_declaration(reader))
        reader.expect(";")
    return tuple(found)


def _declaration(reader: Reader) -> Declaration:
    start = reader.token.start
    name = reader.identifier()
    if reader.accept("EXCEPTION"):
        return _exception(reader, start, name)
    if reader.at("PROCEDURE"):
        return _procedure(reader, start, name)
    return _cursor_or_result_set(reader, start, name) or _variable(reader, start, name, needs_value=False)


def _procedure(reader: Reader, start: int, name: str) -> ProcedureDeclaration:
    """Take a procedure: its head as it stands, its block as far as it goes."""
    first = reader.token.start
    while not reader.accept("AS"):
        if reader.at(";") or reader.token.kind is Kind.END:
            reader.fail()
        reader.advance()
    if not (reader.at("BEGIN") or reader.at("DECLARE")):
        reader.fail()
    last = reader.body()[-1]
    return ProcedureDeclaration(start=start, name=name, text=reader.text[first : last.end])


def read_let(reader: Reader) -> Let:
    """Take LET and what it declares."""
    start = reader.token.start
    reader.expect("LET")
    name = reader.identifier()
    declared = _cursor_or_result_set(reader, start, name) or _variable(reader, start, name, needs_value=True)
    reader.expect(";")
    return Let(start=start, declaration=declared)


def _cursor_or_result_set(
    reader: Reader, start: int, name: str
) -> CursorDeclaration | ResultSetDeclaration | None:
    if reader.accept("CURSOR"):
        reader.expect("FOR")
        if reader.token.kind in (Kind.WORD, Kind.QUOTED) and reader.ahead(1).upper == ";":
            return CursorDeclaration(start=start, name=name, result_set=reader.identifier())
        return CursorDeclaration(start=start, name=name, query=reader.sql(";"))
    if not reader.accept("RESULTSET"):
        return None
    if reader.accept_one(_IS_SET_TO) is None:
        return ResultSetDeclaration(start=start, name=name)
    is_async = reader.accept("ASYNC")
    return ResultSetDeclaration(start=start, name=name, query=read_query(reader), is_async=is_async)


def _variable(reader: Reader, start: int, name: str, *, needs_value: bool) -> VariableDeclaration:
    kind = None
    if reader.token.upper in TYPE_NAMES:
        kind = read_type(reader, reader.timestamp)
    if reader.accept_one(_IS_SET_TO) is None:
        # With LET, a name alone says nothing: one of the two must be there.
        if (needs_value and kind is None) or not reader.at(";"):
            reader.fail()
        return VariableDeclaration(start=start, name=name, type=kind)
    value, query = read_value(reader)
    return VariableDeclaration(
        start=start, name=name, type=kind, default=value, query=query if value is None else None
    )


def _exception(reader: Reader, start: int, name: str) -> ExceptionDeclaration:
    if not reader.accept("("):
        return ExceptionDeclaration(start=start, name=name)
    place = reader.token
    sign = -1 if reader.accept("-") else 1
    code = sign * reader.integer()
    if code not in _EXCEPTION_CODES:
        raise reader.refusal(
            f"the number of exception {name} must be from {_EXCEPTION_CODES[0]} to {_EXCEPTION_CODES[-1]}",
            place,
        )
    message = reader.string() if reader.accept(",") else None
    reader.expect(")")
    return ExceptionDeclaration(start=start, name=name, code=code, message=message)


# --- what is on the right side ---------------------------------------------------------------


def read_value(reader: Reader) -> tuple[Expression | None, Query | None]:
    """Take what a variable or result set is set to, up to the semicolon: a value, a query, or both.

    A SELECT in parentheses is both. What else a statement in parentheses may be has no value of
    its own, nor has a SELECT that ends with a semicolon: the first is then None.
    """
    if not reader.at("(") or reader.ahead(1).upper not in _STATEMENTS:
        return reader.expression(";"), None
    if reader.ahead(1).upper not in _QUERIES:
        return None, _statement_of_value(reader)
    origin = reader.position
    query = _whole_query(reader)
    if query is not None and reader.behind(2).upper == ";":
        return None, query
    reader.position = origin
    return reader.expression(";"), query


def _statement_of_value(reader: Reader) -> Query:
    """Take a statement in parentheses; what a CALL gives may be cast: «(CALL f()::DATE)»."""
    if reader.ahead(1).upper != "CALL":
        return read_query(reader)
    reader.expect("(")
    call = reader.sql("::", ")")
    if reader.accept("::"):
        call = msgspec.structs.replace(call, cast=read_type(reader, reader.timestamp))
    reader.expect(")")
    return call


def _whole_query(reader: Reader) -> Query | None:
    """Take «(query)» if nothing follows it; «(SELECT 1) + 1» is none."""
    if reader.ahead(1).upper == "(" and not _begins_query(reader):
        return None
    query = read_query(reader)
    return query if reader.at(";") else None


def _begins_query(reader: Reader) -> bool:
    """Say whether a query stands within all these parentheses."""
    inner = 1
    while reader.ahead(inner).upper == "(":
        inner += 1
    return reader.ahead(inner).upper in _QUERIES


def read_query(reader: Reader) -> Query:
    """Take a statement in parentheses."""
    reader.expect("(")
    query: Sql | ExecuteImmediate
    if reader.at("EXECUTE", "IMMEDIATE"):
        query = read_execute_immediate(reader, ")")
    elif reader.token.upper in _STATEMENTS:
        query = reader.sql(";", ")")
        reader.accept(";")
    else:
        reader.fail()
    reader.expect(")")
    return query


def read_execute_immediate(reader: Reader, end: str) -> ExecuteImmediate:
    """Take EXECUTE IMMEDIATE up to *end*."""
    start = reader.token.start
    reader.expect("EXECUTE", "IMMEDIATE")
    if reader.at("FROM"):
        raise Unsupported("EXECUTE IMMEDIATE FROM")
    text = reader.expression("USING", "INTO", end)
    using: tuple[Expression, ...] = ()
    into: tuple[str, ...] = ()
    while not reader.at(end):
        if not using and reader.accept("USING"):
            using = read_using(reader)
        elif not into and reader.accept("INTO"):
            into = reader.listed(reader.target)
        else:
            reader.fail()
    return ExecuteImmediate(start=start, expression=text, using=using, into=into)


def read_using(reader: Reader) -> tuple[Expression, ...]:
    """Take the values in parentheses after USING."""
    reader.expect("(")
    values = [reader.expression(",", ")")]
    while reader.accept(","):
        values.append(reader.expression(",", ")"))
    reader.expect(")")
    return tuple(values)
