"""GET …/tasks/{name}/complete-graphs, and complete_graphs."""

from datetime import timedelta

import pytest
from sqlalchemy import insert
from tests.api.conftest import START, TASKS, Api, assert_error

from clockmill.store.database import Transaction
from clockmill.store.tables import graph_runs

BOTH = pytest.mark.parametrize("spelling", ["complete-graphs", "complete_graphs"])


def record(api: Api, number: int, state: str, **columns: str | None) -> None:
    """Put a run of T1 on record that ended *number* minutes ago."""
    ended = START - timedelta(minutes=number)
    row = {
        "group_id": f"group{number}",
        "attempt": 1,
        "root_id": api.task("t1")["id"],
        "root_name": "T1",
        "database_name": "DB",
        "schema_name": "S",
        "version": 1,
        "state": state,
        "origin": "SCHEDULE",
        "overlap_policy": "NO_OVERLAP",
        "scheduled_at": ended,
        "original_scheduled_at": ended,
        "next_scheduled_at": ended + timedelta(minutes=5),
        "started_at": ended,
        "completed_at": ended,
        **columns,
    }

    def work(tx: Transaction) -> None:
        tx.execute(insert(graph_runs), row)

    api.store.write(work)


@pytest.fixture
def ran(api: Api) -> Api:
    api.create("t1")
    record(api, 1, "SUCCEEDED")
    record(api, 2, "FAILED", first_error_task="T1", first_error_code="000630", first_error_message="too slow")
    record(api, 3, "CANCELLED", first_error_code="none")
    record(api, 61, "SUCCEEDED")
    return api


@BOTH
def test_what_ended_lately_is_shown_last_first(ran: Api, spelling: str) -> None:
    runs = ran.rows(f"{TASKS}/t1/{spelling}")

    assert [run["state"] for run in runs] == ["SUCCEEDED", "FAILED", "CANCELLED"]


def test_an_error_has_its_code_as_a_number(ran: Api) -> None:
    run = ran.rows(f"{TASKS}/t1/complete-graphs")[1]

    assert run["first_error_task_name"] == "T1"
    assert (run["first_error_code"], run["first_error_message"]) == (630, "too slow")


def test_the_number_of_an_exception_that_a_body_declares_is_negative(api: Api) -> None:
    api.create("t1")
    record(api, 1, "FAILED", first_error_task="T1", first_error_code="-20001")

    assert api.rows(f"{TASKS}/t1/complete-graphs")[0]["first_error_code"] == -20001


@BOTH
@pytest.mark.parametrize("true", ["true", "True"])
def test_only_errors_on_request(ran: Api, spelling: str, true: str) -> None:
    runs = ran.rows(f"{TASKS}/t1/{spelling}?errorOnly={true}")

    assert [run["state"] for run in runs] == ["FAILED", "CANCELLED"]


def test_the_limit_holds(ran: Api) -> None:
    assert len(ran.rows(f"{TASKS}/t1/complete-graphs?resultLimit=1&errorOnly=False")) == 1


def test_a_limit_out_of_range_is_refused(ran: Api) -> None:
    answer = ran.get(f"{TASKS}/t1/complete-graphs?resultLimit=10001")

    message = "Value for parameter RESULT_LIMIT exceeds maximum allowable value (10,000)."
    assert_error(answer, 400, "", message)


def test_a_missing_task_is_not_found(api: Api) -> None:
    assert api.get(f"{TASKS}/t1/complete-graphs").status_code == 404
