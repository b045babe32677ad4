"""Values that are remembered until somebody commits."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from clockmill.core.errors import NotFound
from clockmill.store.database import Store, Transaction
from clockmill.store.snapshot_cache import SnapshotCache
from clockmill.store.tables import roles

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Counts:
    """A value that the store holds, and how often it was read from there."""

    def __init__(self, store: Store, limit: int = 100) -> None:
        self.store = store
        self.cache: SnapshotCache[str, int] = SnapshotCache(store, limit)
        self.loads = 0

    def load(self, tx: Transaction) -> int:
        self.loads += 1
        return tx.execute(select(func.count()).select_from(roles)).scalar_one()

    def get(self, key: str = "roles") -> int:
        return self.cache.get(key, self.load)

    def add(self, name: str) -> None:
        self.store.write(lambda tx: tx.execute(insert(roles), {"name": name, "created_on": NOW}))


@pytest.fixture
def counts(store: Store) -> Counts:
    return Counts(store)


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Counts]:
    with Store.open(tmp_path / "shared.db") as store:
        yield Counts(store)


def test_what_was_read_once_is_not_read_again_while_nobody_commits(counts: Counts) -> None:
    assert [counts.get() for _ in range(5)] == [0] * 5
    assert counts.loads == 1


def test_a_write_of_ones_own_is_seen_as_soon_as_it_is_acknowledged(counts: Counts) -> None:
    for number in range(20):
        assert counts.get() == number
        counts.add(f"R{number}")
    assert counts.get() == 20


def test_a_commit_of_another_process_is_seen(on_disk: Counts, tmp_path: Path) -> None:
    assert on_disk.get() == 0
    # A connection of the driver's own, as another process has one.
    other = sqlite3.connect(tmp_path / "shared.db", isolation_level=None)
    other.execute("INSERT INTO roles (name, created_on) VALUES ('OTHER', 0)")
    other.close()
    assert on_disk.get() == 1


def test_a_commit_that_comes_while_a_value_is_read_does_not_leave_the_old_one(counts: Counts) -> None:
    def load_slowly(tx: Transaction) -> int:
        count = counts.load(tx)
        writer = threading.Thread(target=counts.add, args=("MEANWHILE",))
        writer.start()
        writer.join(10)
        return count

    assert counts.cache.get("roles", load_slowly) == 0
    assert counts.get() == 1


def test_a_refusal_is_not_remembered(counts: Counts) -> None:
    def refuse(_: Transaction) -> int:
        raise NotFound("Task", "T")

    with pytest.raises(NotFound):
        counts.cache.get("roles", refuse)
    assert counts.get() == 0


def test_no_more_is_kept_than_the_limit(store: Store) -> None:
    counts = Counts(store, limit=3)
    for key in "abcabc":
        counts.get(key)
    assert counts.loads == 3
    for key in "dabc":
        counts.get(key)
    assert counts.loads == 3 + 4
