"""Wake-ups: how a write tells whoever waits for it, without knowing who that is.

A wake-up is a hint and carries no data: the listener looks into the store. It is raised after
the commit, and losing one must cost nothing but time.
"""

import enum
import threading
from collections.abc import Callable


class Topic(enum.Enum):
    """What has changed."""

    SCHEDULE = "a root's next fire"
    RUNS = "a graph run waits for an owner"
    NODES = "what a node may take up"
    COMMANDS = "an owner of a graph run is asked for something"
    WAREHOUSES = "a warehouse's size or state"
    CATALOG = "a schema that is gone, or has become another"


class Wakeups:
    """Delivers wake-ups within this process, and hands them on to where other nodes listen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Topic], None]] = []
        self._forward: Callable[[Topic], None] | None = None

    def subscribe(self, listener: Callable[[Topic], None]) -> None:
        """Call *listener* at every wake-up, in the waker's thread: it must be quick."""
        with self._lock:
            self._listeners = [*self._listeners, listener]

    def forward_to(self, forward: Callable[[Topic], None] | None) -> None:
        """Call *forward* too at every wake-up that this process raises; it must be quick."""
        self._forward = forward

    def raise_(self, topic: Topic) -> None:
        """Tell every listener, here and on other nodes, that *topic* has changed."""
        self.hear(topic)
        forward = self._forward
        if forward is not None:
            forward(topic)

    def hear(self, topic: Topic) -> None:
        """Tell every listener here of what another node has raised."""
        for listener in self._listeners:
            listener(topic)
