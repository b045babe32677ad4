"""Functions of numbers."""

# ruff: noqa: ARG001, E501
# ARG001: rules of one table share a signature.
# E501: generated SQL is not broken at will.

from typing import Final

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import MARK, CompilationFault, raise_in_sql
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.functions.rules import SMALL, Call, Scalar, same_as_first, simple
from clockmill.engine.duckdb.translate.operators import divide, modulo, number, widened
from clockmill.engine.duckdb.translate.unit import Typed, Unit
from clockmill.engine.duckdb.types import fixed, physical
from clockmill.engine.result import BOOLEAN, TEXT, Kind

_INVALID: Final = "010050"


def _rounding(word: str) -> Scalar:
    """ROUND and TRUNC: to a number of places, of which a negative one means tens, hundreds …"""

    def rule(call: Call) -> Typed:
        if call.named:
            _take_named(call)
        call.expect(1, 3)
        value = number(call.scope, call.value(0))
        places = call.value(1) if len(call) > 1 else None
        if len(call) == 3:
            return _round_by_mode(call, value)
        if value.type.kind is Kind.REAL:
            if places is None:
                return Typed(f"{word}({value.sql})", types.FLOAT)
            if word == "trunc":
                power = f"power(10, {places.sql})"
                return Typed(f"(trunc({value.sql} * {power}) / {power})", types.FLOAT)
            return Typed(f"{word}({value.sql}, CAST({places.sql} AS INTEGER))", types.FLOAT)
        return _round_fixed(call, word, value, places)

    return rule


def _take_named(call: Call) -> None:
    """Put the arguments of ROUND (EXPR => …, SCALE => …, ROUNDING_MODE => …) in their places."""
    names = ("EXPR", "SCALE", "ROUNDING_MODE")
    given = [name for name in names if name in call.named]
    if call.arguments or set(call.named) - set(names) or given != list(names[: len(given)]):
        raise CompilationFault(
            f"Invalid arguments for function '{call.name}'", code="001044", sqlstate="42P13"
        )
    call.arguments = [call.named[name] for name in given]


def _round_by_mode(call: Call, value: Typed) -> Typed:
    mode, places = str(call.constant(2)).upper(), call.whole(1)
    if mode not in ("HALF_TO_EVEN", "HALF_AWAY_FROM_ZERO"):
        raise Unsupported(f"rounding mode '{mode}'")
    if value.type.kind is Kind.REAL:
        word = "round_even" if mode == "HALF_TO_EVEN" else "round"
        return Typed(f"{word}({value.sql}, {places})", types.FLOAT)
    if mode == "HALF_AWAY_FROM_ZERO" or places >= (value.type.scale or 0):
        return _round_fixed(call, "round", value, call.value(1))
    return _step_of(
        value,
        places,
        "(CASE WHEN {twice} > {unit} OR ({twice} = {unit} AND "
        "{below} % {pair} <> 0) THEN {below} + sign({value}) * {unit} ELSE {below} END)",
    )


def _step_of(value: Typed, places: int, template: str) -> Typed:
    """Return one of the multiples of the power of ten that *places* says, exactly.

    In the *template* are the ``{value}``, the multiple ``{below}`` it towards zero, the ``{rest}``, its size
    ``{twice}``, the distance of two multiples, ``{unit}``, and of three, ``{pair}``.
    """
    if places <= -37:
        raise Unsupported("rounding to so many places")
    scale = value.type.scale or 0
    to = physical(fixed(38, scale))
    given = f"CAST({value.sql} AS {to})"
    unit, pair = (
        f"CAST('{times * 10**-places if places < 0 else _unit(places)[:-1] + str(times)}' AS {to})"
        for times in (1, 2)
    )
    rest = f"({given} % {unit})"
    sql = template.format(
        value=given,
        below=f"({given} - {rest})",
        rest=rest,
        twice=f"(abs({rest}) + abs({rest}))",
        unit=unit,
        pair=pair,
    )
    kind = fixed(38, min(scale, max(0, places)))
    return Typed(f"CAST({sql} AS {physical(kind)})", kind)


