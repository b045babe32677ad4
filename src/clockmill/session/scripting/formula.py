"""Evaluating formulas: what loops and counters compute, without asking an engine.

A formula is made into functions within functions once; evaluating it is calling the outermost.
Everything is evaluated, also what a condition leaves out: whatever could fail is then found, and
the whole is left to an engine (:class:`NotHere`), which knows what must not be evaluated.
"""

from collections.abc import Callable
from typing import Any, Final

from clockmill.core.types import TEXT, ColumnType, Kind
from clockmill.engine.protocol import Binding
from clockmill.session.scripting.arithmetic import (
    EXACT,
    FALSE,
    TRUE,
    UNKNOWN,
    NotHere,
    Rule,
    arithmetic,
    comparison,
    is_null,
)
from clockmill.session.scripting.conversion import as_text, converted, settled, truth, unified
from clockmill.sql.scripting.formula import (
    Between,
    Binary,
    Call,
    CaseOf,
    Cast,
    Formula,
    InList,
    IsNull,
    Literal,
    Name,
    SessionVariable,
    Unary,
)

__all__ = ["NotHere", "convert", "equal", "evaluate"]

Lookup = Callable[[tuple[str, ...]], Binding]
"""Finds the variable (or field of a row) of these name parts, or raises NotHere."""
_Made = Callable[[Lookup], Binding]

_MOST_KEPT: Final = 10_000


def evaluate(formula: Formula, lookup: Lookup) -> Binding:
    """Return the value of *formula* and its type, or raise NotHere: then an engine must be asked."""
    kept = _MADE.get(id(formula))
    if kept is None or kept[0] is not formula:
        kept = _keep(formula)
    found = kept[1](lookup)
    return settled(found) if found.value is None else found


def convert(value: Binding, to: ColumnType) -> Binding:
    """Return *value* as a cast to *to* makes it, or raise NotHere."""
    if value.type is to:
        return value
    return converted(value.value, value.type, to)


def equal(left: Binding, right: Binding) -> bool | None:
    """Say whether two values are equal, None if one is NULL; or raise NotHere."""
    answer: bool | None = comparison("=", left.type, right.type)(left.value, right.value).value
    return answer


# The tree is kept with what was made of it: an id alone may come to be another's.
_MADE: Final[dict[int, tuple[Formula, _Made]]] = {}


def _keep(formula: Formula) -> tuple[Formula, _Made]:
    if len(_MADE) >= _MOST_KEPT:
        _MADE.clear()
    kept = (formula, _make(formula))
    _MADE[id(formula)] = kept
    return kept


def _make(formula: Formula) -> _Made:
    return _MAKERS[type(formula)](formula)


# --- leaves ----------------------------------------------------------------------------------


def _literal(node: Literal) -> _Made:
    binding = Binding(node.value, node.type)
    return lambda _: binding


def _name(node: Name) -> _Made:
    parts = node.parts
    return lambda lookup: lookup(parts)


def _not_here(_: Formula) -> _Made:
    def refuse(_: Lookup) -> Binding:
        raise NotHere

    return refuse


# --- operators -------------------------------------------------------------------------------


def _unary(node: Unary) -> _Made:
    operand = _make(node.operand)
    if node.operator == "NOT":

        def negation(lookup: Lookup) -> Binding:
            value = truth(operand(lookup))
            return UNKNOWN if value is None else FALSE if value else TRUE

        return negation

    def sign(lookup: Lookup) -> Binding:
        found = operand(lookup)
        if found.type.kind not in (Kind.FIXED, Kind.REAL):
            raise NotHere
        if node.operator == "+" or found.value is None:
            return found
        value = EXACT.minus(found.value) if found.type.scale else -found.value
        return Binding(value, found.type)

    return sign


def _binary(node: Binary) -> _Made:
    if node.operator in ("AND", "OR"):
        return _logic(node)
    if node.operator == "||":
        return _concatenation(node)
    find = arithmetic if node.operator in "+-*/%" else comparison
    return _by_rule(find, node.operator, _make(node.left), _make(node.right))


def _by_rule(
    find: Callable[[str, ColumnType, ColumnType], Rule], sign: str, left: _Made, right: _Made
) -> _Made:
    # The types hardly ever change between two evaluations: the last rule is tried first. One
    # tuple, so that two threads never see the parts of different rules.
    last: tuple[Any, Any, Any] = (None, None, None)

    def operation(lookup: Lookup) -> Binding:
        nonlocal last
        x, y = left(lookup), right(lookup)
        one, other, rule = last
        if x.type is not one or y.type is not other:
            rule = find(sign, x.type, y.type)
            last = (x.type, y.type, rule)
        found: Binding = rule(x.value, y.value)
        return found

    return operation


def _logic(node: Binary) -> _Made:
    left, right = _make(node.left), _make(node.right)
    decisive = node.operator == "OR"
    decided = TRUE if decisive else FALSE
    undecided = FALSE if decisive else TRUE

    def logic(lookup: Lookup) -> Binding:
        x, y = truth(left(lookup)), truth(right(lookup))
        if x is decisive or y is decisive:
            return decided
        return UNKNOWN if x is None or y is None else undecided

    return logic


