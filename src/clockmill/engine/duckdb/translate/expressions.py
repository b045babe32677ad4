"""Expressions: operators, literals, names, paths. Calls of functions go to the tables of ``functions``."""

# ruff: noqa: ARG001
# ARG001: rules of one table share a signature.

import re
from collections.abc import Callable
from typing import Any, Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.parse import POSITION_MARK
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.calls import compile_call, compile_dotted, compile_window
from clockmill.engine.duckdb.translate.conditions import (
    COMPARISONS,
    between,
    compare,
    comparison,
    existence,
    is_test,
    like,
    logic,
    membership,
    negation,
    regexp_like,
    truth,
)
from clockmill.engine.duckdb.translate.operators import (
    add_interval,
    as_double,
    choose,
    describe,
    divide,
    get_element,
    json_key,
    modulo,
    need_semi,
    next_value,
    number,
    refuse_collation,
    text_of,
    widened,
)
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import Parameter, Typed, fold_identifier
from clockmill.engine.result import BOOLEAN, NULL, TEXT, ColumnType, Kind

Emit = Callable[[Any, Scope], Typed]


def compile_expression(node: exp.Expr, scope: Scope) -> Typed:
    """Return *node* as DuckDB SQL with its type; raise Unsupported for a kind of node we do not know."""
    emit = _EMITTERS.get(type(node))
    if emit is None:
        raise Unsupported(describe(node))
    return emit(node, scope)


def _literal(node: exp.Literal, scope: Scope) -> Typed:
    value = node.name
    if node.is_string:
        return Typed(literal(value), types.text(max(1, len(value))), value, True)
    if "e" in value.lower():
        return Typed(f"CAST({value} AS DOUBLE)", types.FLOAT, float(value), True)
    whole, _, fraction = value.partition(".")
    digits = len(whole.lstrip("0")) + len(fraction)
    if digits > types.MAX_PRECISION:
        return Typed(f"CAST({literal(value)} AS DOUBLE)", types.FLOAT, float(value), True)
    kind = types.fixed(max(digits, 1, len(fraction)), len(fraction))
    if fraction:
        return Typed(
            f"CAST({literal(value)} AS DECIMAL({kind.precision},{kind.scale}))", kind, float(value), True
        )
    return Typed(str(int(whole)), kind, int(whole), True, is_wide=False)


def _raw_string(node: exp.RawString, scope: Scope) -> Typed:
    value = str(node.this)
    return Typed(literal(value), types.text(max(1, len(value))), value, True)


def _hex(node: exp.HexString, scope: Scope) -> Typed:
    return Typed(f"unhex({literal(str(node.this))})", types.BINARY)


def _dynamic(node: exp.DynamicIdentifier, scope: Scope) -> Typed:
    parts = [exp.to_identifier(part, quoted=True) for part in scope.unit.dynamic_parts(node)]
    return scope.column(exp.column(*reversed(parts)))


def _null(node: exp.Null, scope: Scope) -> Typed:
    return Typed("NULL", NULL, None, True)


def _boolean(node: exp.Boolean, scope: Scope) -> Typed:
    return Typed("true" if node.this else "false", BOOLEAN, bool(node.this), True)


def _paren(node: exp.Paren, scope: Scope) -> Typed:
    inner = compile_expression(node.this, scope)
    if inner.is_constant:
        return inner
    return Typed(f"({inner.sql})", inner.type, is_wide=inner.is_wide, interval=inner.interval)


def _column(node: exp.Column, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Parameter):
        return _positional_column(node.this, scope, node.args.get("table"))
    if isinstance(node.this, exp.Star):
        raise CompilationFault("'*' may not stand here", code="001003")
    if node.args.get("join_mark"):
        raise Unsupported("(+) outside of the WHERE of a SELECT")
    if node.args.get("table") is not None and node.name.upper() == "NEXTVAL":
        drawn = scope.drawn.get(fold_identifier(node.args["table"]))
        return drawn if drawn is not None else _nextval(node, scope)
    return scope.column(node)


