"""A store with a schema in it, and few words for what tests of tasks say again and again."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert

from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.task import CreateMode, Task, TaskSpec
from clockmill.service.tasks import TaskService
from clockmill.store.database import Store, Transaction
from clockmill.store.tables import databases, schemas, users, warehouses
from clockmill.wake import Topic, Wakeups

START: Final = datetime(2026, 3, 1, 9, 3, tzinfo=UTC)
HOME: Final = SchemaName("DB", "S")
ADMIN: Final = Caller(user="ADMIN", role="ACCOUNTADMIN", roles=frozenset({"ACCOUNTADMIN", "SYSADMIN"}))
OTHER: Final = Caller(user="BOB", role="SYSADMIN", roles=frozenset({"SYSADMIN"}))


class TaskWorld:
    """The service over a real store, at a time that stands still."""

    def __init__(self, store: Store, *, max_started: int = 30_000) -> None:
        self.store = store
        self.clock = VirtualClock(START)
        self.wakeups = Wakeups()
        self.woken: list[Topic] = []
        self.wakeups.subscribe(self.woken.append)
        self.service = TaskService(
            store=store, clock=self.clock, wakeups=self.wakeups, max_started=max_started
        )
        store.write(_furnish)

    def create(
        self,
        name: str,
        *after: str,
        mode: CreateMode = CreateMode.ERROR_IF_EXISTS,
        caller: Caller = ADMIN,
        **properties: Any,
    ) -> str:
        """Create a task that comes after the tasks named *after*."""
        return self.service.create_task(caller, named(name), spec(*after, **properties), mode)

    def alter(self, name: str, *after: str, caller: Caller = ADMIN, **properties: Any) -> str:
        return self.service.create_or_alter_task(caller, named(name), spec(*after, **properties))

    def drop(self, name: str, **options: Any) -> str:
        return self.service.drop_task(ADMIN, named(name), **options)

    def resume(self, *names: str) -> None:
        for name in names:
            self.service.resume_task(ADMIN, named(name))

    def resume_all(self, name: str) -> None:
        self.service.enable_dependents(ADMIN, named(name))

    def suspend(self, *names: str) -> None:
        for name in names:
            self.service.suspend_task(ADMIN, named(name))

    def task(self, name: str) -> Task:
        return self.service.fetch_task(ADMIN, named(name))

    def all(self) -> dict[str, Task]:
        return {task.name.name: task for task in self.service.list_tasks(ADMIN, HOME)}


def named(name: str) -> QualifiedName:
    return HOME.object(name)


def spec(*after: str, **properties: Any) -> TaskSpec:
    return TaskSpec(**{"definition": "select 1", "predecessors": after, **properties})


def _furnish(tx: Transaction) -> None:
    owned = {"owner": "SYSADMIN", "created_on": START}
    tx.execute(insert(databases), {"id": "d1", "name": "DB", **owned})
    for key, name in (("s1", "S"), ("s2", "S2")):
        tx.execute(insert(schemas), {"id": key, "database_id": "d1", "name": name, **owned})
    house = {"id": "w1", "name": "WH", "size": "XSMALL", "updated_on": START, **owned}
    tx.execute(insert(warehouses), house)
    tx.execute(insert(users), {"name": "BOB", "created_on": START})
