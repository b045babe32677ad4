"""The embedded engine's file belongs to one node, and whatever could open it twice is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from clockmill.clock import SystemClock, VirtualClock
from clockmill.core.node import NodeState
from clockmill.service.engine_places import (
    EngineFileMissing,
    EngineInUse,
    EngineOfOther,
    EnginePlaces,
    OtherEngineFile,
)
from clockmill.store.database import Store
from clockmill.store.tables import nodes

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def shared(postgresql_url: str) -> Iterator[Store]:
    """A store that several nodes are at work on."""
    with Store.open(postgresql_url) as store:
        yield store


@pytest.fixture
def alone() -> Iterator[Store]:
    """A store that one process has for itself."""
    with Store.open(":memory:") as store:
        yield store


def places(store: Store, folder: Path, node: str, *, with_file: bool = True) -> EnginePlaces:
    folder.mkdir(exist_ok=True)
    file = folder / "engine.duckdb"
    if with_file:
        file.touch()
    return EnginePlaces(store=store, clock=VirtualClock(NOW), node=node, path=file)


def add_node(store: Store, name: str, *, lives: bool) -> None:
    now = SystemClock().now()
    row = {
        "name": name,
        "number": 7,
        "incarnation": "x",
        "home": "x",
        "state": NodeState.ACTIVE.value,
        "version": "0",
        "started_on": now,
        "lease_until": now + timedelta(hours=1 if lives else -1),
    }
    store.write(lambda tx: tx.execute(insert(nodes), row))


def test_the_first_node_gets_the_engine(shared: Store, tmp_path: Path) -> None:
    own = places(shared, tmp_path, "a", with_file=False)

    assert own.is_expected_here()
    assert own.claim("file-1", is_new=True)
    found = own.find()
    assert found is not None
    assert (found.node, found.file_id, found.path) == ("a", "file-1", str(tmp_path / "engine.duckdb"))


def test_a_node_without_the_file_does_without_the_engine(shared: Store, tmp_path: Path) -> None:
    places(shared, tmp_path / "a", "a").claim("file-1", is_new=True)

    assert not places(shared, tmp_path / "b", "b", with_file=False).is_expected_here()


def test_of_two_that_make_a_file_at_once_one_is_told_to_remove_it(shared: Store, tmp_path: Path) -> None:
    assert places(shared, tmp_path / "a", "a").claim("file-1", is_new=True)
    assert not places(shared, tmp_path / "b", "b").claim("file-2", is_new=True)


def test_a_second_engine_file_is_refused(shared: Store, tmp_path: Path) -> None:
    """Its tables would be there for whoever asks this node, and not for the others."""
    places(shared, tmp_path / "a", "a").claim("file-1", is_new=True)

    with pytest.raises(OtherEngineFile, match="take-engine --discard"):
        places(shared, tmp_path / "b", "b").claim("file-2", is_new=False)


def test_a_copy_of_the_file_is_refused_while_its_node_may_come_back(shared: Store, tmp_path: Path) -> None:
    places(shared, tmp_path / "a", "a").claim("file-1", is_new=True)
    add_node(shared, "a", lives=False)

    with pytest.raises(EngineOfOther, match="take-engine --node b"):
        places(shared, tmp_path / "b", "b").claim("file-1", is_new=False)


def test_a_node_that_was_never_here_leaves_the_engine_to_whoever_has_the_file(
    shared: Store, tmp_path: Path
) -> None:
    """As after a move from one store to another: the row came along, the node did not."""
    places(shared, tmp_path, "local").claim("file-1", is_new=True)

    assert places(shared, tmp_path, "a").claim("file-1", is_new=False)


def test_the_file_of_a_node_has_to_be_there(shared: Store, tmp_path: Path) -> None:
    """An empty one in its place would be taken for an account without tables."""
    places(shared, tmp_path / "a", "a").claim("file-1", is_new=True)

    with pytest.raises(EngineFileMissing, match="--data-dir"):
        places(shared, tmp_path / "elsewhere", "a", with_file=False).is_expected_here()


def test_a_node_may_move_its_folder(shared: Store, tmp_path: Path) -> None:
    places(shared, tmp_path / "a", "a").claim("file-1", is_new=True)
    moved = places(shared, tmp_path / "moved", "a")

    assert moved.claim("file-1", is_new=False)
    assert str(moved.find()).count("moved") == 1


def test_the_engine_is_not_taken_from_a_node_at_work(shared: Store, tmp_path: Path) -> None:
    places(shared, tmp_path / "a", "a").claim("file-1", is_new=True)
    add_node(shared, "a", lives=True)
    taker = places(shared, tmp_path / "b", "b")

    with pytest.raises(EngineInUse, match="Stop it first"):
        taker.take("file-1", discard=False)


def test_a_moved_file_is_taken_over_from_a_node_that_has_died(shared: Store, tmp_path: Path) -> None:
    places(shared, tmp_path / "a", "a").claim("file-1", is_new=True)
    add_node(shared, "a", lives=False)
    taker = places(shared, tmp_path / "b", "b")

    taker.take("file-1", discard=False)

    assert taker.claim("file-1", is_new=False)


def test_another_file_is_taken_only_if_the_old_one_is_given_up(shared: Store, tmp_path: Path) -> None:
    places(shared, tmp_path / "a", "a").claim("file-1", is_new=True)
    taker = places(shared, tmp_path / "b", "b")

    with pytest.raises(OtherEngineFile):
        taker.take("file-2", discard=False)
    taker.take("file-2", discard=True)

    assert taker.claim("file-2", is_new=False)


def test_where_the_store_is_one_process_s_own_the_name_of_the_node_does_not_matter(
    alone: Store, tmp_path: Path
) -> None:
    places(alone, tmp_path, "a").claim("file-1", is_new=True)
    add_node(alone, "a", lives=True)

    assert places(alone, tmp_path, "b").claim("file-1", is_new=False)


def test_a_lost_file_is_told_also_where_there_is_one_node(alone: Store, tmp_path: Path) -> None:
    places(alone, tmp_path, "a").claim("file-1", is_new=True)
    (tmp_path / "engine.duckdb").unlink()

    with pytest.raises(EngineFileMissing):
        places(alone, tmp_path, "a", with_file=False).is_expected_here()
