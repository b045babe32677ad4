"""SHOW of what the engine holds: tables, views, sequences and their columns."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from clockmill.core.names import SchemaName
from clockmill.engine.protocol import Relation, RelationColumn
from clockmill.engine.result import ColumnType, Kind, Result, ResultColumn
from clockmill.session.execution import Execution
from clockmill.session.handlers.listing import DROPPED, columns, filtered, listing
from clockmill.session.handlers.relation_columns import columns_of, default_of
from clockmill.session.handlers.scope import schemas_in, where
from clockmill.session.information.system import system_schemas
from clockmill.session.information.views import system_views
from clockmill.sql.show import Scope, Show, Subject

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
SEQUENCES: Final = columns(
    "name database_name schema_name next_value:number interval:number created_on:when owner comment "
    "owner_role_type ordered"
)
_COLUMNS: Final = columns(
    "table_name schema_name column_name data_type null? default kind expression comment database_name "
    "autoincrement"
)
_TABLE_KINDS: Final = frozenset({"TABLE", "TRANSIENT", "TEMPORARY"})
_WITHOUT_COLUMNS: Final = frozenset({"SEQUENCE", "STREAM"})
_KINDS_OF: Final = {
    Subject.TABLES: _TABLE_KINDS,
    Subject.VIEWS: frozenset({"VIEW"}),
    Subject.OBJECTS: _TABLE_KINDS | {"VIEW"},
    Subject.SEQUENCES: frozenset({"SEQUENCE"}),
}


class Found(msgspec.Struct, frozen=True):
    """A relation, and the schema that it is in."""

    schema: SchemaName
    relation: Relation


def show_relations(run: Execution, statement: Show) -> Result:
    """List tables, views, both, or sequences."""
    kinds = _KINDS_OF[statement.subject]
    every = [each for each in _looked_at(run, statement) if each.relation.kind in kinds]
    found = filtered(statement, every, lambda each: each.relation.name)
    if statement.terse:
        return listing(_TERSE, [_terse(each) for each in found])
    wanted, row = _SHAPES[statement.subject]
    if statement.history and statement.subject is Subject.TABLES:
        return listing((*wanted, DROPPED), [(*row(each), None) for each in found])
    return listing(wanted, [row(each) for each in found])


def show_columns(run: Execution, statement: Show) -> Result:
    """List the columns of a table or view, or of all in a schema, database or the account."""
    every = [(each, column) for each in _with_columns(run, statement) for column in each.relation.columns]
    kept = filtered(statement, every, lambda each: each[1].name)
    return listing(_COLUMNS, [_shown_column(each, column) for each, column in kept])


def _with_columns(run: Execution, statement: Show) -> list[Found]:
    if statement.scope in (Scope.TABLE, Scope.VIEW) and statement.scope_name is not None:
        name = run.object_name(statement.scope_name)
        relation = Relation(name=name.name, kind="TABLE", columns=tuple(columns_of(run, name)))
        return [Found(name.parent, relation)]
    return [each for each in _looked_at(run, statement) if each.relation.kind not in _WITHOUT_COLUMNS]


# --- reading the engine ----------------------------------------------------------------------


def _looked_at(run: Execution, statement: Show) -> Iterable[Found]:
    counted = statement.subject in (Subject.TABLES, Subject.OBJECTS) and not statement.terse
    return [
        each
        for schema in schemas_in(run, where(run, statement))
        for each in relations_in(run, schema, counted=counted)
    ]


def relations_in(run: Execution, schema: SchemaName, *, counted: bool = False) -> list[Found]:
    """Return what is in *schema*, by name; the views of the system where it is one of the system's."""
    if schema.schema in system_schemas(schema.database):
        return [Found(schema, each) for each in _of_system(run, schema)]
    namespace = run.services.namespaces.namespace(schema)
    lasting = run.services.engine.relations(namespace, counted=counted)
    temporary = run.link.temporary_relations(namespace)
    return [Found(schema, each) for each in sorted([*lasting, *temporary], key=lambda each: each.name)]


def _of_system(run: Execution, schema: SchemaName) -> list[Relation]:
    return [
        Relation(
            name=view.name,
            kind="VIEW",
            owner="",
            created_on=run.now,
            columns=tuple(RelationColumn(name=column.name, type=column.type) for column in view.columns),
        )
        for view in system_views(schema.database)
        if view.schema == schema.schema
    ]


# --- rows ------------------------------------------------------------------------------------


def shown_kind(relation: Relation) -> str:
    """Return the kind as listings of members say it."""
    return "TABLE" if relation.kind in _TABLE_KINDS else relation.kind


def _terse(each: Found) -> tuple[Any, ...]:
    relation = each.relation
    return (
        *(relation.created_on, relation.name, shown_kind(relation)),
        *(each.schema.database, each.schema.schema),
    )


def _table(each: Found) -> tuple[Any, ...]:
    relation, schema = each.relation, each.schema
    return (
        *(relation.created_on, relation.name, schema.database, schema.schema, relation.kind),
        *(relation.comment or "", "", relation.rows, None, relation.owner, "1", "OFF"),
        *("ON" if relation.is_tracked else "OFF", "N", "N", "ROLE", "N", None, "N", "N", "N", "N"),
    )


def _view(each: Found) -> tuple[Any, ...]:
    relation, schema = each.relation, each.schema
    return (
        *(relation.created_on, relation.name, "", schema.database, schema.schema, relation.owner),
        *(relation.comment or "", relation.text or "", "false", "false", "ROLE", "OFF"),
    )


def _object(each: Found) -> tuple[Any, ...]:
    relation, schema = each.relation, each.schema
    return (
        *(relation.created_on, relation.name, schema.database, schema.schema, shown_kind(relation)),
        *(relation.comment or "", "", relation.rows, None, relation.owner, "1", "ROLE", None, "N", "N", "N"),
    )


def sequence_row(each: Found) -> tuple[Any, ...]:
    """Return the row of a sequence under SEQUENCES."""
    relation, schema = each.relation, each.schema
    return (
        *(relation.name, schema.database, schema.schema, relation.next_value, relation.increment),
        *(relation.created_on, relation.owner, relation.comment or "", "ROLE", "N"),
    )


_SHAPES: Final[dict[Subject, tuple[tuple[ResultColumn, ...], Callable[[Found], tuple[Any, ...]]]]] = {
    Subject.TABLES: (_TABLES, _table),
    Subject.VIEWS: (_VIEWS, _view),
    Subject.OBJECTS: (_OBJECTS, _object),
    Subject.SEQUENCES: (SEQUENCES, sequence_row),
}


def _shown_column(each: Found, column: RelationColumn) -> tuple[Any, ...]:
    counting = default_of(column) if column.identity is not None else ""
    return (
        *(each.relation.name, each.schema.schema, column.name, _as_json(column.type)),
        *(str(column.type.is_nullable).lower(), default_of(column) or "", "COLUMN", "", column.comment or ""),
        *(each.schema.database, counting),
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
