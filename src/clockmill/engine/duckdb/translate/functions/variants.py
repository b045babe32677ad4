"""Functions of semi-structured values: parsing, building and asking objects."""

# ruff: noqa: E501, S101
# E501: generated SQL is not broken at will.
# S101: narrows a type that the syntax tree leaves open.

import re
from typing import Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import raise_in_sql
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.functions.rules import Call, Scalar
from clockmill.engine.duckdb.translate.operators import get_element, json_key, need_semi, text_of
from clockmill.engine.duckdb.translate.stars import expand_star
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.result import BOOLEAN, TEXT, ColumnType, Kind


def _loose(text: str) -> str:
    return f"_clockmill.loose_json({text})"


def _parse(call: Call, *, is_try: bool) -> Typed:
    call.expect(1, 2)
    value = call.value(0)
    if value.type.kind in types.SEMI:
        value = Typed(casts.scalar_text(value), TEXT)
    text = text_of(call.scope, value)
    # DuckDB takes a comma after the last element, but keeps it in the text.
    first = f"CASE WHEN NOT regexp_matches({text}, ',\\s*[\\]}}]') THEN TRY_CAST({text} AS JSON) END"
    second = f"TRY_CAST({_loose(text)} AS JSON)"
    last = "NULL"
    if not is_try:
        last = f"CAST(error('~fault~100069~22P02~Error parsing JSON: ' || {text}) AS JSON)"
    parsed = f"COALESCE({first}, {second}, {last})"
    options = str(call.constant(1)).lower() if len(call) == 2 else "s"
    if options not in ("s", "d"):
        raise Unsupported(f"option '{options}' of {call.name}")
    twice = (
        "NULL"
        if is_try
        else raise_in_sql("100069", "22P02", "Error parsing JSON: duplicate object attribute")
    )
    single = "_clockmill.last_of_each(j)" if options == "d" else f"CAST({twice} AS JSON)"
    once = f"CASE WHEN _clockmill.has_duplicates(j) THEN {single} ELSE _clockmill.tidy(j) END"
    parsed = f"CASE WHEN {text} IS NULL OR trim({text}) = '' THEN NULL ELSE {parsed} END"
    return Typed(f"(list_transform([{parsed}], lambda j: {once}))[1]", types.VARIANT)


def _parse_json(call: Call) -> Typed:
    return _parse(call, is_try=False)


def _try_parse_json(call: Call) -> Typed:
    return _parse(call, is_try=True)


def _check_json(call: Call) -> Typed:
    call.expect(1, 1)
    value = call.value(0)
    if value.type.kind in types.SEMI:
        value = Typed(casts.scalar_text(value), TEXT)
    text = text_of(call.scope, value)
    return Typed(
        f"CASE WHEN {text} IS NULL OR trim({text}) = '' OR TRY_CAST({text} AS JSON) IS NOT NULL "
        f"OR TRY_CAST({_loose(text)} AS JSON) IS NOT NULL THEN NULL ELSE 'malformed JSON' END",
        TEXT,
    )


def _to_json(call: Call) -> Typed:
    call.expect(1, 1)
    value = call.variant(0)
    return Typed(
        f"CASE json_type({value}) WHEN 'OBJECT' THEN _clockmill.in_order({value}) ELSE CAST({value} AS VARCHAR) END",
        TEXT,
    )


def _object_construct(keeps_null: bool) -> Scalar:
    def rule(call: Call) -> Typed:
        if len(call) == 1 and call.arguments[0].key == "star":
            return _object_of_row(call, keeps_null)
        if len(call) % 2:
            call.expect(len(call) + 1)
        if not len(call):
            return Typed("json_object()", types.OBJECT)
        pairs = [(call.text(place), call.value(place + 1)) for place in range(0, len(call), 2)]
        return _object(call, [pair for pair in pairs if pair[0] != "NULL"], keeps_null)

    return rule


