"""Who can be struck, and striking them in an order that a seed decides."""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Final, Protocol

from chaos.disk import Disk
from chaos.network import Link
from chaos.node import Node

_PATIENCE_S: Final = 60


class Database(Protocol):
    """The PostgreSQL that nodes share."""

    url: str

    def restart(self) -> None: ...
    def crash(self) -> None: ...
    def cut_connections(self) -> None: ...
    def hung(self) -> AbstractContextManager[None]: ...


class Stage:
    """The nodes, their disk; and if they share a database, that and the ways to it.

    *watch_takeover* is called with the name of each node that is killed for long, and returns once
    nothing is owned by it any more. *lease_s* is how long others wait for a node.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        *,
        links: Sequence[Link] = (),
        database: Database | None = None,
        disk: Disk | None = None,
        lease_s: float = 0,
        watch_takeover: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.nodes = nodes
        self.links = links
        self.database = database
        self.disk = disk
        self.lease_s = lease_s
        self.watch_takeover = watch_takeover
        self._locks = {node.name: threading.Lock() for node in nodes}

    @contextmanager
    def seize(self, chance: random.Random, node: Node | None = None) -> Iterator[Node]:
        """Give *node*, or one by chance, when nobody else is striking it."""
        node = node or chance.choice(self.nodes)
        with self._locks[node.name]:
            yield node

    @contextmanager
    def seize_all(self) -> Iterator[Sequence[Node]]:
        """Give every node, when nobody else is striking any."""
        with ExitStack() as ends:
            for node in self.nodes:
                ends.enter_context(self._locks[node.name])
            yield self.nodes

    def _command(self, *arguments: str) -> None:
        """Run the command line of clockmill on the shared store."""
        assert self.database is not None
        command = [sys.executable, "-m", "clockmill", *arguments, "--store", self.database.url]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def insist(self, *arguments: str) -> None:
        """Run it again and again until it does what it is to do: while a lease lasts it may refuse."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return self._command(*arguments)
            except subprocess.CalledProcessError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


class Striker:
    """Lets *blows* come down on a stage by chance, one after the other, in a thread of its own.

    *struck* counts them, and *failure* is what went wrong in one that should not have.
    """

    def __init__(
        self, stage: Stage, blows: Sequence[tuple[Callable[[Stage, random.Random], None], int]], seed: str
    ) -> None:
        self._stage = stage
        self._kinds, self._weights = zip(*blows, strict=True)
        self._chance = random.Random(seed)
        self.struck: Counter[str] = Counter()
        self.failure: Exception | None = None

    def start(self, seconds: float) -> None:
        """Begin to strike, for *seconds*."""
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._strike, args=(seconds,), daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Return after the last blow; raises what a server did that it must not do."""
        self._thread.join()
        if self.failure is not None:
            raise self.failure

    def _strike(self, seconds: float) -> None:
        try:
            while self._pause() < seconds:
                (blow,) = self._chance.choices(self._kinds, self._weights)
                began = self._now()
                blow(self._stage, self._chance)
                self.struck[blow.__name__] += 1
                print(f"{began:7.1f} to {self._now():5.1f} s  {blow.__name__}", flush=True)
        except Exception as error:  # noqa: BLE001 - whoever joins gets it
            self.failure = error

    def _pause(self) -> float:
        time.sleep(self._chance.uniform(0.3, 4))
        return self._now()

    def _now(self) -> float:
        return time.monotonic() - self._began
