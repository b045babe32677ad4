"""Several nodes over one PostgreSQL: how many task runs a second, and how soon others take over."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
from tests.postgresql import PostgreSQL

from bench.graphs import TASKS
from bench.target import Client, Target, running

GRAPHS: Final = 20
WIDTH: Final = 99
"""Children of each root; none of the bodies needs the engine, which is on one node alone."""

LEASE_S: Final = 10
_PATIENCE_S: Final = 300.0
_BODY: Final = "CALL SYSTEM$SET_RETURN_VALUE('done')"
_LONG: Final = "CALL SYSTEM$WAIT(600)"


@contextlib.contextmanager
def cluster(
    folder: Path, count: int, *options: str
) -> Iterator[tuple[list[Target], "psycopg.Connection[Any]"]]:
    """Run *count* nodes over a PostgreSQL with its own durable settings; give a look into its tables too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with PostgreSQL(port=port, durable=True) as server, contextlib.ExitStack() as ends:
        url = server.new_database()
        targets = [
            ends.enter_context(running(folder / f"node-{n}", "--store", url, "--node", f"n{n}", *options))
            for n in range(count)
        ]
        look = ends.enter_context(psycopg.connect(url, autocommit=True))
        yield targets, look


def runs_per_second(client: Client) -> list[float]:
    """Return the task runs a second of GRAPHS graphs at once, three times, from due to the last end."""
    for graph in range(GRAPHS):
        _create_fan(client, f"FAN_{graph}")
    return [_run_all(client) for _ in range(4)][1:]


def _create_fan(client: Client, name: str) -> None:
    client.send("POST", TASKS, {"name": name, "definition": _BODY})
    for child in range(WIDTH):
        body = {"name": f"{name}_{child}", "definition": _BODY, "predecessors": [name]}
        client.send("POST", TASKS, body)
        client.send("POST", f"{TASKS}/{name}_{child}:resume")


def _run_all(client: Client) -> float:
    before = _ended(client)
    began = time.perf_counter()
    for graph in range(GRAPHS):
        client.send("POST", f"{TASKS}/FAN_{graph}:execute")
    _wait(lambda: _ended(client) >= before + GRAPHS)
    return GRAPHS * (WIDTH + 1) / (time.perf_counter() - began)


def _ended(client: Client) -> int:
    rows = client.sql("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.COMPLETE_TASK_GRAPHS())")
    return int(rows[0][0])


def takeovers(folder: Path, *, times: int = 10, runs: int = 60) -> list[float]:
    """Kill a node that owns some of *runs* graph runs, again and again; return how long each takeover took.

    That is from the kill until other nodes own all that it owned. The first node, which has the
    engine and which is asked for more, is never the one.
    """
    seconds: list[float] = []
    with cluster(folder, 3, "--lease", str(LEASE_S), "--system-slots", str(runs)) as (targets, look):
        client = Client(targets[0])
        for number in range(runs):
            client.send("POST", TASKS, {"name": f"LONG_{number}", "definition": _LONG})
            client.send("POST", f"{TASKS}/LONG_{number}:execute")
        _wait(lambda: sum(_owned(look).values()) == runs)
        for _ in range(times):
            owned = _owned(look)
            victim = max((1, 2), key=lambda n: owned.get(f"n{n}", 0))
            if not owned.get(f"n{victim}"):
                break
            targets[victim].kill()
            began = time.perf_counter()
            _wait(partial(_is_taken_over, look, f"n{victim}", runs))
            seconds.append(time.perf_counter() - began)
            targets[victim].start_again()
    return seconds


def _is_taken_over(look: "psycopg.Connection[Any]", node: str, runs: int) -> bool:
    owned = _owned(look)
    return node not in owned and sum(owned.values()) == runs


def _owned(look: "psycopg.Connection[Any]") -> dict[str, int]:
    """Return how many graph runs each node owns."""
    rows = look.execute(
        "SELECT owner_node, count(*) FROM graph_runs WHERE state = 'EXECUTING' AND owner_node IS NOT NULL "
        "GROUP BY owner_node"
    )
    return dict(rows.fetchall())


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError("the nodes do not go on")
        time.sleep(0.01)
