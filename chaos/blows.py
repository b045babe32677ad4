"""What is done to servers, in an order that a seed decides."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from chaos.node import Node

Blow = Callable[[Node, random.Random], None]


def kill(node: Node, chance: random.Random) -> None:
    """End a server in the middle of whatever it does, and start it again."""
    node.kill()
    time.sleep(chance.uniform(0, 1))
    node.start()


def kill_at_start(node: Node, chance: random.Random) -> None:
    """End a server again before it has taken up what the last end left."""
    node.kill()
    node.launch()
    time.sleep(chance.uniform(0.1, 2))
    node.kill()
    node.start()


def freeze(node: Node, chance: random.Random) -> None:
    """Let a server stand still for a while, as a machine that is moved or short of memory does."""
    node.freeze()
    time.sleep(chance.uniform(0.2, 3))
    node.thaw()


def stop(node: Node, chance: random.Random) -> None:
    """Ask a server to stop, and start it again, as an upgrade does."""
    status = node.stop()
    if status != 0:
        raise RuntimeError(f"{node.name} stopped with status {status}; see {node.log}")
    time.sleep(chance.uniform(0, 0.5))
    node.start()


ON_ONE_NODE: Final[Sequence[tuple[Blow, int]]] = ((kill, 6), (kill_at_start, 2), (freeze, 2), (stop, 2))


def strike(
    nodes: Sequence[Node], blows: Sequence[tuple[Blow, int]], chance: random.Random, seconds: float
) -> Counter[str]:
    """Let *blows* come down on *nodes* by chance, one at a time; return how many there were of each."""
    struck: Counter[str] = Counter()
    kinds, weights = zip(*blows, strict=True)
    over = time.monotonic() + seconds
    pause = threading.Event()
    while not pause.wait(chance.uniform(0.3, 4)) and time.monotonic() < over:
        (blow,) = chance.choices(kinds, weights)
        blow(chance.choice(nodes), chance)
        struck[blow.__name__] += 1
    return struck
