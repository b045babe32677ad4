"""A campaign: servers under load are struck for a while, left in peace, and judged by what is left."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from chaos import promises
from chaos.blows import ON_ONE_NODE, Blow, strike
from chaos.client import TASKS, Client
from chaos.graphs import GRAPHS, STREAM_TASK, deploy
from chaos.history import History, read_history
from chaos.load import Load, acknowledged_is_there, executions_were_begun, streams_delivered_once
from chaos.node import PASSWORD, Node
from clockmill.store.database import Store

_PEACE_S: Final = 90
"""How long what is under way may take to end once nothing happens to the servers any more."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, what came of it, and a sentence for each promise that did not hold."""

    blows: Counter[str]
    history: History
    requests: Counter[str]
    broken: list[str]


class Campaign:
    """Servers on one store, a load, and chance. *store* is where the history is."""

    def __init__(
        self, nodes: Sequence[Node], store: str, blows: Sequence[tuple[Blow, int]], seed: int
    ) -> None:
        self._nodes = nodes
        self._store = store
        self._blows = blows
        self._chance = random.Random(seed)
        self._load = Load([node.port for node in nodes], seed)

    def run(self, seconds: float) -> Verdict:
        """Strike for *seconds*, and return what there is to say about it once all is at rest."""
        try:
            return self._run(seconds)
        finally:
            self._load.stop()
            for node in self._nodes:
                node.kill()

    def _run(self, seconds: float) -> Verdict:
        for node in self._nodes:
            node.start()
        deploy(self._client())
        self._load.start()
        blows = strike(self._nodes, self._blows, self._chance, seconds)
        self._load.stop()
        fired = self._read()
        self._come_to_rest()
        history = self._read()
        broken = [*promises.every_fire_is_accounted_for(fired), *self._judge(history)]
        return Verdict(blows=blows, history=history, requests=self._requests(), broken=broken)

    def _client(self) -> Client:
        return Client([node.port for node in self._nodes], PASSWORD, self._chance)

    def _read(self) -> History:
        with Store.open(self._store) as store:
            return read_history(store)

    def _requests(self) -> Counter[str]:
        load = self._load
        done = {"inserts": len(load.inserted), "creates": len(load.created), "executes": len(load.executed)}
        return Counter(done) + load.refusals

    def _come_to_rest(self) -> None:
        """Let nothing fire any more, and wait for the end of what runs."""
        client = self._client()
        for root in [graph.root for graph in GRAPHS if graph.every_s]:
            client.send("POST", f"{TASKS}/{root}:suspend")
        deadline = time.monotonic() + _PEACE_S
        while not self._is_at_rest(client) and time.monotonic() < deadline:
            time.sleep(0.5)
        client.send("POST", f"{TASKS}/{STREAM_TASK}:suspend")

    def _is_at_rest(self, client: Client) -> bool:
        if any(run.is_open for run in self._read().runs):
            return False
        return _numbers(client, "SOURCE").total() == _numbers(client, "SINK").total()

    def _judge(self, history: History) -> Iterator[str]:
        client = self._client()
        source, sink = _numbers(client, "SOURCE"), _numbers(client, "SINK")
        tasks = {task["name"] for task in client.send("GET", f"{TASKS}?like=IDLE_%25")}
        yield from promises.nothing_is_left_open(history)
        yield from promises.tasks_wait_for_their_predecessors(history, GRAPHS)
        yield from promises.the_finalizer_is_last(history, GRAPHS)
        yield from promises.no_task_is_forgotten(history, GRAPHS)
        yield from promises.only_what_must_fails(history, GRAPHS)
        yield from promises.effects_are_what_history_says(history, GRAPHS, _effects(client))
        yield from promises.return_values_are_kept(history, "SAID", "the word")
        yield from acknowledged_is_there(self._load, tasks, source)
        yield from executions_were_begun(self._load, history)
        yield from streams_delivered_once(source, sink)


def on_one_node(folder: Path, *, seconds: float, seed: int) -> Verdict:
    """Run a campaign against one server on SQLite, in *folder*."""
    node = Node("node", folder / "data", "--log-level", "WARNING")
    store = str(node.folder / "clockmill.db")
    return Campaign([node], store, ON_ONE_NODE, seed).run(seconds)


def _effects(client: Client) -> dict[tuple[str, str], int]:
    rows = client.sql("SELECT RUN_GROUP, TASK, COUNT(*) FROM DONE GROUP BY RUN_GROUP, TASK")
    return {(group, task): int(count) for group, task, count in rows}


def _numbers(client: Client, table: str) -> Counter[int]:
    rows: Iterable[list[str]] = client.sql(f"SELECT N, COUNT(*) FROM {table} GROUP BY N")
    return Counter({int(number): int(count) for number, count in rows})
