"""Queries on databases and schemas, and on all that goes when one of them is dropped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from clockmill.core.catalog import Database, DatabaseSpec, Schema, SchemaSpec
from clockmill.core.names import SchemaName
from clockmill.store import skipped_fires
from clockmill.store.database import Transaction
from clockmill.store.tables import (
    databases,
    graph_runs,
    roots,
    routines,
    schemas,
    tag_assignments,
    tags,
    tasks,
)

_DATABASES: Final = select(
    databases.c.id,
    databases.c.name,
    databases.c.owner,
    databases.c.comment,
    databases.c.options,
    databases.c.created_on,
)
_DATABASE: Final = _DATABASES.where(databases.c.name == bindparam("name"))
_SCHEMAS: Final = select(
    schemas.c.id,
    schemas.c.name,
    schemas.c.owner,
    schemas.c.comment,
    schemas.c.options,
    schemas.c.created_on,
    databases.c.name,
).select_from(databases.join(schemas, schemas.c.database_id == databases.c.id))
_SCHEMAS_OF: Final = _SCHEMAS.where(databases.c.name == bindparam("database"))
_SCHEMA: Final = _SCHEMAS_OF.where(schemas.c.name == bindparam("schema"))
_NAMESPACE: Final = (
    select(databases.c.id, schemas.c.id)
    .select_from(
        databases.outerjoin(
            schemas, (schemas.c.database_id == databases.c.id) & (schemas.c.name == bindparam("schema"))
        )
    )
    .where(databases.c.name == bindparam("database"))
)
_NAMESPACES: Final = select(schemas.c.id)
_NAMESPACES_OF: Final = select(schemas.c.id).where(schemas.c.database_id == bindparam("id"))

Spec = TypeVar("Spec", bound=DatabaseSpec)


# --- finding -----------------------------------------------------------------------------------


def find_database(tx: Transaction, name: str) -> Database | None:
    """Return the database called *name*, or None."""
    row = tx.execute(_DATABASE, {"name": name}).first()
    return None if row is None else _database(row)


def list_databases(tx: Transaction) -> list[Database]:
    """Return every database, by name."""
    # Sorted here, because databases differ in how they compare text.
    return sorted(map(_database, tx.execute(_DATABASES)), key=lambda each: each.name)


def find_schema(tx: Transaction, name: SchemaName) -> Schema | None:
    """Return the schema *name*, or None if it or its database does not exist."""
    row = tx.execute(_SCHEMA, {"database": name.database, "schema": name.schema}).first()
    return None if row is None else _schema(row)


def list_schemas(tx: Transaction, database: str | None) -> list[Schema]:
    """Return the schemas of *database*, or of the account, by database and name."""
    rows = tx.execute(_SCHEMAS) if database is None else tx.execute(_SCHEMAS_OF, {"database": database})
    return sorted(map(_schema, rows), key=lambda each: each.name)


def find_namespace(tx: Transaction, name: SchemaName) -> tuple[str | None, str | None]:
    """Return the ids of the database and of the schema, each None if it does not exist."""
    row = tx.execute(_NAMESPACE, {"database": name.database, "schema": name.schema}).first()
    return (None, None) if row is None else (row[0], row[1])


def list_namespaces(tx: Transaction, database_id: str | None = None) -> list[str]:
    """Return the ids of the schemas of a database, or of the account."""
    query = _NAMESPACES if database_id is None else _NAMESPACES_OF
    return list(tx.execute(query, {} if database_id is None else {"id": database_id}).scalars())


# --- changing ----------------------------------------------------------------------------------

_INSERT_DATABASE: Final = insert(databases)
_INSERT_SCHEMA: Final = insert(schemas)
_UPDATE_DATABASE: Final = (
    update(databases)
    .where(databases.c.id == bindparam("key"))
    .values(comment=bindparam("new_comment"), options=bindparam("new_options"))
)
_UPDATE_SCHEMA: Final = (
    update(schemas)
    .where(schemas.c.id == bindparam("key"))
    .values(comment=bindparam("new_comment"), options=bindparam("new_options"))
)


def insert_database(tx: Transaction, database: Database) -> None:
    """Add *database*, empty."""
    row = {
        "id": database.id,
        "name": database.name,
        "owner": database.owner,
        "comment": database.spec.comment,
        "options": _options(database.spec),
        "created_on": database.created_on,
    }
    tx.execute(_INSERT_DATABASE, row)


def insert_schema(tx: Transaction, database_id: str, schema: Schema) -> None:
    """Add *schema*, empty, to a database."""
    row = {
        "id": schema.id,
        "database_id": database_id,
        "name": schema.name.schema,
        "owner": schema.owner,
        "comment": schema.spec.comment,
        "options": _options(schema.spec),
        "created_on": schema.created_on,
    }
    tx.execute(_INSERT_SCHEMA, row)


def update_database(tx: Transaction, database_id: str, spec: DatabaseSpec) -> None:
    """Give a database other properties."""
    tx.execute(
        _UPDATE_DATABASE,
        {"key": database_id, "new_comment": spec.comment, "new_options": _options(spec)},
    )


def update_schema(tx: Transaction, schema_id: str, spec: SchemaSpec) -> None:
    """Give a schema other properties."""
    tx.execute(_UPDATE_SCHEMA, {"key": schema_id, "new_comment": spec.comment, "new_options": _options(spec)})


# The order is that of the foreign keys. What history needs of a dropped task it keeps itself.
_TASKS_OF_SCHEMA: Final = select(tasks.c.id).where(tasks.c.schema_id == bindparam("key"))
_EMPTY_SCHEMA: Final = (
    delete(graph_runs).where(graph_runs.c.state == "QUEUED", graph_runs.c.root_id.in_(_TASKS_OF_SCHEMA)),
    delete(roots).where(roots.c.task_id.in_(_TASKS_OF_SCHEMA)),
    delete(tag_assignments).where(
        tag_assignments.c.level == "TASK", tag_assignments.c.object_id.in_(_TASKS_OF_SCHEMA)
    ),
    update(tasks).where(tasks.c.schema_id == bindparam("key")).values(finalizes=None),
    delete(tasks).where(tasks.c.schema_id == bindparam("key")),
    delete(tag_assignments).where(
        tag_assignments.c.level.in_(("PROCEDURE", "FUNCTION")),
        tag_assignments.c.object_id.in_(
            select(routines.c.id).where(routines.c.schema_id == bindparam("key"))
        ),
    ),
    delete(routines).where(routines.c.schema_id == bindparam("key")),
    delete(tag_assignments).where(
        tag_assignments.c.level == "SCHEMA", tag_assignments.c.object_id == bindparam("key")
    ),
    delete(tags).where(tags.c.schema_id == bindparam("key")),
    delete(schemas).where(schemas.c.id == bindparam("key")),
)
_EMPTY_DATABASE: Final = (
    delete(tag_assignments).where(
        tag_assignments.c.level == "DATABASE", tag_assignments.c.object_id == bindparam("key")
    ),
    delete(databases).where(databases.c.id == bindparam("key")),
)


_ROOTS_OF_SCHEMA: Final = select(roots.c.task_id).where(roots.c.task_id.in_(_TASKS_OF_SCHEMA))


def delete_schema(tx: Transaction, schema_id: str, now: datetime) -> None:
    """Remove a schema with its tasks, their next fires and waiting runs, its routines and its tags."""
    ended = list(tx.execute(_ROOTS_OF_SCHEMA, {"key": schema_id}).scalars())
    skipped_fires.record_dropped(tx, ended, now)
    for statement in _EMPTY_SCHEMA:
        tx.execute(statement, {"key": schema_id})


def delete_database(tx: Transaction, database_id: str, now: datetime) -> list[str]:
    """Remove a database with all in it, and return the ids of the schemas that went with it."""
    gone = list_namespaces(tx, database_id)
    for schema_id in gone:
        delete_schema(tx, schema_id, now)
    for statement in _EMPTY_DATABASE:
        tx.execute(statement, {"key": database_id})
    return gone


# --- what a level gives to the tasks below it --------------------------------------------------

_OPTIONS_ABOVE: Final = (
    select(databases.c.options, schemas.c.options)
    .select_from(databases.join(schemas, schemas.c.database_id == databases.c.id))
    .where(databases.c.name == bindparam("database"), schemas.c.name == bindparam("schema"))
)


def find_levels(tx: Transaction, name: SchemaName) -> tuple[DatabaseSpec, SchemaSpec] | None:
    """Return what is said of a schema's database and of the schema, for what tasks inherit."""
    row = tx.execute(_OPTIONS_ABOVE, {"database": name.database, "schema": name.schema}).first()
    return None if row is None else (_spec(row[0], None, DatabaseSpec), _spec(row[1], None, SchemaSpec))


# --- rows --------------------------------------------------------------------------------------

_ENCODER: Final = msgspec.json.Encoder()


def _options(spec: DatabaseSpec) -> str:
    return _ENCODER.encode(msgspec.structs.replace(spec, comment=None)).decode()


def _spec(options: str, comment: str | None, kind: type[Spec]) -> Spec:
    return msgspec.structs.replace(msgspec.json.decode(options, type=kind), comment=comment)


def _database(row: Sequence[Any]) -> Database:
    id_, name, owner, comment, options, created_on = row
    spec = _spec(options, comment, DatabaseSpec)
    return Database(id=id_, name=name, owner=owner, spec=spec, created_on=created_on)


def _schema(row: Sequence[Any]) -> Schema:
    id_, name, owner, comment, options, created_on, database = row
    spec = _spec(options, comment, SchemaSpec)
    return Schema(id=id_, name=SchemaName(database, name), owner=owner, spec=spec, created_on=created_on)
