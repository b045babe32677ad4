"""Three nodes over one PostgreSQL behind a plain load balancer, with the clients as they are."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.balancer import Backends, balancer
from tests.acceptance.harness import STOP_S, RunningServer, run_script, start_server
from tests.postgresql import PostgreSQL

from clockmill.cli.demo_client import DemoClient, wait_for
from clockmill.store.database import Store
from clockmill.store.placements import count_owned

pytestmark = pytest.mark.acceptance

NAMES = ("a", "b", "c")
LEASE_S = 3
PASSWORD = "a password for three"
TASKS = "/api/v2/databases/CLOCKMILL/schemas/PUBLIC/tasks"


class Cluster:
    """Nodes by name, and the balancer before them. The first that is started has the tables."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._folder = folder
        self._ends = ExitStack()
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._ports: dict[str, int] = {}
        for name in NAMES:
            self.start(name)
        self._backends = Backends([*self._ports.values()])
        self.port = self._ends.enter_context(balancer(self._backends))
        self.store = self._ends.enter_context(Store.open(url))

    @property
    def server(self) -> RunningServer:
        """What clients are told of it: the balancer."""
        return RunningServer(
            host="127.0.0.1", port=self.port, password=PASSWORD, data_dir=self._folder / NAMES[0]
        )

    def client(self) -> DemoClient:
        return DemoClient(self.server.address, user="ADMIN", password=PASSWORD)

    def start(self, name: str) -> None:
        # On the port that it had: where others know it.
        port = str(self._ports.get(name, 0))
        self._processes[name], server = start_server(
            self._folder / name, password=PASSWORD, store=self.url, node=name, lease=str(LEASE_S), port=port
        )
        self._ports[name] = server.port

    def kill(self, name: str) -> None:
        process = self._processes.pop(name)
        process.kill()
        process.communicate(timeout=STOP_S)

    def stop(self, name: str) -> int:
        process = self._processes.pop(name)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOP_S)
        return process.returncode

    def owners(self) -> dict[str, int]:
        """Return how many runs each node owns."""
        with self.store.read() as tx:
            return count_owned(tx)

    def close(self) -> None:
        self._ends.close()
        for name in list(self._processes):
            self.kill(name)


@pytest.fixture(scope="module")
def nodes(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    running = Cluster(postgresql.new_database(), tmp_path_factory.mktemp("nodes"))
    try:
        yield running
    finally:
        running.close()


def last_run(client: DemoClient, task: str) -> Any:
    """Return the last run of a task of one, once it has ended."""

    def ended() -> Any:
        runs = client.get(f"{TASKS}/{task}/complete_graphs")
        return runs[0] if runs else None

    return wait_for(ended)


@pytest.mark.parametrize("script", ["statements.py", "dag.py"])
def test_the_official_client_notices_nothing(nodes: Cluster, script: str, tmp_path: Path) -> None:
    """Its session, its results and its runs are at another node with every request."""
    run_script(script, "5.x", nodes.server, tmp_path, CLOCKMILL_BRIEF="1")


def test_a_run_whose_node_is_killed_is_taken_up_by_another(nodes: Cluster) -> None:
    client = nodes.client()
    client.run_sql("CREATE OR REPLACE TASK CLOCKMILL.PUBLIC.patient AS CALL SYSTEM$WAIT(4)")
    client.run_sql("EXECUTE TASK CLOCKMILL.PUBLIC.patient")
    (victim,) = wait_for(nodes.owners)

    nodes.kill(victim)

    try:
        assert last_run(client, "patient")["state"] == "SUCCEEDED"
    finally:
        nodes.start(victim)


def test_nodes_are_restarted_one_by_one_under_a_client(nodes: Cluster) -> None:
    """A clean stop hands over; whoever needs the tables meanwhile waits until their node is back."""
    client = nodes.client()
    client.run_sql("CREATE OR REPLACE TABLE CLOCKMILL.PUBLIC.seen (n INT)")
    for number, name in enumerate(NAMES):
        assert nodes.stop(name) == 0
        nodes.start(name)
        client.run_sql(f"INSERT INTO CLOCKMILL.PUBLIC.seen VALUES ({number})")

    assert client.run_sql("SELECT n FROM CLOCKMILL.PUBLIC.seen ORDER BY n") == [["0"], ["1"], ["2"]]
