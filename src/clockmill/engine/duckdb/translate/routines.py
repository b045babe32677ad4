"""Functions that users have made: their bodies are put in the place of their calls."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from sqlglot import exp

from clockmill.core.errors import InvalidRequest, Unsupported
from clockmill.core.names import render
from clockmill.core.routine import Given, Routine, RoutineKind, UnknownRoutine, choose
from clockmill.engine.duckdb import parse
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.parse import CALL_MARK
from clockmill.engine.duckdb.results import convert_rows
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.constants import constant_sql
from clockmill.engine.duckdb.translate.functions import AGGREGATES
from clockmill.engine.duckdb.translate.functions.documented import REFUSED
from clockmill.engine.duckdb.translate.functions.rules import Call
from clockmill.engine.duckdb.translate.scope import Query, Scope
from clockmill.engine.duckdb.translate.unit import Typed, Unit, fold_identifier
from clockmill.engine.result import ColumnType, Kind, ResultColumn

_MOST_LEVELS: Final = 30
"""Functions that may be called within one another."""
_LONGEST_REPEATED: Final = 120
"""Characters of the longest argument that is written out wherever the body names it."""
_MARK: Final = "\ue000"
"""Stands around the number of an argument until its SQL is put there."""
_MARKED: Final = re.compile(f"{_MARK}(\\d+){_MARK}")
_OPENS_QUERY: Final = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(SELECT|WITH|VALUES)\b", re.IGNORECASE | re.DOTALL
)
_OPENS_BLOCK: Final = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(BEGIN|DECLARE)\b", re.IGNORECASE | re.DOTALL)


def unknown_function(name: str) -> Unsupported:
    """Return the refusal of a function that is not in our tables, and that nobody has made."""
    why = REFUSED.get(name)
    return Unsupported(f"function {name}: {why}" if why else f"function {name}")


def is_quoted(node: exp.Expr) -> bool:
    """Say whether *node* is a call under a quoted name: never one of the language's own functions."""
    return isinstance(node, exp.Anonymous) and isinstance(node.this, exp.Identifier)


def function_parts(node: exp.Expr) -> list[str]:
    """Return the folded parts of the name that is called, one to three."""
    parts: list[str] = []
    while isinstance(node, exp.Dot):
        parts.insert(0, _own_name(node.expression))
        node = node.this
    return [_own_name(node), *parts]


def _own_name(node: exp.Expr) -> str:
    if isinstance(node, exp.Identifier):
        return fold_identifier(node)
    if not isinstance(node, exp.Anonymous):
        raise Unsupported(f"a name like {node.sql('snowflake')}")
    if isinstance(node.this, exp.Identifier):
        return fold_identifier(node.this)
    return str(node.this).removeprefix(CALL_MARK).upper()


# --- which one is meant ----------------------------------------------------------------------


def _overloads(parts: list[str], unit: Unit) -> tuple[Routine, ...]:
    """Return the functions of that name; raise why there are none."""
    if len(parts) == 1 and unit.home is None:
        raise unknown_function(parts[0])
    full = unit.qualify_parts(parts)
    found = unit.functions[full] = unit.context.catalog.functions(full)
    if not found:
        raise unknown_function(parts[0]) if len(parts) == 1 else UnknownRoutine(RoutineKind.FUNCTION, full)
    return found


class _Arguments(msgspec.Struct, frozen=True):
    """The arguments of a call: translated, and whether evaluating one twice could give two values."""

    positional: list[Typed]
    named: dict[str, Typed]
    are_volatile: bool

    @property
    def types(self) -> Given:
        return Given(
            tuple(value.type for value in self.positional),
            {name: value.type for name, value in self.named.items()},
        )


def _read_arguments(call: Call) -> _Arguments:
    if call.distinct or call.order or call.ignores_nulls:
        raise CompilationFault(f"'{call.name}' is not an aggregate function", code="002122", sqlstate="42601")
    unit = call.scope.unit
    before, unit.is_deterministic = unit.is_deterministic, True
    positional = call.values()
    named = {name: call.scope.expression(node) for name, node in call.named.items()}
    are_volatile = not unit.is_deterministic
    unit.is_deterministic = before and unit.is_deterministic
    return _Arguments(positional, named, are_volatile)