def _nextval(node: exp.Column, scope: Scope) -> Typed:
    parts = [node.args[key] for key in ("catalog", "db", "table") if node.args.get(key) is not None]
    table = exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False)))
    return next_value(table, scope)


def _identifier(node: exp.Identifier, scope: Scope) -> Typed:
    return scope.column(exp.Column(this=node))


def _positional_column(node: exp.Parameter, scope: Scope, table: exp.Expr | None) -> Typed:
    place = int(node.this.name) - 1
    wanted = [fold_identifier(table)] if table is not None else None
    for source in scope.sources:
        if wanted is not None and not source.answers_to(wanted):
            continue
        if place < len(source.columns):
            column = source.columns[place]
            return Typed(column.sql, column.type)
    raise CompilationFault(f"invalid identifier '${place + 1}'")


def _parameter(node: exp.Parameter, scope: Scope) -> Typed:
    name = node.this.name if not isinstance(node.this, str) else node.this
    if name.isdigit():
        return _positional_column(node, scope, None)
    name = name.upper()
    found = scope.unit.context.variables.get(name)
    if found is None:
        raise CompilationFault(f"Session variable '${name}' does not exist", code="002211", sqlstate="02000")
    return scope.unit.parameter(Parameter("variable", name), found.type)


def _placeholder(node: exp.Placeholder, scope: Scope) -> Typed:
    said = str(node.this)
    name = said.removeprefix(POSITION_MARK)
    found = scope.unit.context.bindings.get(name) or scope.unit.context.bindings.get(name.upper())
    if found is None:
        if scope.unit.context.describe_only:
            return Typed("CAST(NULL AS VARCHAR)", TEXT)
        raise CompilationFault(
            f"Bind variable {POSITION_MARK if said != name else ':' + name} not set.",
            code="002049",
            sqlstate="42601",
        )
    return scope.unit.parameter(Parameter("bind", name), found.type)


# -- arithmetic


def _arithmetic(node: exp.Binary, scope: Scope) -> Typed:
    left, right = compile_expression(node.this, scope), compile_expression(node.expression, scope)
    if isinstance(node, exp.Add | exp.Sub):
        moved = _date_arithmetic(node, left, right, scope)
        if moved is not None:
            return moved
    left, right = number(scope, left), number(scope, right)
    sign = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}[type(node)]
    if Kind.REAL in (left.type.kind, right.type.kind):
        return Typed(f"({as_double(left)} {sign} {as_double(right)})", types.FLOAT)
    kind = _result_type(node, left.type, right.type)
    sql = f"({widened(left)} {sign} {right.sql})"
    if isinstance(node, exp.Mul) and kind.scale != (left.type.scale or 0) + (right.type.scale or 0):
        sql = f"CAST({sql} AS {types.physical(kind)})"
    return Typed(sql, kind)


def _result_type(node: exp.Binary, left: ColumnType, right: ColumnType) -> ColumnType:
    p1, s1, p2, s2 = left.precision or 38, left.scale or 0, right.precision or 38, right.scale or 0
    if isinstance(node, exp.Mul):
        scale = min(s1 + s2, max(s1, s2, 12))
        return types.fixed(p1 - s1 + p2 - s2 + scale, scale)
    scale = max(s1, s2)
    return types.fixed(max(p1 - s1, p2 - s2) + scale + 1, scale)


def _divide(node: exp.Div, scope: Scope) -> Typed:
    return divide(scope, compile_expression(node.this, scope), compile_expression(node.expression, scope))


def _modulo(node: exp.Mod, scope: Scope) -> Typed:
    return modulo(scope, compile_expression(node.this, scope), compile_expression(node.expression, scope))


def _negate(node: exp.Neg, scope: Scope) -> Typed:
    value = compile_expression(node.this, scope)
    if value.interval:
        return Typed(f"(- {value.sql})", value.type, interval=value.interval)
    value = number(scope, value)
    constant = -value.constant if value.is_constant and value.constant is not None else None
    return Typed(f"(- {value.sql})", value.type, constant, value.is_constant, value.is_wide)