def _round_fixed(call: Call, word: str, value: Typed, places: Typed | None) -> Typed:
    scale = value.type.scale or 0
    constant = places.constant if places is not None and places.is_constant else None
    if places is None or constant is not None:
        kept = int(constant or 0)
        target = fixed(min(38, (value.type.precision or 38) + 1), min(scale, max(0, kept)))
        if kept >= scale:
            return Typed(widened(value), value.type)
        if kept >= 0 and word == "round":
            return Typed(f"CAST({widened(value)} AS {physical(fixed(38, target.scale or 0))})", target)
        if kept >= 0:
            rest = f"({widened(value)} % CAST('{_unit(kept)}' AS DECIMAL(38,{max(kept, scale)})))"
            return Typed(
                f"CAST({widened(value)} - {rest} AS {physical(fixed(38, target.scale or 0))})", target
            )
        return Typed(
            f"CAST({word}(CAST({value.sql} AS DOUBLE) / 1e{-kept}) * 1e{-kept} AS DECIMAL(38,0))", target
        )
    power = f"power(10, CAST({places.sql} AS INTEGER))"
    return Typed(
        f"CAST({word}(CAST({value.sql} AS DOUBLE) * {power}) / {power} AS DECIMAL(38,{scale}))",
        fixed(38, scale),
    )


def _unit(places: int) -> str:
    return "1" if places == 0 else "0." + "0" * (places - 1) + "1"


_CEIL: Final = "(CASE WHEN {rest} > 0 THEN {below} + {unit} ELSE {below} END)"
_FLOOR: Final = "(CASE WHEN {rest} < 0 THEN {below} - {unit} ELSE {below} END)"


def _whole(word: str) -> Scalar:
    """CEIL and FLOOR, with an optional number of places."""

    def rule(call: Call) -> Typed:
        call.expect(1, 2)
        value = number(call.scope, call.value(0))
        if len(call) == 1:
            if value.type.kind is Kind.REAL:
                return Typed(f"{word}({value.sql})", types.FLOAT)
            kind = fixed((value.type.precision or 38) - (value.type.scale or 0) + 1)
            return Typed(f"CAST({word}({widened(value)}) AS DECIMAL(38,0))", kind)
        places = call.value(1)
        if value.type.kind is Kind.FIXED and places.is_constant and places.constant is not None:
            if int(places.constant) >= (value.type.scale or 0):
                return Typed(widened(value), value.type)
            step = _CEIL if word == "ceil" else _FLOOR
            return _step_of(value, int(places.constant), step)
        power = f"power(10, {call.integer(1)})"
        sql = f"({word}(CAST({value.sql} AS DOUBLE) * {power}) / {power})"
        if value.type.kind is Kind.REAL:
            return Typed(sql, types.FLOAT)
        kind = fixed(38, value.type.scale or 0)
        return Typed(f"CAST({sql} AS {physical(kind)})", kind)

    return rule


def _div0(null_too: bool) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(2, 2)
        left, right = call.values()
        sql = divide(call.scope, left, right, zero="0")
        if null_too:
            return Typed(f"(CASE WHEN {right.sql} IS NULL THEN 0 ELSE {sql.sql} END)", sql.type)
        return sql

    return rule


def _mod(call: Call) -> Typed:
    call.expect(2, 2)
    return modulo(call.scope, call.value(0), call.value(1))


def _real(template: str, count: int = 1, valid: str | None = None) -> Scalar:
    """Return a rule of floating point; where *valid* does not hold the call is an error."""

    def rule(call: Call) -> Typed:
        call.expect(count, count)
        given = [call.double(i) for i in range(count)]
        sql = template.format(*given)
        if valid is not None:
            failure = _invalid(call.name, given)
            sql = f"(CASE WHEN {valid.format(*given)} OR {given[0]} IS NULL THEN {sql} ELSE CAST({failure} AS DOUBLE) END)"
        return Typed(sql, types.FLOAT)

    return rule


def _invalid(name: str, given: list[str]) -> str:
    """Return the SQL that fails with what was to be computed."""
    written = " || ',' || ".join(f"_clockmill.float_text({each})" for each in given)
    return f"error('{MARK}{_INVALID}~22023~Invalid floating point operation: {name.lower()}(' || {written} || ')')"


