"""CONNECT BY: a hierarchy of rows, written out as the recursive query that it is."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from typing import Final

import msgspec
from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.parse import CALL_MARK
from clockmill.engine.duckdb.translate.conditions import truth
from clockmill.engine.duckdb.translate.operators import text_of
from clockmill.engine.duckdb.translate.scope import Scope, Source, SourceColumn
from clockmill.engine.duckdb.translate.sources import add_source
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.result import TEXT, ColumnType

_PRIOR: Final = "\0PRIOR"
"""The alias under which a row's parent is found. No statement can write it."""
_LEVEL: Final = types.fixed(18)


class _Carried(msgspec.Struct, frozen=True):
    """A value that is handed down from row to row: a path or what the root of a row had."""

    name: str
    first: str
    step: str
    type: ColumnType


def compile_hierarchy(node: exp.Select, scope: Scope) -> tuple[exp.Select, str]:
    """Return *node* with its paths and roots made columns, and the FROM clause that has them.

    The rows' columns, LEVEL, the paths and the roots are known in *scope* afterwards.
    """
    source = node.args.get("from_") or node.args.get("from")
    if source is None or node.args.get("joins"):
        raise Unsupported("CONNECT BY over anything but one table or query")
    clause = node.args["connect"]
    if clause.args.get("nocycle"):
        raise Unsupported("CONNECT BY NOCYCLE")
    node = node.copy()
    node.set("connect", None)
    base_scope = scope.child()
    base = add_source(source.this, base_scope)
    (rows,) = base_scope.sources
    own = _renamed(rows, "b")
    query = ", ".join(f"{column.sql} AS c{i}" for i, column in enumerate(rows.columns))
    carried = _carried(node, scope, own)
    sql = _recursive(f"(SELECT {query} FROM {base})", own, carried, clause, scope)
    alias = scope.unit.alias()
    scope.sources.append(_renamed(own, alias))
    scope.lambdas["LEVEL"] = Typed(f"{alias}.lvl", _LEVEL, is_wide=False)
    for place, value in enumerate(carried):
        scope.lambdas[value.name] = Typed(f"{alias}.p{place}", value.type)
    return node, f" FROM ({sql}) AS {alias}"


def _renamed(source: Source, stored: str) -> Source:
    columns = tuple(
        SourceColumn(column.name, f"{stored}.c{i}", column.type) for i, column in enumerate(source.columns)
    )
    return Source(source.alias, columns, source.full)


def _recursive(base: str, own: Source, carried: list[_Carried], clause: exp.Connect, scope: Scope) -> str:
    cells = ", ".join(f"b.c{i}" for i in range(len(own.columns)))
    names = [f"c{i}" for i in range(len(own.columns))] + ["lvl"] + [f"p{i}" for i in range(len(carried))]
    first = ", ".join([cells, "CAST(1 AS BIGINT)", *(value.first for value in carried)])
    following = ", ".join([cells, "r.lvl + 1", *(value.step for value in carried)])
    start = clause.args.get("start")
    roots = f" WHERE {truth(_row_scope(scope, own, '1'), start)}" if start is not None else ""
    below = truth(_row_scope(scope, own, "(r.lvl + 1)"), _with_parents(clause.args["connect"]))
    return (
        f"WITH RECURSIVE r({', '.join(names)}) AS (SELECT {first} FROM {base} AS b{roots} "
        f"UNION ALL SELECT {following} FROM r, {base} AS b WHERE {below}) SELECT * FROM r"
    )


def _row_scope(scope: Scope, own: Source, level: str) -> Scope:
    """Return the scope of one row: its columns, LEVEL, and behind them its parent's columns."""
    parent = scope.child()
    parent.sources.append(
        Source(
            _PRIOR,
            tuple(SourceColumn(c.name, f"r.c{i}", c.type) for i, c in enumerate(own.columns)),
        )
    )
    row = parent.child()
    row.sources.append(own)
    row.lambdas["LEVEL"] = Typed(level, _LEVEL, is_wide=False)
    return row


def _with_parents(condition: exp.Expr) -> exp.Expr:
    """Return the condition with the columns under PRIOR named as the parent's."""
    changed = condition.copy()
    for prior in list(changed.find_all(exp.Prior)):
        inner = prior.this
        for column in list(inner.find_all(exp.Column)):
            column.set("table", exp.to_identifier(_PRIOR, quoted=True))
            column.set("db", None)
            column.set("catalog", None)
        prior.replace(exp.Paren(this=inner))
    return changed


def _carried(node: exp.Select, scope: Scope, own: Source) -> list[_Carried]:
    """Replace the paths and roots in *node* by columns of their own, and return what these hold."""
    found: list[_Carried] = []
    row = _row_scope(scope, own, "1")
    for part in list(node.find_all(exp.ConnectByRoot, exp.Anonymous)):
        if isinstance(part, exp.ConnectByRoot):
            value = row.expression(part.this)
            kept = _Carried(f"\0P{len(found)}", value.sql, f"r.p{len(found)}", value.type)
        elif isinstance(part, exp.Anonymous) and _is_path(part):
            kept = _path(part, row, len(found))
        else:
            continue
        found.append(kept)
        part.replace(exp.Column(this=exp.to_identifier(kept.name, quoted=True)))
    return found


def _is_path(node: exp.Anonymous) -> bool:
    return str(node.this).removeprefix(CALL_MARK).upper() == "SYS_CONNECT_BY_PATH"


def _path(node: exp.Anonymous, row: Scope, place: int) -> _Carried:
    if len(node.expressions) != 2:
        raise CompilationFault(
            f"not enough arguments for function [SYS_CONNECT_BY_PATH], expected 2, got {len(node.expressions)}",
            code="000938",
            sqlstate="22023",
        )
    text, mark = (text_of(row, row.expression(item)) for item in node.expressions)
    piece = f"({mark} || COALESCE({text}, ''))"
    return _Carried(f"\0P{place}", f"CAST({piece} AS VARCHAR)", f"r.p{place} || {piece}", TEXT)
