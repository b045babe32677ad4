"""An account that moves from one database to the other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from tests.postgresql import PostgreSQL

from clockmill.store.copying import BATCH, StoreNotEmpty, copy_rows, copy_store
from clockmill.store.database import Store, Transaction
from clockmill.store.tables import databases, graph_runs, metadata, nodes, roles, schemas, tasks

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def fill(tx: Transaction) -> None:
    """Write what is told apart by the databases: instants, booleans, references, empty and odd text."""
    tx.execute(
        insert(databases), {"id": "d", "name": "D", "owner": "R", "comment": "ä\x00\t", "created_on": NOW}
    )
    schema = {"id": "s", "database_id": "d", "name": "S", "owner": "R", "created_on": NOW}
    tx.execute(insert(schemas), schema)
    task = {"schema_id": "s", "owner": "R", "state": "suspended", "spec": "{}", "created_on": NOW}
    tx.execute(insert(tasks), {"id": "z", "name": "ROOT", **task})
    # Its id comes first, and what it refers to must be there before it.
    tx.execute(insert(tasks), {"id": "a", "name": "FINALIZER", "finalizes": "z", **task})
    tx.execute(insert(graph_runs), [graph_run(number) for number in range(BATCH + 10)])


def graph_run(number: int) -> dict[str, Any]:
    return {
        "group_id": f"g{number}",
        "attempt": 1,
        "root_id": "z",
        "root_name": "ROOT",
        "database_name": "D",
        "schema_name": "S",
        "version": 1,
        "state": "SUCCEEDED",
        "origin": "EXECUTE_TASK",
        "overlap_policy": "NO_OVERLAP",
        "scheduled_at": NOW,
        "original_scheduled_at": NOW,
    }


def contents(store: Store) -> dict[str, list[Any]]:
    with store.read() as tx:
        return {
            table.name: [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


@pytest.fixture
def other(postgresql: PostgreSQL) -> Iterator[Store]:
    """A second store, in PostgreSQL."""
    with postgresql.database(lambda url: Store.open(url).close()) as url, Store.open(url) as store:
        yield store


def copied(source: Store, target: Store) -> int:
    with source.read() as tx:
        return copy_store(tx, target)


def test_an_account_goes_to_the_other_database_and_back_unchanged(
    store: Store, other: Store, tmp_path: Path
) -> None:
    store.write(fill)
    count = copied(store, other)
    with Store.open(tmp_path / "back.db") as back:
        assert copied(other, back) == count
        assert contents(store) == contents(other) == contents(back)


def test_what_is_written_after_the_copy_gets_ids_of_its_own(store: Store, other: Store) -> None:
    """A sequence that begins with 1 again would meet rows that are there."""
    store.write(fill)
    copied(store, other)
    other.write(lambda tx: tx.execute(insert(graph_runs), graph_run(9_999)))
    assert len(contents(other)["graph_runs"]) == BATCH + 11


def test_an_empty_account_is_copied_and_begins_with_the_first_id(store: Store, other: Store) -> None:
    assert copied(store, other) == 0
    other.write(lambda tx: tx.execute(insert(graph_runs), graph_run(1)))
    assert [row[0] for row in contents(other)["graph_runs"]] == [1]


def test_a_copy_is_of_one_instant(store: Store, other: Store) -> None:
    store.write(fill)
    with store.read() as tx:
        tx.execute(select(roles)).all()
        store.write(lambda writing: writing.execute(insert(roles), {"name": "LATER", "created_on": NOW}))
        copy_store(tx, other)
    assert contents(other)["roles"] == []


def test_a_store_that_holds_anything_is_not_written_to(store: Store, other: Store) -> None:
    store.write(fill)
    other.write(lambda tx: tx.execute(insert(roles), {"name": "R", "created_on": NOW}))
    before = contents(other)
    with pytest.raises(StoreNotEmpty, match="roles"):
        copied(store, other)
    assert contents(other) == before


def test_a_copy_that_fails_leaves_the_target_empty(store: Store, other: Store) -> None:
    store.write(fill)
    store.write(lambda tx: tx.execute(insert(roles), {"name": "R", "created_on": NOW}))
    with pytest.raises(ZeroDivisionError), store.read() as tx:
        other.write(lambda writing: copy_rows(tx, writing) / 0)
    assert {len(rows) for rows in contents(other).values()} == {0}


def test_who_is_at_work_on_the_one_is_not_at_work_on_the_other(store: Store, other: Store) -> None:
    node = {"name": "n", "number": 1, "incarnation": "i", "home": "h", "state": "ACTIVE", "version": "1"}
    store.write(lambda tx: tx.execute(insert(nodes), {**node, "started_on": NOW, "lease_until": NOW}))
    copied(store, other)
    assert contents(other)["nodes"] == []