def _interval(node: exp.Interval, scope: Scope) -> Typed:
    text = node.this.name if isinstance(node.this, exp.Literal) else None
    unit = node.args.get("unit")
    if text is None:
        raise Unsupported("INTERVAL with anything but a constant")
    found = re.findall(r"([+-]?\d+)\s*([A-Za-z]*)", f"{text} {unit.name}" if unit is not None else text)
    parts, smallest = [], "day"
    for amount, said in found:
        name = said.lower()
        known = _INTERVAL_UNITS.get(name) or _INTERVAL_UNITS.get(name.removesuffix("s"))
        if known is None:
            raise CompilationFault(f"'{text}' is not a valid interval.", code="001003")
        word, multiple = known
        # Seconds are kept to the microsecond.
        count = int(int(amount) / 1000) if word == "NANOSECOND" else int(amount) * multiple
        word = "MICROSECOND" if word == "NANOSECOND" else word
        parts.append(f"INTERVAL ({count}) {word}")
        smallest = "time" if word in ("HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND") else smallest
    if not parts:
        raise CompilationFault(f"'{text}' is not a valid interval.", code="001003")
    return Typed(f"({' + '.join(parts)})", TEXT, interval=smallest)


_INTERVAL_UNITS: Final[dict[str, tuple[str, int]]] = {
    "year": ("YEAR", 1), "y": ("YEAR", 1), "yy": ("YEAR", 1), "yyy": ("YEAR", 1), "yyyy": ("YEAR", 1),
    "yr": ("YEAR", 1), "quarter": ("MONTH", 3), "q": ("MONTH", 3), "qtr": ("MONTH", 3), "month": ("MONTH", 1),
    "mm": ("MONTH", 1), "mon": ("MONTH", 1), "week": ("DAY", 7), "w": ("DAY", 7), "wk": ("DAY", 7),
    "day": ("DAY", 1), "d": ("DAY", 1), "dd": ("DAY", 1), "hour": ("HOUR", 1), "h": ("HOUR", 1),
    "hh": ("HOUR", 1), "hr": ("HOUR", 1), "minute": ("MINUTE", 1), "m": ("MINUTE", 1), "mi": ("MINUTE", 1),
    "min": ("MINUTE", 1), "second": ("SECOND", 1), "": ("SECOND", 1), "sec": ("SECOND", 1),
    "s": ("SECOND", 1), "dayofmonth": ("DAY", 1), "weekofyear": ("DAY", 7), "woy": ("DAY", 7),
    "wy": ("DAY", 7),
    "millisecond": ("MILLISECOND", 1), "ms": ("MILLISECOND", 1), "msec": ("MILLISECOND", 1),
    "microsecond": ("MICROSECOND", 1), "us": ("MICROSECOND", 1), "usec": ("MICROSECOND", 1),
    "nanosecond": ("NANOSECOND", 1), "ns": ("NANOSECOND", 1), "nsec": ("NANOSECOND", 1),
    "nanosec": ("NANOSECOND", 1), "nsecond": ("NANOSECOND", 1),
}  # fmt: skip


def _date_arithmetic(node: exp.Binary, left: Typed, right: Typed, scope: Scope) -> Typed | None:
    sign = "+" if isinstance(node, exp.Add) else "-"
    if left.interval and not right.interval and sign == "+":
        left, right = right, left
    if right.interval:
        # The parts are added one after the other, as they are written: DuckDB would begin with the months.
        parts = right.sql[1:-1].split(" + ") if right.sql.startswith("(INTERVAL") else [right.sql]
        return add_interval(scope, left, " ".join(f"{sign} {part}" for part in parts), right.interval)
    dated = [v.type.kind is Kind.DATE for v in (left, right)]
    if all(dated) and sign == "-":
        return Typed(
            f"CAST(date_diff('day', {right.sql}, {left.sql}) AS BIGINT)", types.fixed(9), is_wide=False
        )
    if any(dated) and Kind.FIXED in (left.type.kind, right.type.kind):
        if dated[1] and sign == "+":
            left, right = right, left
        return Typed(f"({left.sql} {sign} CAST({right.sql} AS INTEGER))", types.DATE)
    return None


