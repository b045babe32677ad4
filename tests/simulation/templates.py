"""What a simulation begins with: the tasks of a shape, stored. Made once for each shape."""

from itertools import count

from sqlalchemy import insert
from tests.service.task_world import ADMIN, HOME, START, spec
from tests.simulation.database import Database, plain_store
from tests.simulation.shapes import GraphShape, shape

from clockmill.clock import VirtualClock
from clockmill.core.task import CreateMode, OverlapPolicy
from clockmill.service.tasks import TaskService
from clockmill.store.database import Transaction
from clockmill.store.tables import databases, schemas
from clockmill.wake import Wakeups


class Template:
    """A shape and the database in which its tasks are. *roots* holds the ids of the roots, by name."""

    def __init__(self, database: Database, number: int) -> None:
        self.graphs = shape(number)
        database.clear()
        store = plain_store(database)
        store.write(_furnish)
        ids = count(1)
        self._service = TaskService(
            store=store, clock=VirtualClock(START), wakeups=Wakeups(), new_id=lambda: f"task-{next(ids):02}"
        )
        for graph in self.graphs:
            self._create(graph)
        self.ids = {task.name.name: task.id for task in self._service.list_tasks(ADMIN, HOME)}
        self.image = database.image()

    def _create(self, graph: GraphShape) -> None:
        self._make(
            graph,
            graph.root,
            schedule=f"{graph.every_s} SECONDS" if graph.every_s else None,
            overlap_policy=OverlapPolicy(graph.policy),
            task_auto_retry_attempts=graph.retries,
            suspend_task_after_num_failures=graph.failures_allowed,
            user_task_timeout_ms=graph.timeout_s * 1000,
        )
        for name, before in graph.links.items():
            self._make(graph, name, *before)
        if graph.finalizer is not None:
            self._make(graph, graph.finalizer, finalize=graph.root)
        for name in graph.tasks[1:]:
            if name not in graph.suspended:
                self._service.resume_task(ADMIN, HOME.object(name))
        if graph.every_s is not None:
            self._service.resume_task(ADMIN, HOME.object(graph.root))

    def _make(self, graph: GraphShape, name: str, *before: str, **properties: object) -> None:
        wanted = spec(*before, definition=graph.kinds[name].value, **properties)
        self._service.create_task(ADMIN, HOME.object(name), wanted, CreateMode.ERROR_IF_EXISTS)


def _furnish(tx: Transaction) -> None:
    owned = {"owner": "SYSADMIN", "created_on": START}
    tx.execute(insert(databases), {"id": "d1", "name": HOME.database, **owned})
    tx.execute(insert(schemas), {"id": "s1", "database_id": "d1", "name": HOME.schema, **owned})
