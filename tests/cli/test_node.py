"""``clockmill node``: who shares a store, and who takes up what."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from tests.cli.commands import Commands

from clockmill.clock import SystemClock
from clockmill.core.node import NodeState, UnknownNode
from clockmill.core.placement import EMBEDDED
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.service.engine_places import EngineFileMissing, EngineInUse
from clockmill.service.nodes import NothingToDrain
from clockmill.store import engines, nodes, tables
from clockmill.store.data_dir import DataDir
from clockmill.store.database import Store
from clockmill.store.engines import EnginePlace


@pytest.fixture
def shared(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store on PostgreSQL, which the commands find in the environment."""
    monkeypatch.setenv("CLOCKMILL_STORE", postgresql_url)
    with Store.open(postgresql_url) as store:
        yield store


def add_node(store: Store, name: str, *, number: int = 1, ends_in: timedelta = timedelta(hours=1)) -> None:
    now = SystemClock().now()
    row = {
        "name": name,
        "number": number,
        "incarnation": f"secret of {name}",
        "home": "x",
        "address": f"http://{name}:8700",
        "state": NodeState.ACTIVE.value,
        "version": "1.2.3",
        "started_on": now,
        "lease_until": now + ends_in,
    }
    store.write(lambda tx: tx.execute(insert(tables.nodes), row))


def state_of(store: Store, name: str) -> NodeState:
    with store.read() as tx:
        found = nodes.find_node(tx, name)
    assert found is not None
    return found.state


def put_engine(store: Store, node: str, file_id: str = "file-1") -> None:
    place = EnginePlace(EMBEDDED, node, file_id, f"/data/{node}/engine.duckdb")
    store.write(lambda tx: engines.put_place(tx, place, SystemClock().now()))


def test_the_list_shows_who_is_at_work_and_who_has_the_tables(shared: Store, commands: Commands) -> None:
    add_node(shared, "a", number=1)
    add_node(shared, "b", number=2, ends_in=timedelta(seconds=-1))
    put_engine(shared, "a")

    head, a, b = commands.run("node", "list").splitlines()

    assert head.split() == ["NODE", "STATE", "RUNS", "TABLES", "ADDRESS", "VERSION", "STARTED"]
    assert a.split()[:6] == ["a", "ACTIVE", "0", "yes", "http://a:8700", "1.2.3"]
    assert b.split()[:4] == ["b", "GONE", "0", "http://b:8700"]


def test_the_list_tells_no_secrets(shared: Store, commands: Commands) -> None:
    """Who knows a node's incarnation may speak as that node."""
    add_node(shared, "a")

    assert "secret" not in commands.run("node", "list")


def test_a_node_is_drained_and_taken_back(shared: Store, commands: Commands) -> None:
    add_node(shared, "a")

    commands.run("node", "drain", "a")
    assert state_of(shared, "a") is NodeState.DRAINING
    commands.run("node", "undrain", "a")
    assert state_of(shared, "a") is NodeState.ACTIVE


def test_a_node_that_is_not_there_cannot_be_drained(shared: Store, commands: Commands) -> None:
    with pytest.raises(UnknownNode, match="clockmill node list"):
        commands.run("node", "drain", "nobody")


def test_a_server_that_has_its_store_for_itself_is_stopped_not_drained(commands: Commands) -> None:
    with pytest.raises(NothingToDrain, match="Stop the server instead"):
        commands.run("node", "drain", "local")


def test_tables_are_not_taken_from_a_node_at_work(shared: Store, commands: Commands, tmp_path: Path) -> None:
    add_node(shared, "a")
    put_engine(shared, "a")

    with pytest.raises(EngineInUse):
        commands.run("node", "take-engine", "--node", "b", "--data-dir", str(tmp_path / "b"))


def test_a_moved_file_is_taken_over(shared: Store, commands: Commands, tmp_path: Path) -> None:
    file_id = make_engine(tmp_path / "b")
    add_node(shared, "a", ends_in=timedelta(seconds=-1))
    put_engine(shared, "a", file_id)

    commands.run("node", "take-engine", "--node", "b", "--data-dir", str(tmp_path / "b"))

    assert engine_node(shared) == "b"


def test_a_file_that_is_lost_has_to_be_given_up_by_name(
    shared: Store, commands: Commands, tmp_path: Path
) -> None:
    put_engine(shared, "a")
    take = ("node", "take-engine", "--node", "b", "--data-dir", str(tmp_path / "b"))

    with pytest.raises(EngineFileMissing):
        commands.run(*take)
    assert not (tmp_path / "b" / "engine.duckdb").exists()
    commands.run(*take, "--discard")

    assert engine_node(shared) == "b"


def make_engine(folder: Path) -> str:
    folder.mkdir()
    engine = DuckDBEngine(DataDir(folder, None).engine_file)
    try:
        return engine.file_id()
    finally:
        engine.close()


def engine_node(store: Store) -> str:
    with store.read() as tx:
        place = engines.find_place(tx, EMBEDDED)
    assert place is not None
    return place.node
