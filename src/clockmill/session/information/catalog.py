"""The rows of the views that list databases, schemas and what is in them."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from clockmill.core.catalog import INFORMATION_SCHEMA, SYSTEM_DATABASE, Database, Permanence, Schema
from clockmill.engine.protocol import Relation, RelationColumn
from clockmill.engine.result import ColumnType, Kind
from clockmill.session.execution import Execution
from clockmill.session.information.shapes import Row, number_of, yes
from clockmill.session.information.system import SystemView, system_schemas

_RETENTION_DAYS: Final = 1
_TABLES: Final = frozenset({"TABLE", "TRANSIENT", "TEMPORARY"})


class Placed(msgspec.Struct, frozen=True):
    """A table, view or sequence, and the schema that it is in."""

    schema: Schema
    relation: Relation


def databases(run: Execution) -> list[Database]:
    return run.services.catalog.list_databases(run.caller)


def schemas(run: Execution, database: str | None) -> list[Schema]:
    """Return the schemas of *database*, or of the account; the system's are not among them."""
    if database == SYSTEM_DATABASE:
        return []
    return run.services.catalog.list_schemas(run.caller, database)


def relations(run: Execution, database: str | None, *, counted: bool = False) -> Iterator[Placed]:
    """Return what is in the schemas of *database*, or of the account; the rows of tables if *counted*."""
    for schema in schemas(run, database):
        lasting = run.services.engine.relations(schema.id, counted=counted)
        for relation in [*lasting, *run.link.temporary_relations(schema.id)]:
            yield Placed(schema, relation)


# --- databases and schemas ---------------------------------------------------------------------


def database_rows(run: Execution, _: str | None) -> Iterable[Row]:
    """Every database of the account, whichever is looked into."""
    return [_database(each) for each in databases(run)]


def _database(each: Database) -> Row:
    return {
        "DATABASE_ID": number_of(each.name),
        "DATABASE_NAME": each.name,
        "DATABASE_OWNER": each.owner,
        "IS_TRANSIENT": yes(each.spec.kind is Permanence.TRANSIENT),
        "COMMENT": each.spec.comment,
        "CREATED": each.created_on,
        "LAST_ALTERED": each.created_on,
        "RETENTION_TIME": _retention(each.spec.data_retention_time_in_days),
        "TYPE": "STANDARD",
        "OWNER_ROLE_TYPE": "ROLE",
    }


def schema_rows(run: Execution, database: str | None) -> Iterable[Row]:
    rows = [_schema(each) for each in schemas(run, database)]
    if database is not None:
        rows += [_system_schema(database, name) for name in system_schemas(database)]
    return sorted(rows, key=lambda row: (row["CATALOG_NAME"], row["SCHEMA_NAME"]))


def _schema(each: Schema) -> Row:
    return {
        "SCHEMA_ID": number_of(str(each.name)),
        "CATALOG_ID": number_of(each.name.database),
        "SCHEMA_NAME": each.name.schema,
        "CATALOG_NAME": each.name.database,
        "SCHEMA_OWNER": each.owner,
        "IS_TRANSIENT": yes(each.spec.kind is Permanence.TRANSIENT),
        "IS_MANAGED_ACCESS": yes(each.spec.managed_access),
        "RETENTION_TIME": _retention(each.spec.data_retention_time_in_days),
        "CREATED": each.created_on,
        "LAST_ALTERED": each.created_on,
        "COMMENT": each.spec.comment,
        "SCHEMA_TYPE": "STANDARD",
        "OWNER_ROLE_TYPE": "ROLE",
    }


def _system_schema(database: str, name: str) -> Row:
    return {
        "SCHEMA_NAME": name,
        "CATALOG_NAME": database,
        "IS_TRANSIENT": "NO",
        "IS_MANAGED_ACCESS": "NO",
        "RETENTION_TIME": _RETENTION_DAYS,
        "COMMENT": "Views describing the contents of schemas in this database"
        if name == INFORMATION_SCHEMA
        else None,
    }


def _retention(days: int | None) -> int:
    return _RETENTION_DAYS if days is None else days


# --- tables, views, sequences ------------------------------------------------------------------


def table_rows(run: Execution, database: str | None) -> Iterable[Row]:
    for each in relations(run, database, counted=True):
        if each.relation.kind in _TABLES:
            yield _table(each) | {
                "TABLE_TYPE": "TEMPORARY TABLE" if each.relation.kind == "TEMPORARY" else "BASE TABLE"
            }
        elif each.relation.kind == "VIEW":
            yield _table(each) | {"TABLE_TYPE": "VIEW", "RETENTION_TIME": None, "AUTO_CLUSTERING_ON": None}


def system_table_rows(views: Iterable[SystemView]) -> Iterable[Row]:
    return [{**_placed(view), "TABLE_TYPE": "VIEW"} for view in views]


def _table(each: Placed) -> dict[str, Any]:
    relation = each.relation
    return {
        **_place(each),
        "IS_TRANSIENT": yes(relation.kind == "TRANSIENT"),
        "ROW_COUNT": relation.rows,
        "RETENTION_TIME": _RETENTION_DAYS,
        "IS_INSERTABLE_INTO": yes(relation.kind != "VIEW"),
        "IS_TYPED": "YES",
        "AUTO_CLUSTERING_ON": "NO",
        "IS_TEMPORARY": yes(relation.kind == "TEMPORARY"),
        "IS_ICEBERG": "NO",
        "IS_DYNAMIC": "NO",
        "IS_IMMUTABLE": "NO",
        "IS_HYBRID": "NO",
    }


