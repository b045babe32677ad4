"""SHOW and DESCRIBE of what the engine holds: tables, views, sequences, columns."""

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec

from clockmill.core.errors import NotFound
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.engine.protocol import Relation
from clockmill.engine.result import ColumnType, Kind, Result, ResultColumn
from clockmill.session.execution import Execution
from clockmill.session.handlers.listing import columns, filtered, listing
from clockmill.session.handlers.scope import schemas_in, where
from clockmill.session.handlers.streams import describe_stream
from clockmill.session.handlers.tasks import describe_task
from clockmill.session.handlers.types import type_name
from clockmill.sql.parser import Reference
from clockmill.sql.show import Describe, Scope, Show, Subject

_TERSE: Final = columns("created_on:when name kind database_name schema_name")
_TABLES: Final = columns(
    "created_on:when name database_name schema_name kind comment cluster_by rows:number bytes:number owner "
    "retention_time automatic_clustering change_tracking is_external enable_schema_evolution owner_role_type "
    "is_event budget is_hybrid is_iceberg is_dynamic is_immutable"
)
_VIEWS: Final = columns(
    "created_on:when name reserved database_name schema_name owner comment text is_secure is_materialized "
    "owner_role_type change_tracking"
)
_OBJECTS: Final = columns(
    "created_on:when name database_name schema_name kind comment cluster_by rows:number bytes:number owner "
    "retention_time owner_role_type budget is_hybrid is_dynamic is_iceberg"
)
_SEQUENCES: Final = columns(
    "name database_name schema_name next_value:number interval:number created_on:when owner comment "
    "owner_role_type ordered"
)
_COLUMNS: Final = columns(
    "table_name schema_name column_name data_type null? default kind expression comment database_name "
    "autoincrement"
)
_DESCRIPTION: Final = columns(
    "name type kind null? default primary_key+ unique_key+ check expression comment policy_name+ "
    "privacy_domain+"
)
_MEMBERS: Final = columns("created_on:when name kind")

_TABLE_KINDS: Final = frozenset({"TABLE", "TRANSIENT", "TEMPORARY"})
_WITHOUT_COLUMNS: Final = frozenset({"SEQUENCE", "STREAM"})
_KINDS_OF: Final = {
    Subject.TABLES: _TABLE_KINDS,
    Subject.VIEWS: frozenset({"VIEW"}),
    Subject.OBJECTS: _TABLE_KINDS | {"VIEW"},
    Subject.SEQUENCES: frozenset({"SEQUENCE"}),
}


class _Found(msgspec.Struct, frozen=True):
    schema: SchemaName
    relation: Relation


def show_relations(run: Execution, statement: Show) -> Result:
    """List tables, views, both, or sequences."""
    kinds = _KINDS_OF[statement.subject]
    every = [each for each in _relations(run, statement) if each.relation.kind in kinds]
    found = filtered(statement, every, lambda each: each.relation.name)
    if statement.terse:
        return listing(_TERSE, [_terse(each) for each in found])
    wanted, row = _SHAPES[statement.subject]
    return listing(wanted, [row(each) for each in found])


def show_columns(run: Execution, statement: Show) -> Result:
    """List the columns of a table or view, or of all in a schema, database or the account."""
    if statement.scope in (Scope.TABLE, Scope.VIEW) and statement.scope_name is not None:
        names = [run.object_name(statement.scope_name)]
    else:
        found = [each for each in _relations(run, statement) if each.relation.kind not in _WITHOUT_COLUMNS]
        names = [each.schema.object(each.relation.name) for each in found]
    every = [(name, column) for name in names for column in _columns_of(run, name)]
    kept = filtered(statement, every, lambda each: each[1].name)
    return listing(
        _COLUMNS,
        [
            (
                *(name.name, name.schema, column.name, _as_json(column.type)),
                *(str(column.type.is_nullable).lower(), "", "COLUMN", "", "", name.database, ""),
            )
            for name, column in kept
        ],
    )


def describe(run: Execution, statement: Describe) -> Result:
    """Describe a table or view by its columns, a database or schema by what it holds, and so on."""
    match statement.kind:
        case "TASK":
            return describe_task(run, statement.name)
        case "STREAM":
            return describe_stream(run, statement.name)
        case "DATABASE":
            return _describe_database(run, statement.name)
        case "SCHEMA":
            return _describe_schema(run, statement.name)
        case "WAREHOUSE":
            found = run.services.warehouses.fetch_warehouse(run.caller, run.plain_name(statement.name))
            return listing(_MEMBERS, [(found.created_on, found.name, "WAREHOUSE")])
    described = _columns_of(run, run.object_name(statement.name))
    return listing(_DESCRIPTION, [_description(column) for column in described])


