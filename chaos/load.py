"""The load: clients that keep graphs running and tables growing, and remember what they were told."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from chaos.client import TASKS, Client, NoAnswer, Refused
from chaos.graphs import GRAPHS
from chaos.history import History
from chaos.node import PASSWORD

_PAUSE_S: Final = 0.05
"""After each request. The load is there to have something under way, not to fill the machine."""

_BY_HAND: Final = [graph.root for graph in GRAPHS if graph.every_s is None]


class Load:
    """Clients at work until :meth:`stop`, each in a thread of its own."""

    def __init__(self, ports: Sequence[int], seed: int) -> None:
        self._ports = ports
        self._seed = seed
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.inserted: set[int] = set()
        self.unsure: set[int] = set()
        self.created: set[str] = set()
        self.executed: list[tuple[str, datetime]] = []
        self.refusals: Counter[str] = Counter()

    def start(self) -> None:
        for work in (self._insert, self._create, *(self._executor(root) for root in _BY_HAND)):
            thread = threading.Thread(target=self._go_on, args=(work, len(self._threads)), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self, work: Callable[[Client, int], None], number: int) -> None:
        client = Client(self._ports, PASSWORD, random.Random(self._seed + number))
        turn = 0
        while not self._stopping.wait(_PAUSE_S):
            turn += 1
            try:
                work(client, turn)
            except NoAnswer:
                time.sleep(0.1)
            except Refused as refusal:
                self.refusals[str(refusal)] += 1
        client.close()

    def _insert(self, client: Client, turn: int) -> None:
        self.unsure.add(turn)
        client.sql(f"INSERT INTO SOURCE VALUES ({turn})")
        self.inserted.add(turn)

    def _create(self, client: Client, turn: int) -> None:
        self._stopping.wait(0.5)
        client.send("POST", TASKS, {"name": f"IDLE_{turn}", "definition": "SELECT 1"})
        self.created.add(f"IDLE_{turn}")

    def _executor(self, root: str) -> Callable[[Client, int], None]:
        def execute(client: Client, _: int) -> None:
            self._stopping.wait(0.3)
            asked_at = datetime.now(UTC)
            client.send("POST", f"{TASKS}/{root}:execute")
            self.executed.append((root, asked_at))

        return execute


def acknowledged_is_there(load: Load, tasks: set[str], source: Counter[int]) -> Iterator[str]:
    """What a server has said is done is done, once; and nothing is done that nobody asked for."""
    for missing in sorted(load.created - tasks):
        yield f"task {missing} was created and is not there"
    for number in sorted(load.inserted):
        if source[number] != 1:
            yield f"{number} was inserted once and is there {source[number]} times"
    for number, count in source.items():
        if number not in load.unsure or count != 1:
            yield f"{number} is there {count} times; it was written {int(number in load.unsure)} times"


def executions_were_begun(load: Load, history: History) -> Iterator[str]:
    """An EXECUTE TASK that was acknowledged led to a run, of its own or of one asked for later."""
    for root, asked_at in load.executed:
        if not any(
            run.root == root and run.origin == "EXECUTE TASK" and run.scheduled_at >= asked_at - _SAME
            for run in history.runs
        ):
            yield f"{root} was to be executed at {asked_at}, and no run of it followed"


def streams_delivered_once(source: Counter[int], sink: Counter[int]) -> Iterator[str]:
    """What came into the table is in the other one, once."""
    for number in sorted(source.keys() | sink.keys()):
        if sink[number] != source[number]:
            yield f"{number} is {source[number]} times in SOURCE and {sink[number]} times in SINK"


_SAME: Final = timedelta(milliseconds=1)
"""What may be lost of an instant on its way into the store."""
