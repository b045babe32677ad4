"""Looking back over a long history: right in every combination, and never by reading all of it."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert

from clockmill.core.names import SchemaName
from clockmill.store import queries, run_history, run_queries
from clockmill.store.database import Store, Transaction
from clockmill.store.queries import QueryRow, QuerySearch
from clockmill.store.run_history import TaskRunQuery
from clockmill.store.run_queries import RootName
from clockmill.store.tables import graph_runs, task_runs

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOMES = (SchemaName("DB", "S"), SchemaName("DB", "T"), SchemaName("OTHER", "S"))
STATES = ("SUCCEEDED", "FAILED", "SUCCEEDED", "CANCELLED", "SUCCEEDED")
EVERYTHING: dict[str, Any] = {
    "since": NOW - timedelta(days=9),
    "until": NOW + timedelta(days=9),
    "limit": None,
}


def at(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


def insert_past(tx: Transaction) -> None:
    """Three roots, each in a place of its own, with ten runs of two tasks."""
    for number in range(30):
        root = number % 3
        home = HOMES[root]
        tx.execute(
            insert(graph_runs).values(
                id=number + 1,
                group_id=f"g{number}",
                attempt=1,
                root_id=f"r{root}",
                root_name=f"ROOT_{root}",
                database_name=home.database,
                schema_name=home.schema,
                version=1,
                state="SUCCEEDED",
                origin="SCHEDULE",
                overlap_policy="NO_OVERLAP",
                scheduled_at=at(number),
                original_scheduled_at=at(number),
                completed_at=at(number + 2),
            )
        )
        for place, name in enumerate((f"ROOT_{root}", "child")):
            tx.execute(
                insert(task_runs).values(
                    graph_run_id=number + 1,
                    task_id=f"t{root}-{place}",
                    task_name=name,
                    state=STATES[(number + place) % len(STATES)],
                    query_id=f"q{number}-{place}",
                    scheduled_at=at(number + place),
                    completed_at=at(number + place + 1),
                )
            )


PLACES: tuple[dict[str, Any], ...] = (
    {},
    {"database": "DB"},
    {"database": "DB", "schema": "T"},
    {"database": "NONE"},
)
ASKED = [
    TaskRunQuery(**{**EVERYTHING, "limit": limit}, **place, root_id=root, task_name=name, error_only=errors)
    for place, root, name, errors, limit in itertools.product(
        PLACES,
        (None, "r1"),
        (None, "Child", "ROOT_2"),
        (False, True),
        (None, 3),
    )
]


def expected(everything: list[run_history.PlacedRun], asked: TaskRunQuery) -> list[str | None]:
    found = [
        run.query_id
        for run in everything
        if (asked.database in {None, run.database} and asked.schema in {None, run.schema})
        and asked.root_id in {None, run.root_id}
        and (asked.task_name is None or asked.task_name.upper() == run.task_name.upper())
        and (not asked.error_only or run.state in {"FAILED", "CANCELLED"})
    ]
    return found[: asked.limit]


@pytest.mark.parametrize("few", [0, run_history._FEW])
def test_every_combination_of_what_can_be_asked_is_answered_alike(
    store: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are two ways to the same rows; which is taken depends only on how many there are."""
    monkeypatch.setattr(run_history, "_FEW", few)
    store.write(insert_past)
    with store.read() as tx:
        everything = run_history.list_task_runs(tx, TaskRunQuery(**EVERYTHING))
        assert len(everything) == 60
        for each in ASKED:
            found = run_history.list_task_runs(tx, each)
            assert [run.query_id for run in found] == expected(everything, each), each


def statement(number: int, user: str, role: str) -> QueryRow:
    return QueryRow(
        id=str(number), session_id=number % 2, user_name=user, role=role,
        warehouse="WH" if number % 3 else None, database=None, schema=None,
        text="select 1", kind=None, tag=None, state="SUCCESS", rows=1, error_code=None, error_message=None,
        started_at=at(number), completed_at=at(number + 1),
    )  # fmt: skip


def test_statements_are_shown_to_their_user_and_to_who_has_their_role(store: Store) -> None:
    rows = [statement(n, "ANN" if n % 4 else "BOB", f"ROLE_{n % 5}") for n in range(40)]
    store.write(lambda tx: queries.insert_queries(tx, rows))
    asked = QuerySearch(
        since=at(5), warehouse="WH", seen_by="BOB", seen_roles=frozenset({"ROLE_1", "ROLE_2"}), limit=6
    )
    with store.read() as tx:
        found = queries.list_queries(tx, asked)
    wanted = [
        row.id
        for row in reversed(rows)
        if row.completed_at >= asked.since and row.warehouse == "WH"
        and (row.user_name == "BOB" or row.role in asked.seen_roles)
    ]  # fmt: skip
    assert [row.id for row in found] == wanted[:6]


RUNS: dict[str, dict[str, Any]] = {
    "all": {},
    "of a task": {"task_name": "CHILD"},
    "that failed": {"error_only": True},
    "of a task, that failed": {"error_only": True, "task_name": "CHILD"},
    "of a root": {"root_id": "r1"},
    "of a task of a root": {"root_id": "r1", "task_name": "CHILD"},
    "in a database": {"database": "DB"},
    "in a schema": {"database": "DB", "schema": "S"},
}
STATEMENTS: dict[str, dict[str, Any]] = {
    "all": {},
    "of a user": {"user": "ANN"},
    "of a session": {"session_id": 1},
    "of a warehouse": {"warehouse": "WH"},
    "that a user sees": {"seen_by": "ANN", "seen_roles": frozenset({"ROLE_1"})},
}


def plans(store: Store, look: Callable[[Transaction], object]) -> list[str]:
    """Return how SQLite goes about what *look* asks."""
    asked: list[tuple[str, Any]] = []
    with store.read() as tx:
        event.listen(tx, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        look(tx)
        return [
            str(row[3])
            for sql, values in list(asked)
            for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        ]


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "clockmill.db") as opened:
        yield opened


@pytest.mark.parametrize("few", [0, run_history._FEW])
@pytest.mark.parametrize("asked", RUNS.values(), ids=RUNS)
def test_a_look_at_task_runs_never_reads_them_all(
    file_store: Store, asked: dict[str, Any], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing index is not felt before there are millions of rows."""
    monkeypatch.setattr(run_history, "_FEW", few)
    query = TaskRunQuery(**{**EVERYTHING, "limit": 100}, **asked)
    steps = plans(file_store, lambda tx: run_history.list_task_runs(tx, query))
    assert [step for step in steps if step.startswith(("SCAN task_runs", "SCAN graph_runs"))] == []
    if few == 0:  # there are many that fit, and sorting them would take as long as reading them
        assert "USE TEMP B-TREE FOR ORDER BY" not in steps


@pytest.mark.parametrize("asked", STATEMENTS.values(), ids=STATEMENTS)
def test_a_look_at_statements_never_reads_them_all(file_store: Store, asked: dict[str, Any]) -> None:
    query = QuerySearch(since=NOW, limit=100, **asked)
    steps = plans(file_store, lambda tx: queries.list_queries(tx, query))
    assert [step for step in steps if step.startswith("SCAN queries")] == []


def test_open_runs_of_a_root_are_found_among_the_open_ones(file_store: Store) -> None:
    """Its name is in the index of all that it has ever run."""
    root = RootName(HOMES[0], "ROOT_0")
    steps = plans(file_store, lambda tx: run_queries.list_open_runs(tx, root, 10))
    assert "ix_graph_runs_open" in steps[0]
