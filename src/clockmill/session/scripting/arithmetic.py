"""Arithmetic and comparison of values by the rules of their types, without an engine.

For two types and an operator there is one rule, found once: a function of the two values. What
an engine might do differently (overflow, division by zero, text as a number, the last digit of a
quotient) is not done here but left to it: :class:`NotHere` is raised, and it is asked.
"""

import decimal
import math
import operator
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from clockmill.core.types import BOOLEAN, FLOAT, MAX_PRECISION, NUMBER, ColumnType, Kind, fixed
from clockmill.engine.protocol import Binding


class NotHere(Exception):
    """This must be asked of an engine."""


Rule = Callable[[Any, Any], Binding]

EXACT: Final = decimal.Context(prec=120, rounding=decimal.ROUND_HALF_UP)
"""For numbers of up to 38 digits, their products and sums, nothing is ever rounded in it unasked."""
_SURE: Final = 2**53
"""Below this a FLOAT holds every whole number."""
_SURE_QUOTIENT: Final = 10**13
"""In digits after the point included: below it a quotient of FLOATs, rounded, is the exact one."""

TRUE: Final = Binding(True, BOOLEAN)
FALSE: Final = Binding(False, BOOLEAN)
UNKNOWN: Final = Binding(None, BOOLEAN)


def is_null(kind: ColumnType) -> bool:
    """Say whether *kind* is that of a bare NULL."""
    return kind.kind is Kind.TEXT and kind.length == 0


@lru_cache(maxsize=4096)
def arithmetic(sign: str, left: ColumnType, right: ColumnType) -> Rule:
    """Return how values of these types are combined by + - * / or %."""
    left = NUMBER if is_null(left) else left
    right = NUMBER if is_null(right) else right
    kinds = {left.kind, right.kind}
    if kinds == {Kind.FIXED}:
        return _EXACT_RULES[sign](left, right)
    if kinds <= {Kind.FIXED, Kind.REAL} and sign in _FLOAT_SIGNS:
        return _float_rule(_FLOAT_SIGNS[sign], left, right)
    raise NotHere


# --- exact numbers ---------------------------------------------------------------------------


def _sum_rule(sign: str) -> Callable[[ColumnType, ColumnType], Rule]:
    combine = {"+": operator.add, "-": operator.sub}[sign]
    exactly = {"+": EXACT.add, "-": EXACT.subtract}[sign]

    def rule_for(left: ColumnType, right: ColumnType) -> Rule:
        scale = max(_scale(left), _scale(right))
        kind = fixed(max(_whole(left), _whole(right)) + scale + 1, scale)
        nothing = Binding(None, kind)
        if not scale:
            return _whole_rule(combine, kind, nothing)
        limit = Decimal(10) ** (MAX_PRECISION - scale)
        quantum = _quantum(scale)

        def rule(x: Any, y: Any) -> Binding:
            if x is None or y is None:
                return nothing
            total = exactly(x, y)
            if not (-limit < total < limit and -limit < x < limit and -limit < y < limit):
                raise NotHere
            return Binding(EXACT.quantize(total, quantum), kind)

        return rule

    return rule_for


def _whole_rule(combine: Callable[[Any, Any], Any], kind: ColumnType, nothing: Binding) -> Rule:
    limit = 10**MAX_PRECISION

    def rule(x: Any, y: Any) -> Binding:
        if x is None or y is None:
            return nothing
        total = combine(x, y)
        if not -limit < total < limit:
            raise NotHere
        return Binding(total, kind)

    return rule


def _product_rule(left: ColumnType, right: ColumnType) -> Rule:
    s1, s2 = _scale(left), _scale(right)
    scale = min(s1 + s2, max(s1, s2, 12))
    kind = fixed(_whole(left) + _whole(right) + scale, scale)
    nothing = Binding(None, kind)
    if s1 + s2 > MAX_PRECISION:
        raise NotHere
    if not s1 + s2:
        return _whole_rule(operator.mul, kind, nothing)
    limit = Decimal(10) ** (MAX_PRECISION - s1 - s2)
    quantum = _quantum(scale)

    def rule(x: Any, y: Any) -> Binding:
        if x is None or y is None:
            return nothing
        product = EXACT.multiply(x, y)
        if not -limit < product < limit:
            raise NotHere
        return Binding(EXACT.quantize(product, quantum), kind)

    return rule


def _quotient_rule(left: ColumnType, right: ColumnType) -> Rule:
    s1, s2 = _scale(left), _scale(right)
    scale = max(s1, min(s1 + 6, 12))
    kind = fixed(MAX_PRECISION, scale)
    nothing = Binding(None, kind)
    up, down = 10 ** (scale + s2), 10**s1

    def rule(x: Any, y: Any) -> Binding:
        if y == 0:
            raise NotHere
        if x is None or y is None:
            return nothing
        over, under = abs(_unscaled(x, s1)) * up, abs(_unscaled(y, s2)) * down
        quotient, rest = divmod(over, under)
        # Near the half an engine that divides FLOATs may round the other way.
        if quotient > _SURE_QUOTIENT or abs(2 * rest - under) * 64 < under:
            raise NotHere
        quotient += 2 * rest > under
        is_negative = (x < 0) != (y < 0) and quotient
        return Binding(EXACT.scaleb(Decimal(-quotient if is_negative else quotient), -scale), kind)

    return rule


