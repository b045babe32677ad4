"""What operators and functions share: numbers, comparison, choice, paths, in DuckDB's SQL."""

import msgspec
from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault, raise_in_sql
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.objects import SEQUENCE
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import Typed, stored_name
from clockmill.engine.result import BOOLEAN, TEXT, ColumnType, Kind


def number(scope: Scope, value: Typed) -> Typed:
    """Return *value* as a number, converted where it is text or semi-structured."""
    kind = value.type.kind
    if kind in (Kind.FIXED, Kind.REAL):
        return value
    if types.is_null(value.type):
        return Typed("CAST(NULL AS DECIMAL(38,0))", types.INTEGER)
    if kind is Kind.TEXT:
        return casts.cast(
            scope.unit,
            value,
            types.fixed(38, 5)
            if not value.is_constant
            else types.fixed(38, len(str(value.constant).partition(".")[2])),
        )
    if kind in types.SEMI:
        return casts.cast(scope.unit, value, types.FLOAT)
    if kind is Kind.BOOLEAN:
        return casts.cast(scope.unit, value, types.INTEGER)
    raise CompilationFault(
        f"Invalid argument types for function: a number is needed, not {types.sql_name(value.type)}",
        code="001044",
        sqlstate="42P13",
    )


def widened(value: Typed) -> str:
    """Return *value* such that DuckDB computes with it in 38 digits."""
    if value.is_wide or value.type.kind is not Kind.FIXED:
        return value.sql
    return f"CAST({value.sql} AS DECIMAL(38,{value.type.scale}))"


def as_double(value: Typed) -> str:
    return value.sql if value.type.kind is Kind.REAL else f"CAST({value.sql} AS DOUBLE)"


def divide(scope: Scope, left: Typed, right: Typed, *, zero: str | None = None) -> Typed:
    """Return the quotient; *zero* is what division by zero gives, by default an error."""
    left, right = number(scope, left), number(scope, right)
    if Kind.REAL in (left.type.kind, right.type.kind):
        kind = types.FLOAT
        quotient = f"{as_double(left)} / {as_double(right)}"
    else:
        scale_left = left.type.scale or 0
        scale = max(scale_left, min(scale_left + 6, 12))
        kind = types.fixed(38, scale)
        quotient = _exact_quotient(left, right, kind)
    failure = zero or f"CAST({raise_in_sql('100051', '22012', 'Division by zero')} AS {types.physical(kind)})"
    return Typed(f"(CASE WHEN {right.sql} = 0 THEN {failure} ELSE {quotient} END)", kind)


def _exact_quotient(left: Typed, right: Typed, kind: ColumnType) -> str:
    """Return the division of two exact numbers: by floating point where that is exact enough."""
    to = types.physical(kind)
    quick = f"CAST({as_double(left)} / {as_double(right)} AS {to})"
    # The quotient has six digits more than the number that is divided; a DOUBLE has fifteen.
    if (left.type.precision or 38) <= 9 or left.type.scale or right.type.scale:
        return quick
    a, b = f"CAST({left.sql} AS HUGEINT)", f"CAST({right.sql} AS HUGEINT)"
    exact = f"CAST({a} // {b} AS {to}) + CAST(CAST({a} % {b} AS DOUBLE) / CAST({b} AS DOUBLE) AS {to})"
    return f"CASE WHEN abs({left.sql}) < 1000000000 THEN {quick} ELSE {exact} END"


def modulo(scope: Scope, left: Typed, right: Typed) -> Typed:
    left, right = number(scope, left), number(scope, right)
    if Kind.REAL in (left.type.kind, right.type.kind):
        kind = types.FLOAT
    else:
        scale = max(left.type.scale or 0, right.type.scale or 0)
        kind = types.fixed(38, scale)
    failure = f"CAST({raise_in_sql('100051', '22012', 'Division by zero')} AS {types.physical(kind)})"
    # DuckDB divides exact numbers of different scales as DOUBLEs.
    one = widened(left) if left.type.scale == kind.scale else f"CAST({left.sql} AS {types.physical(kind)})"
    other = right.sql if right.type.scale == kind.scale else f"CAST({right.sql} AS {types.physical(kind)})"
    return Typed(f"(CASE WHEN {right.sql} = 0 THEN {failure} ELSE {one} % {other} END)", kind)


def add_interval(scope: Scope, value: Typed, term: str, units: str) -> Typed:
    """Return a date or time plus (or minus) an interval: *term* begins with its sign."""
    kind = value.type.kind
    if kind is Kind.TEXT or kind in types.SEMI:
        value = casts.cast(scope.unit, value, types.NTZ)
    if kind is Kind.DATE and units == "day":
        return Typed(f"CAST({value.sql} {term} AS DATE)", types.DATE)
    if kind is Kind.DATE:
        return Typed(f"({casts.wall(scope.unit, value)} {term})", types.NTZ)
    if kind is Kind.TIMESTAMP_LTZ and units == "day":
        zone = literal(scope.unit.zone)
        return Typed(casts.instant(f"({casts.wall(scope.unit, value)} {term})", zone), types.LTZ)
    if kind is Kind.TIMESTAMP_TZ:
        return Typed(f"{{'u': ({value.sql}).u {term}, 'o': ({value.sql}).o}}", types.TZ)
    # The sum may have more digits than the value declares.
    return Typed(f"({value.sql} {term})", msgspec.structs.replace(value.type, scale=types.MAX_DIGITS))


