"""A door over a real store and a real engine, with one session in it."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clockmill.clock import Clock, SystemClock
from clockmill.core.body import BodyOutcome, BodyRequest, GraphRunContext, Slot
from clockmill.core.caller import Caller
from clockmill.core.cancel import CancelToken
from clockmill.core.names import QualifiedName
from clockmill.core.routine import SQL
from clockmill.core.signin import Login, Password, SessionRecord
from clockmill.core.task import CreateMode, TaskSpec
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.runner.slots import WarehouseSlots
from clockmill.service.catalog import CatalogService
from clockmill.service.identity import IdentityService
from clockmill.service.routines import RoutineService
from clockmill.service.runs import RunService
from clockmill.service.signin import Signin
from clockmill.service.tags import TagService
from clockmill.service.tasks import TaskService
from clockmill.service.warehouses import WarehouseService
from clockmill.session.answer import Answer
from clockmill.session.bodies import DoorBodies
from clockmill.session.door import Door
from clockmill.session.session import Session
from clockmill.session.sql_language import SqlLanguage
from clockmill.store.database import Store
from clockmill.wake import Topic, Wakeups

PASSWORD = "correct horse battery staple"
TASK = QualifiedName("D", "S", "T1")


class House:
    """Everything a statement can reach. The session of ADMIN begins in D.S, made here if *is_new*."""

    def __init__(
        self, store: Store, folder: Path, clock: Clock | None = None, *, is_new: bool = True
    ) -> None:
        self.store = store
        self.clock = clock or SystemClock()
        self.wakeups = Wakeups()
        self.engine = DuckDBEngine(folder / "engine.db", temp_dir=folder / "temp", memory_limit="512MB")
        self.catalog = CatalogService(
            store=store, clock=self.clock, wakeups=self.wakeups, drop_namespaces=self._drop_namespaces
        )
        self.warehouses = WarehouseService(store=store, clock=self.clock, wakeups=self.wakeups)
        self.tasks = TaskService(store=store, clock=self.clock, wakeups=self.wakeups)
        self.slots = WarehouseSlots(self.warehouses.slot_count)
        self.wakeups.subscribe(lambda topic: self.slots.refresh() if topic is Topic.WAREHOUSES else None)
        self.signin = Signin(store=store, clock=self.clock)
        self.door = self.new_door()
        if is_new:
            IdentityService(store=store, clock=self.clock).bootstrap(
                account_name="CLOCKMILL", admin_password=PASSWORD
            )
        self.login = self.sign_in()
        self.session = self.door.session(self.login.session)
        if is_new:
            self.run("create warehouse compute_wh")
            self.run("create database d")
            self.run("create schema s")
        else:
            self.run("use d.s")

    def new_door(self, **options: Any) -> Door:
        """Return a door, as another start of the server would have it."""
        return Door(
            engine=self.engine,
            slots=self.slots,
            store=self.store,
            clock=self.clock,
            signin=self.signin,
            catalog=self.catalog,
            warehouses=self.warehouses,
            tags=TagService(store=self.store, clock=self.clock),
            tasks=self.tasks,
            runs=RunService(store=self.store, clock=self.clock, wakeups=self.wakeups),
            routines=RoutineService(store=self.store, clock=self.clock, wakeups=self.wakeups),
            languages={SQL: SqlLanguage()},
            version="0.0",
            **options,
        )

    def sign_in(self) -> Login:
        """Open another session of ADMIN."""
        return self.signin.login(Password("ADMIN", PASSWORD), address="127.0.0.1")

    def record(self) -> SessionRecord:
        """Return the session as the store has it now."""
        return self.signin.session(self.login.token)

    def another_session(self, *statements: str) -> Session:
        """Return a second session, in D.S, after it ran *statements*."""
        session = self.door.session(self.sign_in().session)
        for statement in ("use d.s", *statements):
            session.execute(statement)
        return session

    def run(self, sql: str, **options: Any) -> Answer:
        """Run *sql* in the session."""
        return self.session.execute(sql, **options)

    def rows(self, sql: str, **options: Any) -> list[Sequence[Any]]:
        """Return the rows that *sql* gives in the session."""
        return [tuple(row) for row in self.run(sql, **options).result.rows]

    def shown(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows that *sql* gives, by column name."""
        result = self.run(sql).result
        names = [column.name for column in result.columns]
        return [dict(zip(names, row, strict=True)) for row in result.rows]

    @property
    def caller(self) -> Caller:
        return self.session.state.caller

    def given_task(self, name: str, definition: str = "select 1", **spec: Any) -> QualifiedName:
        """Make a task in D.S."""
        full = QualifiedName("D", "S", name)
        spec.setdefault("schedule", None if spec.get("predecessors") else "60 MINUTES")
        self.tasks.create_task(
            self.caller, full, TaskSpec(definition=definition, **spec), CreateMode.ERROR_IF_EXISTS
        )
        return full

    def run_body(
        self, definition: str, *, cancel: CancelToken | None = None, slot: Slot | None = None, **changes: Any
    ) -> BodyOutcome:
        """Run *definition* as the body of T1 in D.S, owned by SYSADMIN."""
        bodies = DoorBodies(self.door.services)
        return bodies.run(self.body(definition, **changes), slot, cancel or CancelToken())

    def body(self, definition: str, *, graph: dict[str, Any] | None = None, **changes: Any) -> BodyRequest:
        """Return what the runner would ask for."""
        context: dict[str, Any] = {
            "root": QualifiedName("D", "S", "ROOT"),
            "root_id": "root-id",
            "group_id": "group-id",
            "attempt": 1,
            "original_scheduled_at": self.clock.now(),
            "last_successful_group_id": None,
            "last_successful_scheduled_at": None,
            "config": None,
            **(graph or {}),
        }
        request: dict[str, Any] = {
            "task": TASK,
            "task_id": str(uuid.uuid4()),
            "owner": "SYSADMIN",
            "definition": definition,
            "warehouse": None,
            "session_parameters": {},
            "execute_as_user": None,
            "query_id": str(uuid.uuid4()),
            "graph_run": GraphRunContext(**context),
            "predecessors": (),
            "return_values": {},
            "timeout_s": 60.0,
            **changes,
        }
        return BodyRequest(**request)

    def close(self) -> None:
        self.door.close()
        self.engine.close()

    def _drop_namespaces(self, namespaces: list[str]) -> None:
        for namespace in namespaces:
            self.engine.drop_namespace(namespace)
