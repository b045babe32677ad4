"""An engine that gives up after an error of the disk: the server goes on with it by itself."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos.client import TASKS, Client
from chaos.node import PASSWORD, Node

from clockmill.cli.demo_client import wait_for

pytestmark = pytest.mark.acceptance

ROWS = 100_000
BODY = f"INSERT INTO KEPT SELECT UUID_STRING() FROM TABLE(GENERATOR(ROWCOUNT => {ROWS}))"
HARDLY_ENOUGH = 22 * 1024 * 1024
"""The log is brought into the file at 16 MB: the first time the file may still grow so far, then no more."""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = Node("node", tmp_path / "data", "--log-level", "ERROR", log=tmp_path / "log")
    yield node
    node.kill()


@pytest.fixture
def client(node: Node) -> Iterator[Client]:
    client = Client([node.port], PASSWORD, random.Random(0))
    yield client
    client.close()


def test_a_server_whose_engine_has_stopped_starts_anew_and_nothing_is_lost_or_done_twice(
    node: Node, client: Client
) -> None:
    """Its log can be written and its file cannot: what is committed stays so, whatever fails after that."""
    node.start()
    client.sql("CREATE TABLE KEPT (X VARCHAR)")
    client.send("POST", TASKS, {"name": "FILLS", "definition": BODY})
    node.limit_files(HARDLY_ENOUGH)

    executed = 0
    while "starts anew" not in node.log.read_text():
        client.insist(lambda: client.send("POST", f"{TASKS}/FILLS:execute"), 60)
        executed += 1
        wait_for_runs(client, executed)
        assert executed < 60, "the engine never stopped"
    node.limit_files(None)
    wait_for_runs(client, executed)
    seen = client.insist(lambda: client.sql("SELECT COUNT(*), COUNT(DISTINCT X) FROM KEPT"), 60)

    rows = str(len(states(client)) * ROWS)
    assert seen == [[rows, rows]]
    assert node.is_up
    node.stop()


def states(client: Client) -> list[str]:
    rows = client.sql("SELECT STATE FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'FILLS'))")
    return [state for (state,) in rows]


def wait_for_runs(client: Client, executed: int) -> None:
    """Return once the runs, at least as many as were asked for, have succeeded."""

    def have_ended() -> bool:
        seen = states(client)
        return len(seen) >= executed and set(seen) == {"SUCCEEDED"}

    client.insist(lambda: wait_for(have_ended), 60)
