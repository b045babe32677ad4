"""A node of a simulation: the real runner, in a process that can be killed at every write."""

import math
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final, Protocol, cast

from tests.service.task_world import START
from tests.simulation.bodies import SimulatedBodies, Witness
from tests.simulation.database import Database, PlainLink, SimulatedBackend, SimulatedStore
from tests.simulation.ledger import Key, Ledger
from tests.simulation.plan import Plan
from tests.simulation.timeline import Process, Timeline
from tests.simulation.virtual import FiberWorkers, VirtualEvent, VirtualLock

from clockmill.core.errors import InternalFault, Unavailable
from clockmill.core.misfire import Misfire, Misfires
from clockmill.core.names import QualifiedName
from clockmill.core.node import NewNode, NodeIsRunning, NodeState
from clockmill.runner.conditions import Conditions
from clockmill.runner.conductor import Conductor
from clockmill.runner.firing import pass_over_downtime
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.leases import NodeLease
from clockmill.runner.loop import AFTER_MISTAKE_S, LONGEST_SLEEP_S
from clockmill.runner.scheduler import Scheduler
from clockmill.runner.slots import WarehouseSlots
from clockmill.service.runs import RunService
from clockmill.service.tasks import TaskService
from clockmill.wake import Topic, Wakeups

POLL_MS: Final = 8_000
"""How often a node looks by itself for what a wake-up that was lost would have told."""

LEASE: Final = timedelta(seconds=9)
"""How long the lease of a node lasts."""

_POLLED: Final = (Topic.SCHEDULE, Topic.RUNS, Topic.COMMANDS)

Step = Callable[[datetime], datetime | None]


class Host(Witness, Protocol):
    """What a node needs of the world around it."""

    timeline: Timeline
    database: Database
    ledger: Ledger
    plan: Plan
    happened: Counter[str]

    def chance(self, key: Key, execution: int) -> Random: ...
    def committed(self, life: "Life") -> None: ...
    def died(self, life: "Life") -> None: ...
    def spread(self, life: "Life", topic: Topic) -> None: ...
    def mistaken(self, life: "Life", error: BaseException) -> None: ...


class Node:
    """A machine: what lasts when its process does not, and what is wrong with it at the moment.

    *skew_ms* is how far its clock is off. *is_away*, *slow_ms*, *is_deaf* last until they are set
    back; *at_write* happens once, at its next write.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.skew_ms = 0
        self.is_away = False
        self.is_deaf = False
        self.slow_ms = 0
        self.unsynced = 0
        self.at_write: Callable[[str], None] | None = None
        self.lives = 0
        self.life: Life | None = None


class NodeClock:
    """The clock of a node, which may be set; its count of seconds may not."""

    def __init__(self, node: Node, timeline: Timeline) -> None:
        self._node = node
        self._timeline = timeline

    def now(self) -> datetime:
        return START + timedelta(milliseconds=self._timeline.now_ms + self._node.skew_ms)

    def monotonic(self) -> float:
        return self._timeline.now_ms / 1000


class TrueClock(NodeClock):
    """The clock by which leases are judged: that of the database server, the same for all nodes."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__(Node("database"), timeline)


class FaultyLink(PlainLink):
    """A process's way to the database: it breaks off, and the process may die at each of its ends."""

    def __init__(self, host: Host, life: "Life") -> None:
        super().__init__(host.database)
        self._host = host
        self._life = life

    def begin(self, *, shared: bool = False) -> None:
        self._life.reach()
        self._strike("begin")
        super().begin(shared=shared)

    def commit(self) -> None:
        self._strike("commit")
        node = self._life.node
        if node.unsynced:
            node.unsynced -= 1
            self._host.happened["commits failed"] += 1
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error
        super().commit()
        self._host.committed(self._life)
        self._strike("done")

    def _strike(self, point: str) -> None:
        node = self._life.node
        if node.at_write is not None:
            node.at_write(point)


