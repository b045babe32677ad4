"""Aggregates. All of them may stand before OVER."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from typing import Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.functions.rules import Aggregate, AggregateRule, Call
from clockmill.engine.duckdb.translate.operators import number, plain, text_of, widened
from clockmill.engine.duckdb.translate.stars import expand_star
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.duckdb.types import fixed, physical
from clockmill.engine.result import BOOLEAN, TEXT, Kind

_COUNT: Final = fixed(18)


def _distinct(call: Call) -> str:
    return "DISTINCT " if call.distinct else ""


def _order(call: Call) -> str:
    """Return the ORDER BY of WITHIN GROUP, ready to stand behind an aggregate's arguments."""
    if not call.order:
        return ""
    items = []
    for item in call.order:
        nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
        direction = "DESC" if item.args.get("desc") else "ASC"
        items.append(f"{plain(call.scope.expression(item.this))} {direction} NULLS {nulls}")
    return " ORDER BY " + ", ".join(items)


def _count(call: Call) -> Aggregate:
    call.expect(1)
    star = call.arguments[0]
    if type(star) is exp.Star and not any(star.args.values()) and not call.distinct:
        return Aggregate("count(*)", _COUNT, is_wide=False)
    values = _with_stars(call)
    if len(values) == 1:
        sql = values[0].sql
        if values[0].type.kind in types.SEMI:
            sql = f"CASE WHEN json_type({sql}) <> 'NULL' THEN {sql} END"
        return Aggregate(f"count({_distinct(call)}{sql})", _COUNT, is_wide=False)
    present = " AND ".join(_is_present(value) for value in values)
    row = ", ".join(value.sql for value in values)
    return Aggregate(
        f"count({_distinct(call)}CASE WHEN {present} THEN row({row}) END)", _COUNT, is_wide=False
    )


def _is_present(value: Typed) -> str:
    if value.type.kind in types.SEMI:  # the null of JSON does not count either
        return f"COALESCE(json_type({value.sql}), 'NULL') <> 'NULL'"
    return f"{value.sql} IS NOT NULL"


def _with_stars(call: Call) -> list[Typed]:
    """Return the arguments, with the columns that each star among them stands for."""
    values: list[Typed] = []
    for argument in call.arguments:
        star = argument.this if isinstance(argument, exp.Column) else argument
        if isinstance(star, exp.Star):
            values += [value for _, value in expand_star(star, argument, call.scope)]
        else:
            values.append(call.scope.expression(argument))
    return values


def _number(call: Call) -> Typed:
    """Return the argument as a number: a text counts as one in floating point."""
    value = call.value(0)
    if value.type.kind is Kind.TEXT and not types.is_null(value.type):
        return casts.cast(call.scope.unit, value, types.FLOAT)
    return number(call.scope, value)


def _count_if(call: Call) -> Aggregate:
    call.expect(1, 1)
    return Aggregate(f"count(*) FILTER (WHERE {call.boolean(0)})", _COUNT, is_wide=False)


def _sum(call: Call) -> Aggregate:
    call.expect(1, 1)
    value = _number(call)
    if value.type.kind is Kind.REAL:
        return Aggregate(f"sum({_distinct(call)}{value.sql})", types.FLOAT)
    kind = fixed(38, value.type.scale or 0)
    return Aggregate(f"sum({_distinct(call)}{widened(value)})", kind, f"CAST({{}} AS {physical(kind)})")


def _avg(call: Call) -> Aggregate:
    call.expect(1, 1)
    value = _number(call)
    if value.type.kind is Kind.REAL:
        return Aggregate(f"avg({_distinct(call)}{value.sql})", types.FLOAT)
    core, has = f"avg({_distinct(call)}{widened(value)})", value.type.scale or 0
    if call.is_windowed:
        # Over a window the digits beyond the third are cut off.
        scale = min(has + 3, 12) if has < 12 else has
        exact = f"CAST({{}} AS DECIMAL(38,{scale + 6}))"
        cut = (
            f"CAST({exact} - {exact} % CAST('1e-{scale}' AS DECIMAL(38,{scale + 6})) AS DECIMAL(38,{scale}))"
        )
        return Aggregate(core, fixed(38, scale), cut)
    kind = fixed(38, max(has, min(has + 6, 12)))
    return Aggregate(core, kind, f"CAST({{}} AS {physical(kind)})")


