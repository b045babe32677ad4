"""Calls of functions: looked up by name in our tables; what is not there is refused by name."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.parse import CALL_MARK
from clockmill.engine.duckdb.rewrites import FROM_LAST
from clockmill.engine.duckdb.translate.constants import constant_sql
from clockmill.engine.duckdb.translate.functions import AGGREGATES, SCALARS, WINDOWS
from clockmill.engine.duckdb.translate.functions.rules import Aggregate, Call
from clockmill.engine.duckdb.translate.operators import plain
from clockmill.engine.duckdb.translate.routines import (
    compile_function,
    function_parts,
    is_quoted,
    unknown_function,
)
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import Parameter, Typed, fold_identifier
from clockmill.engine.result import TEXT, Kind

T = TypeVar("T")

_BARE: Final[dict[type, str]] = {
    exp.CurrentTimestamp: "CURRENT_TIMESTAMP",
    exp.CurrentDate: "CURRENT_DATE",
    exp.CurrentTime: "CURRENT_TIME",
    exp.CurrentUser: "CURRENT_USER",
    exp.CurrentDatetime: "CURRENT_TIMESTAMP",
    exp.Localtime: "LOCALTIME",
    exp.Localtimestamp: "LOCALTIMESTAMP",
}
UNFORESEEN: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What a translation raises where arguments or clauses stand that its rule did not foresee."""
_RANKING: Final = frozenset({"FIRST_VALUE", "LAST_VALUE", "NTH_VALUE", "NTH_VALUE" + FROM_LAST})
_FRAMES: Final = {
    # Counted row by row, rows of the same rank too.
    "CONDITIONAL_TRUE_EVENT": "ROWS UNBOUNDED PRECEDING",
    "INTERPOLATE_FFILL": "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    "INTERPOLATE_BFILL": "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    **dict.fromkeys(_RANKING, "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"),
}
"""The frames of functions for which it is not the one that DuckDB takes."""