def _concatenation(node: Binary) -> _Made:
    left, right = _make(node.left), _make(node.right)
    nothing = Binding(None, TEXT)

    def concatenation(lookup: Lookup) -> Binding:
        x, y = left(lookup), right(lookup)
        one, other = as_text(x.value, x.type), as_text(y.value, y.type)
        return nothing if one is None or other is None else Binding(one + other, TEXT)

    return concatenation


# --- conditions ------------------------------------------------------------------------------


def _answer(value: bool | None, is_negated: bool) -> Binding:
    if value is None:
        return UNKNOWN
    return TRUE if value is not is_negated else FALSE


def _is_null(node: IsNull) -> _Made:
    operand = _make(node.operand)
    return lambda lookup: _answer(operand(lookup).value is None, node.is_negated)


def _in_list(node: InList) -> _Made:
    operand, items = _make(node.operand), [_make(item) for item in node.items]

    def membership(lookup: Lookup) -> Binding:
        subject, *others = _alike([operand(lookup), *(item(lookup) for item in items)])
        answers = [equal(subject, other) for other in others]
        found = True if True in answers else None if None in answers else False
        return _answer(found, node.is_negated)

    return membership


def _alike(found: list[Binding]) -> list[Binding]:
    """Return the values with one type, as a list is compared; lists of several kinds engines know."""
    kind = found[0].type
    if all(each.type is kind for each in found):
        return found
    if len({each.type.kind for each in found if not is_null(each.type)}) > 1:
        raise NotHere
    kind = unified(each.type for each in found)
    return [convert(each, kind) for each in found]


def _between(node: Between) -> _Made:
    operand = _make(node.operand)
    low = _by_rule(comparison, ">=", operand, _make(node.low))
    high = _by_rule(comparison, "<=", operand, _make(node.high))

    def between(lookup: Lookup) -> Binding:
        above, below = low(lookup).value, high(lookup).value
        both = False if above is False or below is False else None if None in (above, below) else True
        return _answer(both, node.is_negated)

    return between


# --- choice ----------------------------------------------------------------------------------


def _case(node: CaseOf) -> _Made:
    operand = None if node.operand is None else _make(node.operand)
    conditions = [_make(branch.condition) for branch in node.branches]
    if operand is not None:
        conditions = [_by_rule(comparison, "=", operand, condition) for condition in conditions]
    values = [_make(branch.value) for branch in node.branches]
    otherwise = _make(node.otherwise if node.otherwise is not None else _NOTHING)
    return _choice(conditions, [*values, otherwise])


def _choice(conditions: list[_Made], values: list[_Made]) -> _Made:
    """Make CASE: the value of the first condition that is true, else the last one."""

    def choice(lookup: Lookup) -> Binding:
        answers = [truth(condition(lookup)) for condition in conditions]
        found = [value(lookup) for value in values]
        kind = unified(each.type for each in found)
        return convert(found[answers.index(True) if True in answers else -1], kind)

    return choice


_NOTHING: Final = Literal(None, ColumnType(kind=Kind.TEXT, length=0))


def _iff(arguments: list[_Made]) -> _Made:
    return _choice(arguments[:1], arguments[1:])


def _nvl2(arguments: list[_Made]) -> _Made:
    subject = arguments[0]
    return _choice([lambda lookup: _answer(subject(lookup).value is None, True)], arguments[1:])


def _coalesce(arguments: list[_Made]) -> _Made:
    def coalesce(lookup: Lookup) -> Binding:
        found = [argument(lookup) for argument in arguments]
        kind = unified(each.type for each in found)
        chosen = next((each for each in found if each.value is not None), found[0])
        return convert(chosen, kind)

    return coalesce


def _nullif(arguments: list[_Made]) -> _Made:
    def nullif(lookup: Lookup) -> Binding:
        value, other = arguments[0](lookup), arguments[1](lookup)
        return Binding(None, value.type) if equal(value, other) else value

    return nullif


def _modulo(arguments: list[_Made]) -> _Made:
    return _by_rule(arithmetic, "%", *arguments)


def _call(node: Call) -> _Made:
    known = _FUNCTIONS.get(node.name)
    if known is None or not known[1] <= len(node.arguments) <= known[2]:
        return _not_here(node)
    return known[0]([_make(argument) for argument in node.arguments])


_MANY: Final = 100
_FUNCTIONS: Final[dict[str, tuple[Callable[[list[_Made]], _Made], int, int]]] = {
    "IFF": (_iff, 3, 3),
    "NVL": (_coalesce, 2, 2),
    "IFNULL": (_coalesce, 2, 2),
    "COALESCE": (_coalesce, 1, _MANY),
    "NVL2": (_nvl2, 3, 3),
    "NULLIF": (_nullif, 2, 2),
    "MOD": (_modulo, 2, 2),
}


def _cast(node: Cast) -> _Made:
    operand, to = _make(node.operand), node.type

    def cast(lookup: Lookup) -> Binding:
        found = operand(lookup)
        if node.is_try:
            raise NotHere
        return convert(found, to)

    return cast


_MAKERS: Final[dict[type, Callable[[Any], _Made]]] = {
    Literal: _literal,
    Name: _name,
    SessionVariable: _not_here,
    Unary: _unary,
    Binary: _binary,
    IsNull: _is_null,
    InList: _in_list,
    Between: _between,
    CaseOf: _case,
    Call: _call,
    Cast: _cast,
}
