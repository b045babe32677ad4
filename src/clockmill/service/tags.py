"""What is done with tags: create and drop them, set them on objects, look at what is set."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Unpack

from clockmill.clock import Clock
from clockmill.core.caller import Caller
from clockmill.core.errors import NotFound
from clockmill.core.listing import Selection, select_named
from clockmill.core.names import QualifiedName, SchemaName, render
from clockmill.core.routine import RoutineName
from clockmill.core.sentences import DONE, already_dropped, already_there, created, dropped
from clockmill.core.tag import (
    MAX_TAGS_OF_OBJECT,
    Tag,
    TagAssignment,
    TagLevel,
    TagTarget,
    TooManyTags,
    check_allowed_values,
    check_value,
)
from clockmill.core.task import CreateMode
from clockmill.service.access import Action, authorize
from clockmill.service.places import require_schema
from clockmill.store import tags as rows
from clockmill.store.database import Store, Transaction

TagValue = tuple[QualifiedName, str]
"""A tag and the value that it is set to."""


class TagService:
    """The use cases of tags. Levels are given as a :class:`TagLevel` or as its text."""

    def __init__(
        self, *, store: Store, clock: Clock, new_id: Callable[[], str] = lambda: str(uuid.uuid4())
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    # --- tags themselves -------------------------------------------------------------------

    def list_tags(
        self,
        caller: Caller,
        home: SchemaName | str | None,
        **wanted: Unpack[Selection],
    ) -> list[Tag]:
        """Return the tags of a schema, of a database (a str), or of the account (None), by name."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            if isinstance(home, SchemaName):
                require_schema(tx, home)
                found = rows.list_tags(tx, home.database, home.schema)
            else:
                found = rows.list_tags(tx, home)
        return select_named(found, lambda each: each.name.name, **wanted)

    def create_tag(
        self,
        caller: Caller,
        name: QualifiedName,
        *,
        allowed_values: tuple[str, ...] | None = None,
        comment: str | None = None,
        mode: CreateMode = CreateMode.ERROR_IF_EXISTS,
    ) -> str:
        """Make the tag *name*, and return the sentence that says so.

        Replacing a tag takes its values off all objects.
        """
        authorize(caller, Action.CREATE)
        check_allowed_values(name, allowed_values)

        def work(tx: Transaction) -> str:
            schema_id = require_schema(tx, name.parent)
            before = rows.find_tag(tx, name)
            if before is not None:
                if mode.keeps(render(name.name)):
                    return already_there(render(name.name))
                _require_to_change(caller, before)
                rows.delete_tag(tx, before.id)
            tag = Tag(
                id=self._new_id(),
                name=name,
                owner=caller.role,
                allowed_values=allowed_values,
                comment=comment,
                created_on=self._clock.now(),
            )
            rows.insert_tag(tx, schema_id, tag)
            return created("Tag", render(name.name))

        return self._store.write(work)

    def drop_tag(self, caller: Caller, name: QualifiedName, *, if_exists: bool = False) -> str:
        """Drop the tag *name*, and take its values off all objects."""

        def work(tx: Transaction) -> str:
            before = rows.find_tag(tx, name)
            if before is None and if_exists:
                return already_dropped(render(name.name))
            before = before or _require_tag(tx, name)
            _require_to_change(caller, before)
            rows.delete_tag(tx, before.id)
            return dropped(render(name.name))

        return self._store.write(work)

    # --- tags on objects -------------------------------------------------------------------

    def set_tags(
        self,
        caller: Caller,
        level: str,
        name: TagTarget,
        assignments: Sequence[TagValue],
        *,
        if_exists: bool = False,
    ) -> str:
        """Set tags to values on the object *name*; if a tag is given twice, its last value stays."""

        def change(tx: Transaction, level: TagLevel, object_id: str) -> None:
            put_tags(tx, level, object_id, assignments)

        return self._change(caller, TagLevel(level), name, change, if_exists=if_exists)

    def unset_tags(
        self,
        caller: Caller,
        level: str,
        name: TagTarget,
        tags: Iterable[QualifiedName],
        *,
        if_exists: bool = False,
    ) -> str:
        """Take tags off the object *name*. A tag that is not set there is passed over."""

        def change(tx: Transaction, level: TagLevel, object_id: str) -> None:
            found = [_require_tag(tx, tag).id for tag in tags]
            rows.unassign_tags(tx, level, object_id, found)

        return self._change(caller, TagLevel(level), name, change, if_exists=if_exists)

    def get_tags(
        self, caller: Caller, level: str, name: TagTarget, *, with_lineage: bool = False
    ) -> list[TagAssignment]:
        """Return what is set on the object *name*, by tag.

        *with_lineage* adds what is set on its schema, database and account; of a tag that is set
        on several of them, the nearest value counts.
        """
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            lineage = _require_tagged(tx, TagLevel(level), name).lineage
            nearest: dict[QualifiedName, TagAssignment] = {}
            for holder, object_id in lineage if with_lineage else lineage[:1]:
                for assignment in rows.list_assignments(tx, holder, object_id):
                    nearest.setdefault(assignment.tag, assignment)
        return [nearest[tag] for tag in sorted(nearest)]

    def _change(
        self,
        caller: Caller,
        level: TagLevel,
        name: TagTarget,
        change: Callable[[Transaction, TagLevel, str], None],
        *,
        if_exists: bool,
    ) -> str:
        def work(tx: Transaction) -> str:
            found = rows.find_tagged(tx, level, name)
            if found is None and if_exists:
                return DONE
            found = found or _require_tagged(tx, level, name)
            kind = level.value.lower()
            authorize(caller, Action.CHANGE, owner=found.owner, kind=kind, name=_own_name(name))
            change(tx, level, found.lineage[0][1])
            return DONE

        return self._store.write(work)


