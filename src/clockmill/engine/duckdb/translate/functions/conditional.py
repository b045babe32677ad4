"""Functions that choose."""

from typing import Final

from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.translate.functions.rules import Call, Scalar
from clockmill.engine.duckdb.translate.operators import choose, comparable, number, unified, widened
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.duckdb.types import unify
from clockmill.engine.result import BOOLEAN, NULL, Kind

_NULL: Final = Typed("NULL", NULL, None, True)


def _iff(call: Call) -> Typed:
    call.expect(3, 3)
    return choose(call.scope, [(call.boolean(0), call.value(1))], call.value(2))


def coalesce(call: Call) -> Typed:
    call.expect(1)
    values = call.values()
    kind = unify(value.type for value in values)
    return Typed("COALESCE(" + ", ".join(unified(call.scope, v, kind) for v in values) + ")", kind)


def _nvl2(call: Call) -> Typed:
    call.expect(3, 3)
    return choose(call.scope, [(f"{call.value(0).sql} IS NOT NULL", call.value(1))], call.value(2))


def _nullif(call: Call) -> Typed:
    call.expect(2, 2)
    value = call.value(0)
    one, other = comparable(call.scope, value, call.value(1))
    return Typed(f"(CASE WHEN {one} = {other} THEN NULL ELSE {widened(value)} END)", value.type)


def _decode(call: Call) -> Typed:
    call.expect(3)
    subject, rest = call.value(0), call.values()[1:]
    conditions = []
    for place in range(0, len(rest) - 1, 2):
        one, other = comparable(call.scope, subject, rest[place])
        conditions.append((f"{one} IS NOT DISTINCT FROM {other}", rest[place + 1]))
    return choose(call.scope, conditions, rest[-1] if len(rest) % 2 else _NULL)


def _zeroifnull(call: Call) -> Typed:
    call.expect(1, 1)
    value = number(call.scope, call.value(0))
    return Typed(f"COALESCE({widened(value)}, 0)", value.type)


def _nullifzero(call: Call) -> Typed:
    call.expect(1, 1)
    value = number(call.scope, call.value(0))
    return Typed(f"nullif({widened(value)}, 0)", value.type)


def _extreme(word: str, *, ignores_nulls: bool = False) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1)
        values = call.values()
        kind = unify(value.type for value in values)
        cells = [unified(call.scope, value, kind) for value in values]
        chosen = f"{word}({', '.join(cells)})"
        if ignores_nulls:
            return Typed(chosen, kind)
        absent = " OR ".join(f"{cell} IS NULL" for cell in cells)
        return Typed(f"(CASE WHEN {absent} THEN NULL ELSE {chosen} END)", kind)

    return rule


def _equal_null(call: Call) -> Typed:
    call.expect(2, 2)
    one, other = comparable(call.scope, call.value(0), call.value(1))
    return Typed(f"({one} IS NOT DISTINCT FROM {other})", BOOLEAN)


def _truth(call: Call, place: int) -> str:
    """Translate an argument as a truth; numbers are rounded first."""
    value = call.value(place)
    if value.type.kind is Kind.REAL or (value.type.kind is Kind.FIXED and value.type.scale):
        return f"(round({value.sql}) <> 0)"
    return call.boolean(place)


def _logic(word: str) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(2, 2)
        return Typed(f"({_truth(call, 0)} {word} {_truth(call, 1)})", BOOLEAN)

    return rule


def _boolnot(call: Call) -> Typed:
    call.expect(1, 1)
    return Typed(f"(NOT {_truth(call, 0)})", BOOLEAN)


def _regr_valx(call: Call) -> Typed:
    call.expect(2, 2)
    return Typed(f"(CASE WHEN {call.double(0)} IS NULL THEN NULL ELSE {call.double(1)} END)", types.FLOAT)


def _regr_valy(call: Call) -> Typed:
    call.expect(2, 2)
    return Typed(f"(CASE WHEN {call.double(1)} IS NULL THEN NULL ELSE {call.double(0)} END)", types.FLOAT)


FUNCTIONS: Final[dict[str, Scalar]] = {
    "BOOLAND": _logic("AND"),
    "BOOLNOT": _boolnot,
    "BOOLOR": _logic("OR"),
    "BOOLXOR": _logic("<>"),
    "COALESCE": coalesce,
    "DECODE": _decode,
    "EQUAL_NULL": _equal_null,
    "GREATEST": _extreme("greatest"),
    "GREATEST_IGNORE_NULLS": _extreme("greatest", ignores_nulls=True),
    "IFF": _iff,
    "IF": _iff,
    "IFNULL": coalesce,
    "LEAST": _extreme("least"),
    "LEAST_IGNORE_NULLS": _extreme("least", ignores_nulls=True),
    "NULLIF": _nullif,
    "NULLIFZERO": _nullifzero,
    "NVL": coalesce,
    "NVL2": _nvl2,
    "REGR_VALX": _regr_valx,
    "REGR_VALY": _regr_valy,
    "ZEROIFNULL": _zeroifnull,
}
