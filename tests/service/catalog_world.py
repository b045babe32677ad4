"""The catalog beside the tasks and tags that live in it."""

from datetime import UTC, datetime

from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.catalog import DatabaseSpec, SchemaSpec
from clockmill.core.errors import (
    Unavailable,
)
from clockmill.core.names import SchemaName
from clockmill.core.task import CreateMode
from clockmill.service.catalog import CatalogService
from clockmill.service.runs import RunService
from clockmill.service.tags import TagService
from clockmill.service.tasks import TaskService
from clockmill.store.account import create_account
from clockmill.store.database import Store
from clockmill.wake import Topic, Wakeups

ADMIN = Caller(user="ADMIN", role="ACCOUNTADMIN")
BOB = Caller(user="BOB", role="ANALYST")
START = datetime(2026, 1, 1, tzinfo=UTC)
NEW = CreateMode.ERROR_IF_EXISTS
S = SchemaName("DB", "S")


class World:
    """The catalog over a real store, beside the tasks and tags that live in it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = VirtualClock(START)
        self.forgotten: list[str] = []
        self.engine_is_broken = False
        self.woken: list[Topic] = []
        wakeups = Wakeups()
        wakeups.subscribe(self.woken.append)
        self.service = CatalogService(
            store=store, clock=self.clock, wakeups=wakeups, drop_namespaces=self._drop_namespaces
        )
        self.tasks = TaskService(store=store, clock=self.clock, wakeups=wakeups)
        self.runs = RunService(store=store, clock=self.clock, wakeups=wakeups)
        self.tags = TagService(store=store, clock=self.clock)
        store.write(lambda tx: create_account(tx, "CLOCKMILL", START))

    def _drop_namespaces(self, namespaces: list[str]) -> None:
        if self.engine_is_broken:
            raise Unavailable("the engine is away")
        self.forgotten.extend(namespaces)

    def create_database(self, name: str = "DB", mode: CreateMode = NEW, caller: Caller = ADMIN) -> str:
        return self.service.create_database(caller, name, DatabaseSpec(), mode)

    def create_schema(self, name: SchemaName = S, mode: CreateMode = NEW, caller: Caller = ADMIN) -> str:
        return self.service.create_schema(caller, name, SchemaSpec(), mode)

    def schemas(self, database: str | None = "DB") -> list[str]:
        return [each.name.schema for each in self.service.list_schemas(ADMIN, database)]