def comparable(scope: Scope, one: Typed, other: Typed) -> tuple[str, str]:
    """Return both values as SQL that DuckDB compares as the language would."""
    if types.is_null(one.type) or types.is_null(other.type):
        kind = other.type if types.is_null(one.type) else one.type
        # A column of nothing but NULL has to have a type that the other side can be compared with.
        one, other = (v if v.is_constant else casts.cast(scope.unit, v, kind) for v in (one, other))
        return plain(one), plain(other)
    a, b = one.type.kind, other.type.kind
    if a in types.SEMI and b in types.SEMI:
        return f"_clockmill.variant_key({one.sql})", f"_clockmill.variant_key({other.sql})"
    if a is b and a is not Kind.TIMESTAMP_TZ:
        return plain(one), plain(other)
    target = _common(one, other)
    if target is None:
        return plain(one), plain(other)
    return (plain(casts.cast(scope.unit, one, target)), plain(casts.cast(scope.unit, other, target)))


def plain(value: Typed) -> str:
    if value.type.kind is Kind.TIMESTAMP_TZ:
        return f"({value.sql}).u"
    return value.sql


def _common(one: Typed, other: Typed) -> ColumnType | None:
    kinds = {one.type.kind, other.type.kind}
    if len(kinds & types.SEMI) == 1 and len(kinds) == 2:
        plain = other if one.type.kind in types.SEMI else one
        if plain.type.kind is Kind.FIXED:
            return types.fixed(38, max(9, plain.type.scale or 0)) if not plain.is_constant else types.FLOAT
        return plain.type if plain.type.kind is not Kind.TEXT else TEXT
    if kinds == {Kind.FIXED, Kind.REAL}:
        return None
    if kinds == {Kind.TEXT, Kind.FIXED}:
        exact = one if one.type.kind is Kind.FIXED else other
        return types.fixed(38, max(5, exact.type.scale or 0))
    if kinds == {Kind.BOOLEAN, Kind.FIXED}:
        return BOOLEAN
    return types.unify([one.type, other.type])


def choose(scope: Scope, conditions: list[tuple[str, Typed]], default: Typed) -> Typed:
    """Return CASE over *conditions*; all results get one type."""
    kind = types.unify([value.type for _, value in conditions] + [default.type])
    whens = " ".join(f"WHEN {test} THEN {unified(scope, value, kind)}" for test, value in conditions)
    return Typed(f"(CASE {whens} ELSE {unified(scope, default, kind)} END)", kind)


def unified(scope: Scope, value: Typed, kind: ColumnType) -> str:
    """Return *value* as *kind*, leaving alone what DuckDB makes the same by itself."""
    if types.is_null(value.type):
        return value.sql
    if value.type.kind is kind.kind and kind.kind is not Kind.FIXED:
        return value.sql
    if value.type.kind is kind.kind and value.type.scale == kind.scale and value.is_wide:
        return value.sql
    return casts.cast(scope.unit, value, kind).sql


def text_of(scope: Scope, value: Typed) -> str:
    """Return *value* as text, for functions and operators of text."""
    return casts.as_text(scope.unit, value)


def like_sql(value: str, pattern: Typed, word: str, escape: str | None, scope: Scope) -> str:
    tail = f" ESCAPE {escape}" if escape else ""
    return f"({value} {word} {text_of(scope, pattern)}{tail})"


def refuse_collation(name: str) -> None:
    """Refuse a collation under which texts are equal that are not the same; order alone is kept as it is."""
    flags = set(name.lower().replace("_", "-").split("-"))
    if flags & {"ci", "ai", "pi", "upper", "lower", "trim", "ltrim", "rtrim"}:
        raise Unsupported(f"COLLATE '{name}'")


def next_value(sequence: exp.Expr, scope: Scope) -> Typed:
    """Return the expression that draws the next value of a sequence."""
    _, thing = scope.unit.existing(sequence, SEQUENCE)
    scope.unit.is_deterministic = False
    return Typed(f"CAST(nextval({literal(stored_name(thing))}) AS DECIMAL(38,0))", types.INTEGER)


def need_semi(value: Typed) -> None:
    if value.type.kind not in types.SEMI and not types.is_null(value.type):
        raise CompilationFault(
            f"Invalid argument types for function 'GET': ({types.sql_name(value.type)}, VARCHAR)",
            code="001044",
            sqlstate="42P13",
        )


def json_key(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'."{escaped}"'


def get_element(scope: Scope, value: Typed, key: Typed) -> Typed:
    """Return the element of an array at a place, or of an object under a name, that are computed."""
    if key.type.kind is Kind.FIXED or key.type.kind is Kind.REAL:
        place = f"CAST({key.sql} AS BIGINT)"
        path = f"'$[' || {place} || ']'"
        return Typed(f"CASE WHEN {place} >= 0 THEN json_extract({value.sql}, {path}) END", types.VARIANT)
    name = f"replace({text_of(scope, key)}, '\"', '\\\"')"
    return Typed(f"json_extract({value.sql}, '$.\"' || {name} || '\"')", types.VARIANT)


def describe(node: exp.Expr) -> str:
    """Return the construct that *node* is, as its user wrote it."""
    return node.sql("snowflake").replace("F$", "").upper()[:80]