def put_tags(tx: Transaction, level: TagLevel, object_id: str, assignments: Iterable[TagValue]) -> None:
    """Set tags to values on an object, in the transaction of its own making or change."""
    values: dict[str, str] = {}
    for tag_name, value in assignments:
        tag = _require_tag(tx, tag_name)
        check_value(tag, value)
        values[tag.id] = value
    rows.assign_tags(tx, level, object_id, values.items())
    if rows.count_assignments(tx, level, object_id) > MAX_TAGS_OF_OBJECT:
        raise TooManyTags


def tags_of(tx: Transaction, task_id: str) -> list[TagValue]:
    """Return what is set on a task itself."""
    return [(each.tag, each.value) for each in rows.list_assignments(tx, TagLevel.TASK, task_id)]


def _require_tagged(tx: Transaction, level: TagLevel, name: TagTarget) -> rows.Tagged:
    found = rows.find_tagged(tx, level, name)
    if found is not None:
        return found
    if isinstance(name, QualifiedName):
        require_schema(tx, name.parent)
    if isinstance(name, RoutineName):
        require_schema(tx, name.name.parent)
    raise NotFound(level.value.capitalize(), _shown(name))


def _require_tag(tx: Transaction, name: QualifiedName) -> Tag:
    tag = rows.find_tag(tx, name)
    if tag is None:
        raise NotFound("Tag", name)
    return tag


def _require_to_change(caller: Caller, tag: Tag) -> None:
    authorize(caller, Action.CHANGE, owner=tag.owner, kind="tag", name=render(tag.name.name))


def _shown(name: TagTarget) -> str:
    return render(name) if isinstance(name, str) else str(name)


def _own_name(name: TagTarget) -> str:
    """Return what *name* calls the object itself, without what it is in."""
    match name:
        case RoutineName(name=QualifiedName(name=own)):
            return render(own)
        case QualifiedName(name=own) | SchemaName(schema=own):
            return render(own)
        case _:
            return _shown(name)