def _remainder_rule(left: ColumnType, right: ColumnType) -> Rule:
    scale = max(_scale(left), _scale(right))
    kind = fixed(MAX_PRECISION, scale)
    nothing = Binding(None, kind)

    def rule(x: Any, y: Any) -> Binding:
        if y == 0:
            raise NotHere
        if x is None or y is None:
            return nothing
        over, under = _unscaled(x, scale), abs(_unscaled(y, scale))
        if max(abs(over), under) >= 10**MAX_PRECISION:
            raise NotHere
        rest = abs(over) % under
        return Binding(_scaled(-rest if over < 0 else rest, scale), kind)

    return rule


_EXACT_RULES: Final[dict[str, Callable[[ColumnType, ColumnType], Rule]]] = {
    "+": _sum_rule("+"),
    "-": _sum_rule("-"),
    "*": _product_rule,
    "/": _quotient_rule,
    "%": _remainder_rule,
}


def _scale(kind: ColumnType) -> int:
    return kind.scale or 0


def _whole(kind: ColumnType) -> int:
    """Return how many digits stand before the point."""
    return (kind.precision or MAX_PRECISION) - _scale(kind)


def _quantum(scale: int) -> Decimal:
    return Decimal(1).scaleb(-scale)


def _unscaled(value: Any, scale: int) -> int:
    """Return the value times ten to the power of *scale*: whole, as it has no more digits."""
    return value * 10**scale if isinstance(value, int) else int(value.scaleb(scale, EXACT))


def _scaled(value: int, scale: int) -> int | Decimal:
    return EXACT.scaleb(Decimal(value), -scale) if scale else value


def rescaled(value: Any, kind: ColumnType) -> Any:
    """Return the exact number *value* with the digits of *kind*; NotHere if it does not fit."""
    scale = _scale(kind)
    number: int | Decimal
    if not scale:
        number = value if isinstance(value, int) else int(value.to_integral_value(context=EXACT))
    else:
        number = EXACT.quantize(Decimal(value), _quantum(scale))
    if abs(number) >= 10 ** _whole(kind):
        raise NotHere
    return number


# --- FLOAT -----------------------------------------------------------------------------------


def _float_rule(combine: Callable[[Any, Any], Any], left: ColumnType, right: ColumnType) -> Rule:
    def rule(x: Any, y: Any) -> Binding:
        if combine is operator.truediv and y == 0:
            raise NotHere
        if x is None or y is None:
            return _NO_FLOAT
        one, other = as_float(x, left), as_float(y, right)
        result = combine(one, other)
        if not math.isfinite(result):
            raise NotHere
        return Binding(result, FLOAT)

    return rule


_NO_FLOAT: Final = Binding(None, FLOAT)
_FLOAT_SIGNS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def as_float(value: Any, kind: ColumnType) -> float:
    """Return a number as FLOAT; NotHere where that could lose a digit, or is no finite number."""
    if kind.kind is Kind.FIXED:
        if abs(_unscaled(value, _scale(kind))) >= _SURE or _scale(kind) > 22:
            raise NotHere
        return float(value)
    if not math.isfinite(value):
        raise NotHere
    return float(value)


# --- comparison ------------------------------------------------------------------------------

_COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_PLAINLY_COMPARED: Final = frozenset(
    {Kind.FIXED, Kind.TEXT, Kind.BOOLEAN, Kind.DATE, Kind.TIME, Kind.TIMESTAMP_NTZ}
)
"""Kinds whose values Python orders as the language does."""


@lru_cache(maxsize=4096)
def comparison(sign: str, left: ColumnType, right: ColumnType) -> Rule:
    """Return how values of these types are compared."""
    compare = _COMPARED[sign]
    if left.kind is right.kind is Kind.FIXED and left.scale != right.scale:
        return _exact_comparison(compare, max(_scale(left), _scale(right)))
    if is_null(left) or is_null(right):
        return lambda _, __: UNKNOWN
    if left.kind is right.kind and left.kind in _PLAINLY_COMPARED:

        def rule(x: Any, y: Any) -> Binding:
            if x is None or y is None:
                return UNKNOWN
            return TRUE if compare(x, y) else FALSE

        return rule
    if {left.kind, right.kind} <= {Kind.FIXED, Kind.REAL}:

        def float_rule(x: Any, y: Any) -> Binding:
            if x is None or y is None:
                return UNKNOWN
            return TRUE if compare(as_float(x, left), as_float(y, right)) else FALSE

        return float_rule
    raise NotHere


def _exact_comparison(compare: Callable[[Any, Any], bool], scale: int) -> Rule:
    # Numbers that have no room for the digits of the other after the point an engine refuses.
    limit = 10 ** (MAX_PRECISION - scale)

    def rule(x: Any, y: Any) -> Binding:
        if x is None or y is None:
            return UNKNOWN
        if not (-limit < x < limit and -limit < y < limit):
            raise NotHere
        return TRUE if compare(x, y) else FALSE

    return rule
