"""Functions of the bits of whole numbers and binaries."""

from typing import Final

from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault, raise_in_sql
from clockmill.engine.duckdb.translate.functions.rules import Call, Scalar
from clockmill.engine.duckdb.translate.operators import number
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.duckdb.types import fixed
from clockmill.engine.result import Kind


def _bits(sign: str) -> Scalar:
    """An operation on the bits of two whole numbers, or of two binaries."""

    def rule(call: Call) -> Typed:
        call.expect(2, 3)
        one, other = call.value(0), call.value(1)
        if Kind.BINARY in (one.type.kind, other.type.kind):
            return _bits_of_binaries(call, sign, one, other)
        return Typed(sign.format(_whole(call, 0), _whole(call, 1)), fixed(38), is_wide=False)

    return rule


def _bits_of_binaries(call: Call, sign: str, one: Typed, other: Typed) -> Typed:
    """Binaries of different lengths need LEFT or RIGHT: the side on which zeros fill up the shorter."""
    if one.type.kind is not other.type.kind:
        raise CompilationFault(
            f"Invalid argument types for function '{call.name}'", code="001044", sqlstate="42P13"
        )
    side = str(call.constant(2)).upper() if len(call) == 3 else ""
    if side not in ("", "LEFT", "RIGHT"):
        raise CompilationFault(f"Invalid padding '{side}'", code="001015", sqlstate="22023")
    size = f"greatest(octet_length({one.sql}), octet_length({other.sql}))"
    cells = [_filled(value.sql, size, side) for value in (one, other)]
    work = f"CAST({sign.format(*cells)} AS BLOB)"
    if side:
        return Typed(work, types.BINARY)
    failure = raise_in_sql("100188", "22000", "The lengths of two variable-sized fields do not match")
    same = f"octet_length({one.sql}) <> octet_length({other.sql})"
    return Typed(f"CASE WHEN {same} THEN CAST({failure} AS BLOB) ELSE {work} END", types.BINARY)


def _filled(binary: str, size: str, side: str) -> str:
    if not side:
        return f"CAST({binary} AS BIT)"
    word = "lpad" if side == "LEFT" else "rpad"
    return f"CAST(unhex({word}(hex({binary}), CAST({size} * 2 AS INTEGER), '0')) AS BIT)"


def _shift(sign: str) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(2, 2)
        value = call.value(0)
        if value.type.kind is not Kind.BINARY:
            return Typed(_moved(_whole(call, 0), sign, call.integer(1)), fixed(38), is_wide=False)
        moved = f"(CAST({value.sql} AS BIT) {sign} CAST({call.integer(1)} AS INTEGER))"
        return Typed(f"CAST({moved} AS BLOB)", types.BINARY)

    return rule


def _moved(number: str, sign: str, places: str) -> str:
    """Return a number with its bits moved: to the left it grows, and must fit."""
    if sign == "<<":
        return f"({number} * (CAST(1 AS HUGEINT) << {places}))"
    return f"({number} >> least({places}, 126))"


def _whole(call: Call, place: int) -> str:
    """Translate an argument as a whole number of 128 bits."""
    value = number(call.scope, call.value(place))
    return f"CAST({value.sql} AS HUGEINT)"


def _bitnot(call: Call) -> Typed:
    call.expect(1, 1)
    value = call.value(0)
    if value.type.kind is Kind.BINARY:
        return Typed(f"CAST(~CAST({value.sql} AS BIT) AS BLOB)", types.BINARY)
    return Typed(f"(~ {_whole(call, 0)})", fixed(38), is_wide=False)


def _getbit(call: Call) -> Typed:
    call.expect(2, 2)
    place = call.integer(1)
    return Typed(f"(({_whole(call, 0)} >> {place}) & 1)", fixed(1), is_wide=False)


FUNCTIONS: Final[dict[str, Scalar]] = {
    "BITAND": _bits("({0} & {1})"),
    "BITNOT": _bitnot,
    "BITOR": _bits("({0} | {1})"),
    "BITSHIFTLEFT": _shift("<<"),
    "BITSHIFTRIGHT": _shift(">>"),
    "BITXOR": _bits("xor({0}, {1})"),
    "BIT_AND": _bits("({0} & {1})"),
    "BIT_OR": _bits("({0} | {1})"),
    "BIT_XOR": _bits("xor({0}, {1})"),
    "GETBIT": _getbit,
}
