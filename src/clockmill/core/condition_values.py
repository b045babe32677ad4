"""Values in a WHEN condition: numbers, text, booleans and NULL, and how one becomes another."""

import enum
import math
import operator as operators
import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final, assert_never

import msgspec

from clockmill.core.condition_lexer import InvalidCondition
from clockmill.core.errors import StatementFault

Value = Decimal | float | str | bool | None

MAX_DIGITS: Final = 38
"""Digits of the longest exact number."""

# Enough for every digit before the point and every one after it.
_EXACT: Final = Context(prec=2 * MAX_DIGITS)
_TOO_LARGE: Final = Decimal(10) ** MAX_DIGITS
_NUMBER: Final = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?\s*\Z")
_TRUE: Final = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE: Final = frozenset({"false", "f", "no", "n", "off", "0"})

_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operators.eq,
    "!=": operators.ne,
    "<>": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


class ConditionFault(StatementFault):
    """A condition could not be evaluated, because a value is not what it is taken for."""

    sqlstate = "22018"


class _Kind(enum.Enum):
    NUMBER = "number"
    FLOAT = "float"
    TEXT = "text"
    BOOLEAN = "boolean"


class Type(msgspec.Struct, frozen=True):
    """The target of a cast. *precision* counts a number's digits or a text's characters."""

    kind: _Kind
    precision: int
    scale: int = 0


_MAX_TEXT: Final = 16_777_216
_WHOLE: Final = Type(_Kind.NUMBER, MAX_DIGITS)
_FLOAT: Final = Type(_Kind.FLOAT, 0)
_TEXT: Final = Type(_Kind.TEXT, _MAX_TEXT)
_BOOLEAN: Final = Type(_Kind.BOOLEAN, 0)

_TYPES: Final = {
    **dict.fromkeys(["NUMBER", "DECIMAL", "NUMERIC", "DEC"], _WHOLE),
    **dict.fromkeys(["INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"], _WHOLE),
    **dict.fromkeys(["FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "REAL"], _FLOAT),
    **dict.fromkeys(["VARCHAR", "STRING", "TEXT", "NVARCHAR"], _TEXT),
    **dict.fromkeys(["CHAR", "CHARACTER", "NCHAR"], Type(_Kind.TEXT, 1)),
    "BOOLEAN": _BOOLEAN,
}
_MAY_HAVE_SCALE: Final = frozenset({"NUMBER", "DECIMAL", "NUMERIC", "DEC"})


def read_type(name: str, limits: Sequence[str]) -> Type:
    """Return the type of that upper-case name with its limits in parentheses."""
    base = _TYPES.get(name)
    if base is None or any(not limit.isdigit() or len(limit) > 8 for limit in limits):
        raise InvalidCondition
    sizes = [int(limit) for limit in limits]
    match sizes:
        case []:
            return base
        case [length] if base.kind is _Kind.TEXT and 1 <= length <= _MAX_TEXT:
            return Type(_Kind.TEXT, length)
        case [precision] if name in _MAY_HAVE_SCALE and 1 <= precision <= MAX_DIGITS:
            return Type(_Kind.NUMBER, precision)
        case [precision, scale] if name in _MAY_HAVE_SCALE and max(scale, 1) <= precision <= MAX_DIGITS:
            return Type(_Kind.NUMBER, precision, scale)
    raise InvalidCondition


def read_number(text: str) -> Decimal | float:
    """Return the number of a literal: exact, unless it is written with an exponent."""
    if "e" not in text.lower():
        if sum(character.isdigit() for character in text) > MAX_DIGITS:
            raise InvalidCondition
        return Decimal(text)
    number = float(text)
    if math.isinf(number):
        raise InvalidCondition
    return number


def as_boolean(value: Value) -> bool | None:
    """Return *value* where a condition needs true, false or unknown."""
    match value:
        case bool() | None:
            return value
        case str():
            word = value.strip().lower()
            if word not in _TRUE | _FALSE:
                raise ConditionFault(f"Boolean value '{value}' is not recognized", code="100037")
            return word in _TRUE
        case _:
            return value != 0


def compare(operator: str, left: Value, right: Value) -> bool | None:
    """Return how two values compare. Text gives way to numbers, and both to booleans."""
    if left is None or right is None:
        return None
    if isinstance(left, bool) or isinstance(right, bool):
        return _COMPARISONS[operator](as_boolean(left), as_boolean(right))
    if isinstance(left, str) and isinstance(right, str):
        return _COMPARISONS[operator](left, right)
    return _COMPARISONS[operator](_as_number(left), _as_number(right))


def cast(value: Value, target: Type) -> Value:
    """Return *value* as one of the type *target*, or raise :class:`ConditionFault`."""
    if value is None:
        return None
    match target.kind:
        case _Kind.BOOLEAN:
            return as_boolean(value)
        case _Kind.TEXT:
            return _as_text(value, target)
        case _Kind.FLOAT:
            return _as_float(value)
        case _Kind.NUMBER:
            return _as_exact(value, target)
    assert_never(target.kind)


def try_cast(value: Value, target: Type) -> Value:
    """Return *value* as one of the type *target*, or NULL where it is none."""
    try:
        return cast(value, target)
    except ConditionFault:
        return None


def _as_number(value: Decimal | float | str | bool) -> Decimal | float:
    if isinstance(value, bool):
        return Decimal(int(value))
    if not isinstance(value, str):
        return value
    if not _NUMBER.match(value):
        raise ConditionFault(f"Numeric value '{value}' is not recognized", code="100038")
    return Decimal(value.strip())


def _as_float(value: Decimal | float | str | bool) -> float:
    number = float(_as_number(value))
    if math.isinf(number):
        raise _out_of_range(value)
    return number


def _as_exact(value: Decimal | float | str | bool, target: Type) -> Decimal:
    number = _as_number(value)
    exact = Decimal(repr(number)) if isinstance(number, float) else number
    if exact.copy_abs() >= _TOO_LARGE:
        raise _out_of_range(value)
    rounded = exact.quantize(Decimal(1).scaleb(-target.scale), ROUND_HALF_UP, _EXACT)
    if rounded.copy_abs() >= Decimal(10) ** (target.precision - target.scale):
        raise _out_of_range(value)
    return rounded


def _as_text(value: Decimal | float | str | bool, target: Type) -> str:
    match value:
        case bool():
            text = "true" if value else "false"
        case str():
            text = value
        case Decimal():
            text = f"{value:f}"
        case _:
            text = f"{value:.17g}" if not value.is_integer() or abs(value) >= 1e15 else str(int(value))
    if len(text) > target.precision:
        raise ConditionFault(
            f"String '{text}' is too long and would be truncated", code="100078", sqlstate="22000"
        )
    return text


def _out_of_range(value: Value) -> ConditionFault:
    return ConditionFault(f"Numeric value '{value}' is out of range", code="100039", sqlstate="22003")
