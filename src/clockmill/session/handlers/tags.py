"""Tags: CREATE, SHOW, and putting them on objects."""

from typing import Final

import msgspec

from clockmill.core.errors import NotFound
from clockmill.core.sentences import DONE
from clockmill.core.tag import TagLevel, TagTarget
from clockmill.engine.result import Result, status
from clockmill.session.execution import Execution
from clockmill.session.handlers.listing import columns, filtered, listing
from clockmill.session.handlers.scope import schemas_in, where
from clockmill.sql.catalog import ObjectKind
from clockmill.sql.parser import Reference
from clockmill.sql.routines import TagRoutine
from clockmill.sql.show import Show
from clockmill.sql.tags import CreateTag, TagObject

_TAGS: Final = columns(
    "created_on:when name database_name schema_name owner comment allowed_values owner_role_type"
)
_LEVELS: Final = {
    ObjectKind.ACCOUNT: TagLevel.ACCOUNT,
    ObjectKind.DATABASE: TagLevel.DATABASE,
    ObjectKind.SCHEMA: TagLevel.SCHEMA,
    ObjectKind.WAREHOUSE: TagLevel.WAREHOUSE,
    ObjectKind.TASK: TagLevel.TASK,
}


def create_tag(run: Execution, statement: CreateTag) -> Result:
    """Make a tag."""
    return status(
        run.services.tags.create_tag(
            run.caller,
            run.object_name(statement.name),
            allowed_values=statement.allowed_values,
            comment=statement.comment,
            mode=statement.mode,
        )
    )


def tag_object(run: Execution, statement: TagObject) -> Result:
    """Put tags on an object, or take them off."""
    return change_tags(run, statement, _LEVELS[statement.kind], _target(run, statement.kind, statement.name))


def change_tags(
    run: Execution, statement: TagObject | TagRoutine, level: TagLevel, target: TagTarget
) -> Result:
    """Put the statement's tags on *target*, or take them off."""
    tags, caller = run.services.tags, run.caller
    if statement.assignments:
        values = [(run.object_name(tag), value) for tag, value in statement.assignments]
        tags.set_tags(caller, level, target, values, if_exists=statement.if_exists)
    else:
        names = [run.object_name(tag) for tag in statement.removed]
        tags.unset_tags(caller, level, target, names, if_exists=statement.if_exists)
    return status(DONE)


def show_tags(run: Execution, statement: Show) -> Result:
    """List tags by database, schema and name."""
    every = [
        each
        for schema in schemas_in(run, where(run, statement))
        for each in run.services.tags.list_tags(run.caller, schema)
    ]
    found = filtered(statement, every, lambda each: each.name.name)
    return listing(
        _TAGS,
        [
            (
                *(each.created_on, each.name.name, each.name.database, each.name.schema, each.owner),
                *(each.comment or "", _allowed(each.allowed_values), "ROLE"),
            )
            for each in found
        ],
    )


def _allowed(values: tuple[str, ...] | None) -> str | None:
    """Write allowed values as the service does: a JSON list of texts."""
    return None if values is None else msgspec.json.encode(values).decode()


def _target(run: Execution, kind: ObjectKind, name: Reference | None) -> TagTarget:
    if name is None:
        return None
    match kind:
        case ObjectKind.TASK:
            return run.object_name(name)
        case ObjectKind.SCHEMA:
            return run.schema_name(name)
        case ObjectKind.DATABASE | ObjectKind.WAREHOUSE:
            return run.plain_name(name)
    raise NotFound(kind.title(), name)  # pragma: no cover - nothing else carries tags
