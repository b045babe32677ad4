"""What branches and repeats: IF, CASE, and the loops."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from clockmill.session.scripting.blocks import handle, matching
from clockmill.session.scripting.cursors import Cursor, ResultSet
from clockmill.session.scripting.faults import Raised, unknown_name
from clockmill.session.scripting.result_sets import open_cursor
from clockmill.session.scripting.script import GoOn, Leave, Script, Signal
from clockmill.session.scripting.values import Frame, Row, Variable, counter, row_columns
from clockmill.sql.scripting import ast

_NO_NAMES: Final[dict[str, Any]] = {}


def if_else(script: Script, node: ast.If, frame: Frame) -> Signal:
    """Do the first branch whose condition holds."""
    for branch in node.branches:
        if script.expressions.holds(branch.condition, frame):
            return script.all_of(branch.statements, frame)
    return script.all_of(node.otherwise, frame)


def case(script: Script, node: ast.Case, frame: Frame) -> Signal:
    """Do the first branch whose condition holds, or whose value is that of the operand.

    Where none is taken and there is no ELSE, nothing is done.
    """
    expressions = script.expressions
    operand = None if node.operand is None else expressions.value(node.operand, frame)
    for branch in node.branches:
        if operand is None:
            taken = expressions.holds(branch.condition, frame)
        else:
            value = expressions.value(branch.condition, frame)
            taken = expressions.equal(operand, value, branch.condition.start)
        if taken:
            return script.all_of(branch.statements, frame)
    return script.all_of(node.otherwise or (), frame)


# --- loops -----------------------------------------------------------------------------------


def for_counter(script: Script, node: ast.ForCounter, frame: Frame) -> Signal:
    """Count from the first to the last, or from the last to the first; a lower last is no turn."""
    first = script.expressions.integer(node.first, frame)
    last = script.expressions.integer(node.last, frame)
    numbers = range(last, first - 1, -1) if node.is_reverse else range(first, last + 1)
    turns = ({node.counter: Variable(counter(number), None)} for number in numbers)
    return _loop(script, node, frame, turns)


def for_cursor(script: Script, node: ast.ForCursor, frame: Frame) -> Signal:
    """Go through the rows that are left of a cursor, which is opened if it is not, or of a result set."""
    source = frame.find(node.source)
    if isinstance(source, ResultSet):
        source = Cursor(source.name, None, source, frame)
    if not isinstance(source, Cursor):
        raise unknown_name(script.source, node.start, node.source)
    if source.is_open:
        return _loop(script, node, frame, _rows(node.row, source))
    open_cursor(script, source, (), node.start)
    try:
        return _loop(script, node, frame, _rows(node.row, source))
    finally:
        if source.is_open:
            source.close()


def _rows(name: str, cursor: Cursor) -> Iterator[dict[str, Any]]:
    columns = row_columns(cursor.result)
    while cursor.is_open and (values := cursor.fetch()) is not None:
        yield {name: Row(columns, values)}


def while_loop(script: Script, node: ast.While, frame: Frame) -> Signal:
    """Ask before each turn."""

    def turns() -> Iterator[dict[str, Any]]:
        while script.expressions.holds(node.condition, frame):
            yield _NO_NAMES

    return _loop(script, node, frame, turns())


def repeat(script: Script, node: ast.Repeat, frame: Frame) -> Signal:
    """Ask after each turn."""

    def turns() -> Iterator[dict[str, Any]]:
        yield _NO_NAMES
        while not script.expressions.holds(node.condition, frame):
            yield _NO_NAMES

    return _loop(script, node, frame, turns())


def loop(script: Script, node: ast.Loop, frame: Frame) -> Signal:
    """Take turns until something ends it."""
    return _loop(script, node, frame, iter(lambda: _NO_NAMES, None))


Loop = ast.ForCounter | ast.ForCursor | ast.While | ast.Repeat | ast.Loop


def _loop(script: Script, node: Loop, frame: Frame, turns: Iterable[dict[str, Any]]) -> Signal:
    """Take a turn for each of *turns*, in a frame of its own with the names that it brings."""
    for names in turns:
        within = Frame(frame)
        within.names.update(names)
        signal = _turn(script, node, within)
        match signal:
            case None:
                continue
            case Leave(label=label) if label is None or label == node.label:
                return None
            case GoOn(label=label) if label is None or label == node.label:
                continue
        return signal
    return None


def _turn(script: Script, node: Loop, frame: Frame) -> Signal:
    """Take one turn. What fails in it may be handled by the block, and the next turn follows."""
    guard = script.guard
    if guard is None:
        return script.all_of(node.statements, frame)
    try:
        return script.all_of(node.statements, frame)
    except Raised as raised:
        handler = matching(guard.handlers, raised, guard.frame)
        if handler is None or not handler.is_continue:
            raise
        return handle(script, handler, raised, guard.frame)


def leave(_: Script, node: ast.Break, __: Frame) -> Signal:
    """End a loop."""
    return Leave(node.label)


def go_on(_: Script, node: ast.Continue, __: Frame) -> Signal:
    """End a turn of a loop."""
    return GoOn(node.label)
