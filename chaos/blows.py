"""What is done to servers, in an order that a seed decides."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from chaos.disk import Disk
from chaos.network import Link
from chaos.node import Node


class Database(Protocol):
    """The PostgreSQL that nodes share."""

    def restart(self) -> None: ...
    def crash(self) -> None: ...
    def cut_connections(self) -> None: ...


class Stage:
    """Who can be struck: the nodes, their disk; and if they share a database, that and the ways to it.

    *watch_takeover* is called with the name of each node that was killed, and returns once nothing
    is owned by it any more. *lease_s* is how long others wait for a node.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        chance: random.Random,
        *,
        links: Mapping[str, Link] | None = None,
        database: Database | None = None,
        disk: Disk | None = None,
        lease_s: float = 0,
        watch_takeover: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.nodes = nodes
        self.chance = chance
        self.links = links or {}
        self.database = database
        self.disk = disk
        self.lease_s = lease_s
        self.watch_takeover = watch_takeover

    def choose(self) -> Node:
        return self.chance.choice(self.nodes)

    def wait(self, least_s: float, most_s: float) -> None:
        time.sleep(self.chance.uniform(least_s, most_s))


Blow = Callable[[Stage], None]


def kill(stage: Stage) -> None:
    """End a server in the middle of whatever it does, and start it again."""
    node = stage.choose()
    node.kill()
    stage.wait(0, 1)
    node.start()


def kill_at_start(stage: Stage) -> None:
    """End a server again before it has taken up what the last end left."""
    node = stage.choose()
    node.kill()
    node.launch()
    stage.wait(0.1, 2)
    node.kill()
    node.start()


def kill_for_long(stage: Stage) -> None:
    """End a server, and start it again when others have taken over what it did."""
    node = stage.choose()
    node.kill()
    stage.watch_takeover(node.name)
    node.start()


def freeze(stage: Stage) -> None:
    """Let a server stand still for a while, as a machine that is moved or short of memory does."""
    node = stage.choose()
    node.freeze()
    stage.wait(0.2, 3)
    node.thaw()


def freeze_for_long(stage: Stage) -> None:
    """Let a server stand still for longer than its lease, and then go on as if nothing had been."""
    node = stage.choose()
    node.freeze()
    stage.wait(stage.lease_s, 3 * stage.lease_s)
    node.thaw()


def stop(stage: Stage) -> None:
    """Ask a server to stop, and start it again, as an upgrade does."""
    node = stage.choose()
    status = node.stop()
    if status != 0:
        raise RuntimeError(f"{node.name} stopped with status {status}; see {node.log}")
    stage.wait(0, 0.5)
    node.start()


def stop_each(stage: Stage) -> None:
    """Stop and start one server after the other, as a rolling upgrade does."""
    for node in stage.nodes:
        node.stop()
        node.start()


def restart_database(stage: Stage) -> None:
    assert stage.database is not None
    stage.database.restart()


def crash_database(stage: Stage) -> None:
    assert stage.database is not None
    stage.database.crash()


def cut_connections(stage: Stage) -> None:
    """End every connection to the database, as its administrator may."""
    assert stage.database is not None
    stage.database.cut_connections()


def cut_link(stage: Stage) -> None:
    """End the connections of one server to the database."""
    stage.links[stage.choose().name].cut()


def hold_link(stage: Stage) -> None:
    """Let nothing pass between one server and the database for a while, shorter or longer than a lease."""
    link = stage.links[stage.choose().name]
    link.hold()
    stage.wait(0.2, 2.5 * stage.lease_s)
    link.let_go()


def fill_disk(stage: Stage) -> None:
    """Leave the disk hardly any room, or none, for a while."""
    assert stage.disk is not None
    stage.disk.fill(leaving=stage.chance.choice([0, 20_000, 200_000]))
    stage.wait(0.5, 4)
    stage.disk.free()


ON_ONE_NODE: Final[Sequence[tuple[Blow, int]]] = ((kill, 6), (kill_at_start, 2), (freeze, 2), (stop, 2))
ON_ONE_DISK: Final[Sequence[tuple[Blow, int]]] = (*ON_ONE_NODE, (fill_disk, 4))
ON_SEVERAL_NODES: Final[Sequence[tuple[Blow, int]]] = (
    (kill, 3),
    (kill_for_long, 4),
    (kill_at_start, 1),
    (freeze, 1),
    (freeze_for_long, 3),
    (stop, 2),
    (stop_each, 1),
    (restart_database, 1),
    (crash_database, 1),
    (cut_connections, 2),
    (cut_link, 2),
    (hold_link, 3),
)


def strike(stage: Stage, blows: Sequence[tuple[Blow, int]], seconds: float) -> Counter[str]:
    """Let *blows* come down by chance, one at a time; return how many there were of each."""
    struck: Counter[str] = Counter()
    kinds, weights = zip(*blows, strict=True)
    over = time.monotonic() + seconds
    pause = threading.Event()
    while not pause.wait(stage.chance.uniform(0.3, 4)) and time.monotonic() < over:
        (blow,) = stage.chance.choices(kinds, weights)
        print(f"{time.monotonic() - over + seconds:7.1f} s  {blow.__name__}", flush=True)
        blow(stage)
        struck[blow.__name__] += 1
    return struck