def _describe_database(run: Execution, name: Reference) -> Result:
    found = run.services.catalog.list_schemas(run.caller, run.plain_name(name))
    return listing(_MEMBERS, [(each.created_on, each.name.schema, "SCHEMA") for each in found])


def _describe_schema(run: Execution, name: Reference) -> Result:
    schema = run.schema_name(name)
    found = run.services.engine.relations(run.services.namespaces.namespace(schema))
    return listing(_MEMBERS, [(each.created_on, each.name, _shown_kind(each)) for each in found])


# --- reading the engine ----------------------------------------------------------------------


def _relations(run: Execution, statement: Show) -> list[_Found]:
    found: list[_Found] = []
    for schema in schemas_in(run, where(run, statement)):
        namespace = run.services.namespaces.namespace(schema)
        found += [_Found(schema, each) for each in run.services.engine.relations(namespace)]
    return found


def _columns_of(run: Execution, name: QualifiedName) -> tuple[ResultColumn, ...]:
    """Return the columns of a table or view, as a query of all of them would have them."""
    run.services.namespaces.namespace(name.parent)
    result = run.ask_engine(f"SELECT * FROM {name}", describe_only=True)
    if not result.columns:
        raise NotFound("Object", name)
    return result.columns


# --- rows ------------------------------------------------------------------------------------


def _shown_kind(relation: Relation) -> str:
    return "TABLE" if relation.kind in _TABLE_KINDS else relation.kind


def _terse(each: _Found) -> tuple[Any, ...]:
    relation = each.relation
    return (
        *(relation.created_on, relation.name, _shown_kind(relation)),
        *(each.schema.database, each.schema.schema),
    )


def _table(each: _Found) -> tuple[Any, ...]:
    relation, schema = each.relation, each.schema
    return (
        *(relation.created_on, relation.name, schema.database, schema.schema, relation.kind),
        *(relation.comment or "", "", relation.rows, None, relation.owner, "1", "OFF", "OFF", "N", "N"),
        *("ROLE", "N", None, "N", "N", "N", "N"),
    )


def _view(each: _Found) -> tuple[Any, ...]:
    relation, schema = each.relation, each.schema
    return (
        *(relation.created_on, relation.name, "", schema.database, schema.schema, relation.owner),
        *(relation.comment or "", relation.text or "", "false", "false", "ROLE", "OFF"),
    )


def _object(each: _Found) -> tuple[Any, ...]:
    relation, schema = each.relation, each.schema
    return (
        *(relation.created_on, relation.name, schema.database, schema.schema, relation.kind),
        *(relation.comment or "", "", relation.rows, None, relation.owner, "1", "ROLE", None, "N", "N", "N"),
    )


def _sequence(each: _Found) -> tuple[Any, ...]:
    relation, schema = each.relation, each.schema
    return (
        *(relation.name, schema.database, schema.schema, None, None, relation.created_on, relation.owner),
        *(relation.comment or "", "ROLE", "N"),
    )


_SHAPES: Final[dict[Subject, tuple[tuple[ResultColumn, ...], Callable[[_Found], tuple[Any, ...]]]]] = {
    Subject.TABLES: (_TABLES, _table),
    Subject.VIEWS: (_VIEWS, _view),
    Subject.OBJECTS: (_OBJECTS, _object),
    Subject.SEQUENCES: (_SEQUENCES, _sequence),
}


def _description(column: ResultColumn) -> tuple[Any, ...]:
    nullable = "Y" if column.type.is_nullable else "N"
    return (
        *(column.name, type_name(column.type), "COLUMN", nullable, None, "N", "N"),
        *(None, None, None, None, None),
    )


def _as_json(of: ColumnType) -> str:
    """Write a type as the data_type column of SHOW COLUMNS does."""
    said: dict[str, Any] = {"type": of.kind.upper(), "nullable": of.is_nullable}
    if of.kind is Kind.FIXED:
        said |= {"precision": of.precision or 38, "scale": of.scale or 0}
    if of.kind is Kind.TEXT:
        length = of.length or 16_777_216
        said |= {"length": length, "byteLength": min(4 * length, 16_777_216), "fixed": False}
    return json.dumps(said, separators=(",", ":"))