def _log(call: Call) -> Typed:
    call.expect(2, 2)
    base, value = call.double(0), call.double(1)
    wrong = f"{base} <= 0 OR {base} = 1 OR {value} <= 0"
    sql = f"CASE WHEN {wrong} THEN CAST({_invalid('log', [base, value])} AS DOUBLE) ELSE ln({value}) / ln({base}) END"
    return Typed(f"({sql})", types.FLOAT)


def _uniform(call: Call) -> Typed:
    call.expect(3, 3)
    call.scope.unit.is_deterministic = False
    low, high = number(call.scope, call.value(0)), number(call.scope, call.value(1))
    draw = _draw(call, 2)
    if Kind.REAL in (low.type.kind, high.type.kind) or low.type.scale or high.type.scale:
        return Typed(f"({low.sql} + ({high.sql} - {low.sql}) * {draw})", types.FLOAT)
    return Typed(
        f"CAST(floor({low.sql} + ({high.sql} - {low.sql} + 1) * {draw}) AS BIGINT)", SMALL, is_wide=False
    )


def _normal(call: Call) -> Typed:
    call.expect(3, 3)
    call.scope.unit.is_deterministic = False
    one, other = _draw(call, 2), _draw(call, 2, "'other'")
    spread = f"sqrt(-2 * ln(greatest({one}, 1e-12))) * cos(2 * pi() * {other})"
    return Typed(f"({call.double(0)} + {call.double(1)} * {spread})", types.FLOAT)


def _draw(call: Call, place: int, salt: str = "") -> str:
    """Return a number from 0 to 1, made from the generator that the argument is."""
    generator = call.value(place)
    if generator.is_constant:
        return f"((hash({', '.join(filter(None, (generator.sql, salt)))}) % 1000003) / 1000003.0)"
    return f"(abs(hash({', '.join(filter(None, (generator.sql, salt)))}) % 1000003) / 1000003.0)"


def _random(call: Call) -> Typed:
    call.expect(0, 1)
    call.scope.unit.is_deterministic = False
    return Typed("CAST((random() - 0.5) * 18446744073709549568.0 AS BIGINT)", fixed(19), is_wide=False)


def _randstr(call: Call) -> Typed:
    call.expect(2, 2)
    call.scope.unit.is_deterministic = False
    generator = call.value(1)
    return Typed(
        f"left(md5(CAST({generator.sql} AS VARCHAR)) || md5(CAST({generator.sql} AS VARCHAR) || 'x'), "
        f"CAST({call.integer(0)} AS INTEGER))",
        TEXT,
    )


def _sign(call: Call) -> Typed:
    call.expect(1, 1)
    return Typed(f"sign({number(call.scope, call.value(0)).sql})", fixed(1), is_wide=False)


def _seq(call: Call) -> Typed:
    call.expect(0, 1)
    sources = call.scope.sources
    if len(sources) == 1 and sources[0].row is not None:
        return Typed(sources[0].row, fixed(19), is_wide=False)
    # A sequence within the statement: its rows counted in the order they are made.
    return Typed("(row_number() OVER () - 1)", fixed(19), is_wide=False)


def _width_bucket(call: Call) -> Typed:
    call.expect(4, 4)
    x, low, high, count = call.double(0), call.double(1), call.double(2), call.integer(3)
    failure = raise_in_sql(
        "100071", "22000", "WIDTH_BUCKET needs a range from less to more, and a number of buckets"
    )
    wrong = f"{low} >= {high} OR {count} < 1"
    absent = f"{x} IS NULL OR {low} IS NULL OR {high} IS NULL OR {count} IS NULL"
    inside = f"CAST(floor(({x} - {low}) / (({high} - {low}) / {count})) AS BIGINT) + 1"
    return Typed(
        f"CASE WHEN {absent} THEN NULL WHEN {wrong} THEN CAST({failure} AS BIGINT) WHEN {x} < {low} THEN 0 WHEN {x} >= {high} THEN {count} + 1 ELSE {inside} END",
        SMALL,
        is_wide=False,
    )


def _factorial(call: Call) -> Typed:
    call.expect(1, 1)
    return Typed(f"CAST(factorial(CAST({call.integer(0)} AS INTEGER)) AS DECIMAL(38,0))", fixed(38))


