"""Assignments, cursors, result sets and what runs in the background; and RETURN."""

from collections.abc import Sequence

from clockmill.core.errors import ClockmillError
from clockmill.engine.protocol import Binding
from clockmill.engine.result import Result
from clockmill.session.scripting.background import Job
from clockmill.session.scripting.cursors import Cursor, ResultSet
from clockmill.session.scripting.faults import (
    STATEMENT_ERROR,
    CursorFault,
    ScriptFault,
    unknown_name,
)
from clockmill.session.scripting.queries import assign, named, run, run_text, scalar, text_of
from clockmill.session.scripting.script import Returned, Script, Signal
from clockmill.session.scripting.values import NOTHING, Frame, Variable
from clockmill.sql.scripting import ast

# --- assignments -----------------------------------------------------------------------------


def assignment(script: Script, node: ast.Assign, frame: Frame) -> Signal:
    """Give a variable its value, or fill a result set."""
    target = frame.find(node.name)
    if isinstance(target, Variable):
        _assign_variable(script, node, target, frame)
    elif isinstance(target, ResultSet) and node.query is not None:
        fill(script, target, node, frame)
    elif isinstance(target, ResultSet | Cursor):
        why = f" Assignment to variable '{node.name}' is not permitted."
        raise ScriptFault(script.source, node.start, why)
    else:
        raise unknown_name(script.source, node.start, node.name)
    return None


def _assign_variable(script: Script, node: ast.Assign, target: Variable, frame: Frame) -> None:
    if node.value is not None:
        found, start = script.expressions.value(node.value, frame), node.value.start
    elif isinstance(node.query, ast.Sql):
        found, start = scalar(script, node.query, frame), node.query.start
    else:
        why = f" Assignment of the result of EXECUTE IMMEDIATE to variable '{node.name}' is not permitted."
        raise ScriptFault(script.source, node.start, why)
    target.binding = script.expressions.converted(found, target.type, start)


def fill(
    script: Script, target: ResultSet, node: ast.Assign | ast.ResultSetDeclaration, frame: Frame
) -> None:
    """Run the query that *node* gives a result set, now or in the background."""
    target.result = target.job = None
    if node.query is None:
        return
    if isinstance(node.query, ast.Sql) and node.query.cast is not None:
        raise ScriptFault(script.source, node.start, " A result set cannot be filled from a value.")
    if node.is_async:
        target.job = _begin(script, node.query, node.start, frame)
    else:
        target.result = run(script, node.query, frame)


# --- cursors ---------------------------------------------------------------------------------


def open_(script: Script, node: ast.Open, frame: Frame) -> Signal:
    """Run a cursor's query and stand before its first row."""
    values = [script.expressions.value(each, frame) for each in node.using]
    open_cursor(script, named(script, node.cursor, Cursor, frame, node.start), values, node.start)
    return None


def open_cursor(script: Script, cursor: Cursor, using: Sequence[Binding], start: int) -> None:
    """Run the cursor's query with *using* for its «?», or take the rows of its result set."""
    try:
        if cursor.is_open:
            raise CursorFault(cursor.name, "is already open")
        if cursor.source is not None:
            cursor.open(cursor.source.rows_of())
            return
    except ClockmillError as error:
        raise script.expressions.raised(error, start, STATEMENT_ERROR) from error
    if cursor.query is not None:
        text = text_of(script, cursor.query, cursor.frame).given(using)
        cursor.open(run_text(script, text, start))


def fetch(script: Script, node: ast.Fetch, frame: Frame) -> Signal:
    """Give the columns of the next row to variables, as far as both go; after the last row, NULL."""
    cursor = named(script, node.cursor, Cursor, frame, node.start)
    try:
        columns, row = cursor.result.columns, cursor.fetch()
    except ClockmillError as error:
        raise script.expressions.raised(error, node.start, STATEMENT_ERROR) from error
    for name, place in zip(node.into, range(len(columns)), strict=False):
        value = NOTHING if row is None else Binding(row[place], columns[place].type)
        assign(script, name, value, frame, node.start)
    return None


def close(script: Script, node: ast.Close, frame: Frame) -> Signal:
    """Close a cursor."""
    try:
        named(script, node.cursor, Cursor, frame, node.start).close()
    except CursorFault as error:
        raise script.expressions.raised(error, node.start, STATEMENT_ERROR) from error
    return None


# --- in the background -----------------------------------------------------------------------


def async_(script: Script, node: ast.Async, frame: Frame) -> Signal:
    """Begin a statement in the background."""
    _begin(script, node.query, node.start, frame)
    return None


def _begin(script: Script, query: ast.Query, start: int, frame: Frame) -> Job:
    text = text_of(script, query, frame)
    script.turn.pause()
    try:
        job = script.jobs.begin(text, start)
    except ClockmillError as error:
        raise script.expressions.raised(error, start, STATEMENT_ERROR) from error
    script.set_global("SQLID", job.query_id)
    return job


def await_(script: Script, node: ast.Await, frame: Frame) -> Signal:
    """Wait for one job, or for all; the first that has failed is what this fails with."""
    if node.name is None:
        for job in script.jobs.all():
            _wait(script, job)
        return None
    target = named(script, node.name, ResultSet, frame, node.start)
    if target.job is not None:
        target.result = _wait(script, target.job)
        script.note(target.result)
    return None


def _wait(script: Script, job: Job) -> Result:
    script.turn.pause()
    try:
        return job.wait()
    except ClockmillError as error:
        raise script.expressions.raised(error, job.start, STATEMENT_ERROR) from error
    finally:
        script.jobs.forget(job)


def cancel(script: Script, node: ast.Cancel, frame: Frame) -> Signal:
    """Stop the job that fills a result set, if it still runs."""
    target = named(script, node.name, ResultSet, frame, node.start)
    if target.job is not None:
        target.job.cancel()
    return None


# --- giving back -----------------------------------------------------------------------------


def return_(script: Script, node: ast.Return, frame: Frame) -> Signal:
    """End the script with a value, or with the rows of a result set or cursor."""
    source = node.table or node.cursor
    if source is not None:
        return Returned(_table(script, source, node.start, frame), node.start)
    if node.value is None:
        return Returned(None, node.start)
    return Returned(script.expressions.value(node.value, frame), node.value.start)


def _table(script: Script, name: str, start: int, frame: Frame) -> Result:
    found = frame.find(name)
    try:
        if isinstance(found, ResultSet):
            return found.rows_of()
        if isinstance(found, Cursor):
            return found.result
    except CursorFault as error:
        raise script.expressions.raised(error, start, STATEMENT_ERROR) from error
    raise unknown_name(script.source, start, name)