def _extreme(word: str) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        call.expect(1, 1)
        value = call.value(0)
        if value.type.kind is Kind.BOOLEAN:
            word_ = "bool_or" if word == "max" else "bool_and"
            return Aggregate(f"{word_}({value.sql})", BOOLEAN)
        if value.type.kind in types.SEMI:
            # Numbers by value, the rest as text.
            return Aggregate(f"arg_{word}({value.sql}, {_variant_key(value)})", types.VARIANT)
        return Aggregate(f"{word}({widened(value)})", value.type)

    return rule


def _variant_key(value: Typed) -> str:
    text = casts.scalar_text(value)
    return f"row(TRY_CAST({text} AS DOUBLE), {text})"


def _real(template: str, count: int = 1) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        call.expect(count, count)
        cells = [call.double(i) for i in range(count)]
        return Aggregate(template.format(*cells, d=_distinct(call)), types.FLOAT)

    return rule


def _variance(word: str) -> AggregateRule:
    """The variances are exact numbers where their argument is."""

    def rule(call: Call) -> Aggregate:
        call.expect(1, 1)
        value = _number(call)
        core = f"{word}({_distinct(call)}{call.double(0)})"
        if value.type.kind is Kind.REAL:
            return Aggregate(core, types.FLOAT)
        scale = _variance_scale(value)
        return Aggregate(core, fixed(38, scale), f"CAST({{}} AS DECIMAL(38,{scale}))")

    return rule


def _variance_scale(value: Typed) -> int:
    return max(10, (value.type.scale or 0) + 6) if value.type.scale else 6


def _deviation(word: str) -> AggregateRule:
    """A standard deviation is the root of the variance as that is shown."""

    def rule(call: Call) -> Aggregate:
        call.expect(1, 1)
        value = _number(call)
        core = f"{word}({_distinct(call)}{call.double(0)})"
        if value.type.kind is Kind.REAL:
            return Aggregate(core, types.FLOAT, "sqrt({})")
        return Aggregate(
            core, types.FLOAT, f"sqrt(CAST(CAST({{}} AS DECIMAL(38,{_variance_scale(value)})) AS DOUBLE))"
        )

    return rule


def _skew(call: Call) -> Aggregate:
    """The factor made of the number of rows is an exact quotient, of six digits."""
    call.expect(1, 1)
    value = call.double(0)
    factor = "({also} / (({also} - 1.0) * ({also} - 2.0)))"
    wrap = f"(CASE WHEN {{also}} > 2 THEN {{}} * round({factor}, 6) / {factor} END)"
    return Aggregate(f"skewness({value})", types.FLOAT, wrap, also=f"count({value})")


def _boolean(word: str) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        call.expect(1, 1)
        return Aggregate(f"{word}({call.boolean(0)})", BOOLEAN)

    return rule


def _boolxor(call: Call) -> Aggregate:
    call.expect(1, 1)
    core = f"count_if({call.boolean(0)})"
    return Aggregate(core, BOOLEAN, "({} = 1)")


def _bits(word: str) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        call.expect(1, 1)
        value = number(call.scope, call.value(0))
        return Aggregate(f"{word}(CAST({value.sql} AS BIGINT))", fixed(38), is_wide=False)

    return rule


def _by(word: str) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        call.expect(2, 3)
        value, key = call.value(0), call.value(1)
        if len(call) == 3:
            cell = casts.to_variant(call.scope.unit, value)
            way = "DESC" if word == "arg_max" else "ASC"
            core = f"list({cell} ORDER BY {plain(key)} {way}) FILTER (WHERE {key.sql} IS NOT NULL)"
            return Aggregate(core, types.ARRAY, f"to_json(({{}})[:{call.integer(2)}])")
        return Aggregate(f"{word}({widened(value)}, {plain(key)})", value.type)

    return rule


def _array_agg(call: Call) -> Aggregate:
    call.expect(1, 1)
    value = call.value(0)
    cell = casts.to_variant(call.scope.unit, value)
    core = f"list({_distinct(call)}{cell}{_order_within(call, value, cell)}) FILTER (WHERE {value.sql} IS NOT NULL)"
    return Aggregate(core, types.ARRAY, "COALESCE(to_json({}), CAST('[]' AS JSON))")


def _order_within(call: Call, value: Typed, cell: str) -> str:
    """With DISTINCT, DuckDB wants to order by the very expression that is aggregated."""
    order = _order(call)
    return order.replace(f"{value.sql} ", f"{cell} ", 1) if call.distinct and order else order


