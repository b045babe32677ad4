"""Bodies of functions in SQL: looked at when one is made, and evaluated where they are blocks."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from clockmill.core.errors import ClockmillError, StatementFault, SyntaxFault, Unsupported
from clockmill.core.names import QualifiedName, render
from clockmill.core.routine import Routine, RoutineSpec
from clockmill.engine.protocol import Binding
from clockmill.session.execution import Execution
from clockmill.session.handlers.types import type_name
from clockmill.session.nested import Nested
from clockmill.session.owner_state import owner_state
from clockmill.session.scripting.interpreter import run_block
from clockmill.sql.lexer import Kind, offset_at, place, tokens
from clockmill.sql.scripting import ast
from clockmill.sql.scripting.opening import is_block
from clockmill.sql.scripting.parser import parse_block

_QUERIES: Final = frozenset({"SELECT", "WITH", "VALUES"})
_PLACE: Final = re.compile(r"line (\d+) at position (\d+)")
_UNEXPECTED: Final = re.compile(r"unexpected '.*'")


def check_function(run: Execution, name: QualifiedName, spec: RoutineSpec) -> None:
    """Raise what is wrong with the body of a function that is to be called *name*."""
    found = list(tokens(spec.body))
    if is_block([*found, found[-1]]):
        if spec.is_table:
            raise Unsupported("a table function whose body is a block")
        require_pure(parse_block(spec.body))
        return
    opens_query = found[0].upper in _QUERIES
    sql = _table_probe(spec) if spec.is_table else _scalar_probe(spec, opens_query=opens_query)
    with run.whole_turn() as session:
        context = msgspec.structs.replace(run.context(describe_only=True), home=name.parent)
        try:
            session.execute(sql, context)
        except (StatementFault, SyntaxFault) as error:
            raise _in_body(error, sql, spec.body) from error


def _scalar_probe(spec: RoutineSpec, *, opens_query: bool) -> str:
    """Return a query that can be described if the body can be evaluated."""
    kind = type_name(spec.returns) if spec.returns is not None else "VARCHAR"
    body = f"({spec.body}\n)" if opens_query else spec.body
    value = f"SELECT CAST(({body}\n) AS {kind})"
    return f"{value} FROM ({_arguments(spec)}) AS ARGUMENTS_" if spec.arguments else value


def _table_probe(spec: RoutineSpec) -> str:
    if not spec.arguments:
        return f"SELECT * FROM ({spec.body}\n) AS TABLE_"
    return f"SELECT TABLE_.* FROM ({_arguments(spec)}) AS ARGUMENTS_, LATERAL ({spec.body}\n) AS TABLE_"


def _arguments(spec: RoutineSpec) -> str:
    cells = (f"CAST(NULL AS {type_name(each.type)}) AS {render(each.name)}" for each in spec.arguments)
    return "SELECT " + ", ".join(cells)


def _in_body(error: ClockmillError, sql: str, body: str) -> ClockmillError:
    """Return *error*, told of the query *sql*, with its place in the body within that."""
    found = _PLACE.search(error.message)
    offset = -1
    if found is not None:
        offset = offset_at(sql, int(found[1]), int(found[2])) - sql.rindex(f"{body}\n)")
    if found is None or offset < 0:
        return error
    rest = error.message[found.end() :]
    if offset > len(body):
        offset, rest = len(body), _UNEXPECTED.sub("unexpected '<EOF>'", rest)
    line, column = place(body, offset)
    message = f"{error.message[: found.start()]}line {line} at position {column}{rest}"
    kind = StatementFault if isinstance(error, StatementFault) else SyntaxFault
    return kind(message, code=error.code, sqlstate=error.sqlstate)


# --- blocks ----------------------------------------------------------------------------------

_IMPURE: Final = {
    ast.Sql: "a statement of SQL",
    ast.ExecuteImmediate: "EXECUTE IMMEDIATE",
    ast.CursorDeclaration: "a cursor",
    ast.ResultSetDeclaration: "a RESULTSET",
    ast.ProcedureDeclaration: "a procedure",
    ast.Async: "ASYNC",
    ast.Await: "AWAIT",
    ast.Evaluate: "a call of a system function",
}
"""What a function may not do, as errors call it: a function only computes."""


def require_pure(block: ast.Block) -> None:
    """Raise Unsupported for statements of SQL, cursors and subqueries in the body of a function."""
    for node in _nodes(block):
        if type(node) in _IMPURE:
            raise Unsupported(f"{_IMPURE[type(node)]} in the body of a function")
        if isinstance(node, ast.Expression) and any(
            token.kind is Kind.WORD and token.upper == "SELECT" for token in tokens(node.text)
        ):
            raise Unsupported("a query in the body of a function")


def _nodes(node: ast.Node) -> Iterator[ast.Node]:
    yield node
    for field in node.__struct_fields__:
        value = getattr(node, field)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, ast.Node):
                yield from _nodes(each)


def evaluate_block(run: Execution, function: Routine, arguments: Sequence[Any]) -> Any:
    """Return what the block of *function* makes of *arguments*, which are of the declared types."""
    spec = function.spec
    given = {
        each.name: Binding(value, each.type) for each, value in zip(spec.arguments, arguments, strict=True)
    }
    state = owner_state(run.state, function.owner, function.name.parent)
    # In an engine session of its own: the caller's is busy with the very query that asks.
    with Nested(run).apart(run.cancel) as nested:
        result = run_block(nested.within(state), parse_block(spec.body), given, spec.returns)
    return result.rows[0][0] if result.rows else None
