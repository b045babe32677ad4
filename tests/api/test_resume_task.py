"""POST …/tasks/{name}:resume."""

from tests.api.conftest import TASKS, Api, assert_error


def test_a_resumed_root_is_started_and_due(api: Api) -> None:
    api.create("t1", schedule={"schedule_type": "MINUTES_TYPE", "minutes": 10})

    answer = api.post(f"{TASKS}/t1:resume")

    assert (answer.status_code, answer.json()) == (200, {"status": "Statement executed successfully."})
    task = api.task("t1")
    assert (task["state"], task["last_committed_on"]) == ("started", "2026-03-01T09:03:00Z")
    [run] = api.rows(f"{TASKS}/t1/current-graphs")
    assert (run["state"], run["scheduled_time"]) == ("SCHEDULED", "2026-03-01T09:13:00Z")


def test_resuming_what_is_started_is_calm(api: Api) -> None:
    api.create("t1")

    assert [api.post(f"{TASKS}/t1:resume").status_code for _ in range(2)] == [200, 200]


def test_a_graph_with_a_cycle_is_refused(api: Api) -> None:
    api.create("root")
    api.create("a", "root")
    api.create("b", "a")
    api.put(f"{TASKS}/a", {"name": "a", "definition": "select 1", "predecessors": ["root", "b"]})

    answer = api.post(f"{TASKS}/root:resume")

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Graph has at least one cycle containing task ")
    assert api.task("root")["state"] == "suspended"


def test_a_child_of_a_started_root_is_not_resumed(api: Api) -> None:
    api.create("root")
    api.create("child", "root")
    api.post(f"{TASKS}/root:resume")

    answer = api.post(f"{TASKS}/child:resume")

    message = "Unable to update graph with root task DB.S.ROOT since that root task is not suspended."
    assert_error(answer, 400, "091421", message)


def test_a_body_is_not_looked_at(api: Api) -> None:
    api.create("t1")

    assert api.post(f"{TASKS}/t1:resume", content=b"{").status_code == 200
