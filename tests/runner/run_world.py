"""A whole runner over a real store, driven step by step, with bodies that do as they are told."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from tests.service.task_world import ADMIN, HOME, TaskWorld, named

from clockmill.core.body import BodyOutcome, BodyRequest, Recall, Remains, Slot
from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.errors import NotFound
from clockmill.core.misfire import NO_MISFIRES, Misfires
from clockmill.core.names import QualifiedName
from clockmill.core.node import NewNode
from clockmill.runner.conditions import Conditions
from clockmill.runner.conductor import Conductor
from clockmill.runner.firing import pass_over_downtime
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.leases import NodeLease
from clockmill.runner.scheduler import Scheduler
from clockmill.runner.slots import WarehouseSlots
from clockmill.runner.workers import ThreadWorkers, Workers
from clockmill.service.history import HistoryService
from clockmill.service.history_rows import GraphRunRow, TaskRunRow
from clockmill.service.runs import RunService
from clockmill.store.database import Store
from clockmill.store.tables import graph_runs, task_runs

PATIENCE_S: Final = 20.0
"""How long a test waits for a signal that it knows will come."""


class InlineWorkers:
    """Runs work in the thread that submits it, one piece after the other."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_running = False

    def submit(self, work: Callable[[], None]) -> None:
        self._waiting.append(work)
        if self._is_running:
            return
        self._is_running = True
        try:
            while self._waiting:
                self._waiting.popleft()()
        finally:
            self._is_running = False

    def wait_idle(self, timeout_s: float) -> bool:
        return True


