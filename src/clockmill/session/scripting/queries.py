"""Statements of SQL in a script: what they are given, where they run, what takes their rows."""

from collections.abc import Sequence
from typing import Final, TypeVar

from clockmill.core.errors import ClockmillError
from clockmill.core.types import TEXT
from clockmill.engine.protocol import Binding
from clockmill.engine.result import Result
from clockmill.session.faults import StatementCountMismatch
from clockmill.session.query_ids import new_query_id
from clockmill.session.scripting.faults import (
    STATEMENT_ERROR,
    NotOneRow,
    Raised,
    WrongVariableCount,
    unknown_name,
)
from clockmill.session.scripting.places import Piece
from clockmill.session.scripting.procedures import called
from clockmill.session.scripting.script import Script, Signal
from clockmill.session.scripting.texts import Text, bound_text
from clockmill.session.scripting.values import Frame, Variable
from clockmill.sql.lexer import tokens
from clockmill.sql.scripting import ast
from clockmill.sql.split import count_statements

_CONTROL: Final = frozenset({"IF", "CASE", "FOR", "WHILE", "LOOP", "REPEAT", "RETURN", "LET", "ASYNC"})
_NULL: Final = Binding(None, TEXT)
_Named = TypeVar("_Named")

# --- statements ------------------------------------------------------------------------------


def statement(script: Script, node: ast.Query, frame: Frame) -> Signal:
    """Run a statement, or the text that an expression gives; INTO takes its row."""
    result = run(script, node, frame)
    if node.into:
        _into(script, node.into, result, frame, node.start)
    return None


def _as_block(text: str) -> str:
    """Return *text* as a statement: one of control, which is none by itself, within a block of its own."""
    first = next(tokens(text))
    return f"BEGIN {text.rstrip().rstrip(';')}; END" if first.upper in _CONTROL else text


def run(script: Script, query: ast.Query, frame: Frame) -> Result:
    """Run *query* and take note of it; what it fails with is a STATEMENT_ERROR."""
    text = text_of(script, query, frame)
    outputs: dict[str, Binding] | None = {} if text.variables else None
    try:
        result = run_text(script, text, query.start, outputs)
    except Raised as raised:
        if not isinstance(query, ast.Sql):
            raise
        piece = Piece(source=script.source, node=query, sent=text.sql, is_variable=frame.is_variable)
        fault = piece.syntax_fault(raised.error)
        if fault is None:
            raise
        raise fault from raised.error
    for key, value in (outputs or {}).items():
        assign(script, text.variables[key][0], value, frame, query.start)
    return result


def run_text(script: Script, text: Text, start: int, outputs: dict[str, Binding] | None = None) -> Result:
    """Run *text* for the instruction at *start*; *outputs* gets what a CALL hands back, by bind value."""
    query_id = new_query_id()
    script.set_global("SQLID", query_id)
    script.turn.pause()
    try:
        ran = script.nested.run(text.sql, text.bindings, query_id=query_id, outputs=outputs)
    except ClockmillError as error:
        raise script.expressions.raised(error, start, STATEMENT_ERROR) from error
    script.note(ran.result)
    return ran.result


def text_of(script: Script, query: ast.Query, frame: Frame) -> Text:
    """Return what *query* is as a statement, with its values."""
    if isinstance(query, ast.Sql):
        try:
            return called(query, bound_text(query.text, query.names, frame), frame)
        except ClockmillError as error:
            raise script.expressions.raised(error, query.start, STATEMENT_ERROR) from error
    said = script.expressions.value(query.expression, frame).value
    values = [script.expressions.value(each, frame) for each in query.using]
    try:
        text = _as_block("" if said is None else str(said))
        count = count_statements(text)
        if count > 1:
            raise StatementCountMismatch(count, 1)
    except ClockmillError as error:
        raise script.expressions.raised(error, query.start, STATEMENT_ERROR) from error
    return Text(text).given(values)


# --- taking rows -----------------------------------------------------------------------------


def _into(script: Script, names: Sequence[str], result: Result, frame: Frame, start: int) -> None:
    """Give the columns of the one row to variables; without a row they become NULL."""
    fault: ClockmillError | None = None
    if len(result.rows) > 1:
        fault = NotOneRow(len(result.rows))
    elif len(names) != len(result.columns):
        fault = WrongVariableCount(len(names), len(result.columns))
    if fault is not None:
        raise script.expressions.raised(fault, start, STATEMENT_ERROR)
    row = result.rows[0] if result.rows else [None] * len(names)
    for name, column, value in zip(names, result.columns, row, strict=True):
        assign(script, name, Binding(value, column.type), frame, start)


def assign(script: Script, name: str, value: Binding, frame: Frame, start: int) -> None:
    """Give the variable *name* a value, converted to its type."""
    variable = named(script, name, Variable, frame, start)
    variable.binding = script.expressions.converted(value, variable.type, start)


def named(script: Script, name: str, kind: type[_Named], frame: Frame, start: int) -> _Named:
    """Return the variable, cursor or result set (*kind*) called *name*, or raise that there is none."""
    found = frame.find(name)
    if not isinstance(found, kind):
        raise unknown_name(script.source, start, name)
    return found


def scalar(script: Script, query: ast.Query, frame: Frame) -> Binding:
    """Return what a CALL gives, or the first value of another statement."""
    result = run(script, query, frame)
    if not result.columns:
        return _NULL
    value = Binding(result.rows[0][0] if result.rows else None, result.columns[0].type)
    cast = query.cast if isinstance(query, ast.Sql) else None
    return script.expressions.converted(value, cast, query.start)


def evaluate(script: Script, node: ast.Evaluate, frame: Frame) -> Signal:
    """Call a function for what it does."""
    script.expressions.value(node.call, frame)
    return None