def _declared(routine: Routine, given: _Arguments, unit: Unit) -> dict[str, Typed]:
    """Return every argument that *routine* declares by name, in its declared type."""
    names = [each.name for each in routine.spec.arguments]
    values = given.named or dict(zip(names, given.positional, strict=False))
    found: dict[str, Typed] = {}
    for each in routine.spec.arguments:
        value = values.get(each.name)
        if value is None:
            value = Scope(unit).expression(_expression(each.default or "NULL"))
        found[each.name] = _as_declared(unit, value, each.type)
    return found


def _as_declared(unit: Unit, value: Typed, wanted: ColumnType) -> Typed:
    if value.type.kind is Kind.TEXT is wanted.kind and 0 < (value.type.length or 0) <= (wanted.length or 0):
        return msgspec.structs.replace(value, type=msgspec.structs.replace(wanted, is_nullable=True))
    return casts.cast(unit, value, msgspec.structs.replace(wanted, is_nullable=True))


@contextmanager
def _inside(routine: Routine, unit: Unit) -> Iterator[None]:
    """Look names up where the function is, and let it not call itself."""
    if routine.id in unit.open_functions or len(unit.open_functions) >= _MOST_LEVELS:
        raise InvalidRequest(
            f"SQL compilation error:\nThe function {routine.name} calls itself, or too many others in turn.",
            code="002141",
        )
    unit.open_functions.append(routine.id)
    before, unit.home = unit.home, routine.name.parent
    try:
        yield
    finally:
        unit.home = before
        unit.open_functions.pop()


# --- functions with one value ----------------------------------------------------------------


def compile_function(parts: list[str], call: Call) -> Typed:
    """Translate the call of a function that a user has made; raise why there is none.

    The same call comes out as the same SQL, so that what is selected is seen to be what is grouped by.
    """
    scope, unit = call.scope, call.scope.unit
    written = tuple(node.sql("snowflake") for node in (*call.arguments, *call.named.values()))
    seen = (id(scope), len(scope.sources), len(scope.merged), *(each.sql for each in scope.lambdas.values()))
    key = (seen, *parts, written, tuple(call.named))
    if key not in unit.inlined:
        overloads = _overloads(parts, unit)
        given = _read_arguments(call)
        result = _inlined(parts[-1], overloads, call, given)
        if given.are_volatile:
            return result
        unit.inlined[key] = (scope, result)
    return unit.inlined[key][1]


def _inlined(name: str, overloads: tuple[Routine, ...], call: Call, given: _Arguments) -> Typed:
    unit = call.scope.unit
    routine = choose(name, overloads, given.types)
    returns = routine.spec.returns
    if returns is None:
        raise CompilationFault(
            f"Unsupported subquery type: the table function {routine.name} may only stand in TABLE(...)",
            code="002031",
        )
    if _OPENS_BLOCK.match(routine.spec.body):
        return _evaluated(routine, call, given)
    with _inside(routine, unit):
        values = _declared(routine, given, unit)
        bound, sources = _mark(values)
        with _standing_for(sources, unit):
            body = _value_of_body(routine, bound, unit)
        result = casts.cast(unit, body, msgspec.structs.replace(returns, is_nullable=True))
    sql = result.sql
    if routine.spec.is_strict and values:
        tests = " OR ".join(f"{value.sql} IS NULL" for value in bound.values())
        sql = f"CASE WHEN {tests} THEN NULL ELSE {sql} END"
    return Typed(_put_in(f"({sql})", sources, given, unit), result.type)


def _value_of_body(routine: Routine, arguments: dict[str, Typed], unit: Unit) -> Typed:
    outer = Scope(unit)
    outer.lambdas = dict(arguments)
    body = routine.spec.body
    names = frozenset(arguments)
    is_query = _OPENS_QUERY.match(body)
    node = exp.Subquery(this=_query(body, names)) if is_query else _expression(body, names)
    # Columns of a query in the body come before arguments of the same name.
    return outer.child().expression(node)


