"""Statements that bypass SQLAlchemy's execution write what they would through it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from clockmill.store.database import Store, Transaction
from clockmill.store.prepared import Prepared
from clockmill.store.tables import roles, task_runs

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
COLUMNS = ("graph_run_id", "task_id", "task_name", "query_id", "scheduled_at", "started_at")
INSERT = insert(task_runs).values(state="EXECUTING", is_system_error=False)
UPDATE = (
    update(task_runs)
    .where(task_runs.c.task_id == bindparam("b_task"), task_runs.c.state == "EXECUTING")
    .values(state=bindparam("state"), completed_at=bindparam("at"), is_system_error=bindparam("ours"))
)
END = {"b_task": "a", "state": "FAILED", "at": NOW, "ours": True}

UNCHECKED = {
    "sqlite": "PRAGMA defer_foreign_keys = ON",
    "postgresql": "SET LOCAL session_replication_role = replica",
}


def start(task: str, **values: Any) -> dict[str, Any]:
    row = dict.fromkeys(COLUMNS) | {"graph_run_id": 1, "task_id": task, "task_name": task.upper()}
    return {**row, "scheduled_at": NOW, **values}


def rows(tx: Transaction, table: Table = task_runs) -> list[Any]:
    columns = [column for column in table.c if column.name != "id"]
    return list(tx.execute(select(*columns).order_by(*table.primary_key)).all())


def undone(store: Store, *work: Any) -> list[Any]:
    """Return the rows of task runs after *work*, which leaves nothing behind."""
    seen: list[Any] = []

    def attempt(tx: Transaction) -> None:
        # The graph run that these belong to is no matter of this test.
        tx.exec_driver_sql(UNCHECKED[tx.dialect.name])
        for each in work:
            each(tx)
        seen.extend(rows(tx))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(attempt)
    return seen


def test_what_is_prepared_writes_what_the_statement_does(store: Store) -> None:
    starts = [start("a", query_id="q"), start("b", started_at=NOW)]
    prepared, ending = Prepared(INSERT, COLUMNS), Prepared(UPDATE, tuple(END))

    by_core = undone(store, lambda tx: tx.execute(INSERT, starts), lambda tx: tx.execute(UPDATE, END))
    by_us = undone(store, lambda tx: prepared.run_all(tx, starts), lambda tx: ending.run(tx, END))

    assert by_us == by_core
    assert [row.state for row in by_us] == ["FAILED", "EXECUTING"]
    assert by_us[0].completed_at == NOW


def test_it_counts_the_rows_it_has_changed(store: Store) -> None:
    """A guarded update that finds nothing is how the loss of a run is noticed."""
    counts: list[int] = []
    ending = Prepared(UPDATE, tuple(END))
    insertion = Prepared(INSERT, COLUMNS)

    def end(tx: Transaction) -> None:
        counts.append(ending.run(tx, END))

    undone(store, lambda tx: insertion.run(tx, start("a")), end, end)

    assert counts == [1, 0]


def test_it_fails_as_the_statement_would(store: Store) -> None:
    add = Prepared(insert(roles), ("name", "created_on"))
    role = {"name": "A", "created_on": NOW}
    store.write(lambda tx: add.run(tx, role))
    with pytest.raises(IntegrityError):
        store.write(lambda tx: add.run(tx, role))