class ScriptedBodies:
    """Bodies that succeed at once unless the script has something else for them.

    A body that is held waits until it is let go, or cancelled. *order* is who began, in order.
    """

    def __init__(self) -> None:
        self.order: list[str] = []
        self.requests: list[BodyRequest] = []
        self.running: set[str] = set()
        self.most_at_once = 0
        self.threads: set[int] = set()
        self._outcomes: defaultdict[str, deque[BodyOutcome]] = defaultdict(deque)
        self._holds: dict[str, threading.Event] = {}
        self._acts: dict[str, Callable[[], None]] = {}
        self.remains: dict[str, Recall] = {}
        self._changed = threading.Condition()

    def fails(self, name: str, *, times: int = 1, code: str = "100038", text: str = "boom") -> None:
        for _ in range(times):
            self._outcomes[name].append(BodyOutcome(error_code=code, error_message=text))

    def breaks(self, name: str) -> None:
        """Let the next run of *name* end by our doing."""
        outcome = BodyOutcome(error_code="000603", error_message="broken", is_system_error=True)
        self._outcomes[name].append(outcome)

    def returns(self, name: str, value: str) -> None:
        self._outcomes[name].append(BodyOutcome(return_value=value))

    def does(self, name: str, act: Callable[[], None]) -> None:
        """Let every run of *name* do *act*."""
        self._acts[name] = act

    def hold(self, *names: str) -> None:
        for name in names:
            self._holds[name] = threading.Event()

    def let_go(self, *names: str) -> None:
        for name in names:
            self._holds.pop(name).set()

    def let_all_go(self) -> None:
        for name in list(self._holds):
            self.let_go(name)

    def wait_for(self, *names: str) -> None:
        """Wait until the bodies of *names* are running."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.running >= set(names), PATIENCE_S), self.running

    def needs_slot(self, definition: str) -> bool:
        return not definition.startswith("call system$")

    def run(self, body: BodyRequest, slot: Slot | None, cancel: CancelToken) -> BodyOutcome:
        name = body.task.name
        self._begin(name, body)
        try:
            hold = self._holds.get(name)
            if hold is not None:
                with cancel.interrupting(hold.set):
                    assert hold.wait(PATIENCE_S)
            if cancel.reason is not None:
                return BodyOutcome(error_code="000604", error_message="stopped", is_cancelled=True)
            self._acts.get(name, lambda: None)()
            script = self._outcomes[name]
            return script.popleft() if script else BodyOutcome()
        finally:
            self._end(name)

    def recall(self, body: BodyRequest) -> Recall:
        return self.remains.get(body.task.name, Recall(remains=Remains.NOTHING))

    def forget(self, runs: Collection[tuple[str, int]]) -> None:
        pass

    def _begin(self, name: str, body: BodyRequest) -> None:
        with self._changed:
            self.order.append(name)
            self.requests.append(body)
            self.running.add(name)
            self.threads.add(threading.get_ident())
            self.most_at_once = max(self.most_at_once, len(self.running))
            self._changed.notify_all()

    def _end(self, name: str) -> None:
        with self._changed:
            self.running.discard(name)
            self._changed.notify_all()


class Streams:
    """Streams that have data or not; one that is not listed does not exist."""

    def __init__(self) -> None:
        self.have_data: dict[str, bool] = {}

    def has_data(self, stream: QualifiedName) -> bool:
        if stream.name not in self.have_data:
            raise NotFound("Stream", stream)
        return self.have_data[stream.name]


class RunWorld(TaskWorld):
    """Tasks, and what runs them. Bodies run in the calling thread unless *threads* are asked for."""

    def __init__(self, store: Store, *, slots: int = 8, threads: bool = False) -> None:
        super().__init__(store)
        self.bodies = ScriptedBodies()
        self.streams = Streams()
        self.misfires = NO_MISFIRES
        self.slots = WarehouseSlots(lambda _: slots)
        self.workers: Workers = ThreadWorkers() if threads else InlineWorkers()
        self.reruns_interrupted = False
        self.left: list[tuple[ScriptedBodies, Workers]] = []
        self.runs = RunService(store=store, clock=self.clock, wakeups=self.wakeups)
        self.history = HistoryService(store=store, clock=self.clock, complete_window=timedelta(days=365))
        self._assemble()

    def _assemble(self) -> None:
        self.lease = NodeLease(
            store=self.store,
            clock=self.clock,
            wakeups=self.wakeups,
            node=NewNode(name="test", home="here", version="1"),
            duration=None,
        )
        self.lease.register()
        self.graphs = GraphCache()
        conditions = Conditions(self.streams)
        self.scheduler = Scheduler(
            store=self.store,
            wakeups=self.wakeups,
            graphs=self.graphs,
            conditions=conditions,
            misfires=self.misfires,
        )
        self.conductor = Conductor(
            store=self.store,
            clock=self.clock,
            wakeups=self.wakeups,
            bodies=self.bodies,
            slots=self.slots,
            workers=self.workers,
            conditions=conditions,
            graphs=self.graphs,
            node=self.lease.node,
            holds=lambda: self.lease.holds,
            on_root_free=self.scheduler.hear_end,
            reruns_interrupted=self.reruns_interrupted,
        )

    def set_slots(self, count: int) -> None:
        """Let every warehouse have so many slots."""
        self.slots = WarehouseSlots(lambda _: count)
        self._assemble()

    def crash(self) -> None:
        """Forget everything that is not in the store, and start again."""
        self.left.append((self.bodies, self.workers))
        remains, self.bodies = self.bodies.remains, ScriptedBodies()
        self.bodies.remains = remains
        self.slots = WarehouseSlots(lambda _: 8)
        self.workers = ThreadWorkers() if isinstance(self.workers, ThreadWorkers) else InlineWorkers()
        self._assemble()
        pass_over_downtime(self.store, self.graphs, self.misfires, self.clock.now())
        self.scheduler.recover(self.clock.now())

    def make_up_for(self, misfires: Misfires) -> None:
        """Let the scheduler make up for what is missed, as *misfires* says."""
        self.misfires = misfires
        self._assemble()

    def close(self) -> None:
        """Let every body end that still runs, those of nodes that are gone included."""
        for bodies, workers in [*self.left, (self.bodies, self.workers)]:
            bodies.let_all_go()
            assert workers.wait_idle(PATIENCE_S)

    def data_comes(self, *streams: str) -> None:
        """Let *streams* get data, as a commit does."""
        self.streams.have_data |= dict.fromkeys(streams, True)
        self.scheduler.hear_streams({HOME.object(stream) for stream in streams})

    # --- driving -----------------------------------------------------------------------------------

    def step(self) -> None:
        """Do what is due now: fire, claim, obey, stop what takes too long."""
        self.scheduler.tick(self.clock.now())
        self.conductor.step(self.clock.now())

    def settle(self) -> None:
        """Step until no graph run is owned or waits to be; nothing may be held."""
        for _ in range(100):
            self.step()
            assert self.workers.wait_idle(PATIENCE_S)
            if not self.conductor.owned and not self.open_runs():
                return
        raise AssertionError("the runs do not come to an end")

    def run_until(self, end: datetime) -> None:
        """Let time pass up to *end*, stopping wherever something is due."""
        while True:
            self.scheduler.tick(self.clock.now())
            self.conductor.step(self.clock.now())
            due = self.scheduler.tick(self.clock.now())
            if due is None or due > end:
                break
            self.clock.move_to(due)
        self.clock.move_to(end)

    def execute(self, name: str = "R", **options: Any) -> str:
        return self.runs.execute_task(ADMIN, named(name), **options)

    def run(self, name: str = "R", **options: Any) -> GraphRunRow:
        """Execute root *name*, see it through, and return how it ended."""
        self.execute(name, **options)
        self.settle()
        return self.last(name)

    # --- looking -----------------------------------------------------------------------------------

    def open_runs(self) -> int:
        with self.store.read() as tx:
            query = select(graph_runs.c.id).where(graph_runs.c.state.in_(["QUEUED", "EXECUTING"]))
            return len(tx.execute(query).all())

    def owners(self) -> list[str | None]:
        """Return the owners of the graph runs that execute, oldest first."""
        with self.store.read() as tx:
            query = select(graph_runs.c.owner_node).where(graph_runs.c.state == "EXECUTING")
            return list(tx.execute(query.order_by(graph_runs.c.id)).scalars())

    def complete(self, name: str = "R") -> list[GraphRunRow]:
        """Return the graph runs of *name* that have ended, first ended first."""
        return self.history.complete_graphs(ADMIN, named(name), limit=10_000)[::-1]

    def current(self, name: str = "R") -> list[GraphRunRow]:
        return self.history.current_graphs(ADMIN, named(name))

    def last(self, name: str = "R") -> GraphRunRow:
        return self.complete(name)[-1]

    def task_rows(self) -> list[TaskRunRow]:
        """Return the runs of all tasks, first stored first."""
        with self.store.read() as tx:
            ids = list(tx.execute(select(task_runs.c.query_id).order_by(task_runs.c.id)).scalars())
        rows = self.history.task_history(
            ADMIN, since=datetime.fromisoformat("2000-01-01T00:00:00Z"), limit=10_000
        )
        stored = [row for row in rows if row.state != "SCHEDULED"]
        assert len(ids) == len(stored)
        return stored[::-1]

    def states(self) -> dict[str, str]:
        """Return by name the state of the latest run of each task."""
        return {row.name: row.state for row in self.task_rows()}


def held(world: RunWorld, name: str = "R") -> None:
    """Execute the graph of R and wait until *name* is running."""
    world.bodies.hold(name)
    world.execute()
    world.step()
    world.bodies.wait_for(name)


def finish(world: RunWorld) -> str:
    world.settle()
    return world.last().state


__all__ = [
    "ADMIN",
    "HOME",
    "PATIENCE_S",
    "CancelReason",
    "RunWorld",
    "ScriptedBodies",
    "finish",
    "held",
    "named",
]