def _array_unique_agg(call: Call) -> Aggregate:
    call.expect(1, 1)
    cell = call.variant(0)
    core = f"list(DISTINCT {cell}) FILTER (WHERE {call.value(0).sql} IS NOT NULL)"
    return Aggregate(core, types.ARRAY, "COALESCE(to_json({}), CAST('[]' AS JSON))")


def _array_union_agg(call: Call) -> Aggregate:
    call.expect(1, 1)
    cell = call.as_type(0, types.ARRAY)
    return Aggregate(
        f"list({cell})",
        types.ARRAY,
        "COALESCE(to_json(_clockmill.array_union({})), CAST('[]' AS JSON))",
    )


def _object_agg(call: Call) -> Aggregate:
    call.expect(2, 2)
    key, value = call.text(0), call.value(1)
    pair = f"CAST(to_json({key}) AS VARCHAR) || ':' || CAST({casts.to_variant(call.scope.unit, value)} AS VARCHAR)"
    core = f"string_agg({pair}, ',') FILTER (WHERE {key} IS NOT NULL AND {value.sql} IS NOT NULL)"
    return Aggregate(core, types.OBJECT, "CAST('{' || COALESCE({}, '') || '}' AS JSON)")


def _listagg(call: Call) -> Aggregate:
    call.expect(1, 2)
    separator = call.text(1) if len(call) == 2 else "''"
    value = call.value(0)
    if call.distinct and call.order and value.type.kind is not Kind.TEXT:
        return _listagg_of_distinct(call, value, separator)
    text = text_of(call.scope, value)
    core = f"string_agg({_distinct(call)}{text}, {separator}{_order(call)})"
    return Aggregate(core, TEXT, "COALESCE({}, '')")


def _listagg_of_distinct(call: Call, value: Typed, separator: str) -> Aggregate:
    """With DISTINCT, DuckDB wants to order by what is aggregated: by the numbers, not by their texts."""
    text = text_of(call.scope, Typed("cell", value.type))
    separator = separator.replace("{}", "{' || '}")  # In a wrap, the braces stand for the aggregate.
    wrap = f"COALESCE(array_to_string(list_transform({{}}, lambda cell: {text}), {separator}), '')"
    return Aggregate(f"list(DISTINCT {plain(value)}{_order(call)})", TEXT, wrap)


def _percentile(word: str) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        call.expect(1, 1)
        if len(call.order) != 1:
            raise Unsupported(f"{call.name} without WITHIN GROUP (ORDER BY …)")
        item = call.order[0]
        value = call.scope.expression(item.this)
        share = call.double(0)
        if item.args.get("desc"):
            share = f"(1 - {share})"
        if word == "quantile_disc" or value.type.kind is Kind.REAL:
            return Aggregate(f"{word}({widened(value)}, {share})", value.type)
        scale = min(12, (value.type.scale or 0) + 3)
        return Aggregate(
            f"{word}(CAST({number(call.scope, value).sql} AS DOUBLE), {share})",
            fixed(38, scale),
            f"CAST({{}} AS DECIMAL(38,{scale}))",
        )

    return rule


def _median(call: Call) -> Aggregate:
    call.expect(1, 1)
    value = _number(call)
    if value.type.kind is Kind.REAL:
        return Aggregate(f"median({value.sql})", types.FLOAT)
    scale = (value.type.scale or 0) + 3
    return Aggregate(
        f"median(CAST({value.sql} AS DOUBLE))", fixed(38, scale), f"CAST({{}} AS DECIMAL(38,{scale}))"
    )


def _any_value(word: str) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        call.expect(1, 1)
        value = call.value(0)
        return Aggregate(f"{word}({widened(value)})", value.type)

    return rule


def _distinct_count(call: Call) -> Aggregate:
    """APPROX_COUNT_DISTINCT and HLL: the exact number is within what they promise."""
    call.distinct = True
    return _count(call)


def _top(call: Call) -> Aggregate:
    """APPROX_TOP_K: the most frequent values and how often each is there, exactly."""
    call.expect(1, 3)
    count = call.integer(1) if len(call) > 1 else "1"
    value = call.value(0)
    pairs = (
        "list_sort(list_transform(map_entries({}), lambda e: {'n': -CAST(e.value AS BIGINT), 'v': e.key}))"
    )
    shown = f"to_json(list_transform(({pairs})[:{count}], lambda e: json_array(CAST(e.v AS JSON), -e.n)))"
    core = f"histogram(CAST({casts.to_variant(call.scope.unit, value)} AS VARCHAR)) FILTER (WHERE {value.sql} IS NOT NULL)"
    return Aggregate(core, types.ARRAY, f"COALESCE({shown}, CAST('[]' AS JSON))")