# -- subqueries, choice, text


def _subquery(node: exp.Subquery, scope: Scope) -> Typed:
    query = scope.query(node.this)
    if len(query.columns) != 1:
        raise CompilationFault(
            "Subquery used as a value must have one column.", code="002057", sqlstate="42601"
        )
    return Typed(f"({query.sql})", query.columns[0][1])


def _query_as_value(node: exp.Select, scope: Scope) -> Typed:
    query = scope.query(node)
    return Typed(f"({query.sql})", query.columns[0][1])


def _case(node: exp.Case, scope: Scope) -> Typed:
    conditions = []
    for branch in node.args["ifs"]:
        if node.this is not None:
            test = compare(node.this, branch.this, "=", scope)
        else:
            test = truth(scope, branch.this)
        conditions.append((test, compile_expression(branch.args["true"], scope)))
    default = node.args.get("default")
    other = compile_expression(default, scope) if default is not None else Typed("NULL", NULL, None, True)
    return choose(scope, conditions, other)


def _concat(node: exp.DPipe, scope: Scope) -> Typed:
    parts = [compile_expression(part, scope) for part in node.flatten()]
    if all(p.type.kind is Kind.BINARY for p in parts):
        return Typed("(" + " || ".join(p.sql for p in parts) + ")", types.BINARY)
    return Typed("(" + " || ".join(text_of(scope, p) for p in parts) + ")", TEXT)


def _cast(node: exp.Cast, scope: Scope) -> Typed:
    value = compile_expression(node.this, scope)
    target = types.read_type(node.args["to"], scope.unit.timestamp)
    is_try = isinstance(node, exp.TryCast)
    if node.args.get("format") is not None:
        raise Unsupported("CAST … FORMAT")
    if is_try and value.type.kind is not Kind.TEXT:
        raise CompilationFault(
            f"Function TRY_CAST cannot be used with arguments of types {types.sql_name(value.type)} "
            f"and {types.sql_name(target)}",
            code="001065",
            sqlstate="22023",
        )
    return casts.cast(scope.unit, value, target, is_try=is_try)


def _to_boolean(node: exp.ToBoolean, scope: Scope) -> Typed:
    # The parser makes this of TRY_CAST(… AS BOOLEAN); calls by name come as they are written.
    is_try = bool(node.args.get("safe"))
    return casts.cast(scope.unit, compile_expression(node.this, scope), BOOLEAN, is_try=is_try)


# -- semi-structured


def _extract_path(node: exp.JSONExtract, scope: Scope) -> Typed:
    value = compile_expression(node.this, scope)
    path = node.expression
    if not isinstance(path, exp.JSONPath):
        raise Unsupported(describe(node))
    need_semi(value)
    return Typed(f"json_extract({value.sql}, {literal(json_path(path))})", types.VARIANT)


def json_path(path: exp.JSONPath) -> str:
    """Return the path as DuckDB's JSON functions have it."""
    text = "$"
    for step in path.expressions:
        if isinstance(step, exp.JSONPathRoot):
            continue
        if isinstance(step, exp.JSONPathKey):
            text += json_key(str(step.this))
        elif isinstance(step, exp.JSONPathSubscript):
            text += f"[{step.this}]" if isinstance(step.this, int) else json_key(str(step.this).strip("'\""))
        else:
            raise Unsupported(f"path {path.sql('snowflake')}")
    return text


def _bracket(node: exp.Bracket, scope: Scope) -> Typed:
    value = compile_expression(node.this, scope)
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        raise Unsupported(describe(node))
    need_semi(value)
    key = node.expressions[0]
    if isinstance(key, exp.Literal):
        path = json_key(key.name) if key.is_string else f"[{key.name}]"
        return Typed(f"json_extract({value.sql}, {literal('$' + path)})", types.VARIANT)
    return get_element(scope, value, compile_expression(key, scope))