class Loop:
    """Repeats a step as :class:`clockmill.runner.loop.Loop` does, in virtual time."""

    def __init__(self, life: "Life", step: Step) -> None:
        self._life = life
        self._step = step
        self._round = 0
        self._is_running = False
        self._is_awake = False
        self.is_stopped = False

    def wake(self) -> None:
        """Let the step be called soon."""
        self._is_awake = True
        if not self._is_running:
            self._plan(None)

    def _plan(self, delay_ms: int | None) -> None:
        self._round += 1
        planned = self._round
        self._life.spawn(lambda: self._run(planned), delay_ms=delay_ms)

    def _run(self, planned: int) -> None:
        if planned != self._round or self._is_running or self.is_stopped:
            return
        self._is_running, self._is_awake = True, False
        try:
            pause_s = self._pause_s()
        finally:
            self._is_running = False
        # Time goes on while a step is taken, even if it wants to be called again at once.
        self._plan(None if self._is_awake else max(1, math.ceil(pause_s * 1000)))

    def _pause_s(self) -> float:
        clock = self._life.clock
        try:
            due = self._step(clock.now())
        except Exception as error:  # noqa: BLE001 - as the real one does
            self._life.mistaken(error)
            return AFTER_MISTAKE_S
        if due is None:
            return LONGEST_SLEEP_S
        return min(max((due - clock.now()).total_seconds(), 0.0), LONGEST_SLEEP_S)


class NoStreams:
    """No stream has data; a :class:`clockmill.core.body.StreamCheck`."""

    def has_data(self, stream: QualifiedName) -> bool:
        return False


