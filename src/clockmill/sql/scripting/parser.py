"""From the text of a scripting block to its tree."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from clockmill.core.types import TIMESTAMP_NTZ, ColumnType
from clockmill.sql.lexer import Kind, Token, unexpected
from clockmill.sql.scripting.ast import (
    Assign,
    Block,
    Evaluate,
    ExecuteImmediate,
    Handler,
    Instruction,
    Null,
    Sql,
)
from clockmill.sql.scripting.control import (
    read_break,
    read_case,
    read_continue,
    read_for,
    read_if,
    read_loop,
    read_raise,
    read_repeat,
    read_return,
    read_while,
)
from clockmill.sql.scripting.cursors import (
    read_async,
    read_await,
    read_cancel,
    read_close,
    read_fetch,
    read_open,
)
from clockmill.sql.scripting.declarations import (
    read_declarations,
    read_execute_immediate,
    read_let,
    read_query,
    read_value,
)
from clockmill.sql.scripting.opening import begins_transaction
from clockmill.sql.scripting.reader import Reader

_LONGEST_CACHED: Final = 100_000
"""Characters of the longest script that is remembered: a task runs the same one again and again."""


def parse_block(text: str, timestamp: ColumnType = TIMESTAMP_NTZ) -> Block:
    """Return the tree of the one block in *text*; *timestamp* is what TIMESTAMP means to the session.

    Raises SyntaxFault with line and position, Unsupported for a construct that is not had here.
    """
    return _parse_cached(text, timestamp) if len(text) <= _LONGEST_CACHED else _parse(text, timestamp)


def parse_execute_immediate(text: str, timestamp: ColumnType = TIMESTAMP_NTZ) -> ExecuteImmediate:
    """Return what an EXECUTE IMMEDIATE outside all blocks says."""
    reader = Reader(text + "\n;", timestamp, _instruction)
    found = read_execute_immediate(reader, ";")
    reader.finish()
    return found


def block_end(text: str, found: list[Token], index: int) -> int:
    """Return the index behind the block that begins with the token at *index* of *found*.

    Neither its semicolon nor what follows belongs to it. Raises SyntaxFault for a block that does
    not parse, with its place in *text*.
    """
    reader = Reader(text, TIMESTAMP_NTZ, _instruction, found)
    reader.position = index
    _block(reader)
    return reader.position


def _parse(text: str, timestamp: ColumnType) -> Block:
    reader = Reader(text, timestamp, _instruction)
    block = _block(reader)
    reader.finish()
    return block


_parse_cached = lru_cache(maxsize=512)(_parse)


# --- blocks ----------------------------------------------------------------------------------


def _block(reader: Reader) -> Block:
    """Take a block, without the semicolon behind it."""
    start = reader.token.start
    declarations = read_declarations(reader) if reader.accept("DECLARE") else ()
    reader.expect("BEGIN")
    statements = reader.instructions("END", "EXCEPTION")
    handlers = _handlers(reader) if reader.accept("EXCEPTION") else ()
    reader.expect("END")
    return Block(
        start=start,
        source=reader.text,
        declarations=declarations,
        statements=statements,
        handlers=handlers,
    )


def _handlers(reader: Reader) -> tuple[Handler, ...]:
    found = [_handler(reader)]
    while reader.at("WHEN"):
        found.append(_handler(reader))
    return tuple(found)


def _handler(reader: Reader) -> Handler:
    start = reader.token.start
    reader.expect("WHEN")
    exceptions = [reader.identifier()]
    while reader.accept("OR"):
        exceptions.append(reader.identifier())
    word = reader.accept_one(frozenset({"EXIT", "CONTINUE"}))
    reader.expect("THEN")
    return Handler(
        start=start,
        exceptions=tuple(exceptions),
        statements=reader.instructions("WHEN", "END"),
        is_continue=word == "CONTINUE",
    )


def _nested_block(reader: Reader) -> Block:
    block = _block(reader)
    reader.expect(";")
    return block


# --- one instruction -------------------------------------------------------------------------


def _instruction(reader: Reader) -> Instruction:
    """Take one instruction and its semicolon."""
    token = reader.token
    if token.kind in (Kind.WORD, Kind.QUOTED) and reader.ahead(1).upper == ":=":
        return _assignment(reader)
    read = _READERS.get(token.upper)
    if read is not None:
        return read(reader)
    if token.upper in _SQL:
        return _sql(reader)
    if token.upper.startswith("SYSTEM$") and reader.ahead(1).upper == "(":
        call = reader.expression(";")
        reader.expect(";")
        return Evaluate(start=token.start, call=call)
    raise unexpected(reader.text, token)


def _assignment(reader: Reader) -> Assign:
    start = reader.token.start
    name = reader.identifier()
    reader.expect(":=")
    is_async = reader.at("ASYNC", "(")
    if is_async:
        reader.advance()
    value, query = (None, read_query(reader)) if is_async else read_value(reader)
    reader.expect(";")
    return Assign(start=start, name=name, value=value, query=query, is_async=is_async)


def _begin(reader: Reader) -> Block | Sql:
    return _sql(reader) if begins_transaction(reader.ahead(1), reader.ahead(2)) else _nested_block(reader)


def _execute(reader: Reader) -> ExecuteImmediate | Sql:
    if not reader.at("EXECUTE", "IMMEDIATE"):
        return _sql(reader)
    found = read_execute_immediate(reader, ";")
    reader.expect(";")
    return found


def _sql(reader: Reader) -> Sql:
    found = reader.sql(";")
    reader.expect(";")
    return found


def _null(reader: Reader) -> Null:
    start = reader.advance().start
    reader.expect(";")
    return Null(start=start)


_READERS: Final[dict[str, Callable[[Reader], Instruction]]] = {
    "BEGIN": _begin,
    "DECLARE": _nested_block,
    "LET": read_let,
    "IF": read_if,
    "CASE": read_case,
    "FOR": read_for,
    "WHILE": read_while,
    "REPEAT": read_repeat,
    "LOOP": read_loop,
    "BREAK": read_break,
    "EXIT": read_break,
    "CONTINUE": read_continue,
    "ITERATE": read_continue,
    "RETURN": read_return,
    "RAISE": read_raise,
    "OPEN": read_open,
    "FETCH": read_fetch,
    "CLOSE": read_close,
    "ASYNC": read_async,
    "AWAIT": read_await,
    "CANCEL": read_cancel,
    "NULL": _null,
    "EXECUTE": _execute,
}
_SQL: Final = frozenset(
    {"SELECT", "WITH", "(", "VALUES", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER"}
    | {"DROP", "UNDROP", "SHOW", "DESCRIBE", "DESC", "USE", "SET", "UNSET", "CALL", "GRANT", "REVOKE", "COPY"}
    | {"PUT", "GET", "LIST", "LS", "REMOVE", "RM", "EXPLAIN", "COMMENT", "START", "COMMIT", "ROLLBACK"}
)
"""Words that a statement of SQL begins with."""
