"""What is done with databases and schemas: create, alter, drop, look at.

The store says what exists. An engine makes a schema's namespace when it is first used, and is
told to drop it once the schema is gone from the store; what a crash in between leaves behind is
found at the next start (:meth:`CatalogService.reconcile`).
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Unpack

from clockmill.clock import Clock
from clockmill.core import catalog
from clockmill.core.caller import Caller
from clockmill.core.catalog import (
    INFORMATION_SCHEMA,
    PUBLIC_SCHEMA,
    SYSTEM_DATABASE,
    Database,
    DatabaseSpec,
    ReservedDatabase,
    ReservedSchema,
    Schema,
    SchemaSpec,
)
from clockmill.core.errors import ClockmillError, NotFound
from clockmill.core.listing import Selection, select_named
from clockmill.core.names import SchemaName, render
from clockmill.core.sentences import DONE, already_dropped, already_there, created, dropped
from clockmill.core.task import CreateMode
from clockmill.service.access import Action, authorize
from clockmill.service.places import require_schema
from clockmill.store import catalog as rows
from clockmill.store.database import Store, Transaction
from clockmill.wake import Topic, Wakeups

log = logging.getLogger(__name__)


class CatalogService:
    """The use cases of databases and schemas.

    *drop_namespaces* makes the engine forget the schemas of those ids; it is called after the
    commit, and its failure is logged and left to the next start.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        drop_namespaces: Callable[[list[str]], None],
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._store = store
        self._clock = clock
        self._wakeups = wakeups
        self._drop_namespaces = drop_namespaces
        self._new_id = new_id
        # Replaced as a whole when a schema goes, so a read from before is never kept after it.
        self._remembered: dict[SchemaName, str] = {}
        wakeups.subscribe(self._forget)

    # --- databases -------------------------------------------------------------------------

    def list_databases(
        self,
        caller: Caller,
        **wanted: Unpack[Selection],
    ) -> list[Database]:
        """Return the databases by name; the options are those of SHOW DATABASES."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            found = rows.list_databases(tx)
        return select_named(found, lambda each: each.name, **wanted)

    def fetch_database(self, caller: Caller, name: str) -> Database:
        """Return the database *name*, or raise NotFound."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            return _require_database(tx, name)

    def create_database(self, caller: Caller, name: str, spec: DatabaseSpec, mode: CreateMode) -> str:
        """Make the database *name* with its schema PUBLIC, and return the sentence that says so.

        If the name is taken, *mode* says whether to refuse, to replace it and all in it, or to
        leave it as it is.
        """
        authorize(caller, Action.CREATE)
        spec = catalog.checked(spec)

        def work(tx: Transaction) -> tuple[str, list[str]]:
            before = rows.find_database(tx, name)
            gone: list[str] = []
            is_taken = before is not None or name == SYSTEM_DATABASE
            if is_taken and mode.keeps(render(name)):
                return already_there(render(name)), gone
            if before is not None:
                _require_to_change_database(caller, before)
                gone = rows.delete_database(tx, before.id, self._clock.now())
            self._insert_database(tx, caller, name, spec)
            return created("Database", render(name)), gone

        return self._finish(work)

    def create_or_alter_database(self, caller: Caller, name: str, spec: DatabaseSpec) -> str:
        """Make the database *name*, or give it these properties and no others."""
        authorize(caller, Action.CREATE)
        spec = catalog.checked(spec)

        def work(tx: Transaction) -> str:
            before = rows.find_database(tx, name)
            if before is None:
                self._insert_database(tx, caller, name, spec)
                return created("Database", render(name))
            _require_to_change_database(caller, before)
            rows.update_database(tx, before.id, spec)
            return DONE

        return self._store.write(work)

    def alter_database(
        self,
        caller: Caller,
        name: str,
        *,
        settings: Mapping[str, Any],
        unset: Iterable[str] = (),
        if_exists: bool = False,
    ) -> str:
        """Set and unset properties, by name in any case, and leave the others as they are."""

        def work(tx: Transaction) -> str:
            before = rows.find_database(tx, name)
            if before is None and if_exists:
                return DONE
            before = before or _require_database(tx, name)
            _require_to_change_database(caller, before)
            after = catalog.altered(before.spec, settings, unset, "DATABASE")
            rows.update_database(tx, before.id, after)
            return DONE

        return self._store.write(work)

    def drop_database(self, caller: Caller, name: str, *, if_exists: bool = False) -> str:
        """Drop the database *name* with its schemas, their tasks, tags, and data."""

        def work(tx: Transaction) -> tuple[str, list[str]]:
            before = rows.find_database(tx, name)
            if before is None and if_exists:
                return already_dropped(render(name)), []
            before = before or _require_database(tx, name)
            _require_to_change_database(caller, before)
            return dropped(render(name)), rows.delete_database(tx, before.id, self._clock.now())

        return self._finish(work)

    # --- schemas ---------------------------------------------------------------------------

    def list_schemas(
        self,
        caller: Caller,
        database: str | None,
        **wanted: Unpack[Selection],
    ) -> list[Schema]:
        """Return the schemas of *database*, or of the account if it is None, by name."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            if database is not None:
                _require_database(tx, database)
            found = rows.list_schemas(tx, database)
        return select_named(found, lambda each: each.name.schema, **wanted)

    def fetch_schema(self, caller: Caller, name: SchemaName) -> Schema:
        """Return the schema *name*, or raise NotFound for it or its database."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            return _require_schema(tx, name)

    def create_schema(self, caller: Caller, name: SchemaName, spec: SchemaSpec, mode: CreateMode) -> str:
        """Make the schema *name*, and return the sentence that says so.

        If the name is taken, *mode* says whether to refuse, to replace it and all in it, or to
        leave it as it is.
        """
        authorize(caller, Action.CREATE)
        spec = catalog.checked(spec)

        def work(tx: Transaction) -> tuple[str, list[str]]:
            database = _require_database(tx, name.database)
            before = rows.find_schema(tx, name)
            gone: list[str] = []
            is_taken = before is not None or name.schema == INFORMATION_SCHEMA
            if is_taken and mode.keeps(render(name.schema)):
                return already_there(render(name.schema)), gone
            if before is not None:
                _require_to_change_schema(caller, before)
                rows.delete_schema(tx, before.id, self._clock.now())
                gone = [before.id]
            self._insert_schema(tx, caller, database, name, spec)
            return created("Schema", render(name.schema)), gone

        return self._finish(work)

    def create_or_alter_schema(self, caller: Caller, name: SchemaName, spec: SchemaSpec) -> str:
        """Make the schema *name*, or give it these properties and no others."""
        authorize(caller, Action.CREATE)
        spec = catalog.checked(spec)

        def work(tx: Transaction) -> str:
            database = _require_database(tx, name.database)
            before = rows.find_schema(tx, name)
            if before is None:
                self._insert_schema(tx, caller, database, name, spec)
                return created("Schema", render(name.schema))
            _require_to_change_schema(caller, before)
            rows.update_schema(tx, before.id, spec)
            return DONE

        return self._store.write(work)

    def alter_schema(
        self,
        caller: Caller,
        name: SchemaName,
        *,
        settings: Mapping[str, Any],
        unset: Iterable[str] = (),
        if_exists: bool = False,
    ) -> str:
        """Set and unset properties, by name in any case, and leave the others as they are."""

        def work(tx: Transaction) -> str:
            before = rows.find_schema(tx, name)
            if before is None and if_exists:
                return DONE
            before = before or _require_schema(tx, name)
            _require_to_change_schema(caller, before)
            rows.update_schema(tx, before.id, catalog.altered(before.spec, settings, unset, "SCHEMA"))
            return DONE

        return self._store.write(work)

    def drop_schema(self, caller: Caller, name: SchemaName, *, if_exists: bool = False) -> str:
        """Drop the schema *name* with its tasks, tags and data."""

        def work(tx: Transaction) -> tuple[str, list[str]]:
            before = rows.find_schema(tx, name)
            if before is None and if_exists:
                return already_dropped(render(name.schema)), []
            before = before or _require_schema(tx, name)
            _require_to_change_schema(caller, before)
            rows.delete_schema(tx, before.id, self._clock.now())
            return dropped(render(name.schema)), [before.id]

        return self._finish(work)

    # --- namespaces ------------------------------------------------------------------------

    def namespace(self, schema: SchemaName) -> str:
        """Return the id under which an engine keeps *schema*, or raise NotFound.

        Asked for every table that a statement names: the store is read once for each schema.
        """
        remembered = self._remembered
        if schema not in remembered:
            with self._store.read() as tx:
                remembered[schema] = require_schema(tx, schema)
        return remembered[schema]

    def schema_of(self, namespace: str) -> SchemaName | None:
        """Return the schema that an engine keeps under *namespace*, or None if there is none."""
        found = next((name for name, each in list(self._remembered.items()) if each == namespace), None)
        if found is not None:
            return found
        with self._store.read() as tx:
            return next((each.name for each in rows.list_schemas(tx, None) if each.id == namespace), None)

    def reconcile(self, existing: set[str]) -> list[str]:
        """Return those of an engine's *existing* namespaces that no schema has any more.

        A crash between a drop's commit and the engine leaves such orphans; a start drops them.
        """
        with self._store.read() as tx:
            known = set(rows.list_namespaces(tx))
        return sorted(existing - known)

    # --- how -------------------------------------------------------------------------------

    def _forget(self, topic: Topic) -> None:
        if topic is Topic.CATALOG:
            self._remembered = {}

    def _insert_database(self, tx: Transaction, caller: Caller, name: str, spec: DatabaseSpec) -> None:
        database = Database(
            id=self._new_id(), name=name, owner=caller.role, spec=spec, created_on=self._clock.now()
        )
        if name == SYSTEM_DATABASE:
            raise ReservedDatabase(name)
        rows.insert_database(tx, database)
        self._insert_schema(tx, caller, database, SchemaName(name, PUBLIC_SCHEMA), SchemaSpec(kind=spec.kind))

    def _insert_schema(
        self, tx: Transaction, caller: Caller, database: Database, name: SchemaName, spec: SchemaSpec
    ) -> None:
        if name.schema == INFORMATION_SCHEMA:
            raise ReservedSchema(name)
        schema = Schema(
            id=self._new_id(), name=name, owner=caller.role, spec=spec, created_on=self._clock.now()
        )
        rows.insert_schema(tx, database.id, schema)

    def _finish(self, work: Callable[[Transaction], tuple[str, list[str]]]) -> str:
        """Commit *work*, then let go in the engine and the runner of what it says is gone."""
        answer, gone = self._store.write(work)
        if gone:
            self._wakeups.raise_(Topic.CATALOG)
            self._wakeups.raise_(Topic.SCHEDULE)
            try:
                self._drop_namespaces(gone)
            except ClockmillError:
                log.exception("namespaces left behind", extra={"namespaces": gone})
        return answer


def _require_database(tx: Transaction, name: str) -> Database:
    database = rows.find_database(tx, name)
    if database is None:
        raise NotFound("Database", render(name))
    return database


def _require_schema(tx: Transaction, name: SchemaName) -> Schema:
    schema = rows.find_schema(tx, name)
    if schema is None:
        _require_database(tx, name.database)
        raise NotFound("Schema", name)
    return schema


def _require_to_change_database(caller: Caller, database: Database) -> None:
    authorize(caller, Action.CHANGE, owner=database.owner, kind="database", name=render(database.name))


def _require_to_change_schema(caller: Caller, schema: Schema) -> None:
    authorize(caller, Action.CHANGE, owner=schema.owner, kind="schema", name=render(schema.name.schema))
