"""Values of expressions: worked out here where that is possible, else asked of an engine."""

from collections.abc import Callable
from typing import Any, Final

from clockmill.core.errors import ClockmillError, SyntaxFault, Unsupported
from clockmill.core.types import NUMBER, ColumnType, Kind
from clockmill.engine.protocol import Binding
from clockmill.session.handlers.types import type_name
from clockmill.session.nested import Nested
from clockmill.session.scripting.computing import ComputingTurn
from clockmill.session.scripting.faults import EXPRESSION_ERROR, Raised, ScriptFault, TextTooLong
from clockmill.session.scripting.formula import NotHere, convert, equal, evaluate
from clockmill.session.scripting.places import Piece
from clockmill.session.scripting.values import NOTHING, Frame, Row
from clockmill.sql.scripting.ast import Expression
from clockmill.sql.scripting.binds import bind_names
from clockmill.sql.scripting.formula import Cast, Formula, Literal, Name

_KEY: Final = "VALUE"
_ASKED: Final = "SELECT "


class Expressions:
    """Works out expressions with the names of a frame. What fails is raised as EXPRESSION_ERROR."""

    def __init__(self, nested: Nested, turn: ComputingTurn, source: str) -> None:
        self._nested = nested
        self._turn = turn
        self._source = source

    def value(self, expression: Expression, frame: Frame) -> Binding:
        """Return the value of *expression* and its type."""
        try:
            if expression.formula is not None:
                try:
                    return evaluate(expression.formula, _lookup(frame))
                except NotHere:
                    pass
            return self._asked(expression, frame)
        except (ScriptFault, SyntaxFault):
            raise
        except ClockmillError as error:
            raise self.raised(error, expression.start) from error

    def holds(self, condition: Expression, frame: Frame) -> bool:
        """Say whether *condition* is true: the boolean, or what is written «true» or «1»."""
        if isinstance(condition.formula, Literal) and condition.formula.value == 1:
            return True  # «1.0» too: a number is as short as it can be written
        return is_true(self.value(condition, frame))

    def equal(self, left: Binding, right: Binding, start: int) -> bool:
        """Say whether two values are equal; nothing equals NULL."""
        if left.value is None or right.value is None:
            return False
        try:
            try:
                return bool(equal(left, right))
            except NotHere:
                return bool(self._answer("SELECT :L = :R", {"L": left, "R": right}).value)
        except ClockmillError as error:
            raise self.raised(error, start) from error

    def converted(self, value: Binding, to: ColumnType | None, start: int) -> Binding:
        """Return *value* as the type *to* has it, as a cast does."""
        if to is None or value.type == to:
            return value
        if value.value is None:
            return Binding(None, to)
        try:
            if to.kind is Kind.TEXT and value.type.kind is Kind.TEXT:
                return _fitted(value.value, to)
            return self._cast(value, to)
        except ClockmillError as error:
            raise self.raised(error, start) from error

    def integer(self, expression: Expression, frame: Frame) -> int:
        """Return a bound of a loop."""
        found = self.converted(self.value(expression, frame), NUMBER, expression.start).value
        if found is None:
            error = Unsupported("NULL as a bound of a FOR loop")
            raise self.raised(error, expression.start)
        return int(found)

    def raised(self, error: ClockmillError, start: int, kind: str = EXPRESSION_ERROR) -> Exception:
        """Return what *error* is to the script: an exception, or the end if somebody wants an end."""
        return error if self._nested.cancel.reason is not None else Raised(kind, error, start)

    # --- asking --------------------------------------------------------------------------------

    def _asked(self, expression: Expression, frame: Frame) -> Binding:
        text, keys = bind_names(expression.text, expression.names, frame.is_variable)
        bindings = {key: frame.value(parts) or NOTHING for key, parts in keys.items()}
        sent = f"{_ASKED}{text}\n"
        try:
            return self._answer(sent, bindings)
        except ClockmillError as error:
            piece = Piece(
                source=self._source,
                node=expression,
                sent=sent,
                before=len(_ASKED),
                is_variable=frame.is_variable,
            )
            fault = piece.syntax_fault(error) or piece.identifier_fault(error)
            if fault is not None:
                raise fault from error
            raise

    def _answer(self, sql: str, bindings: dict[str, Binding]) -> Binding:
        self._turn.pause()
        result = self._nested.ask(sql, bindings)
        value = result.rows[0][0] if result.rows else None
        return Binding(value, result.columns[0].type)

    def _cast(self, value: Binding, to: ColumnType) -> Binding:
        try:
            return convert(value, to)
        except NotHere:
            found = self._answer(f"SELECT CAST(:{_KEY} AS {type_name(to)})", {_KEY: value})
            return Binding(found.value, to)


def _fitted(text: str, to: ColumnType) -> Binding:
    """Return *text* as what *to* has room for: unlike a cast, an assignment cuts nothing off."""
    if to.length is not None and len(text) > to.length:
        raise TextTooLong(text)
    return Binding(text, to)


def is_true(condition: Binding) -> bool:
    """Say whether a condition with this value is taken: TRUE, or what is written «true» or «1»."""
    value: Any = condition.value
    match value:
        case None:
            return False
        case bool():
            return value
        case str():
            return value == "1" or value.lower() == "true"
        case int() | float():
            return value == 1 and not condition.type.scale
    return bool(value == 1 and not condition.type.scale)


def gives_exact_type(formula: Formula | None) -> bool:
    """Say whether an expression has a type that somebody has written down: a cast, or a variable."""
    return isinstance(formula, Cast | Name)


def depends_on_row(expression: Expression, frame: Frame) -> bool:
    """Say whether a field of a row is in it, whose type is known only when the row is there."""
    if isinstance(expression.formula, Cast):
        return False
    return any(isinstance(frame.find(use.parts[0]), Row) for use in expression.names)


def is_inferable(of: ColumnType) -> bool:
    """Say whether a variable may have this type without its being written."""
    return of.kind is not Kind.VARIANT


def _lookup(frame: Frame) -> Callable[[tuple[str, ...]], Binding]:
    def look_up(parts: tuple[str, ...]) -> Binding:
        found = frame.value(parts)
        if found is None:
            raise NotHere
        return found

    return look_up