def view_rows(run: Execution, database: str | None) -> Iterable[Row]:
    for each in relations(run, database):
        if each.relation.kind == "VIEW":
            yield {
                **_place(each),
                "VIEW_DEFINITION": each.relation.text,
                "CHECK_OPTION": "NONE",
                "IS_UPDATABLE": "NO",
                "INSERTABLE_INTO": "NO",
                "IS_SECURE": "NO",
            }


def system_view_rows(views: Iterable[SystemView]) -> Iterable[Row]:
    return [{**_placed(view), "IS_SECURE": "NO"} for view in views]


def _place(each: Placed) -> dict[str, Any]:
    relation, schema = each.relation, each.schema
    return {
        "TABLE_ID": number_of(f"{schema.id} {relation.name} {relation.created_on}"),
        "TABLE_CATALOG": schema.name.database,
        "TABLE_SCHEMA": schema.name.schema,
        "TABLE_SCHEMA_ID": number_of(str(schema.name)),
        "TABLE_CATALOG_ID": number_of(schema.name.database),
        "TABLE_NAME": relation.name,
        "TABLE_OWNER": relation.owner,
        "CREATED": relation.created_on,
        "LAST_ALTERED": relation.created_on,
        "LAST_DDL": relation.created_on,
        "COMMENT": relation.comment,
        "OWNER_ROLE_TYPE": "ROLE",
    }


def _placed(view: SystemView) -> dict[str, Any]:
    return {
        "TABLE_CATALOG": view.database,
        "TABLE_SCHEMA": view.schema,
        "TABLE_NAME": view.name,
    }


def sequence_rows(run: Execution, database: str | None) -> Iterable[Row]:
    for each in relations(run, database):
        relation = each.relation
        if relation.kind == "SEQUENCE":
            yield {
                "SEQUENCE_CATALOG": each.schema.name.database,
                "SEQUENCE_SCHEMA": each.schema.name.schema,
                "SEQUENCE_NAME": relation.name,
                "SEQUENCE_OWNER": relation.owner,
                "DATA_TYPE": "NUMBER",
                "NUMERIC_PRECISION": 38,
                "NUMERIC_PRECISION_RADIX": 10,
                "NUMERIC_SCALE": 0,
                "START_VALUE": _text(relation.start),
                "NEXT_VALUE": _text(relation.next_value),
                "INCREMENT": _text(relation.increment),
                "CYCLE_OPTION": "NO",
                "CREATED": relation.created_on,
                "LAST_ALTERED": relation.created_on,
                "ORDERED": "YES",
                "COMMENT": relation.comment,
            }


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


# --- columns -----------------------------------------------------------------------------------


def column_rows(run: Execution, database: str | None) -> Iterable[Row]:
    for each in relations(run, database):
        if each.relation.kind in _TABLES or each.relation.kind == "VIEW":
            place = _place(each)
            for position, column in enumerate(each.relation.columns, 1):
                yield {**place, **_column(column, position)}


def system_column_rows(views: Iterable[SystemView]) -> Iterable[Row]:
    for view in views:
        for position, shown in enumerate(view.columns, 1):
            column = RelationColumn(name=shown.name, type=shown.type)
            yield {**_placed(view), **_column(column, position)}


def _column(column: RelationColumn, position: int) -> dict[str, Any]:
    identity = column.identity
    return {
        "COLUMN_NAME": column.name,
        "ORDINAL_POSITION": position,
        "COLUMN_DEFAULT": column.default,
        "IS_NULLABLE": yes(column.type.is_nullable),
        **typed(column.type),
        "IS_SELF_REFERENCING": "NO",
        "IS_IDENTITY": yes(identity),
        "IDENTITY_GENERATION": "BY DEFAULT" if identity else None,
        "IDENTITY_START": str(identity[0]) if identity else None,
        "IDENTITY_INCREMENT": str(identity[1]) if identity else None,
        "IDENTITY_CYCLE": "NO" if identity else None,
        "IDENTITY_ORDERED": "YES" if identity else None,
        "COMMENT": column.comment,
        "KIND": "COLUMN",
    }


_MOST_BYTES: Final = 16_777_216
_NAMES: Final = {Kind.FIXED: "NUMBER", Kind.REAL: "FLOAT"}


def typed(of: ColumnType) -> dict[str, Any]:
    """Return what the views say of a data type, each part in a column of its own."""
    said: dict[str, Any] = {"DATA_TYPE": _NAMES.get(of.kind, of.kind.upper())}
    match of.kind:
        case Kind.FIXED:
            said |= {
                "NUMERIC_PRECISION": of.precision or 38,
                "NUMERIC_PRECISION_RADIX": 10,
                "NUMERIC_SCALE": of.scale or 0,
            }
        case Kind.TEXT:
            length = of.length or _MOST_BYTES
            said |= {
                "CHARACTER_MAXIMUM_LENGTH": length,
                "CHARACTER_OCTET_LENGTH": min(4 * length, _MOST_BYTES),
            }
        case Kind.BINARY:
            length = of.length or _MOST_BYTES // 2
            said |= {"CHARACTER_MAXIMUM_LENGTH": length, "CHARACTER_OCTET_LENGTH": length}
        case Kind.TIME | Kind.TIMESTAMP_NTZ | Kind.TIMESTAMP_LTZ | Kind.TIMESTAMP_TZ:
            said["DATETIME_PRECISION"] = 9 if of.scale is None else of.scale
    return said