def read_call(node: exp.Expr, scope: Scope) -> Call:
    """Return the call that *node* is, with its modifiers gathered from around it."""
    order: list[exp.Expr] = []
    ignores = False
    while isinstance(node, exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        if isinstance(node, exp.WithinGroup):
            order = node.expression.expressions
        ignores = ignores or isinstance(node, exp.IgnoreNulls)
        node = node.this
    if type(node) in _BARE:
        return Call(_BARE[type(node)], [], scope)
    if not isinstance(node, exp.Anonymous):
        raise Unsupported(f"function {node.key.upper()}")
    name = str(node.this).removeprefix(CALL_MARK).upper()
    arguments, distinct = spread(node.expressions), False
    if arguments and isinstance(arguments[0], exp.Distinct):
        distinct = True
        arguments = [*arguments[0].expressions, *arguments[1:]]
    cleaned: list[exp.Expr] = []
    named: dict[str, exp.Expr] = {}
    for written in arguments:
        argument = written
        if isinstance(argument, exp.IgnoreNulls | exp.RespectNulls):
            ignores = ignores or isinstance(argument, exp.IgnoreNulls)
            argument = argument.this
        if isinstance(argument, exp.Order):
            order, argument = argument.expressions, argument.this
        if isinstance(argument, exp.Kwarg):
            named[argument.this.name.upper()] = argument.expression
        else:
            cleaned.append(argument)
    return Call(name, cleaned, scope, distinct=distinct, order=order, ignores_nulls=ignores, named=named)


def spread(items: list[exp.Expr]) -> list[exp.Expr]:
    """Return *items* with the elements of each ``** [a, b]`` in its place."""
    found: list[exp.Expr] = []
    for item in items:
        if isinstance(item, exp.Mul) and isinstance(item.this, exp.Star):
            if not isinstance(item.expression, exp.Array):
                raise Unsupported("** before anything but an array that is written out")
            found += item.expression.expressions
        else:
            found.append(item)
    return found


def compile_call(node: exp.Expr, scope: Scope) -> Typed:
    """Translate a call outside of OVER."""
    if is_quoted(node):
        return compile_function(function_parts(node), read_call(node, scope))
    call = read_call(node, scope)
    if call.name in AGGREGATES:
        aggregate = apply(AGGREGATES[call.name], call)
        return Typed(aggregate.finish(), aggregate.type, is_wide=aggregate.is_wide)
    if call.distinct or call.order or call.ignores_nulls:
        raise CompilationFault(f"'{call.name}' is not an aggregate function", code="002122", sqlstate="42601")
    if call.name in SCALARS:
        return apply(SCALARS[call.name], call)
    if scope.unit.context.functions.knows(call.name):
        return _call_host(call)
    if call.name in WINDOWS:
        raise CompilationFault(
            f"Missing OVER clause for window function [{call.name}]", code="002303", sqlstate="42601"
        )
    return compile_function([call.name], call)


def compile_dotted(node: exp.Dot, scope: Scope) -> Typed:
    """Translate the call of a function that a user has made, with the schema it is in."""
    return compile_function(function_parts(node), read_call(node.expression, scope))


def apply(rule: Callable[[Call], T], call: Call) -> T:
    """Translate *call* by its rule; what the rule trips over are wrong arguments."""
    try:
        return rule(call)
    except UNFORESEEN as error:
        raise CompilationFault(
            f"Invalid arguments for function '{call.name}'", code="001044", sqlstate="42P13"
        ) from error


def _call_host(call: Call) -> Typed:
    """Ask the host now, once a call. Its texts become parameters, so that the translation serves again."""
    unit = call.scope.unit
    if unit.context.describe_only and call.name.startswith("SYSTEM$"):
        unit.is_cacheable = False
        return Typed("CAST(NULL AS VARCHAR)", TEXT)
    arguments = tuple(call.constant(i) for i in range(len(call.arguments)))
    parameter = Parameter("host", call.name, arguments, unit.next_call())
    value, kind = unit.answers.ask(parameter)
    if kind.kind is not Kind.TEXT:
        unit.is_cacheable = False
        return constant_sql(value, kind)
    return unit.parameter(parameter, kind)


# -- windows


def compile_window(node: exp.Window, scope: Scope) -> Typed:
    """Translate ``f(…) OVER (…)``."""
    call = read_call(node.this, scope)
    if call.name == "CONDITIONAL_CHANGE_EVENT":
        return _change_event(call, _over(node, scope, call), scope)
    rule = WINDOWS.get(call.name) or AGGREGATES.get(call.name)
    if rule is None:
        if call.name in SCALARS:
            raise CompilationFault(f"'{call.name}' is not a window function", code="002303", sqlstate="42601")
        raise unknown_function(call.name)
    call.is_windowed = True
    over = _over(node, scope, call)
    aggregate: Aggregate = apply(rule, call)
    return Typed(aggregate.finish(f" OVER ({over})"), aggregate.type, is_wide=aggregate.is_wide)


def _change_event(call: Call, over: str, scope: Scope) -> Typed:
    """Count how often a value has changed: the changes are found for each row first, then summed up."""
    call.expect(1, 1)
    value = plain(call.value(0))
    changed = f"lag({value}) OVER ({over}) IS DISTINCT FROM {value} AND row_number() OVER ({over}) > 1"
    name = f"x{len(scope.before)}"
    scope.before.append(f"CAST({changed} AS INTEGER)")
    return Typed(
        f"CAST(sum(w.{name}) OVER ({over} ROWS UNBOUNDED PRECEDING) AS BIGINT)", types.COUNT, is_wide=False
    )


def _over(node: exp.Window, scope: Scope, call: Call) -> str:
    alias = node.args.get("alias")
    if alias is not None and not node.args.get("order") and not node.args.get("partition_by"):
        named = scope.windows.get(fold_identifier(alias))
        if named is None:
            raise CompilationFault(f"Window '{fold_identifier(alias)}' does not exist", code="002303")
        node = named  # type: ignore[assignment]
    parts: list[str] = []
    partition = node.args.get("partition_by") or []
    if partition:
        parts.append("PARTITION BY " + ", ".join(plain(scope.expression(item)) for item in partition))
    order = node.args.get("order")
    if order is not None:
        items = order.expressions
        if call.name.endswith(FROM_LAST):
            items = _backwards(items, node)
        parts.append("ORDER BY " + order_by(items, scope))
    spec = node.args.get("spec")
    if spec is not None:
        parts.append(_frame(spec, scope))
    elif call.name in _FRAMES:
        parts.append(_FRAMES[call.name])
    return " ".join(parts)


def _backwards(items: list[exp.Expr], node: exp.Window) -> list[exp.Expr]:
    """Return ORDER BY the other way round, in which what counts from the end counts from the start."""
    if node.args.get("spec") is not None:
        raise Unsupported("NTH_VALUE FROM LAST with a frame")
    turned = [item.copy() for item in items]
    for item in turned:
        item.set("desc", not item.args.get("desc"))
        item.set("nulls_first", not item.args.get("nulls_first"))
    return turned


def _frame(spec: exp.WindowSpec, scope: Scope) -> str:
    start = _bound(spec.args.get("start"), spec.args.get("start_side"), scope)
    end = spec.args.get("end")
    word = str(spec.args.get("kind") or "ROWS").upper()
    if word not in ("ROWS", "RANGE") or spec.args.get("exclude"):
        raise Unsupported(f"a window frame of {word}" if word == "GROUPS" else "EXCLUDE in a window frame")
    if end is None:
        return f"{word} {start}"
    return f"{word} BETWEEN {start} AND {_bound(end, spec.args.get('end_side'), scope)}"


def _bound(bound: Any, side: str | None, scope: Scope) -> str:
    if isinstance(bound, str):
        return bound if bound == "CURRENT ROW" else f"{bound} {side or ''}".strip()
    return f"{scope.expression(bound).sql} {side or ''}".strip()


def order_by(items: list[exp.Expr], scope: Scope) -> str:
    """Return the inside of ORDER BY; NULLs count as larger than everything else."""
    return ", ".join(ordered(item, plain(scope.expression(item.this))) for item in items)


def ordered(item: exp.Expr, sql: str) -> str:
    """Return one item of ORDER BY for an expression that is already translated."""
    descending = bool(item.args.get("desc"))
    nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
    return f"{sql} {'DESC' if descending else 'ASC'} NULLS {nulls}"