def _grouping(call: Call) -> Aggregate:
    call.expect(1)
    return Aggregate(f"GROUPING({', '.join(v.sql for v in call.values())})", _COUNT, is_wide=False)


def _hash_agg(call: Call) -> Aggregate:
    call.expect(1)
    cells = ", ".join(value.sql for value in _with_stars(call))
    return Aggregate(f"bit_xor(hash({cells}))", fixed(19), is_wide=False)


FUNCTIONS: Final[dict[str, AggregateRule]] = {
    "ANY_VALUE": _any_value("any_value"),
    "APPROX_COUNT_DISTINCT": _distinct_count,
    "APPROX_TOP_K": _top,
    "HLL": _distinct_count,
    "ARRAYAGG": _array_agg,
    "ARRAY_AGG": _array_agg,
    "ARRAY_UNION_AGG": _array_union_agg,
    "ARRAY_UNIQUE_AGG": _array_unique_agg,
    "AVG": _avg,
    "BITANDAGG": _bits("bit_and"),
    "BITAND_AGG": _bits("bit_and"),
    "BIT_ANDAGG": _bits("bit_and"),
    "BIT_AND_AGG": _bits("bit_and"),
    "BITORAGG": _bits("bit_or"),
    "BITOR_AGG": _bits("bit_or"),
    "BIT_ORAGG": _bits("bit_or"),
    "BIT_OR_AGG": _bits("bit_or"),
    "BITXORAGG": _bits("bit_xor"),
    "BITXOR_AGG": _bits("bit_xor"),
    "BIT_XORAGG": _bits("bit_xor"),
    "BIT_XOR_AGG": _bits("bit_xor"),
    "BOOLAND_AGG": _boolean("bool_and"),
    "BOOLOR_AGG": _boolean("bool_or"),
    "BOOLXOR_AGG": _boolxor,
    "CORR": _real("corr({0}, {1})", 2),
    "COUNT": _count,
    "COUNT_IF": _count_if,
    "COVAR_POP": _real("covar_pop({0}, {1})", 2),
    "COVAR_SAMP": _real("covar_samp({0}, {1})", 2),
    "GROUPING": _grouping,
    "GROUPING_ID": _grouping,
    "HASH_AGG": _hash_agg,
    "KURTOSIS": _real("kurtosis({0})"),
    "LISTAGG": _listagg,
    "STRING_AGG": _listagg,
    "MAX": _extreme("max"),
    "MAX_BY": _by("arg_max"),
    "MEDIAN": _median,
    "MIN": _extreme("min"),
    "MIN_BY": _by("arg_min"),
    "MODE": _any_value("mode"),
    "OBJECT_AGG": _object_agg,
    "PERCENTILE_CONT": _percentile("quantile_cont"),
    "PERCENTILE_DISC": _percentile("quantile_disc"),
    "APPROX_PERCENTILE": lambda call: Aggregate(
        f"quantile_cont({call.double(0)}, {call.double(1)})", types.FLOAT
    ),
    "REGR_AVGX": _real("regr_avgx({0}, {1})", 2),
    "REGR_AVGY": _real("regr_avgy({0}, {1})", 2),
    "REGR_COUNT": lambda call: Aggregate(
        f"regr_count({call.double(0)}, {call.double(1)})", _COUNT, is_wide=False
    ),
    "REGR_INTERCEPT": _real("regr_intercept({0}, {1})", 2),
    "REGR_R2": _real("regr_r2({0}, {1})", 2),
    "REGR_SLOPE": _real("regr_slope({0}, {1})", 2),
    "REGR_SXX": _real("regr_sxx({0}, {1})", 2),
    "REGR_SXY": _real("regr_sxy({0}, {1})", 2),
    "REGR_SYY": _real("regr_syy({0}, {1})", 2),
    "SKEW": _skew,
    "STDDEV": _deviation("var_samp"),
    "STDDEV_POP": _deviation("var_pop"),
    "STDDEV_SAMP": _deviation("var_samp"),
    "SUM": _sum,
    "VARIANCE": _variance("var_samp"),
    "VARIANCE_POP": _variance("var_pop"),
    "VARIANCE_SAMP": _variance("var_samp"),
    "VAR_POP": _variance("var_pop"),
    "VAR_SAMP": _variance("var_samp"),
}
