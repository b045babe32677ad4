"""A campaign: servers under load are struck for a while, left in peace, and judged by what is left."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from chaos import promises
from chaos.blows import ON_ONE_DISK, ON_ONE_NODE, ON_SEVERAL_NODES, Blow
from chaos.client import TASKS, Client
from chaos.disk import NoDisk, small_disk
from chaos.graphs import GRAPHS, STREAM_TASK, deploy
from chaos.history import History, read_file, read_history
from chaos.load import Load, acknowledged_is_there, executions_were_begun, streams_delivered_once
from chaos.network import Link
from chaos.node import PASSWORD, Node
from chaos.postgresql import shared_database
from chaos.stage import Stage, Striker
from chaos.takeovers import Takeovers
from clockmill.store.database import Store

_LEASE_S: Final = 3.0
"""Short, so that many of them end in a few minutes."""

_QUIET: Final = ("--log-level", "WARNING")
_DISK_MB: Final = 200
_APART_S: Final = 1.7
_PEACE_S: Final = 90
"""How long what is under way may take to end once nothing happens to the servers any more."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, what came of it, and a sentence for each promise that did not hold.

    *takeovers_s* is how long each takeover took after the death of a node.
    """

    blows: Counter[str]
    history: History
    requests: Counter[str]
    broken: list[str]
    takeovers_s: list[float] = []


class Campaign:
    """Servers on one store, whose history *read* gives, a load, and chance."""

    def __init__(
        self, stage: Stage, read: Callable[[], History], blows: Sequence[tuple[Blow, int]], seed: int
    ) -> None:
        self._nodes = stage.nodes
        self._read = read
        # Two at once where there are enough to strike: the second blow falls into the first one's wake.
        count = 2 if len(stage.nodes) > 2 else 1
        self._strikers = [Striker(stage, blows, f"{seed} {number}") for number in range(count)]
        ports = [node.port for node in stage.nodes]
        self._load = Load(ports, seed)
        self._client = Client(ports, PASSWORD, random.Random(seed))

    def run(self, seconds: float) -> Verdict:
        """Strike for *seconds*, and return what there is to say about it once all is at rest."""
        try:
            return self._run(seconds)
        finally:
            self._load.stop()
            self._client.close()
            for node in self._nodes:
                node.kill()

    def _run(self, seconds: float) -> Verdict:
        for node in self._nodes:
            node.start()
        deploy(self._client, apart_s=min(_APART_S, seconds / 40))
        self._load.start()
        self._strike(seconds)
        self._load.stop()
        fired = self._read()
        self._come_to_rest()
        history = self._read()
        return Verdict(
            blows=sum((striker.struck for striker in self._strikers), Counter()),
            history=history,
            requests=self._requests(),
            broken=[*promises.every_fire_is_accounted_for(fired), *self._judge(history)],
        )

    def _strike(self, seconds: float) -> None:
        for striker in self._strikers:
            striker.start(seconds)
        for striker in self._strikers:
            striker.join()

    def _requests(self) -> Counter[str]:
        load = self._load
        done = {"inserts": len(load.inserted), "creates": len(load.created), "executes": len(load.executed)}
        return Counter(done) + load.refusals

    def _come_to_rest(self) -> None:
        """Let nothing fire any more, and wait for the end of what runs."""
        client = self._client
        for root in [graph.root for graph in GRAPHS if graph.every_s]:
            client.insist(partial(client.send, "POST", f"{TASKS}/{root}:suspend"), _PEACE_S)
        deadline = time.monotonic() + _PEACE_S
        while not client.insist(partial(self._is_at_rest, client), _PEACE_S) and time.monotonic() < deadline:
            time.sleep(0.5)
        client.send("POST", f"{TASKS}/{STREAM_TASK}:suspend")

    def _is_at_rest(self, client: Client) -> bool:
        if any(run.is_open for run in self._read().runs):
            return False
        return _numbers(client, "SOURCE").total() == _numbers(client, "SINK").total()

    def _judge(self, history: History) -> Iterator[str]:
        client = self._client
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
    """Run a campaign against one server on SQLite, in *folder*; on a disk of its own where that can be."""
    log = folder / "node.log"
    with ExitStack() as ends:
        try:
            (folder / "disk").mkdir()
            disk = ends.enter_context(small_disk(folder / "disk", _DISK_MB))
        except NoDisk:
            node = Node("node", folder / "data", *_QUIET, log=log)
            reading = partial(read_file, node.folder / "clockmill.db")
            return Campaign(Stage([node]), reading, ON_ONE_NODE, seed).run(seconds)
        node = Node("node", disk.path / "data", *_QUIET, log=log, entering=disk.entering)
        reading = partial(read_file, node.folder / "clockmill.db", disk.entering)
        return Campaign(Stage([node], disk=disk), reading, ON_ONE_DISK, seed).run(seconds)


def on_several_nodes(folder: Path, *, seconds: float, seed: int, count: int = 3) -> Verdict:
    """Run a campaign against *count* servers that share a PostgreSQL, each on a way of its own to it."""
    with ExitStack() as ends:
        database = ends.enter_context(shared_database())
        store = ends.enter_context(Store.open(database.url))
        nodes, links, takeovers = [], [], Takeovers(store)
        for name in "abcdefgh"[:count]:
            link = Link(database.port)
            ends.callback(link.close)
            links.append(link)
            options = ("--node", name, "--store", database.url_by(link.port), "--lease", str(_LEASE_S))
            nodes.append(Node(name, folder / name, *options, *_QUIET, is_supervised=True))
        stage = Stage(
            nodes,
            links=links,
            database=database,
            lease_s=_LEASE_S,
            watch_takeover=takeovers.watch,
        )
        verdict = Campaign(stage, partial(read_history, store), ON_SEVERAL_NODES, seed).run(seconds)
        return msgspec.structs.replace(verdict, takeovers_s=takeovers.seconds)


def _effects(client: Client) -> dict[tuple[str, str], int]:
    rows = client.sql("SELECT RUN_GROUP, TASK, COUNT(*) FROM DONE GROUP BY RUN_GROUP, TASK")
    return {(group, task): int(count) for group, task, count in rows}


def _numbers(client: Client, table: str) -> Counter[int]:
    rows: Iterable[list[str]] = client.sql(f"SELECT N, COUNT(*) FROM {table} GROUP BY N")
    return Counter({int(number): int(count) for number, count in rows})