def _object(call: Call, pairs: list[tuple[str, Typed]], keeps_null: bool) -> Typed:
    """Build an object; pairs with a NULL key never show, those with a NULL value only if asked for."""
    unit = call.scope.unit
    if not pairs:
        return Typed("json_object()", types.OBJECT)
    if all(key.startswith("'") for key, _ in pairs):
        # Objects are shown in the order of their keys, also as text.
        pairs = sorted(pairs, key=lambda pair: pair[0])
    are_keys = all(key.startswith("'") for key, _ in pairs)
    if are_keys and (
        keeps_null or all(value.is_constant and not types.is_null(value.type) for _, value in pairs)
    ):
        cells = ", ".join(f"{key}, {casts.to_variant(unit, value)}" for key, value in pairs)
        return Typed(f"json_object({cells})", types.OBJECT)
    entries = []
    for key, value in pairs:
        cell = casts.to_variant(unit, value)
        if keeps_null:
            entries.append(f"{{'k': {key}, 'v': COALESCE({cell}, CAST('null' AS JSON))}}")
        elif not types.is_null(value.type):
            entries.append(f"{{'k': CASE WHEN {value.sql} IS NULL THEN NULL ELSE {key} END, 'v': {cell}}}")
    if not entries:
        return Typed("json_object()", types.OBJECT)
    kept = f"list_filter([{', '.join(entries)}], lambda e: struct_extract(e, 'k') IS NOT NULL)"
    pieces = f"list_transform({kept}, lambda e: to_json(struct_extract(e, 'k')) || ':' || CAST(struct_extract(e, 'v') AS VARCHAR))"
    return Typed(f"CAST('{{' || array_to_string({pieces}, ',') || '}}' AS JSON)", types.OBJECT)


def _object_of_row(call: Call, keeps_null: bool) -> Typed:
    star = call.arguments[0]
    assert isinstance(star, exp.Star)
    pairs = [(literal(name), value) for name, value in expand_star(star, star, call.scope)]
    return _object(call, pairs, keeps_null)


def _get(call: Call) -> Typed:
    call.expect(2, 2)
    value = call.value(0)
    need_semi(value)
    return get_element(call.scope, value, call.value(1))


def _get_ignoring_case(call: Call) -> Typed:
    call.expect(2, 2)
    value = call.value(0)
    need_semi(value)
    name = call.text(1)
    exact = f"list_contains(json_keys({value.sql}), {name})"
    alike = f"list_filter(json_keys({value.sql}), lambda k: lower(k) = lower({name}))[1]"
    chosen = f"CASE WHEN {exact} THEN {name} ELSE {alike} END"
    return Typed(
        f"json_extract({value.sql}, '$.\"' || replace({chosen}, '\"', '\\\"') || '\"')", types.VARIANT
    )


_STEP: Final = re.compile(r"""[.:]?([A-Za-z_][\w$]*)|\[(\d+)\]|\[['"](.+?)['"]\]|[.:]?"([^"]+)\"""")


def read_path(path: str) -> str:
    """Return the language's path text (``a.b[0]['c']``) as DuckDB's JSON path."""
    result, place = "$", 0
    while place < len(path):
        step = _STEP.match(path, place)
        if step is None:
            raise Unsupported(f"path '{path}'")
        name, index, bracket, quoted = step.groups()
        result += f"[{index}]" if index is not None else json_key(name or bracket or quoted)
        place = step.end()
    return result


def _get_path(call: Call) -> Typed:
    call.expect(2, 2)
    value = call.value(0)
    need_semi(value)
    return Typed(f"json_extract({value.sql}, {literal(read_path(str(call.constant(1))))})", types.VARIANT)


def _extract_path_text(call: Call) -> Typed:
    call.expect(2, 2)
    parsed = Typed(f"TRY_CAST({call.text(0)} AS JSON)", types.VARIANT)
    found = Typed(f"json_extract({parsed.sql}, {literal(read_path(str(call.constant(1))))})", types.VARIANT)
    return Typed(casts.scalar_text(found), TEXT)


def _typeof(call: Call) -> Typed:
    call.expect(1, 1)
    return Typed(f"_clockmill.type_name({call.variant(0)})", TEXT)


def _is(names: str) -> Scalar:
    wanted = ", ".join(literal(name) for name in names.split())

    def rule(call: Call) -> Typed:
        call.expect(1, 1)
        return Typed(f"(_clockmill.type_name({call.variant(0)}) IN ({wanted}))", BOOLEAN)

    return rule


