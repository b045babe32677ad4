"""Tables of the host after FROM: views by name, and table functions with their arguments."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlglot import exp

from clockmill.core.catalog import INFORMATION_SCHEMA
from clockmill.core.errors import InternalFault, InvalidRequest, Unsupported
from clockmill.core.names import QualifiedName
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.host_rows import unnested
from clockmill.engine.duckdb.parse import CALL_MARK
from clockmill.engine.duckdb.results import convert_rows
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.bounds import bounds_of
from clockmill.engine.duckdb.translate.routines import without_marks
from clockmill.engine.duckdb.translate.scope import Query, Scope
from clockmill.engine.duckdb.translate.unit import Parameter, Unit, fold_identifier
from clockmill.engine.protocol import HostTable
from clockmill.engine.result import TEXT, ColumnType, ResultColumn


def host_view(node: exp.Table, parts: list[str], alias: str | None, unit: Unit) -> Query | None:
    """Return the rows of the host's view of this name, or None if it is not the host's.

    *node* stands where it is asked for, and is known as *alias* there.
    """
    tables = unit.context.tables
    if tables is None:
        return None
    table = HostTable(name=_completed(parts, unit))
    columns = tables.columns(table)
    if columns is None:
        return None
    # A name that the session completes may lead elsewhere another time.
    unit.is_cacheable = unit.is_cacheable and len(table.name) == _FULL
    bounds = bounds_of(node, alias or parts[-1], columns, unit)
    return _query(msgspec.structs.replace(table, bounds=bounds), columns, unit)


def host_name(parts: list[str], unit: Unit) -> QualifiedName | None:
    """Return the full name of a view of the host, by which its columns may be called."""
    full = _completed(parts, unit)
    return QualifiedName(*full) if len(full) == _FULL else None


def host_function(node: exp.Expr, scope: Scope) -> Query | None:
    """Return the rows of the host's table function that *node* calls, or None if it is not the host's."""
    tables, call = scope.unit.context.tables, _read_call(node)
    if tables is None or call is None:
        return None
    # A name alone is a function that is everywhere, before it is one of the current schema.
    for name in (_completed(call.name, scope.unit), tuple(call.name))[:: 1 if len(call.name) > 1 else -1]:
        parameters = tables.parameters(name)
        if parameters is not None:
            return _called(HostTable(name=name, arguments=_arguments(call, parameters, scope)), scope.unit)
    return None


class _HostCall(msgspec.Struct, frozen=True):
    name: list[str]
    arguments: list[exp.Expr]


def _called(table: HostTable, unit: Unit) -> Query | None:
    tables = unit.context.tables
    columns = tables.columns(table) if tables is not None else None
    # What is not the same everywhere may be replaced by something with other columns.
    unit.is_cacheable = unit.is_cacheable and (len(table.name) == 1 or table.name[-2] == INFORMATION_SCHEMA)
    unit.is_cacheable = unit.is_cacheable and len(table.name) != _FULL - 1
    return None if columns is None else _query(table, columns, unit)


def _query(table: HostTable, columns: tuple[ResultColumn, ...], unit: Unit) -> Query:
    kinds = tuple(column.type for column in columns)
    json = unit.parameter(Parameter("table", ".".join(table.name), (table, kinds)), TEXT)
    return Query(unnested(json.sql, kinds), tuple((column.name, column.type) for column in columns))


_FULL: Final = 3
"""Parts of a name that leaves nothing to the session."""


def _completed(parts: list[str], unit: Unit) -> tuple[str, ...]:
    """Return the name with what the home of the statement says of it: nothing without one."""
    home = unit.home
    if home is None or len(parts) == _FULL:
        return tuple(parts)
    return (home.database, *parts) if len(parts) > 1 else (home.database, home.schema, *parts)


def _read_call(node: exp.Expr) -> _HostCall | None:
    """Return the name that is called, its parts folded, with the arguments as written."""
    before: list[str] = []
    if isinstance(node, exp.Dot):
        before, node = _dotted(node.this), node.expression
    if not isinstance(node, exp.Anonymous):
        return None
    return _HostCall([*before, str(node.this).removeprefix(CALL_MARK).upper()], node.expressions)


def _dotted(node: exp.Expr) -> list[str]:
    if isinstance(node, exp.Dot):
        return [*_dotted(node.this), fold_identifier(node.expression)]
    return [fold_identifier(node)]


def _arguments(
    call: _HostCall, parameters: Mapping[str, ColumnType], scope: Scope
) -> tuple[tuple[str, Any], ...]:
    given = _given(call, list(parameters))
    return tuple((name, _argument(node, parameters[name], scope)) for name, node in given.items())


def _given(call: _HostCall, parameters: list[str]) -> dict[str, exp.Expr]:
    """Return the arguments that are written, by the names of their parameters."""
    given: dict[str, exp.Expr] = {}
    name = call.name[-1]
    for place, argument in enumerate(call.arguments):
        if isinstance(argument, exp.Kwarg):
            parameter, value = argument.this.name.upper(), argument.expression
        elif place < len(parameters) and len(given) == place:
            parameter, value = parameters[place], argument
        else:
            raise CompilationFault(
                f"too many arguments for function [{name}] expected {len(parameters)}, "
                f"got {len(call.arguments)}",
                code="000939",
                sqlstate="22023",
            )
        if parameter not in parameters or parameter in given:
            raise InvalidRequest(
                f"SQL compilation error:\ninvalid argument name '{parameter}' for function [{name}]",
                code="001006",
                sqlstate="42601",
            )
        given[parameter] = value
    return given


def _argument(node: exp.Expr, kind: ColumnType, scope: Scope) -> Any:
    """Return the value of an argument, which depends on no row, as the parameter's type."""
    unit = scope.unit
    if unit.context.describe_only and node.find(exp.Column) is not None:
        scope.expression(node)  # an argument of the function that is being made has no value yet
        return None
    value = casts.cast(unit, _arguments_alone(scope).expression(node), kind)
    if types.is_null(value.type):
        return None
    if value.is_constant and value.type == kind:
        return value.constant
    if not isinstance(node, exp.Literal | exp.Boolean):
        unit.is_cacheable = False
    rows = convert_rows([(_evaluated(value.sql, unit),)], [ResultColumn("", kind)])
    return rows[0][0]


def _arguments_alone(scope: Scope) -> Scope:
    """Return a scope with the arguments of the function in whose body *scope* is, and nothing else."""
    alone, outermost = Scope(scope.unit), scope
    while outermost.parent is not None:
        outermost = outermost.parent
    alone.lambdas = outermost.lambdas
    return alone


def _evaluated(sql: str, unit: Unit) -> Any:
    given = without_marks(sql, unit)
    try:
        return unit.evaluate(given, unit.parameters)
    except (InternalFault, Unsupported):
        if given == sql:
            raise
        raise Unsupported("a table function of the account with arguments that differ by row") from None