def _square(call: Call) -> Typed:
    call.expect(1, 1)
    return Typed(f"power({call.double(0)}, 2)", types.FLOAT)


def _as_hashed(unit: Unit, value: Typed) -> str:
    """Return *value* such that equal numbers are the same, whatever their types, and no text is one."""
    if value.type.kind is Kind.REAL:
        return f"(chr(1) || _clockmill.float_text({value.sql}))"
    if value.type.kind is not Kind.FIXED:
        return value.sql
    text = casts.as_text(unit, value)
    if value.type.scale:
        text = f"rtrim(rtrim({text}, '0'), '.')"
    return f"(chr(1) || {text})"


def _hash(call: Call) -> Typed:
    call.expect(1)
    cells = ", ".join(_as_hashed(call.scope.unit, value) for value in call.values())
    return Typed(f"CAST(CAST(hash({cells}) AS HUGEINT) - 9223372036854775808 AS DECIMAL(38,0))", fixed(19))


FUNCTIONS: Final[dict[str, Scalar]] = {
    "ABS": same_as_first("abs({0})"),
    "ACOS": _real("acos({0})", valid="{0} BETWEEN -1 AND 1"),
    "ACOSH": _real("acosh({0})", valid="{0} >= 1"),
    "ASIN": _real("asin({0})", valid="{0} BETWEEN -1 AND 1"),
    "ASINH": _real("asinh({0})"),
    "ATAN": _real("atan({0})"),
    "ATAN2": _real("atan2({0}, {1})", 2),
    "ATANH": _real("atanh({0})", valid="{0} > -1 AND {0} < 1"),
    "BITMAP_BIT_POSITION": simple(
        "i", "(CASE WHEN {0} > 0 THEN ({0} - 1) % 32768 ELSE abs({0}) % 32768 END)", SMALL
    ),
    "BITMAP_BUCKET_NUMBER": simple(
        "i", "(CASE WHEN {0} > 0 THEN ({0} - 1) // 32768 + 1 ELSE {0} // 32768 END)", SMALL
    ),
    "CBRT": _real("(CASE WHEN power(round(cbrt({0})), 3) = {0} THEN round(cbrt({0})) ELSE cbrt({0}) END)"),
    "CEIL": _whole("ceil"),
    "COS": _real("cos({0})"),
    "COSH": _real("cosh({0})"),
    "COT": _real("cot({0})"),
    "DEGREES": _real("degrees({0})"),
    "DIV0": _div0(False),
    "DIV0NULL": _div0(True),
    "EXP": _real("exp({0})"),
    "FACTORIAL": _factorial,
    "FLOOR": _whole("floor"),
    "HASH": _hash,
    "HAVERSINE": _real(
        "(2 * 6371 * asin(sqrt(power(sin(radians({2} - {0}) / 2), 2) + cos(radians({0})) * cos(radians({2})) * "
        "power(sin(radians({3} - {1}) / 2), 2))))",
        4,
    ),
    "IS_REAL_NUMBER": simple("f", "isfinite({0})", BOOLEAN),
    "LN": _real("ln({0})", valid="{0} > 0"),
    "LOG": _log,
    "MOD": _mod,
    "NORMAL": _normal,
    "PI": simple("", "pi()", types.FLOAT),
    "POW": _real("power({0}, {1})", 2),
    "POWER": _real("power({0}, {1})", 2),
    "RADIANS": _real("radians({0})"),
    "RANDOM": _random,
    "RANDSTR": _randstr,
    "ROUND": _rounding("round"),
    "SEQ1": _seq,
    "SEQ2": _seq,
    "SEQ4": _seq,
    "SEQ8": _seq,
    "SIGN": _sign,
    "SIN": _real("sin({0})"),
    "SINH": _real("sinh({0})"),
    "SQRT": _real("sqrt({0})", valid="{0} >= 0"),
    "SQUARE": _square,
    "TAN": _real("tan({0})"),
    "TANH": _real("tanh({0})"),
    "TRUNCATE": _rounding("trunc"),
    "UNIFORM": _uniform,
    "WIDTH_BUCKET": _width_bucket,
}
TRUNC: Final = _rounding("trunc")