def _object(node: exp.Struct, scope: Scope) -> Typed:
    cells: list[str] = []
    if len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Star):
        return compile_call(exp.Anonymous(this="OBJECT_CONSTRUCT", expressions=node.expressions), scope)
    for pair in node.expressions:
        if not isinstance(pair, exp.PropertyEQ):
            raise Unsupported(describe(node))
        value = compile_expression(pair.expression, scope)
        name = pair.this.name
        cells.append(f"{literal(name)}, {casts.to_variant(scope.unit, value)}")
    return Typed(f"json_object({', '.join(sorted(cells))})", types.OBJECT)


def _array(node: exp.Array, scope: Scope) -> Typed:
    cells = [casts.to_variant(scope.unit, compile_expression(item, scope)) for item in node.expressions]
    return Typed(f"json_array({', '.join(cells)})", types.ARRAY)


def _tuple(node: exp.Tuple, scope: Scope) -> Typed:
    if len(node.expressions) == 1:
        return compile_expression(node.expressions[0], scope)
    raise Unsupported("a row of several values as a value")


def _collate(node: exp.Collate, scope: Scope) -> Typed:
    refuse_collation(node.expression.name)
    return compile_expression(node.this, scope)


def _at_time_zone(node: exp.AtTimeZone, scope: Scope) -> Typed:
    raise Unsupported("AT TIME ZONE")


def _call(node: exp.Expr, scope: Scope) -> Typed:
    return compile_call(node, scope)


def _extract(node: exp.Extract, scope: Scope) -> Typed:
    call = exp.Anonymous(this="F$DATE_PART", expressions=[exp.column(node.this.name), node.expression])
    return compile_call(call, scope)


def _filter(node: exp.Filter, scope: Scope) -> Typed:
    raise Unsupported("FILTER (WHERE …)")


_EMITTERS: Final[dict[type, Emit]] = {
    exp.Literal: _literal,
    exp.RawString: _raw_string,
    exp.HexString: _hex,
    exp.DynamicIdentifier: _dynamic,
    exp.Null: _null,
    exp.Boolean: _boolean,
    exp.Paren: _paren,
    exp.Column: _column,
    exp.Identifier: _identifier,
    exp.Parameter: _parameter,
    exp.Placeholder: _placeholder,
    exp.Add: _arithmetic,
    exp.Sub: _arithmetic,
    exp.Mul: _arithmetic,
    exp.Div: _divide,
    exp.Mod: _modulo,
    exp.Neg: _negate,
    exp.Interval: _interval,
    **dict.fromkeys(COMPARISONS, comparison),
    exp.And: logic,
    exp.Or: logic,
    exp.Not: negation,
    exp.Is: is_test,
    exp.Between: between,
    exp.In: membership,
    exp.Exists: existence,
    exp.Subquery: _subquery,
    exp.Select: _query_as_value,
    exp.Case: _case,
    exp.DPipe: _concat,
    exp.Like: like,
    exp.ILike: like,
    exp.Escape: like,
    exp.RegexpLike: regexp_like,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.ToBoolean: _to_boolean,
    exp.JSONExtract: _extract_path,
    exp.Bracket: _bracket,
    exp.Struct: _object,
    exp.Array: _array,
    exp.Tuple: _tuple,
    exp.Collate: _collate,
    exp.AtTimeZone: _at_time_zone,
    exp.Filter: _filter,
    exp.Extract: _extract,
    exp.Anonymous: _call,
    exp.Dot: compile_dotted,
    exp.WithinGroup: _call,
    exp.IgnoreNulls: _call,
    exp.RespectNulls: _call,
    exp.Window: compile_window,
    exp.CurrentTimestamp: _call,
    exp.CurrentDate: _call,
    exp.CurrentTime: _call,
    exp.CurrentUser: _call,
    exp.CurrentDatetime: _call,
    exp.Localtime: _call,
    exp.Localtimestamp: _call,
}
