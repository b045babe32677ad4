"""Roots that wait for streams: found by the stream, due because of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from clockmill.core.fire import DueRoot
from clockmill.core.names import QualifiedName
from clockmill.store import fires, triggers, versions
from clockmill.store.database import Store, Transaction
from clockmill.store.fires import Postponed
from clockmill.store.triggers import Triggered

NOW = datetime(2026, 3, 1, 9, 3, tzinfo=UTC)
LATER = NOW + timedelta(hours=12)
A, B = QualifiedName("DB", "S", "A"), QualifiedName("DB", "S", "B")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.temporary() as made:
        yield made


def wait_for(tx: Transaction, root_id: str, *streams: QualifiedName) -> DueRoot:
    """Let *root_id* wait for *streams*, having begun a run now."""
    versions.set_current_version(tx, root_id, 1)
    versions.plan_root(tx, root_id, base=NOW, next_fire_at=NOW, streams=streams)
    due = DueRoot(root_id=root_id, version=1, due_at=NOW, base=NOW)
    fires.move_roots(tx, [Postponed(due, LATER, awaits_data=True)])
    return DueRoot(root_id=root_id, version=1, due_at=LATER, base=NOW)


def waiting(store: Store, *streams: QualifiedName) -> set[str]:
    with store.read() as tx:
        return {root.root_id for root in triggers.list_roots_of_streams(tx, streams)}


def test_roots_are_found_by_any_of_their_streams(store: Store) -> None:
    store.write(lambda tx: (wait_for(tx, "r1", A), wait_for(tx, "r2", A, B), wait_for(tx, "r3", B)))

    assert waiting(store, A) == {"r1", "r2"}
    assert waiting(store, A, B) == {"r1", "r2", "r3"}
    assert waiting(store, QualifiedName("DB", "S2", "A")) == set()


def test_a_triggered_root_is_due_and_waits_no_more(store: Store) -> None:
    root = store.write(lambda tx: wait_for(tx, "r1", A))
    store.write(lambda tx: triggers.trigger_roots(tx, [Triggered(root, NOW)]))

    assert waiting(store, A) == set()
    with store.read() as tx:
        assert [due.root_id for due in fires.list_due_roots(tx, NOW, 10)] == ["r1"]


def test_a_trigger_leaves_a_root_alone_that_was_changed_meanwhile(store: Store) -> None:
    root = store.write(lambda tx: wait_for(tx, "r1", A))
    store.write(lambda tx: versions.unplan_root(tx, "r1"))
    store.write(lambda tx: triggers.trigger_roots(tx, [Triggered(root, NOW)]))

    assert waiting(store, A) == set()
    with store.read() as tx:
        assert fires.next_fire_at(tx) is None
        assert triggers.list_waiting_roots(tx) == []


def test_the_roots_that_wait_are_listed_all_or_those_asked_for(store: Store) -> None:
    store.write(lambda tx: (wait_for(tx, "r1", A), wait_for(tx, "r2", B)))

    with store.read() as tx:
        assert {root.root_id for root in triggers.list_waiting_roots(tx)} == {"r1", "r2"}
        assert [root.root_id for root in triggers.list_waiting_roots(tx, ["r2", "r9"])] == ["r2"]


def test_finding_roots_by_a_stream_looks_at_no_others(store: Store) -> None:
    """There may be ten thousand triggered tasks, and a commit every millisecond."""
    asked: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:
        asked.append((call[2], call[3]))

    with store.read() as tx:
        event.listen(tx, "before_cursor_execute", note)
        triggers.list_roots_of_streams(tx, [A])
        event.remove(tx, "before_cursor_execute", note)
        sql, values = asked[0]
        plan = " ".join(str(row) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all())

    assert "ix_root_streams_stream" in plan
    assert "SCAN" not in plan
