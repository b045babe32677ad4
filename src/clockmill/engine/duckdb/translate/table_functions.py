"""The table functions that are ours to translate: FLATTEN, GENERATOR, SPLIT_TO_TABLE."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from typing import Any, Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.functions.rules import Call
from clockmill.engine.duckdb.translate.functions.strings import tokens
from clockmill.engine.duckdb.translate.functions.variants import read_path
from clockmill.engine.duckdb.translate.scope import Query, Scope
from clockmill.engine.result import TEXT


def _argument(call: Call, name: str, place: int) -> exp.Expr | None:
    if name in call.named:
        return call.named[name]
    return call.arguments[place] if place < len(call.arguments) else None


def _constant(call: Call, name: str, place: int, default: Any) -> Any:
    node = _argument(call, name, place)
    if node is None:
        return default
    return Call(call.name, [node], call.scope).constant(0)


FLATTENED: Final = (
    ("SEQ", types.fixed(19)),
    ("KEY", TEXT),
    ("PATH", TEXT),
    ("INDEX", types.fixed(19)),
    ("VALUE", types.VARIANT),
    ("THIS", types.VARIANT),
)


def flatten(call: Call) -> Query:
    """FLATTEN: a row an element, in order; with OUTER a row of NULLs where there is none."""
    node = _argument(call, "INPUT", 0)
    if node is None:
        raise CompilationFault("missing argument INPUT of FLATTEN", code="000938", sqlstate="22023")
    path = str(_constant(call, "PATH", 1, "") or "")
    outer = bool(_constant(call, "OUTER", 2, False))
    deep = bool(_constant(call, "RECURSIVE", 3, False))
    mode = str(_constant(call, "MODE", 4, "BOTH")).upper()
    value = casts.to_variant(call.scope.unit, call.scope.expression(node))
    if path:
        value = f"json_extract({value}, {literal(read_path(path))})"
    if deep:
        return _flatten_deep(value, path, outer, mode, call.scope)
    items = _items(path, mode, outer=outer)
    alias = call.scope.unit.alias()
    sql = (
        f"SELECT 1 AS c0, {alias}.e.k AS c1, {alias}.e.p AS c2, {alias}.e.i AS c3, {alias}.e.v AS c4, {alias}.j AS c5 "
        f"FROM (SELECT x.j, unnest({items}) AS e FROM (SELECT {value} AS j) AS x) AS {alias}"
    )
    return Query(sql, FLATTENED)


def flatten_parts(call: Call) -> tuple[str, str] | None:
    """Return the value that FLATTEN takes apart and the list of its elements; None if it goes deeper."""
    node = _argument(call, "INPUT", 0)
    if node is None or bool(_constant(call, "RECURSIVE", 3, False)):
        return None
    path = str(_constant(call, "PATH", 1, "") or "")
    value = casts.to_variant(call.scope.unit, call.scope.expression(node))
    if path:
        value = f"json_extract({value}, {literal(read_path(path))})"
    mode = str(_constant(call, "MODE", 4, "BOTH")).upper()
    return value, _items(path, mode, outer=bool(_constant(call, "OUTER", 2, False)))


def _items(path: str, mode: str, *, outer: bool) -> str:
    """Return the list of the elements of ``x.j``; with *outer* one of NULLs where there are none."""
    items = _elements("x.j", path, mode)
    if not outer:
        return items
    empty = _element("NULL", literal(path), "NULL", "NULL")
    return f"CASE WHEN len({items}) > 0 THEN {items} ELSE [{empty}] END"


def _element(key: str, path: str, index: str, value: str) -> str:
    return (
        f"{{'k': CAST({key} AS VARCHAR), 'p': CAST({path} AS VARCHAR), 'i': CAST({index} AS BIGINT), "
        f"'v': CAST({value} AS JSON)}}"
    )


def _elements(j: str, prefix: str, mode: str) -> str:
    """Return the list of an array's or object's elements."""
    of_array = (
        f"list_transform(range(CAST(json_array_length({j}) AS BIGINT)), lambda i: "
        + _element(
            "NULL", f"{literal(prefix)} || '[' || i || ']'", "i", f"json_extract({j}, '$[' || i || ']')"
        )
        + ")"
    )
    dot = f"{literal(prefix + '.')} || k" if prefix else "k"
    of_object = (
        f"list_transform(list_sort(json_keys({j})), lambda k: "
        + _element("k", dot, "NULL", f"json_extract({j}, '$.\"' || k || '\"')")
        + ")"
    )
    empty = "[]::STRUCT(k VARCHAR, p VARCHAR, i BIGINT, v JSON)[]"
    return (
        f"CASE json_type({j}) WHEN 'ARRAY' THEN {of_array if mode != 'OBJECT' else empty} "
        f"WHEN 'OBJECT' THEN {of_object if mode != 'ARRAY' else empty} ELSE {empty} END"
    )


def _flatten_deep(value: str, path: str, outer: bool, mode: str, scope: Scope) -> Query:
    if outer and mode != "BOTH":
        raise Unsupported("FLATTEN with RECURSIVE, OUTER and a MODE")
    prefix = literal(path)
    shown = f"{prefix} || ltrim(replace(substr(e.fullkey, 2), '\"', ''), {literal('' if path else '.')})"
    kinds = {"ARRAY": "AND p.type = 'ARRAY'", "OBJECT": "AND p.type = 'OBJECT'"}.get(mode, "")
    sql = (
        f"SELECT 1 AS c0, CASE WHEN p.type = 'OBJECT' THEN e.key END AS c1, {shown} AS c2, "
        f"CASE WHEN p.type = 'ARRAY' THEN CAST(e.key AS BIGINT) END AS c3, json_extract(x.j, e.fullkey) AS c4, "
        f"json_extract(x.j, e.path) AS c5 FROM (SELECT {value} AS j) AS x, json_tree(x.j) AS e "
        f"JOIN json_tree(x.j) AS p ON p.id = e.parent WHERE true {kinds} ORDER BY e.id"
    )
    if outer:
        none = "json_type(y.j) NOT IN ('OBJECT', 'ARRAY') OR CAST(y.j AS VARCHAR) IN ('{}', '[]')"
        alias = scope.unit.alias()
        sql = (
            f"SELECT * FROM ({sql}) AS {alias} UNION ALL SELECT 1, NULL, {prefix}, NULL, NULL, y.j "
            f"FROM (SELECT {value} AS j) AS y WHERE y.j IS NULL OR {none}"
        )
    return Query(sql, FLATTENED)


def generator(call: Call) -> Query:
    rows = _constant(call, "ROWCOUNT", 0, None)
    if rows is None:
        raise Unsupported("GENERATOR without ROWCOUNT")
    # The one column has no name that a statement could use.
    return Query(f"SELECT range AS c0 FROM range({max(0, int(rows))})", ())


def split_to_table(call: Call) -> Query:
    call.expect(1, 2)
    text = call.text(0)
    marks = call.text(1) if len(call) > 1 else "' '"
    if call.name == "STRTOK_SPLIT_TO_TABLE":
        pieces = f"list_filter({tokens(text, marks)}, lambda w: w <> '')"
    else:
        pieces = f"string_split({text}, {marks})"
    sql = (
        f"SELECT 1 AS c0, s.i AS c1, s.v AS c2 FROM (SELECT unnest(range(1, len({pieces}) + 1)) AS i, "
        f"unnest({pieces}) AS v) AS s"
    )
    return Query(sql, (("SEQ", types.fixed(19)), ("INDEX", types.fixed(19)), ("VALUE", TEXT)))
