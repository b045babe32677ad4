"""A copy of the store is as of one instant, and is made while others write."""

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from clockmill.store import snapshot
from clockmill.store.database import Store, Transaction
from clockmill.store.tables import roles


def put(store: Store, name: str) -> None:
    def work(tx: Transaction) -> None:
        tx.execute(insert(roles).values(name=name, created_on=datetime(2026, 1, 1, tzinfo=UTC)))

    store.write(work)


def names(tx: Transaction) -> list[str]:
    return list(tx.execute(select(roles.c.name).order_by(roles.c.name)).scalars())


def go_on() -> None:
    """Nobody calls it off."""


def test_a_snapshot_holds_what_was_there_at_its_instant(store: Store, tmp_path: Path) -> None:
    before: list[str] = []

    def at_the_instant() -> None:
        with store.read() as tx:
            before.extend(names(tx))

    put(store, "EARLY")
    with snapshot.hold(store, at_the_instant) as held:
        put(store, "LATE")
        files = held.copy(tmp_path / "copy.db", go_on)

    assert list(files) == ["copy.db"]
    assert before == ["EARLY"]
    with contextlib.closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT name FROM roles").fetchall() == [("EARLY",)]


def test_copying_ends_when_it_is_called_off(store: Store, tmp_path: Path) -> None:
    def enough() -> None:
        raise InterruptedError

    put(store, "EARLY")
    with pytest.raises(InterruptedError), snapshot.hold(store, go_on) as held:
        held.copy(tmp_path / "copy.db", enough)
    put(store, "LATE")
