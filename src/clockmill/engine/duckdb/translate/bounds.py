"""What WHERE says of a view of the host, so that it need not give rows that are sorted out at once.

Only conditions that hold for every row that is wanted are taken, and WHERE stays as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlglot import exp

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.results import convert_rows
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import Unit, fold_identifier
from clockmill.engine.protocol import Bound
from clockmill.engine.result import ColumnType, Kind, ResultColumn

_SIGNS: Final[Mapping[type[exp.Expr], str]] = {
    exp.EQ: "=",
    exp.GT: ">=",
    exp.GTE: ">=",
    exp.LT: "<=",
    exp.LTE: "<=",
}
_TURNED: Final = {"=": "=", ">=": "<=", "<=": ">="}
_DEPENDS: Final = (exp.Column, exp.Query, exp.Subquery, exp.Lambda, exp.Window)


def bounds_of(
    node: exp.Table, known_as: str, columns: tuple[ResultColumn, ...], unit: Unit
) -> tuple[Bound, ...]:
    """Return what the WHERE around *node* demands of every row of it that may be wanted."""
    select = node.parent.parent if isinstance(node.parent, exp.From | exp.Join) else None
    where = select.args.get("where") if isinstance(select, exp.Select) else None
    if where is None or select is None or unit.context.describe_only or unit.open_functions:
        return ()
    joins = select.args.get("joins") or []
    if any(map(_keeps_rows, joins)) or select.args.get("laterals") or select.args.get("connect"):
        return ()
    if _has_more(node):
        return ()
    kinds = {column.name: column.type for column in columns}
    found: list[Bound] = []
    for condition in _conditions(where.this):
        for name, sign, value in _compared(condition, known_as, needs_table=bool(joins)):
            if name in kinds:
                found += _bound(name, sign, value, kinds[name], unit)
    return tuple(found)


def _keeps_rows(join: exp.Join) -> bool:
    """Say whether *join* may keep rows of one side for which the other has none."""
    plain = join.args.get("kind") in (None, "", "INNER", "CROSS")
    return not plain or bool(join.args.get("side") or join.args.get("method"))


def _has_more(node: exp.Table) -> bool:
    alias = node.args.get("alias")
    renamed = alias is not None and alias.args.get("columns")
    said = (value for part, value in node.args.items() if part not in ("this", "db", "catalog", "alias"))
    return bool(renamed) or any(said)


def _conditions(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Paren):
        yield from _conditions(node.this)
    elif isinstance(node, exp.And):
        yield from _conditions(node.this)
        yield from _conditions(node.expression)
    else:
        yield node


def _compared(node: exp.Expr, known_as: str, *, needs_table: bool) -> Iterator[tuple[str, str, exp.Expr]]:
    """Return the columns that *node* compares, each with the sign and what it is compared with."""
    if isinstance(node, exp.Between):
        sides = [(node.this, ">=", node.args["low"]), (node.this, "<=", node.args["high"])]
    elif type(node) in _SIGNS:
        sign = _SIGNS[type(node)]
        sides = [(node.this, sign, node.expression), (node.expression, _TURNED[sign], node.this)]
    else:
        return
    for column, sign, value in sides:
        name = _own_column(column, known_as, needs_table=needs_table)
        if name is not None and value.find(*_DEPENDS) is None:
            yield name, sign, value


def _own_column(node: exp.Expr, known_as: str, *, needs_table: bool) -> str | None:
    """Return the column of the view *known_as* that *node* is; beside other tables it has to say so."""
    if not isinstance(node, exp.Column) or node.args.get("db") is not None:
        return None
    table = node.args.get("table")
    own = not needs_table if table is None else fold_identifier(table) == known_as
    return fold_identifier(node.this) if own and isinstance(node.this, exp.Identifier) else None


def _bound(name: str, sign: str, node: exp.Expr, kind: ColumnType, unit: Unit) -> list[Bound]:
    before, unit.is_deterministic = unit.is_deterministic, True
    try:
        value = _value(node, kind, unit)
    except ClockmillError:
        return []  # the condition itself will say so, where it is reached
    finally:
        is_steady, unit.is_deterministic = unit.is_deterministic, before
    return [] if value is None or not is_steady else [Bound(column=name, sign=sign, value=value)]


def _value(node: exp.Expr, kind: ColumnType, unit: Unit) -> Any:
    """Return what a column of type *kind* is compared with; None where that is not known or not safe."""
    value = Scope(unit).expression(node)
    instants = kind.kind is Kind.TIMESTAMP_LTZ and value.type.kind in (*types.CLOCKS, Kind.DATE, Kind.TEXT)
    if not instants and not kind.kind is value.type.kind is Kind.TEXT:
        return None
    # Digits that the column does not have still count in a comparison.
    found = casts.cast(unit, value, types.LTZ) if instants else value
    if found.is_constant:
        return found.constant
    if not isinstance(node, exp.Literal):
        unit.is_cacheable = False
    row = (unit.evaluate(found.sql, unit.parameters),)
    return convert_rows([row], [ResultColumn("", found.type)])[0][0]
