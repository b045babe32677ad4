"""Several nodes over one store, each with its own bodies, driven step by step at one virtual time."""

import threading
from datetime import timedelta
from typing import Final

from tests.runner.run_world import PATIENCE_S, RunWorld, ScriptedBodies

from clockmill.core.node import NewNode, NodeState
from clockmill.runner.conditions import Conditions
from clockmill.runner.conductor import Conductor
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.leases import NodeLease
from clockmill.runner.slots import WarehouseSlots
from clockmill.runner.workers import ThreadWorkers
from clockmill.store.database import Store

LEASE: Final = timedelta(seconds=10)


class Peer:
    """A node beside others. What it owns it may own as long as it steps."""

    def __init__(
        self,
        world: RunWorld,
        name: str,
        *,
        store: Store | None = None,
        home: str | None = None,
        slots: int = 8,
    ) -> None:
        self.world = world
        self.store = store or world.store
        self.bodies = ScriptedBodies()
        self.workers = ThreadWorkers()
        self.slots = WarehouseSlots(lambda _: slots)
        self.states: list[NodeState] = []
        self._answered = threading.Event()
        self.lease = NodeLease(
            store=self.store,
            clock=world.clock,
            wakeups=world.wakeups,
            node=NewNode(name=name, home=home or f"home of {name}", version="1"),
            duration=LEASE,
        )
        self.lease.register()
        self.conductor = Conductor(
            store=self.store,
            clock=world.clock,
            wakeups=world.wakeups,
            bodies=self.bodies,
            slots=self.slots,
            workers=self.workers,
            conditions=Conditions(world.streams),
            graphs=GraphCache(),
            node=name,
            holds=lambda: self.lease.holds,
        )
        world.left.append((self.bodies, self.workers))
        self.lease.on_lost = self.conductor.drop_all
        self.lease.on_state = self._enter
        self.lease.on_answer = self._answered.set

    def _enter(self, state: NodeState) -> None:
        self.states.append(state)
        (self.conductor.drain if state is NodeState.DRAINING else self.conductor.undrain)()

    def renew(self) -> None:
        """Do what is due of the lease, and take the answer."""
        self._answered.clear()
        self.lease.step(self.world.clock.now())
        while self.lease.is_asking:
            assert self._answered.wait(PATIENCE_S)
            self._answered.clear()
            self.lease.step(self.world.clock.now())

    def step(self) -> None:
        self.renew()
        self.conductor.step(self.world.clock.now())

    def settle(self) -> None:
        """Step until nothing is open; nothing may be held."""
        for _ in range(100):
            self.step()
            assert self.workers.wait_idle(PATIENCE_S)
            if not self.world.open_runs():
                return
        raise AssertionError("the runs do not come to an end")

    def hold(self, name: str = "R") -> None:
        """Take what waits, and keep the body of *name* running."""
        self.bodies.hold(name)
        self.step()
        self.bodies.wait_for(name)


def pass_time(world: RunWorld, seconds: float, *alive: Peer) -> None:
    """Let time pass second by second, in which the nodes that are *alive* renew their leases."""
    for _ in range(int(seconds)):
        world.clock.advance(seconds=1)
        for peer in alive:
            peer.step()
