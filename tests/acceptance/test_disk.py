"""A disk that is full, or must not be written to: clear errors, nothing lost, recovery by itself."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from chaos.client import TASKS, Client, NoAnswer, Refused
from chaos.disk import Disk, NoDisk, small_disk
from chaos.node import PASSWORD, Node

from clockmill.cli.demo_client import wait_for

pytestmark = pytest.mark.acceptance

SignIn = Callable[[], Client]
TEN_SECONDS = {"schedule_type": "MINUTES_TYPE", "minutes": 0, "seconds": 10}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    path = tmp_path / "disk"
    path.mkdir()
    with suppress(NoDisk), small_disk(path, megabytes=24) as disk:
        yield disk
        return
    pytest.skip("this machine does not let us mount a disk of our own")


@pytest.fixture
def node(disk: Disk, tmp_path: Path) -> Iterator[Node]:
    log = tmp_path / "log"
    node = Node("node", disk.path / "data", "--log-level", "ERROR", log=log, entering=disk.entering)
    yield node
    node.kill()


@pytest.fixture
def sign_in(node: Node) -> Iterator[SignIn]:
    clients: list[Client] = []

    def sign_in() -> Client:
        clients.append(Client([node.port], PASSWORD, random.Random(0)))
        return clients[-1]

    yield sign_in
    for client in clients:
        client.close()


def insert_until_refused(client: Client, first: int) -> tuple[list[int], Refused]:
    """Insert rows until the disk refuses one; return those that were acknowledged, and the refusal."""
    acknowledged: list[int] = []
    for number in range(first, first + 1000):
        try:
            client.sql(f"INSERT INTO KEPT VALUES ({number}, '{'x' * 3000}')")
        except Refused as refused:
            return acknowledged, refused
        acknowledged.append(number)
    pytest.fail("the disk never got full")


def kept(client: Client) -> list[int]:
    return [int(number) for (number,) in client.sql("SELECT N FROM KEPT ORDER BY N")]


def complete(client: Client, root: str) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = client.send("GET", f"{TASKS}/{root}/complete-graphs")
    return runs


def test_a_full_disk_is_told_and_what_was_under_way_goes_on_once_there_is_room(
    disk: Disk, node: Node, sign_in: SignIn
) -> None:
    """The run that ends meanwhile is recorded, the fire that is due meanwhile is made, no row is lost."""
    node.start()
    client = sign_in()
    client.sql("CREATE TABLE KEPT (N NUMBER(38,0), X VARCHAR)")
    waits = {"name": "WAITS", "definition": "CALL SYSTEM$WAIT(3)"}
    ticks = {"name": "TICKS", "definition": "CALL SYSTEM$SET_RETURN_VALUE('x')", "schedule": TEN_SECONDS}
    client.send("POST", TASKS, waits)
    client.send("POST", TASKS, ticks)
    client.send("POST", f"{TASKS}/TICKS:resume")
    [due] = client.send("GET", f"{TASKS}/TICKS/current-graphs")
    client.send("POST", f"{TASKS}/WAITS:execute")
    wait_for(lambda: client.send("GET", f"{TASKS}/WAITS/current-graphs")[0]["state"] == "EXECUTING")

    disk.fill(leaving=20_000)
    acknowledged, refused = insert_until_refused(client, first=0)
    disk.fill()
    with pytest.raises(Refused, match="disk is full") as unstored:
        client.send("POST", TASKS, {"name": "MORE", "definition": "SELECT 1"})
    wait_for(lambda: due["scheduled_time"] < now(client))
    disk.free()
    client.sql("INSERT INTO KEPT VALUES (-1, '')")
    [waited] = wait_for(lambda: complete(client, "WAITS"))
    [*_, ticked] = wait_for(lambda: complete(client, "TICKS"))

    assert "No space left on device" in str(refused)
    assert unstored.value.status == 503
    assert "Nothing was changed" in str(unstored.value)
    assert waited["state"] == "SUCCEEDED"
    assert (ticked["state"], ticked["scheduled_time"]) == ("SUCCEEDED", due["scheduled_time"])
    assert kept(client) == [-1, *acknowledged]
    node.stop()


def now(client: Client) -> str:
    [[text]] = client.sql('SELECT TO_VARCHAR(SYSDATE(), \'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"\')')
    return str(text)


def test_a_first_start_on_a_full_disk_says_so_and_is_done_again_once_there_is_room(
    disk: Disk, node: Node, sign_in: SignIn
) -> None:
    disk.fill()

    with pytest.raises(RuntimeError):
        node.start()
    told = last_line(node)
    disk.free()
    node.start()

    assert told.startswith("clockmill: ")
    assert "No space left on device" in told or "disk is full" in told
    assert sign_in().sql("SELECT 1") == [["1"]]


def test_a_server_that_is_killed_on_a_full_disk_has_lost_nothing(
    disk: Disk, node: Node, sign_in: SignIn
) -> None:
    node.start()
    client = sign_in()
    client.sql("CREATE TABLE KEPT (N NUMBER(38,0), X VARCHAR)")
    disk.fill(leaving=50_000)
    acknowledged, _ = insert_until_refused(client, first=0)
    node.kill()
    disk.fill()
    with suppress(RuntimeError):  # there may be just enough room for a start, or not
        node.start()
    node.kill()
    disk.free()

    node.start()

    assert kept(sign_in()) == acknowledged


def test_a_folder_that_must_not_be_written_is_refused_by_name(
    disk: Disk, node: Node, sign_in: SignIn
) -> None:
    node.start()
    with suppress(NoAnswer):
        sign_in().sql("CREATE TABLE KEPT (N NUMBER(38,0), X VARCHAR)")
    node.kill()
    disk.make_read_only()

    with pytest.raises(RuntimeError):
        node.start()
    told = last_line(node)
    disk.make_writable()
    node.start()

    assert told == f"clockmill: The data folder {node.folder} cannot be used: Read-only file system."
    assert kept(sign_in()) == []


def last_line(node: Node) -> str:
    return node.log.read_text().splitlines()[-1]