class Life(Process):
    """One process of a node, from its start to its end. *number* counts those of the node."""

    kind_of_bodies = SimulatedBodies

    def __init__(self, host: Host, node: Node, number: int) -> None:
        name = f"{node.name}.{number}"
        super().__init__(name, Random(f"{host.plan.seed} {name}"))
        self.host = host
        self.node = node
        self.began_ms = host.timeline.now_ms
        self.timeline = host.timeline
        self.clock = NodeClock(node, host.timeline)
        self.is_stopping = False
        self._ids = 0
        backend = SimulatedBackend(
            host.database, FaultyLink(host, self), is_shared=host.plan.nodes > 1, check=self.reach
        )
        self.store = SimulatedStore(backend, soon=self.spawn, wait=self._take_time)
        self.wakeups = Wakeups()
        self.wakeups.forward_to(lambda topic: host.spread(self, topic))
        self._assemble()
        self.tasks = TaskService(store=self.store, clock=self.clock, wakeups=self.wakeups, new_id=self.new_id)

    def _assemble(self) -> None:
        """Join the parts as :class:`clockmill.runner.loop.Runner` does."""
        self.workers = FiberWorkers(self.timeline, self, self.mistaken)
        self.bodies = self.kind_of_bodies(
            process=self,
            timeline=self.timeline,
            ledger=self.host.ledger,
            witness=self.host,
            random=self.host.chance,
        )
        self.graphs = GraphCache()
        conditions = Conditions(NoStreams())
        self.lease = NodeLease(
            store=self.store,
            clock=TrueClock(self.timeline),
            wakeups=self.wakeups,
            node=NewNode(name=self.node.name, incarnation=self.name, home=self.node.name, version="0"),
            duration=LEASE if self.host.plan.nodes > 1 else None,
            new_incarnation=self.new_id,
        )
        self.misfires = Misfires(policy=Misfire(self.host.plan.misfire), limit=3)
        self.scheduler = Scheduler(
            store=self.store,
            wakeups=self.wakeups,
            graphs=self.graphs,
            conditions=conditions,
            misfires=self.misfires,
        )
        slots = self.host.plan.slots
        self.conductor = Conductor(
            store=self.store,
            clock=self.clock,
            wakeups=self.wakeups,
            bodies=self.bodies,
            slots=WarehouseSlots(lambda _: slots),
            workers=self.workers,
            conditions=conditions,
            graphs=self.graphs,
            node=self.node.name,
            on_root_free=self.scheduler.hear_end,
            reruns_interrupted=self.host.plan.reruns_interrupted,
            holds=lambda: self.lease.holds,
        )
        execution = self.conductor._execution
        execution._stopping = cast("threading.Event", VirtualEvent(self.timeline))
        execution._new_id = self.new_id
        # The one lock of the runner that is held while something is written.
        self.conductor._handover._lock = cast("threading.Lock", VirtualLock(self.timeline))
        self._scheduling = Loop(self, self.scheduler.tick)
        self._conducting = Loop(self, self.conductor.step)
        self._leasing = Loop(self, self.lease.step)
        self.lease.on_lost = self.conductor.drop_all
        self.lease.on_state = self._take_state
        self.lease.on_answer = self._leasing.wake
        self.conductor.call_when_sooner(self._conducting.wake)
        self.wakeups.subscribe(self._hear)

    # --- from start to end -------------------------------------------------------------------

    def run(self) -> None:
        """Start, and go on until the end; for a fiber. It dies if the store is away meanwhile."""
        try:
            self.lease.register()
            self._leasing.wake()
            if self.lease.is_alone:
                pass_over_downtime(self.store, self.graphs, self.misfires, self.clock.now())
            self.scheduler.recover(self.clock.now())
        except (Unavailable, InternalFault, NodeIsRunning):
            self.end()
        self._scheduling.wake()
        self._conducting.wake()
        self._poll()

    def stop(self) -> None:
        """Stop in good order, and end; for a fiber."""
        self.is_stopping = True
        self._scheduling.is_stopped = True
        self.conductor.begin_stop()
        self.conductor.stop(2.0, 1.0)
        self._conducting.is_stopped = self._leasing.is_stopped = True
        self.lease.end()
        self.end()

    def end(self) -> None:
        """End the process, in one of its fibers."""
        self.host.died(self)
        self.timeline.die()

    def _poll(self) -> None:
        while True:
            self.timeline.sleep(POLL_MS)
            for topic in _POLLED:
                self.wakeups.hear(topic)

    def _take_state(self, state: NodeState) -> None:
        if state is NodeState.DRAINING:
            self.conductor.drain()
        else:
            self.conductor.undrain()

    def _hear(self, topic: Topic) -> None:
        if topic is Topic.NODES:
            self.lease.ask_soon()
            self._leasing.wake()
            return
        (self._scheduling if topic is Topic.SCHEDULE else self._conducting).wake()

    # --- for its parts -----------------------------------------------------------------------

    def spawn(self, work: Callable[[], None], *, delay_ms: int | None = None) -> None:
        self.timeline.spawn(self, work, delay_ms=delay_ms)

    def runs(self, group_id: str) -> RunService:
        """Return the service of runs for one request; a run that it makes has *group_id*."""
        return RunService(store=self.store, clock=self.clock, wakeups=self.wakeups, new_id=lambda: group_id)

    def new_id(self) -> str:
        self._ids += 1
        return f"{self.name}-{self._ids}"

    def mistaken(self, error: BaseException) -> None:
        """Take note of what a step or a body's thread has raised."""
        if not isinstance(error, Unavailable | InternalFault):
            self.host.mistaken(self, error)

    def reach(self) -> None:
        """Raise what the store raises if it cannot be reached."""
        if self.node.is_away:
            self.host.happened["transactions refused, the store being away"] += 1
            error = sqlite3.OperationalError("away")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise Unavailable("The store cannot be used right now.") from error

    def _take_time(self) -> None:
        """Take the time of a slow store, or of the process, if it is held up just now."""
        if self.timeline.process is not self or self.is_dead:
            return
        if self.node.slow_ms or self.is_paused:
            self.host.happened["transactions slow"] += int(self.node.slow_ms > 0)
            self.timeline.sleep(self.node.slow_ms)