def _mark(values: dict[str, Typed]) -> tuple[dict[str, Typed], list[str]]:
    """Return the arguments with marks in the place of the SQL of those that are more than a constant."""
    marked: dict[str, Typed] = {}
    sources: list[str] = []
    for name, value in values.items():
        if value.is_constant or value.parameter is not None:
            marked[name] = value
            continue
        mark = f"{_MARK}{len(sources)}{_MARK}"
        marked[name] = Typed(mark, value.type)
        sources.append(value.sql)
    return marked, sources


@contextmanager
def _standing_for(sources: list[str], unit: Unit) -> Iterator[None]:
    """Let :func:`without_marks` know what the marks in the body of a function stand for."""
    unit.argument_sources.append(sources)
    try:
        yield
    finally:
        unit.argument_sources.pop()


def without_marks(sql: str, unit: Unit) -> str:
    """Return *sql*, which stands in the bodies being translated, with the arguments in the place of marks."""
    for sources in reversed(unit.argument_sources):
        sql = _MARKED.sub(functools.partial(_source, sources), sql)
    return sql


def _source(sources: list[str], found: re.Match[str]) -> str:
    return f"({sources[int(found[1])]})"


def _put_in(sql: str, sources: list[str], given: _Arguments, unit: Unit) -> str:
    """Return *sql* with the arguments in the places of their marks, each evaluated once."""
    if not sources:
        return sql
    uses = [int(place) for place in _MARKED.findall(sql)]
    is_short = all(len(source) <= _LONGEST_REPEATED for source in sources)
    if (is_short and not given.are_volatile) or len(uses) == len(set(uses)):
        return _MARKED.sub(lambda found: f"({sources[int(found[1])]})", sql)
    alias = unit.alias()
    named = _MARKED.sub(lambda found: f"{alias}.a{found[1]}", sql)
    cells = [f"{source} AS a{place}" for place, source in enumerate(sources)]
    if "SELECT" in named.upper():
        return f"(SELECT {named} FROM (SELECT {', '.join(cells)}) AS {alias})"
    fields = ", ".join(f"a{place} := {source}" for place, source in enumerate(sources))
    return f"(list_transform([struct_pack({fields})], lambda {alias}: {named})[1])"


def _evaluated(routine: Routine, call: Call, given: _Arguments) -> Typed:
    """Let the host evaluate a body that is a block, now: its arguments must not depend on rows."""
    unit, returns = call.scope.unit, routine.spec.returns
    written = [*call.arguments, *call.named.values()]
    depends = any(node.find(exp.Column, exp.Identifier, exp.Query) is not None for node in written)
    if depends or given.are_volatile or returns is None or returns.kind is Kind.TIMESTAMP_TZ:
        raise Unsupported(f"a call of {render(routine.name.name)}, whose body is a block, for each row")
    unit.is_cacheable = False
    values = _declared(routine, given, unit)
    arguments = [_constant(value, unit) for value in values.values()]
    if routine.spec.is_strict and None in arguments:
        return casts.cast(unit, constant_sql(None, returns), returns)
    value = unit.context.functions.evaluate(routine, arguments)
    return casts.cast(unit, constant_sql(value, returns), msgspec.structs.replace(returns, is_nullable=True))


def _constant(value: Typed, unit: Unit) -> Any:
    """Return the value of an expression that depends on no row, as results have it."""
    if value.is_constant:
        return value.constant
    row = (unit.evaluate(value.sql, unit.parameters),)
    return convert_rows([row], [ResultColumn("", value.type)])[0][0]


# --- functions with a table ------------------------------------------------------------------


def compile_table_function(parts: list[str], call: Call) -> Query:
    """Translate the call of a table function that a user has made; raise why there is none."""
    unit = call.scope.unit
    overloads = _overloads(parts, unit)
    given = _read_arguments(call)
    routine = choose(parts[-1], overloads, given.types)
    if not routine.spec.is_table:
        raise CompilationFault(f"{routine.name} does not return a table", code="002031")
    with _inside(routine, unit):
        values = _declared(routine, given, unit)
        bound, sources = _mark(values)
        with _standing_for(sources, unit):
            query = _table_of_body(routine, bound, unit)
    return Query(_put_in_query(query.sql, sources, given, unit), query.columns)


