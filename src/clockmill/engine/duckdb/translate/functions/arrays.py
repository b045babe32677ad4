"""Functions of arrays."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from typing import Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import raise_in_sql
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.functions.rules import SMALL, Call, Scalar
from clockmill.engine.duckdb.translate.operators import need_semi
from clockmill.engine.duckdb.translate.unit import Typed, fold_identifier
from clockmill.engine.result import BOOLEAN, TEXT, ColumnType, Kind

_ITEMS: Final = "_clockmill.json_items({})"
_NULL: Final = "CAST('null' AS JSON)"


def _items(call: Call, place: int) -> str:
    return _ITEMS.replace("{}", call.as_type(place, types.ARRAY))


def _array(sql: str, *given: str) -> Typed:
    """Return a list of JSON values as an array; NULL where one of *given* is."""
    made = f"COALESCE(to_json({sql}), CAST('[]' AS JSON))"
    if given:
        absent = " OR ".join(f"({g}) IS NULL" for g in given)
        made = f"CASE WHEN {absent} THEN NULL ELSE {made} END"
    return Typed(made, types.ARRAY)


def _construct(call: Call) -> Typed:
    cells = [call.variant(place) for place in range(len(call))]
    return Typed(f"json_array({', '.join(cells)})", types.ARRAY)


def _construct_compact(call: Call) -> Typed:
    cells = [call.variant(place) for place in range(len(call))]
    return _array(f"list_filter([{', '.join(cells)}], lambda x: x IS NOT NULL)")


def _size(call: Call) -> Typed:
    call.expect(1, 1)
    value = call.value(0)
    need_semi(value)
    return Typed(
        f"(CASE WHEN json_type({value.sql}) = 'ARRAY' THEN CAST(json_array_length({value.sql}) AS BIGINT) END)",
        SMALL,
        is_wide=False,
    )


def _contains(call: Call) -> Typed:
    """ARRAY_CONTAINS: a NULL is found among the NULLs of the array, and is nowhere else."""
    call.expect(2, 2)
    keys, key = _keys(call, 1), _key(call, 0)
    found = f"list_contains({keys}, {key})"
    null = f"CASE WHEN list_contains({keys}, 'null') THEN true END"
    return Typed(f"(CASE WHEN {key} IS NULL THEN {null} ELSE {found} END)", BOOLEAN)


def _position(call: Call) -> Typed:
    call.expect(2, 2)
    found = f"list_position({_keys(call, 1)}, COALESCE({_key(call, 0)}, 'null'))"
    return Typed(f"(CASE WHEN {found} > 0 THEN {found} - 1 END)", SMALL, is_wide=False)


def _keys(call: Call, place: int) -> str:
    """Return what the elements of an array are compared by."""
    return f"_clockmill.item_keys({call.as_type(place, types.ARRAY)})"


def _key(call: Call, place: int) -> str:
    return f"_clockmill.item_key({call.variant(place)})"


def _append(call: Call) -> Typed:
    call.expect(2, 2)
    whole = call.as_type(0, types.ARRAY)
    return _array(f"list_append({_ITEMS.replace('{}', whole)}, {call.variant(1)})", whole)


def _prepend(call: Call) -> Typed:
    call.expect(2, 2)
    whole = call.as_type(0, types.ARRAY)
    return _array(f"list_prepend({call.variant(1)}, {_ITEMS.replace('{}', whole)})", whole)


def _cat(call: Call) -> Typed:
    call.expect(2, 2)
    one, other = call.as_type(0, types.ARRAY), call.as_type(1, types.ARRAY)
    return _array(f"list_concat({_ITEMS.replace('{}', one)}, {_ITEMS.replace('{}', other)})", one, other)


def _compact(call: Call) -> Typed:
    call.expect(1, 1)
    whole = call.as_type(0, types.ARRAY)
    return _array(f"list_filter({_ITEMS.replace('{}', whole)}, lambda x: json_type(x) <> 'NULL')", whole)


def _distinct(call: Call) -> Typed:
    call.expect(1, 1)
    whole = call.as_type(0, types.ARRAY)
    first = f"list_position({_keys(call, 0)}, _clockmill.item_key(x)) = i"
    return _array(f"list_filter({_ITEMS.replace('{}', whole)}, lambda x, i: {first})", whole)


def _except(call: Call) -> Typed:
    """A multiset difference: each element of the second takes one of its like from the first."""
    call.expect(2, 2)
    one, other = call.as_type(0, types.ARRAY), call.as_type(1, types.ARRAY)
    a, key = _ITEMS.replace("{}", one), "_clockmill.item_key(x)"
    seen = f"len(list_filter(({_keys(call, 0)})[:i], lambda y: y = {key}))"
    taken = f"len(list_filter({_keys(call, 1)}, lambda z: z = {key}))"
    return _array(f"list_filter({a}, lambda x, i: {seen} > {taken})", one, other)


def _intersection(call: Call) -> Typed:
    call.expect(2, 2)
    one, other = call.as_type(0, types.ARRAY), call.as_type(1, types.ARRAY)
    a, key = _ITEMS.replace("{}", one), "_clockmill.item_key(x)"
    seen = f"len(list_filter(({_keys(call, 0)})[:i], lambda y: y = {key}))"
    there = f"len(list_filter({_keys(call, 1)}, lambda z: z = {key}))"
    return _array(f"list_filter({a}, lambda x, i: {seen} <= {there})", one, other)


def _range(call: Call) -> Typed:
    call.expect(2, 3)
    given = [call.integer(place) for place in range(len(call))]
    made = f"range({', '.join(given)})"
    if len(call) == 3:
        failure = raise_in_sql("100071", "22000", "ARRAY_GENERATE_RANGE: the step must not be 0")
        made = f"CASE WHEN {given[2]} = 0 THEN CAST({failure} AS BIGINT[]) ELSE {made} END"
    return _array(made, *given)


def _flatten(call: Call) -> Typed:
    call.expect(1, 1)
    whole = call.as_type(0, types.ARRAY)
    failure = raise_in_sql("100071", "22000", "ARRAY_FLATTEN: an element of the array is not an array")
    element = f"CASE WHEN json_type(a) = 'ARRAY' THEN {_ITEMS.replace('{}', 'a')} ELSE CAST({failure} AS JSON[]) END"
    made = _array(f"flatten(list_transform({_ITEMS.replace('{}', whole)}, lambda a: {element}))", whole)
    has_null = f"list_contains({_keys(call, 0)}, 'null')"
    return Typed(f"CASE WHEN {has_null} THEN NULL ELSE {made.sql} END", types.ARRAY)


def _insert(call: Call) -> Typed:
    call.expect(3, 3)
    whole, place = call.as_type(0, types.ARRAY), call.integer(1)
    items = _ITEMS.replace("{}", whole)
    at = f"CASE WHEN {place} < 0 THEN greatest(0, len({items}) + {place}) ELSE {place} END"
    padding = f"list_transform(range(greatest(0, {at} - len({items}))), lambda n: {_NULL})"
    return _array(
        f"list_concat(list_concat(({items})[:{at}], {padding}), list_concat([{call.variant(2)}], ({items})[{at} + 1:]))",
        whole,
    )


def _to_string(call: Call) -> Typed:
    call.expect(2, 2)
    texts = f"list_transform({_items(call, 0)}, lambda x: COALESCE(_clockmill.json_text(x), ''))"
    separator = call.text(1)
    return Typed(
        f"CASE WHEN ({separator}) IS NULL THEN NULL ELSE array_to_string({texts}, {separator}) END", TEXT
    )


def _reverse(call: Call) -> Typed:
    call.expect(1, 1)
    whole = call.as_type(0, types.ARRAY)
    return _array(f"list_reverse({_ITEMS.replace('{}', whole)})", whole)


def _to_object(call: Call) -> Typed:
    """ARRAYS_TO_OBJECT: keys and values of the same place; a pair with a NULL in it does not show."""
    call.expect(2, 2)
    keys, values = call.as_type(0, types.ARRAY), call.as_type(1, types.ARRAY)
    k, v = _ITEMS.replace("{}", keys), _ITEMS.replace("{}", values)
    failure = raise_in_sql("100071", "22000", "ARRAYS_TO_OBJECT: the arrays differ in length")
    both = "json_type(({k})[i]) <> 'NULL' AND json_type(({v})[i]) <> 'NULL'".replace("{k}", k).replace(
        "{v}", v
    )
    places = f"list_filter(range(1, len({k}) + 1), lambda i: {both})"
    pairs = f"list_transform({places}, lambda i: to_json(({k})[i]->>'$') || ':' || CAST(({v})[i] AS VARCHAR))"
    made = f"CAST('{{' || array_to_string({pairs}, ',') || '}}' AS JSON)"
    return Typed(
        f"CASE WHEN {keys} IS NULL OR {values} IS NULL THEN NULL WHEN len({k}) <> len({v}) "
        f"THEN CAST({failure} AS JSON) ELSE {made} END",
        types.OBJECT,
    )


def _slice(call: Call) -> Typed:
    call.expect(3, 3)
    whole, start, stop = call.as_type(0, types.ARRAY), call.integer(1), call.integer(2)
    items = _ITEMS.replace("{}", whole)
    first = f"CASE WHEN {start} < 0 THEN greatest(0, len({items}) + {start}) ELSE {start} END"
    last = f"CASE WHEN {stop} < 0 THEN len({items}) + {stop} ELSE {stop} END"
    return _array(f"list_filter({items}, lambda x, i: i > {first} AND i <= {last})", whole, start, stop)


def _sort(call: Call) -> Typed:
    call.expect(1, 3)
    whole = call.as_type(0, types.ARRAY)
    items = _ITEMS.replace("{}", whole)
    up = bool(call.constant(1)) if len(call) > 1 else True
    first = bool(call.constant(2)) if len(call) > 2 else not up
    key = "{'m': json_type(x) = 'NULL', 'n': TRY_CAST(x->>'$' AS DOUBLE), 't': x->>'$', 'j': x}"
    keyed = f"list_transform(list_filter({items}, lambda x: json_type(x) <> 'NULL'), lambda x: {key})"
    ordered = f"list_transform(list_sort({keyed}, '{'ASC' if up else 'DESC'}', 'NULLS LAST'), lambda e: struct_extract(e, 'j'))"
    nulls = f"list_filter({items}, lambda x: json_type(x) = 'NULL')"
    both = (nulls, ordered) if first else (ordered, nulls)
    return _array(f"list_concat({both[0]}, {both[1]})", whole)


def _extreme(word: str) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 1)
        kept = f"list_filter({_items(call, 0)}, lambda x: json_type(x) <> 'NULL')"
        keys = f"list_transform({kept}, lambda x: {{'n': TRY_CAST(x->>'$' AS DOUBLE), 't': x->>'$', 'j': x}})"
        direction = "ASC" if word == "min" else "DESC"
        return Typed(f"(list_sort({keys}, '{direction}'))[1].j", types.VARIANT)

    return rule


def _remove(call: Call) -> Typed:
    call.expect(2, 2)
    whole, value = call.as_type(0, types.ARRAY), call.variant(1)
    number = f"TRY_CAST({value} AS DOUBLE)"
    is_number = f"json_type({value}) IN ('UBIGINT', 'BIGINT', 'DOUBLE', 'HUGEINT')"
    same = (
        f"CASE WHEN {is_number} THEN json_type(x) IN ('UBIGINT', 'BIGINT', 'DOUBLE', 'HUGEINT') "
        f"AND TRY_CAST(x AS DOUBLE) = {number} ELSE x = {value} END"
    )
    return _array(f"list_filter({_ITEMS.replace('{}', whole)}, lambda x: NOT ({same}))", whole, value)


def _remove_at(call: Call) -> Typed:
    call.expect(2, 2)
    whole, place = call.as_type(0, types.ARRAY), call.integer(1)
    items = _ITEMS.replace("{}", whole)
    at = f"CASE WHEN {place} < 0 THEN len({items}) + {place} ELSE {place} END"
    return _array(f"list_filter({items}, lambda x, i: i <> {at} + 1)", whole, place)


def _overlap(call: Call) -> Typed:
    call.expect(2, 2)
    return Typed(f"list_has_any({_keys(call, 0)}, {_keys(call, 1)})", BOOLEAN)


def _zip(call: Call) -> Typed:
    call.expect(1)
    given = [call.as_type(place, types.ARRAY) for place in range(len(call))]
    longest = "greatest(" + ", ".join(f"CAST(json_array_length({g}) AS BIGINT)" for g in given) + ")"
    cells = ", ".join(
        f"'${place + 1}', COALESCE(json_extract({g}, '$[' || i || ']'), {_NULL})"
        for place, g in enumerate(given)
    )
    return _array(f"list_transform(range({longest}), lambda i: json_object({cells}))", *given)


# -- lambdas


def _lambda(call: Call, place: int, kinds: list[ColumnType]) -> tuple[list[str], Typed]:
    """Return the parameters of a lambda argument and its body, the parameters being of *kinds*."""
    node = call.arguments[place]
    if not isinstance(node, exp.Lambda):
        raise Unsupported(f"{call.name} without a lambda expression")
    scope = call.scope.child()
    names: list[str] = []
    for number, (parameter, kind) in enumerate(zip(node.expressions, kinds, strict=False)):
        name = f"p{len(scope.lambdas)}_{number}_{call.scope.unit.alias()}"
        if parameter.args.get("kind") is not None:
            raise Unsupported("a typed lambda parameter")
        scope.lambdas[fold_identifier(parameter)] = Typed(name, kind)
        names.append(name)
    body = node.this
    # Within a lambda the parser takes parameters for bare identifiers.
    return names, scope.expression(body)


def _transform(call: Call) -> Typed:
    call.expect(2, 2)
    whole = call.as_type(0, types.ARRAY)
    names, body = _lambda(call, 1, [types.VARIANT])
    made = casts.to_variant(call.scope.unit, body)
    return _array(
        f"list_transform({_ITEMS.replace('{}', whole)}, lambda {names[0]}: COALESCE({made}, {_NULL}))", whole
    )


def _filter(call: Call) -> Typed:
    call.expect(2, 2)
    whole = call.as_type(0, types.ARRAY)
    names, body = _lambda(call, 1, [types.VARIANT])
    test = body.sql if body.type.kind is Kind.BOOLEAN else casts.cast(call.scope.unit, body, BOOLEAN).sql
    return _array(f"list_filter({_ITEMS.replace('{}', whole)}, lambda {names[0]}: {test})", whole)


def _reduce(call: Call) -> Typed:
    call.expect(3, 3)
    names, body = _lambda(call, 2, [types.VARIANT, types.VARIANT])
    made = casts.to_variant(call.scope.unit, body)
    start = call.variant(1)
    return Typed(
        f"list_reduce(list_prepend({start}, {_items(call, 0)}), lambda {names[0]}, {names[1]}: {made})",
        types.VARIANT,
    )


FUNCTIONS: Final[dict[str, Scalar]] = {
    "ARRAYS_OVERLAP": _overlap,
    "ARRAYS_TO_OBJECT": _to_object,
    "ARRAYS_ZIP": _zip,
    "ARRAY_APPEND": _append,
    "ARRAY_CAT": _cat,
    "ARRAY_COMPACT": _compact,
    "ARRAY_CONSTRUCT": _construct,
    "ARRAY_CONSTRUCT_COMPACT": _construct_compact,
    "ARRAY_CONTAINS": _contains,
    "ARRAY_DISTINCT": _distinct,
    "ARRAY_EXCEPT": _except,
    "ARRAY_FLATTEN": _flatten,
    "ARRAY_GENERATE_RANGE": _range,
    "ARRAY_INSERT": _insert,
    "ARRAY_INTERSECTION": _intersection,
    "ARRAY_MAX": _extreme("max"),
    "ARRAY_MIN": _extreme("min"),
    "ARRAY_POSITION": _position,
    "ARRAY_PREPEND": _prepend,
    "ARRAY_REMOVE": _remove,
    "ARRAY_REMOVE_AT": _remove_at,
    "ARRAY_REVERSE": _reverse,
    "ARRAY_SIZE": _size,
    "ARRAY_SLICE": _slice,
    "ARRAY_SORT": _sort,
    "ARRAY_TO_STRING": _to_string,
    "FILTER": _filter,
    "REDUCE": _reduce,
    "TRANSFORM": _transform,
}