def _is_text_like(kind: ColumnType) -> Scalar:
    """Dates and times are kept as text in a variant: what reads as one counts as one."""

    def rule(call: Call) -> Typed:
        call.expect(1, 1)
        variant = call.variant(0)
        text = Typed(f"({variant})->>'$'", TEXT)
        read = casts.cast(call.scope.unit, text, kind, is_try=True)
        shape = {Kind.DATE: "length({}) = 10", Kind.TIME: "NOT contains({}, '-')"}.get(
            kind.kind, "length({}) > 10"
        )
        is_text = f"json_type({variant}) = 'VARCHAR'"
        return Typed(
            f"(CASE WHEN {variant} IS NULL THEN NULL ELSE {is_text} AND {shape.replace('{}', text.sql)} "
            f"AND ({read.sql}) IS NOT NULL END)",
            BOOLEAN,
        )

    return rule


def _as(names: str, kind: ColumnType) -> Scalar:
    """AS_…: the value if the variant holds one of that type, else NULL."""
    wanted = ", ".join(literal(name) for name in names.split())

    def rule(call: Call) -> Typed:
        call.expect(1, 3)
        target = kind
        if len(call) > 1:
            target = types.fixed(call.whole(1), call.whole(2) if len(call) > 2 else 0)
        variant = call.value(0)
        need_semi(variant)
        inner = casts.cast(call.scope.unit, variant, target, is_try=True)
        return Typed(
            f"CASE WHEN _clockmill.type_name({variant.sql}) IN ({wanted}) THEN {inner.sql} END", target
        )

    return rule


def _is_null_value(call: Call) -> Typed:
    call.expect(1, 1)
    return Typed(f"(json_type({call.variant(0)}) = 'NULL')", BOOLEAN)


def _strip_null(call: Call) -> Typed:
    call.expect(1, 1)
    value = call.value(0)
    need_semi(value)
    return Typed(f"(CASE WHEN json_type({value.sql}) = 'NULL' THEN NULL ELSE {value.sql} END)", value.type)


def _object_keys(call: Call) -> Typed:
    call.expect(1, 1)
    value = call.value(0)
    need_semi(value)
    return Typed(
        f"CASE WHEN json_type({value.sql}) = 'OBJECT' THEN to_json(list_sort(json_keys({value.sql}))) END",
        types.ARRAY,
    )


def _object_insert(call: Call) -> Typed:
    call.expect(3, 4)
    whole, key, value = call.as_type(0, types.OBJECT), call.text(1), call.value(2)
    update = call.boolean(3) if len(call) == 4 else "false"
    there = f"list_contains(json_keys({whole}), {key})"
    failure = raise_in_sql("100206", "22000", "Key already exists in the object")
    new = f"json_object({key}, {casts.to_variant(call.scope.unit, value)})"
    merged = (
        f"CASE WHEN {there} AND NOT {update} THEN CAST({failure} AS JSON) ELSE {_merged(whole, new, key)} END"
    )
    return Typed(
        f"CASE WHEN {value.sql} IS NULL THEN {_without(whole, f'[{key}]')} ELSE {merged} END", types.OBJECT
    )


def _merged(whole: str, new: str, key: str) -> str:
    """Return the object with the pair of *new* in it: taken apart and put together, keeping JSON nulls."""
    rest = f"CAST({_without(whole, f'[{key}]')} AS VARCHAR)"
    return (
        f"CAST(CASE WHEN {rest} = '{{}}' THEN CAST({new} AS VARCHAR) ELSE left({rest}, length({rest}) - 1) || ',' || "
        f"substr(CAST({new} AS VARCHAR), 2) END AS JSON)"
    )


def _without(whole: str, keys: str) -> str:
    kept = f"list_filter(json_keys({whole}), lambda k: NOT list_contains({keys}, k))"
    return _rebuilt(whole, kept)


def _rebuilt(whole: str, keys: str) -> str:
    pairs = f"list_transform({keys}, lambda k: to_json(k) || ':' || CAST(json_extract({whole}, '$.\"' || k || '\"') AS VARCHAR))"
    return f"CAST('{{' || array_to_string({pairs}, ',') || '}}' AS JSON)"