def _table_of_body(routine: Routine, arguments: dict[str, Typed], unit: Unit) -> Query:
    outer = Scope(unit)
    outer.lambdas = dict(arguments)
    query = outer.query(_query(routine.spec.body, frozenset(arguments)))
    wanted = routine.spec.columns
    if len(wanted) != len(query.columns):
        raise CompilationFault(
            f"The function {routine.name} is declared to return {len(wanted)} column(s), but its query produces "
            f"{len(query.columns)}.",
            code="002057",
            sqlstate="42601",
        )
    alias = unit.alias()
    cells = [
        f"{casts.cast(unit, Typed(f'{alias}.c{place}', had), each.type).sql} AS c{place}"
        for place, (each, (_, had)) in enumerate(zip(wanted, query.columns, strict=True))
    ]
    sql = f"SELECT {', '.join(cells)} FROM ({query.sql}) AS {alias}"
    return Query(sql, tuple((each.name, each.type) for each in wanted))


def _put_in_query(sql: str, sources: list[str], given: _Arguments, unit: Unit) -> str:
    if not sources or not given.are_volatile:
        return _MARKED.sub(lambda found: f"({sources[int(found[1])]})", sql)
    alias, inner = unit.alias(), unit.alias()
    named = _MARKED.sub(lambda found: f"{alias}.a{found[1]}", sql)
    cells = ", ".join(f"{source} AS a{place}" for place, source in enumerate(sources))
    return f"SELECT {inner}.* FROM (SELECT {cells}) AS {alias}, LATERAL ({named}) AS {inner}"


# --- bodies ----------------------------------------------------------------------------------


@functools.lru_cache(maxsize=1024)
def _expression(text: str, names: frozenset[str] = frozenset()) -> exp.Expr:
    """Return the tree of an expression; *names* are those of the arguments that it may use."""
    tree = parse.parse(f"SELECT {text}")
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or tree.args.get("from_") is not None:
        raise CompilationFault("the body of a function must be one expression or one query", code="001003")
    found: exp.Expr = tree.expressions[0]
    _refuse_placeholders(found)
    for node in found.find_all(exp.Window, exp.Anonymous):
        if (isinstance(node, exp.Window) or _is_aggregate(node)) and node.find_ancestor(exp.Query) is tree:
            raise Unsupported(f"{_shown(node)} over the rows of its caller in the body of a function")
    _part(tree, names)
    found = tree.expressions[0]
    return found.this if isinstance(found, exp.Alias) else found


@functools.lru_cache(maxsize=1024)
def _query(text: str, names: frozenset[str]) -> exp.Expr:
    """Return the tree of a query; *names* are those of the arguments that it may use."""
    tree = parse.parse(text)
    if not isinstance(tree, exp.Query | exp.Values):
        raise CompilationFault("the body of a table function must be a query", code="001003")
    _refuse_placeholders(tree)
    _part(tree, names)
    return tree


def _part(tree: exp.Expr, names: frozenset[str]) -> None:
    """Put arguments that aggregates take into queries of their own.

    DuckDB takes an aggregate over nothing but columns of the query around for that query's own.
    """
    for call in [node for node in tree.find_all(exp.Anonymous) if _is_aggregate(node)]:
        for column in list(call.find_all(exp.Column)):
            if column.args.get("table") is None and fold_identifier(column.this) in names:
                column.replace(exp.Subquery(this=exp.Select(expressions=[column.copy()])))


def _is_aggregate(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and not is_quoted(node) and _own_name(node) in AGGREGATES


def _shown(node: exp.Expr) -> str:
    return "a window function" if isinstance(node, exp.Window) else _own_name(node)


def _refuse_placeholders(tree: exp.Expr) -> None:
    if tree.find(exp.Placeholder) is not None:
        raise CompilationFault("a bind value may not stand in the body of a function", code="001003")
