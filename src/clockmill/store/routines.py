"""Queries on stored procedures and functions."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from clockmill.core.names import QualifiedName
from clockmill.core.routine import Routine, RoutineKind, RoutineSpec
from clockmill.store.database import Transaction
from clockmill.store.tables import databases, routines, schemas, tag_assignments

_ROUTINES: Final = select(
    routines.c.id,
    routines.c.kind,
    databases.c.name,
    schemas.c.name,
    routines.c.name,
    routines.c.owner,
    routines.c.spec,
    routines.c.created_on,
    routines.c.changed_on,
).select_from(
    databases.join(schemas, schemas.c.database_id == databases.c.id).join(
        routines, routines.c.schema_id == schemas.c.id
    )
)
_OF_KIND: Final = _ROUTINES.where(routines.c.kind == bindparam("kind"))
_OF_DATABASE: Final = _OF_KIND.where(databases.c.name == bindparam("database"))
_OF_SCHEMA: Final = _OF_DATABASE.where(schemas.c.name == bindparam("schema"))
_OVERLOADS: Final = _OF_SCHEMA.where(routines.c.name == bindparam("name"))
_INSERT: Final = insert(routines)
_UPDATE: Final = (
    update(routines)
    .where(routines.c.id == bindparam("key"))
    .values(
        schema_id=bindparam("new_schema_id"),
        name=bindparam("new_name"),
        spec=bindparam("new_spec"),
        changed_on=bindparam("new_changed_on"),
    )
)
_DELETE: Final = delete(routines).where(routines.c.id == bindparam("id"))
_UNTAG: Final = delete(tag_assignments).where(
    tag_assignments.c.level == bindparam("level"), tag_assignments.c.object_id == bindparam("id")
)
_ENCODER: Final = msgspec.json.Encoder()


def list_overloads(tx: Transaction, kind: RoutineKind, name: QualifiedName) -> list[Routine]:
    """Return the routines called *name*, oldest first; none if there are none or no such schema."""
    key = {"kind": kind.value, "database": name.database, "schema": name.schema, "name": name.name}
    found = map(_routine, tx.execute(_OVERLOADS, key))
    return sorted(found, key=lambda each: (each.created_on, each.types))


def find_routine(
    tx: Transaction, kind: RoutineKind, name: QualifiedName, types: tuple[str, ...]
) -> Routine | None:
    """Return the routine called *name* whose arguments are of *types*, or None."""
    found = [each for each in list_overloads(tx, kind, name) if each.types == types]
    return found[0] if found else None


def list_routines(
    tx: Transaction, kind: RoutineKind, database: str | None = None, schema: str | None = None
) -> list[Routine]:
    """Return the routines of a schema, a database or the account, by full name and types."""
    query = _OF_KIND if database is None else _OF_DATABASE if schema is None else _OF_SCHEMA
    place = {} if database is None else {"database": database, "schema": schema}
    rows = tx.execute(query, {"kind": kind.value, **place})
    return sorted(map(_routine, rows), key=lambda each: (each.name, each.types))


def insert_routine(tx: Transaction, schema_id: str, routine: Routine) -> None:
    """Add *routine* to a schema."""
    row = {
        "id": routine.id,
        "schema_id": schema_id,
        "kind": routine.kind.value,
        "name": routine.name.name,
        "types": ", ".join(routine.types),
        "owner": routine.owner,
        "spec": _ENCODER.encode(routine.spec).decode(),
        "created_on": routine.created_on,
        "changed_on": routine.changed_on,
    }
    tx.execute(_INSERT, row)


def update_routine(tx: Transaction, schema_id: str, routine: Routine) -> None:
    """Give the routine of that id another name, schema or other properties; never other types."""
    row = {
        "key": routine.id,
        "new_schema_id": schema_id,
        "new_name": routine.name.name,
        "new_spec": _ENCODER.encode(routine.spec).decode(),
        "new_changed_on": routine.changed_on,
    }
    tx.execute(_UPDATE, row)


def delete_routine(tx: Transaction, routine: Routine) -> None:
    """Remove a routine and what tags are set on it."""
    tx.execute(_UNTAG, {"level": routine.kind.value, "id": routine.id})
    tx.execute(_DELETE, {"id": routine.id})


def _routine(row: Sequence[Any]) -> Routine:
    id_, kind, database, schema, name, owner, spec, created_on, changed_on = row
    return Routine(
        id=id_,
        kind=RoutineKind(kind),
        name=QualifiedName(database, schema, name),
        owner=owner,
        spec=msgspec.json.decode(spec, type=RoutineSpec),
        created_on=created_on,
        changed_on=changed_on,
    )
