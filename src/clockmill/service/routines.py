"""What is done with stored procedures and functions: create, alter, drop, look at, find for a call."""

import uuid
from collections.abc import Callable
from typing import Unpack

import msgspec

from clockmill.clock import Clock
from clockmill.core.caller import Caller
from clockmill.core.errors import AlreadyExists, NotFound
from clockmill.core.listing import Selection, select_named
from clockmill.core.names import QualifiedName, SchemaName, render
from clockmill.core.routine import Rights, Routine, RoutineKind, RoutineName, RoutineSpec
from clockmill.core.sentences import DONE, already_dropped, already_there, created, dropped
from clockmill.core.task import CreateMode
from clockmill.service.access import Action, authorize
from clockmill.service.places import require_schema
from clockmill.store import routines as rows
from clockmill.store.database import Store, Transaction
from clockmill.wake import Topic, Wakeups


class RoutineService:
    """The use cases of procedures and functions. Both are called «Function» where one is created."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        # Replaced as a whole when a routine changes, so a read from before is never kept after it.
        self._remembered: dict[tuple[RoutineKind, QualifiedName], tuple[Routine, ...]] = {}
        wakeups.subscribe(self._forget)

    # --- looking ---------------------------------------------------------------------------

    def list_routines(
        self,
        caller: Caller,
        kind: RoutineKind,
        home: SchemaName | str | None,
        **wanted: Unpack[Selection],
    ) -> list[Routine]:
        """Return the routines of a schema, of a database (a str), or of the account (None), by name."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            if isinstance(home, SchemaName):
                require_schema(tx, home)
                found = rows.list_routines(tx, kind, home.database, home.schema)
            else:
                found = rows.list_routines(tx, kind, home)
        return select_named(found, lambda each: each.name.name, **wanted)

    def fetch_routine(self, caller: Caller, name: RoutineName) -> Routine:
        """Return the routine *name*, or raise NotFound."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            return _require_routine(tx, name)

    def overloads(self, kind: RoutineKind, name: QualifiedName) -> tuple[Routine, ...]:
        """Return the routines called *name*, oldest first; none where there is no such name or schema.

        Asked for every call in a statement: the store is read once for each name. Equal answers
        are the same object, so that a translation can tell at a glance whether it is stale.
        """
        remembered, key = self._remembered, (kind, name)
        if key not in remembered:
            with self._store.read() as tx:
                remembered[key] = tuple(rows.list_overloads(tx, kind, name))
        return remembered[key]

    # --- changing --------------------------------------------------------------------------

    def create_routine(
        self,
        caller: Caller,
        kind: RoutineKind,
        name: QualifiedName,
        spec: RoutineSpec,
        mode: CreateMode = CreateMode.ERROR_IF_EXISTS,
    ) -> str:
        """Make a routine, and return the sentence that says so.

        If one of that name takes arguments of the same types, *mode* says whether to refuse, to
        replace it, or to leave it as it is.
        """
        authorize(caller, Action.CREATE)

        def work(tx: Transaction) -> str:
            schema_id = require_schema(tx, name.parent)
            new = self._new_routine(caller, kind, name, spec)
            before = rows.find_routine(tx, kind, name, new.types)
            if before is not None:
                if mode.keeps(render(name.name)):
                    return already_there(render(name.name))
                _require_to_change(caller, before)
                rows.delete_routine(tx, before)
            rows.insert_routine(tx, schema_id, new)
            return created("Function", render(name.name))

        return self._write(work)

    def create_or_alter_routine(
        self, caller: Caller, kind: RoutineKind, name: QualifiedName, spec: RoutineSpec
    ) -> str:
        """Make a routine, or give the one that is there these properties and no others."""
        authorize(caller, Action.CREATE)

        def work(tx: Transaction) -> str:
            schema_id = require_schema(tx, name.parent)
            new = self._new_routine(caller, kind, name, spec)
            before = rows.find_routine(tx, kind, name, new.types)
            if before is None:
                rows.insert_routine(tx, schema_id, new)
                return created("Function", render(name.name))
            _require_to_change(caller, before)
            rows.update_routine(tx, schema_id, self._changed(before, spec=spec))
            return DONE

        return self._write(work)

    def alter_routine(
        self,
        caller: Caller,
        name: RoutineName,
        *,
        comment: str | None = None,
        rights: Rights | None = None,
        is_secure: bool | None = None,
        if_exists: bool = False,
    ) -> str:
        """Change what is given and leave the rest; a *comment* of "" is taken away."""

        def work(tx: Transaction) -> str:
            before = _find_to_change(tx, caller, name, if_exists=if_exists)
            if before is None:
                return DONE
            given = {"rights": rights, "is_secure": is_secure}
            changes = {field: value for field, value in given.items() if value is not None}
            if comment is not None:
                changes["comment"] = comment or None  # type: ignore[assignment]
            spec = msgspec.structs.replace(before.spec, **changes)
            rows.update_routine(tx, require_schema(tx, before.name.parent), self._changed(before, spec=spec))
            return DONE

        return self._write(work)

    def rename_routine(
        self, caller: Caller, name: RoutineName, new_name: QualifiedName, *, if_exists: bool = False
    ) -> str:
        """Give a routine another name, in its schema or in another one."""

        def work(tx: Transaction) -> str:
            before = _find_to_change(tx, caller, name, if_exists=if_exists)
            if before is None:
                return DONE
            schema_id = require_schema(tx, new_name.parent)
            if rows.find_routine(tx, before.kind, new_name, before.types) is not None:
                raise AlreadyExists(render(new_name.name))
            rows.update_routine(tx, schema_id, self._changed(before, name=new_name))
            return DONE

        return self._write(work)

    def drop_routine(self, caller: Caller, name: RoutineName, *, if_exists: bool = False) -> str:
        """Drop a routine."""

        def work(tx: Transaction) -> str:
            before = _find_to_change(tx, caller, name, if_exists=if_exists)
            if before is None:
                return already_dropped(render(name.name.name))
            rows.delete_routine(tx, before)
            return dropped(render(name.name.name))

        return self._write(work)

    # --- how -------------------------------------------------------------------------------

    def _new_routine(
        self, caller: Caller, kind: RoutineKind, name: QualifiedName, spec: RoutineSpec
    ) -> Routine:
        now = self._clock.now()
        return Routine(
            id=self._new_id(),
            kind=kind,
            name=name,
            owner=caller.role,
            spec=spec,
            created_on=now,
            changed_on=now,
        )

    def _changed(
        self, before: Routine, *, spec: RoutineSpec | None = None, name: QualifiedName | None = None
    ) -> Routine:
        return msgspec.structs.replace(
            before, spec=spec or before.spec, name=name or before.name, changed_on=self._clock.now()
        )

    def _write(self, work: Callable[[Transaction], str]) -> str:
        answer = self._store.write(work)
        self._remembered = {}
        return answer

    def _forget(self, topic: Topic) -> None:
        if topic is Topic.CATALOG:
            self._remembered = {}


def _find_to_change(tx: Transaction, caller: Caller, name: RoutineName, *, if_exists: bool) -> Routine | None:
    """Return the routine, or None where it may be missing; raise if the caller may not change it."""
    found = rows.find_routine(tx, name.kind, name.name, name.types)
    if found is None and if_exists:
        return None
    found = found or _require_routine(tx, name)
    _require_to_change(caller, found)
    return found


def _require_routine(tx: Transaction, name: RoutineName) -> Routine:
    found = rows.find_routine(tx, name.kind, name.name, name.types)
    if found is None:
        require_schema(tx, name.name.parent)
        raise NotFound(name.kind.value.capitalize(), name)
    return found


def _require_to_change(caller: Caller, routine: Routine) -> None:
    kind = routine.kind.value.lower()
    authorize(caller, Action.CHANGE, owner=routine.owner, kind=kind, name=render(routine.name.name))