def _keys_argument(call: Call) -> str:
    if len(call) == 2 and call.value(1).type.kind in types.SEMI:
        return f"list_transform(_clockmill.json_items({call.value(1).sql}), lambda j: j->>'$')"
    return "[" + ", ".join(call.text(i) for i in range(1, len(call))) + "]"


def _object_delete(call: Call) -> Typed:
    call.expect(2)
    return Typed(_without(call.as_type(0, types.OBJECT), _keys_argument(call)), types.OBJECT)


def _object_pick(call: Call) -> Typed:
    call.expect(2)
    whole = call.as_type(0, types.OBJECT)
    kept = f"list_filter(json_keys({whole}), lambda k: list_contains({_keys_argument(call)}, k))"
    return Typed(_rebuilt(whole, kept), types.OBJECT)


FUNCTIONS: Final[dict[str, Scalar]] = {
    "AS_ARRAY": _as("ARRAY", types.ARRAY),
    "AS_BOOLEAN": _as("BOOLEAN", BOOLEAN),
    "AS_CHAR": _as("VARCHAR", TEXT),
    "AS_DATE": _as("VARCHAR", types.DATE),
    "AS_DECIMAL": _as("INTEGER DECIMAL", types.fixed(38, 0)),
    "AS_DOUBLE": _as("INTEGER DECIMAL DOUBLE", types.FLOAT),
    "AS_INTEGER": _as("INTEGER", types.INTEGER),
    "AS_NUMBER": _as("INTEGER DECIMAL", types.fixed(38, 0)),
    "AS_OBJECT": _as("OBJECT", types.OBJECT),
    "AS_REAL": _as("INTEGER DECIMAL DOUBLE", types.FLOAT),
    "AS_TIME": _as("VARCHAR", types.TIME),
    "AS_TIMESTAMP_LTZ": _as("VARCHAR", types.LTZ),
    "AS_TIMESTAMP_NTZ": _as("VARCHAR", types.NTZ),
    "AS_TIMESTAMP_TZ": _as("VARCHAR", types.TZ),
    "AS_VARCHAR": _as("VARCHAR", TEXT),
    "CHECK_JSON": _check_json,
    "GET": _get,
    "GET_IGNORE_CASE": _get_ignoring_case,
    "GET_PATH": _get_path,
    "IS_ARRAY": _is("ARRAY"),
    "IS_BOOLEAN": _is("BOOLEAN"),
    "IS_CHAR": _is("VARCHAR"),
    "IS_DATE": _is_text_like(types.DATE),
    "IS_DATE_VALUE": _is_text_like(types.DATE),
    "IS_DECIMAL": _is("INTEGER DECIMAL"),
    "IS_DOUBLE": _is("INTEGER DECIMAL DOUBLE"),
    "IS_INTEGER": _is("INTEGER"),
    "IS_NULL_VALUE": _is_null_value,
    "IS_OBJECT": _is("OBJECT"),
    "IS_REAL": _is("INTEGER DECIMAL DOUBLE"),
    "IS_TIME": _is_text_like(types.TIME),
    "IS_TIMESTAMP_LTZ": _is_text_like(types.LTZ),
    "IS_TIMESTAMP_NTZ": _is_text_like(types.NTZ),
    "IS_TIMESTAMP_TZ": _is_text_like(types.TZ),
    "IS_VARCHAR": _is("VARCHAR"),
    "JSON_EXTRACT_PATH_TEXT": _extract_path_text,
    "OBJECT_CONSTRUCT": _object_construct(False),
    "OBJECT_CONSTRUCT_KEEP_NULL": _object_construct(True),
    "OBJECT_DELETE": _object_delete,
    "OBJECT_INSERT": _object_insert,
    "OBJECT_KEYS": _object_keys,
    "OBJECT_PICK": _object_pick,
    "PARSE_JSON": _parse_json,
    "STRIP_NULL_VALUE": _strip_null,
    "TO_JSON": _to_json,
    "TRY_PARSE_JSON": _try_parse_json,
    "TYPEOF": _typeof,
}
