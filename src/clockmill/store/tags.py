"""Queries on tags and on what they are set on."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select

from clockmill.core.identity import ACCOUNTADMIN
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.routine import RoutineName
from clockmill.core.tag import Tag, TagAssignment, TagLevel, TagTarget
from clockmill.store.database import Transaction
from clockmill.store.tables import (
    account,
    databases,
    routines,
    schemas,
    tag_assignments,
    tags,
    tasks,
    warehouses,
)

_PLACED: Final = databases.join(schemas, schemas.c.database_id == databases.c.id)
_TAGS: Final = select(
    tags.c.id,
    databases.c.name,
    schemas.c.name,
    tags.c.name,
    tags.c.owner,
    tags.c.allowed_values,
    tags.c.comment,
    tags.c.created_on,
).select_from(_PLACED.join(tags, tags.c.schema_id == schemas.c.id))
_TAGS_OF_DATABASE: Final = _TAGS.where(databases.c.name == bindparam("database"))
_TAGS_OF_SCHEMA: Final = _TAGS_OF_DATABASE.where(schemas.c.name == bindparam("schema"))
_TAG: Final = _TAGS_OF_SCHEMA.where(tags.c.name == bindparam("name"))
_INSERT: Final = insert(tags)
_DELETE: Final = delete(tags).where(tags.c.id == bindparam("id"))


def find_tag(tx: Transaction, name: QualifiedName) -> Tag | None:
    """Return the tag called *name*, or None."""
    key = {"database": name.database, "schema": name.schema, "name": name.name}
    row = tx.execute(_TAG, key).first()
    return None if row is None else _tag(row)


def list_tags(tx: Transaction, database: str | None = None, schema: str | None = None) -> list[Tag]:
    """Return the tags of a schema, a database or the account, by full name."""
    query = _TAGS if database is None else _TAGS_OF_DATABASE if schema is None else _TAGS_OF_SCHEMA
    rows = tx.execute(query, {} if database is None else {"database": database, "schema": schema})
    return sorted(map(_tag, rows), key=lambda each: each.name)


def insert_tag(tx: Transaction, schema_id: str, tag: Tag) -> None:
    """Add *tag*, set on nothing."""
    allowed = None if tag.allowed_values is None else msgspec.json.encode(tag.allowed_values).decode()
    row = {
        "id": tag.id,
        "schema_id": schema_id,
        "name": tag.name.name,
        "owner": tag.owner,
        "allowed_values": allowed,
        "comment": tag.comment,
        "created_on": tag.created_on,
    }
    tx.execute(_INSERT, row)


def delete_tag(tx: Transaction, tag_id: str) -> None:
    """Remove a tag, and with it its values on all objects, by the foreign key."""
    tx.execute(_DELETE, {"id": tag_id})


# --- what tags are set on ----------------------------------------------------------------------

_IN_SCHEMA: Final = (databases.c.name == bindparam("database")) & (schemas.c.name == bindparam("schema"))
_ACCOUNT: Final = select(account.c.id)
_LINEAGES: Final = {
    TagLevel.TASK: select(tasks.c.owner, tasks.c.id, schemas.c.id, databases.c.id)
    .select_from(_PLACED.join(tasks, tasks.c.schema_id == schemas.c.id))
    .where(_IN_SCHEMA, tasks.c.name == bindparam("name")),
    **dict.fromkeys(
        (TagLevel.PROCEDURE, TagLevel.FUNCTION),
        select(routines.c.owner, routines.c.id, schemas.c.id, databases.c.id)
        .select_from(_PLACED.join(routines, routines.c.schema_id == schemas.c.id))
        .where(
            _IN_SCHEMA,
            routines.c.name == bindparam("name"),
            routines.c.kind == bindparam("kind"),
            routines.c.types == bindparam("types"),
        ),
    ),
    TagLevel.SCHEMA: select(schemas.c.owner, schemas.c.id, databases.c.id)
    .select_from(_PLACED)
    .where(_IN_SCHEMA),
    TagLevel.DATABASE: select(databases.c.owner, databases.c.id).where(
        databases.c.name == bindparam("database")
    ),
    TagLevel.WAREHOUSE: select(warehouses.c.owner, warehouses.c.id).where(
        warehouses.c.name == bindparam("name")
    ),
}
_ABOVE: Final = {
    TagLevel.TASK: (TagLevel.TASK, TagLevel.SCHEMA, TagLevel.DATABASE),
    **{
        level: (level, TagLevel.SCHEMA, TagLevel.DATABASE)
        for level in (TagLevel.PROCEDURE, TagLevel.FUNCTION)
    },
    TagLevel.SCHEMA: (TagLevel.SCHEMA, TagLevel.DATABASE),
    TagLevel.DATABASE: (TagLevel.DATABASE,),
    TagLevel.WAREHOUSE: (TagLevel.WAREHOUSE,),
}


class Tagged(NamedTuple):
    """An object that may carry tags: who owns it, and it and its holders by level and id.

    The object itself comes first, the account last.
    """

    owner: str
    lineage: list[tuple[TagLevel, str]]


def find_tagged(tx: Transaction, level: TagLevel, target: TagTarget) -> Tagged | None:
    """Return what *target* names on a level, or None if there is no such object."""
    top = (TagLevel.ACCOUNT, str(tx.execute(_ACCOUNT).scalar_one()))
    if level is TagLevel.ACCOUNT:
        return Tagged(ACCOUNTADMIN, [top])
    row = tx.execute(_LINEAGES[level], _key(level, target)).first()
    if row is None:
        return None
    return Tagged(row[0], [*zip(_ABOVE[level], row[1:], strict=True), top])


def _key(level: TagLevel, target: TagTarget) -> dict[str, str | None]:
    if isinstance(target, QualifiedName):
        return {"database": target.database, "schema": target.schema, "name": target.name}
    if isinstance(target, RoutineName):
        place = _key(level, target.name)
        return {**place, "kind": target.kind.value, "types": ", ".join(target.types)}
    if isinstance(target, SchemaName):
        return {"database": target.database, "schema": target.schema}
    return {"database" if level is TagLevel.DATABASE else "name": target}


_ASSIGNMENTS: Final = (
    select(databases.c.name, schemas.c.name, tags.c.name, tag_assignments.c.value)
    .select_from(
        tag_assignments.join(tags, tags.c.id == tag_assignments.c.tag_id)
        .join(schemas, schemas.c.id == tags.c.schema_id)
        .join(databases, databases.c.id == schemas.c.database_id)
    )
    .where(tag_assignments.c.level == bindparam("level"), tag_assignments.c.object_id == bindparam("id"))
)
_COUNT: Final = (
    select(func.count())
    .select_from(tag_assignments)
    .where(tag_assignments.c.level == bindparam("level"), tag_assignments.c.object_id == bindparam("id"))
)
_ASSIGN: Final = insert(tag_assignments)
_UNASSIGN: Final = delete(tag_assignments).where(
    tag_assignments.c.tag_id == bindparam("key"),
    tag_assignments.c.level == bindparam("at"),
    tag_assignments.c.object_id == bindparam("id"),
)


def list_assignments(tx: Transaction, level: TagLevel, object_id: str) -> list[TagAssignment]:
    """Return the tags set on an object itself, by full name."""
    rows = tx.execute(_ASSIGNMENTS, {"level": level.value, "id": object_id})
    found = [TagAssignment(tag=QualifiedName(*row[:3]), value=row[3], level=level) for row in rows]
    return sorted(found, key=lambda each: each.tag)


def count_assignments(tx: Transaction, level: TagLevel, object_id: str) -> int:
    """Return how many tags are set on an object itself."""
    return int(tx.execute(_COUNT, {"level": level.value, "id": object_id}).scalar_one())


def assign_tags(tx: Transaction, level: TagLevel, object_id: str, values: Iterable[tuple[str, str]]) -> None:
    """Set tags, by id, to values on an object, in place of what they were set to there."""
    rows = [
        {"tag_id": tag_id, "level": level.value, "object_id": object_id, "value": value}
        for tag_id, value in values
    ]
    unassign_tags(tx, level, object_id, [row["tag_id"] for row in rows])
    if rows:
        tx.execute(_ASSIGN, rows)


def unassign_tags(tx: Transaction, level: TagLevel, object_id: str, tag_ids: Iterable[str]) -> None:
    """Take tags, by id, off an object; those not set there are passed over."""
    rows = [{"key": tag_id, "at": level.value, "id": object_id} for tag_id in tag_ids]
    if rows:
        tx.execute(_UNASSIGN, rows)


def _tag(row: Sequence[Any]) -> Tag:
    id_, database, schema, name, owner, allowed, comment, created_on = row
    return Tag(
        id=id_,
        name=QualifiedName(database, schema, name),
        owner=owner,
        allowed_values=None if allowed is None else msgspec.json.decode(allowed, type=tuple[str, ...]),
        comment=comment,
        created_on=created_on,
    )
