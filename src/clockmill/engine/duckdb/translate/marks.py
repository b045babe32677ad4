"""Outer joins written with ``(+)``, as the LEFT JOINs that they are."""

from typing import Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.translate.unit import fold_identifier

_MIXED: Final = "(+) together with other joins"


def without_marks(node: exp.Select) -> exp.Select:
    """Return *node* with the conditions that hold a ``(+)`` moved to LEFT JOINs; itself if there are none."""
    where = node.args.get("where")
    if where is None or not any(column.args.get("join_mark") for column in where.find_all(exp.Column)):
        return node
    node = node.copy()
    kept, marked = _parted(node.args["where"].this)
    joins = node.args.get("joins") or []
    if any(set(_given(join)) - {"this"} for join in joins):
        raise Unsupported(_MIXED)
    source = node.args.get("from_") or node.args["from"]
    tables = {_name(item): item for item in [source.this, *(join.this for join in joins)]}
    unknown = [name for name in marked if name not in tables]
    if unknown:
        raise CompilationFault(f"invalid identifier '{unknown[0]}'")
    inner = [item for name, item in tables.items() if name not in marked]
    if not inner:
        raise CompilationFault("Outer join predicates form a cycle", code="001785", sqlstate="42601")
    source.set("this", inner[0])
    ordered = [exp.Join(this=item, kind="CROSS") for item in inner[1:]]
    ordered += [
        exp.Join(this=tables[name], side="LEFT", on=exp.and_(*marked[name], copy=False))
        for name in _in_order(marked)
    ]
    node.set("joins", ordered)
    node.set("where", exp.Where(this=exp.and_(*kept, copy=False)) if kept else None)
    return node


def _given(join: exp.Join) -> list[str]:
    return [key for key, value in join.args.items() if value]


def _name(item: exp.Expr) -> str:
    alias = item.args.get("alias")
    if alias is not None and alias.this is not None:
        return fold_identifier(alias.this)
    if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
        return fold_identifier(item.this)
    raise Unsupported(_MIXED)


def _parted(condition: exp.Expr) -> tuple[list[exp.Expr], dict[str, list[exp.Expr]]]:
    """Return the conditions without marks, and those with some by the table that is marked."""
    kept: list[exp.Expr] = []
    marked: dict[str, list[exp.Expr]] = {}
    parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    for part in parts:
        columns = [column for column in part.find_all(exp.Column) if column.args.get("join_mark")]
        names = {fold_identifier(column.args["table"]) for column in columns if column.args.get("table")}
        if not columns:
            kept.append(part)
            continue
        if len(names) != 1 or any(not column.args.get("table") for column in columns):
            raise Unsupported("(+) on a column without its table, or on two tables in one condition")
        for column in columns:
            column.set("join_mark", False)
        marked.setdefault(names.pop(), []).append(part)
    return kept, marked


def _in_order(marked: dict[str, list[exp.Expr]]) -> list[str]:
    """Return the outer tables such that each comes after those that its conditions name."""
    waiting = dict.fromkeys(marked)
    done: list[str] = []
    while waiting:
        ready = [
            name
            for name in waiting
            if not any(
                _table(column) in waiting and _table(column) != name for column in _columns(marked[name])
            )
        ]
        if not ready:
            raise CompilationFault("Outer join predicates form a cycle", code="001785", sqlstate="42601")
        done += ready
        for name in ready:
            del waiting[name]
    return done


def _columns(parts: list[exp.Expr]) -> list[exp.Column]:
    return [column for part in parts for column in part.find_all(exp.Column)]


def _table(column: exp.Column) -> str:
    table = column.args.get("table")
    return fold_identifier(table) if table is not None else ""
