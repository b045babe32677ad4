"""The threads of the runner: each repeats a step whenever it is due or somebody wakes it."""

import logging
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Final

from clockmill.clock import Clock
from clockmill.core.body import BodyRunner, StreamCheck
from clockmill.core.errors import Unavailable
from clockmill.core.misfire import NO_MISFIRES, Misfires
from clockmill.core.names import QualifiedName
from clockmill.core.node import NodeState
from clockmill.core.retention import KEEP_ALL, Retention
from clockmill.runner.conditions import Conditions
from clockmill.runner.conductor import Conductor
from clockmill.runner.firing import pass_over_downtime
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.leases import NodeLease
from clockmill.runner.pruner import Pruner
from clockmill.runner.scheduler import Scheduler
from clockmill.runner.slots import WarehouseSlots
from clockmill.runner.workers import ThreadWorkers
from clockmill.store.database import Store
from clockmill.wake import Topic, Wakeups

log = logging.getLogger(__name__)

LONGEST_SLEEP_S: Final = 60.0
"""A machine that slept, or whose clock was set, is noticed after this long."""
AFTER_MISTAKE_S: Final = 1.0
"""How long a step that raised is left alone."""

Step = Callable[[datetime], datetime | None]
"""Does what is due at an instant, and returns when it wants to be called again at the latest."""


class Loop:
    """A thread that repeats *step*. It outlives whatever the step raises."""

    def __init__(self, name: str, step: Step, clock: Clock) -> None:
        self._step = step
        self._clock = clock
        self._name = name
        self._awake = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Let the step be called soon."""
        self._awake.set()

    def begin_stop(self) -> None:
        """Let the step that is going on be the last."""
        self._is_stopping = True
        self._awake.set()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Let the step that is going on be the last, and wait for its end."""
        self.begin_stop()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._is_stopping:
            # Cleared before the step: what is raised while it runs leads to another one.
            self._awake.clear()
            self._awake.wait(self._pause_s())

    def _pause_s(self) -> float:
        """Take one step and return how long to sleep after it."""
        try:
            due = self._step(self._clock.now())
        except Unavailable as error:
            # It says what is wrong, and says it every second until the database or the disk is back.
            log.warning("step put off", extra={"loop": self._name, "error": error.message})
            return AFTER_MISTAKE_S
        except Exception:
            log.exception("step failed", extra={"loop": self._name})
            return AFTER_MISTAKE_S
        if due is None:
            return LONGEST_SLEEP_S
        return min(max((due - self._clock.now()).total_seconds(), 0.0), LONGEST_SLEEP_S)


class Runner:
    """The scheduler and the conductor of one node, and their threads."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        bodies: BodyRunner,
        slots: WarehouseSlots,
        streams: StreamCheck,
        lease: NodeLease,
        placements: Collection[str] | None = None,
        grace_s: float = 10.0,
        cancelled_grace_s: float = 5.0,
        misfires: Misfires = NO_MISFIRES,
        retention: Retention = KEEP_ALL,
        reruns_interrupted: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._slots = slots
        self._grace_s = grace_s
        self._cancelled_grace_s = cancelled_grace_s
        self._misfires = misfires
        self._graphs = GraphCache()
        self._wants_sizes = threading.Event()
        self._end: Future[None] | None = None
        conditions = Conditions(streams)
        self.scheduler = Scheduler(
            store=store, wakeups=wakeups, graphs=self._graphs, conditions=conditions, misfires=misfires
        )
        self._workers = ThreadWorkers()
        self.conductor = Conductor(
            store=store,
            clock=clock,
            wakeups=wakeups,
            bodies=bodies,
            slots=slots,
            workers=self._workers,
            conditions=conditions,
            graphs=self._graphs,
            node=lease.node,
            placements=placements,
            holds=lambda: lease.holds,
            on_root_free=self._hear_end,
            reruns_interrupted=reruns_interrupted,
        )
        self._scheduling = Loop("scheduler", self.scheduler.tick, clock)
        self._conducting = Loop("conductor", self._conduct, clock)
        self._leasing = Loop("lease", lease.step, clock)
        self._pruning = Loop("pruner", Pruner(store=store, retention=retention).step, clock)
        self._lease = lease
        lease.on_lost, lease.on_state = self.conductor.drop_all, self._enter
        lease.on_answer = self._leasing.wake
        self.conductor.call_when_sooner(self._conducting.wake)
        wakeups.subscribe(self._hear)

    def start(self) -> None:
        """Plan anew what was missed if nobody else was there, then begin to fire and to run."""
        self._leasing.start()
        if self._lease.is_alone:
            pass_over_downtime(self._store, self._graphs, self._misfires, self._clock.now())
        self.scheduler.recover(self._clock.now())
        self._scheduling.start()
        self._conducting.start()
        self._pruning.start()

    def begin_stop(self) -> None:
        """Fire and begin nothing more, and let the bounded time of bodies begin; return at once."""
        self._scheduling.begin_stop()
        self._pruning.begin_stop()
        self.conductor.begin_stop()
        if self._end is None:
            thread = ThreadPoolExecutor(1, thread_name_prefix="stop")
            self._end = thread.submit(self._stop)
            thread.shutdown(wait=False)

    def stop(self) -> None:
        """Fire no more; give bodies a bounded time, cancel the rest, record what did not end."""
        self.begin_stop()
        if self._end is not None:
            self._end.result()

    def _stop(self) -> None:
        self._scheduling.stop()
        self._pruning.stop()
        if not self.conductor.stop(self._grace_s, self._cancelled_grace_s):
            log.error("bodies did not end when they were cancelled")
        self._conducting.stop()
        self._leasing.stop()
        self._workers.close()

    def _enter(self, state: NodeState) -> None:
        """Take up what a node may in *state*."""
        if state is NodeState.DRAINING:
            self.conductor.drain()
        else:
            self.conductor.undrain()

    def _conduct(self, now: datetime) -> datetime | None:
        if self._wants_sizes.is_set():
            self._wants_sizes.clear()
            self._slots.refresh()
        return self.conductor.step(now)

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until no body runs and nothing follows from one, at most *timeout_s*; say whether it is so."""
        return self._workers.wait_idle(timeout_s)

    def hear_streams(self, streams: Collection[QualifiedName]) -> None:
        """Let roots begin for which *streams* may have data now. It is quick: any thread may tell."""
        self.scheduler.hear_streams(streams)
        self._scheduling.wake()

    def _hear_end(self, root_id: str) -> None:
        self.scheduler.hear_end(root_id)
        self._scheduling.wake()

    def _hear(self, topic: Topic) -> None:
        if topic is Topic.SCHEDULE:
            self._scheduling.wake()
            return
        if topic is Topic.NODES:
            self._lease.ask_soon()
            self._leasing.wake()
            return
        if topic is Topic.WAREHOUSES:
            self._wants_sizes.set()
        self._conducting.wake()
