"""What runs of graphs do: order, failures, conditions, finalizers, return values."""

from typing import Any

import pytest
from tests.runner.run_world import ADMIN, RunWorld, named

from clockmill.core.errors import NotFound

NO = "1 = 2"
NEVER = "SYSTEM$STREAM_HAS_DATA('S')"


def chain(world: RunWorld, **root: Any) -> None:
    world.create("R", **root)
    world.create("A", "R")
    world.create("B", "A")
    world.resume("B", "A")


def test_a_chain_runs_in_order_and_ends_well(world: RunWorld) -> None:
    chain(world)

    run = world.run()

    assert world.bodies.order == ["R", "A", "B"]
    assert (run.state, run.scheduled_from, run.attempt_number) == ("SUCCEEDED", "EXECUTE TASK", 1)
    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED", "B": "SUCCEEDED"}


def test_a_failure_keeps_what_follows_from_it_from_running(world: RunWorld) -> None:
    chain(world)
    world.create("C", "R")
    world.resume("C")
    world.bodies.fails("A", text="no such table")

    run = world.run()

    assert run.state == "FAILED"
    assert (run.first_error_task_name, run.first_error_code) == ("A", "100038")
    assert run.first_error_message == "no such table"
    assert world.states() == {"R": "SUCCEEDED", "A": "FAILED", "C": "SUCCEEDED"}


def test_nothing_but_the_finalizer_follows_a_failed_root(world: RunWorld) -> None:
    chain(world)
    world.create("F", finalize="R")
    world.resume("F")
    world.bodies.fails("R")

    run = world.run()

    assert world.bodies.order == ["R", "F"]
    assert run.state == "FAILED"


def test_the_finalizer_is_last_and_its_failure_is_the_graphs(world: RunWorld) -> None:
    chain(world)
    world.create("F", finalize="R")
    world.resume("F")
    world.bodies.fails("F")

    run = world.run()

    assert world.bodies.order == ["R", "A", "B", "F"]
    assert (run.state, run.first_error_task_name) == ("FAILED", "F")


def test_a_suspended_finalizer_does_not_run(world: RunWorld) -> None:
    world.create("R")
    world.create("F", finalize="R")

    assert world.run().state == "SUCCEEDED"
    assert world.bodies.order == ["R"]


def test_a_suspended_task_is_left_out_and_what_follows_waits_for_what_it_waited_for(world: RunWorld) -> None:
    chain(world)
    world.suspend("A")

    assert world.run().state == "SUCCEEDED"
    assert world.bodies.order == ["R", "B"]


def test_a_false_condition_skips_a_child_and_what_follows(world: RunWorld) -> None:
    world.create("R")
    world.create("A", "R", condition=NO)
    world.create("B", "A")
    world.resume("B", "A")

    run = world.run()

    assert run.state == "SUCCEEDED"
    assert world.bodies.order == ["R"]
    (skipped,) = [row for row in world.task_rows() if row.name == "A"]
    assert (skipped.state, skipped.error_code, skipped.query_id) == ("SKIPPED", "0040003", None)
    assert skipped.error_message == "Conditional expression for task evaluated to false."


def test_a_child_runs_beside_a_skipped_predecessor_if_another_succeeded(world: RunWorld) -> None:
    world.create("R")
    world.create("A", "R", condition=NO)
    world.create("B", "R")
    world.create("C", "A", "B")
    world.resume("C", "B", "A")

    assert world.run().state == "SUCCEEDED"
    assert world.bodies.order == ["R", "B", "C"]


def test_a_skipped_root_is_no_graph_run_and_runs_no_finalizer(world: RunWorld) -> None:
    world.create("R", condition=NO)
    world.create("A", "R")
    world.create("F", finalize="R")
    world.resume("F", "A")

    world.execute()
    world.settle()

    assert world.bodies.order == []
    assert world.complete() == []
    assert world.current() == []
    assert world.states() == {"R": "SKIPPED"}


def test_a_condition_that_cannot_be_evaluated_fails_the_task(world: RunWorld) -> None:
    world.create("R", condition=NEVER, warehouse="WH")

    run = world.run()

    assert (run.state, run.first_error_code) == ("FAILED", "002003")
    assert "Stream 'DB.S.S' does not exist" in (run.first_error_message or "")


def test_a_stream_with_data_lets_the_root_run(world: RunWorld) -> None:
    world.create("R", condition=NEVER, warehouse="WH")
    world.streams.have_data["S"] = True

    assert world.run().state == "SUCCEEDED"


def test_a_condition_sees_what_a_predecessor_returned(world: RunWorld) -> None:
    world.create("R")
    world.create("A", "R", condition="SYSTEM$GET_PREDECESSOR_RETURN_VALUE('R') = 'go'")
    world.create("B", "R", condition="SYSTEM$GET_PREDECESSOR_RETURN_VALUE() = 'stop'")
    world.resume("A", "B")
    world.bodies.returns("R", "go")

    world.run()

    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED", "B": "SKIPPED"}


def test_a_body_gets_what_its_ancestors_returned_and_no_more(world: RunWorld) -> None:
    chain(world, config='{"a": {"b": 1}}')
    world.create("X", "R")
    world.resume("X")
    world.bodies.returns("R", "one")
    world.bodies.returns("X", "elsewhere")

    world.run(config='{"a": {"c": 2}}')

    body = next(each for each in world.bodies.requests if each.task.name == "B")
    assert dict(body.return_values) == {"R": "one", "A": None}
    assert body.predecessors == ("A",)
    assert body.graph_run.config == '{"a":{"b":1,"c":2}}'


def test_a_body_knows_the_last_success_that_was_before_its_run(world: RunWorld) -> None:
    world.create("R")
    first = world.run()
    world.bodies.fails("R")
    world.run()

    world.run()

    facts = world.bodies.requests[-1].graph_run
    assert facts.last_successful_group_id == first.graph_run_group_id
    assert facts.last_successful_scheduled_at == first.scheduled_time


def _no_such_warehouse(name: str | None) -> int:
    raise NotFound("Warehouse", name)


def test_a_task_whose_warehouse_is_gone_fails_and_says_so(world: RunWorld) -> None:
    world.create("R")
    world.slots._slot_count = _no_such_warehouse

    run = world.run()

    assert run.state == "FAILED"
    assert "does not exist" in (run.first_error_message or "")


def test_a_body_that_needs_no_slot_runs_when_all_are_taken(world: RunWorld) -> None:
    world.create("R", definition="call system$wait(1)")
    taken: list[object] = []
    for _ in range(8):
        world.slots.request(None, taken.append)

    assert len(taken) == 8
    assert world.run().state == "SUCCEEDED"


@pytest.mark.parametrize("any_store", ["sqlite"], indirect=True)
def test_a_thousand_suspended_tasks_in_a_row_are_walked_through(world: RunWorld) -> None:
    """A recursive walk would meet the interpreter's limit."""
    world.create("R")
    for number in range(998):
        world.create(f"T{number:03}", f"T{number - 1:03}" if number else "R")
    world.create("Z", "T997")
    world.resume("Z")

    assert world.run().state == "SUCCEEDED"
    assert world.bodies.order == ["R", "Z"]


def test_a_body_runner_that_raises_ends_the_run_as_our_failure(world: RunWorld) -> None:
    world.create("R")

    def explode(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    world.bodies.run = explode  # type: ignore[method-assign,assignment]

    run = world.run()

    assert (run.state, run.first_error_code) == ("FAILED", "000603")


def test_history_names_the_query_the_times_and_the_version(world: RunWorld) -> None:
    chain(world)
    world.run()

    root, child, _ = world.task_rows()
    assert root.query_id
    assert root.query_id != child.query_id
    assert (root.graph_version, root.root_task_id) == (1, world.task("R").id)
    assert root.completed_time is not None
    assert world.history.task_history(ADMIN, task_name="A")[0].name == "A"
    assert world.history.task_history(ADMIN, database="NONE") == []
    assert world.history.current_graphs(ADMIN, named("A")) == []


def test_a_run_that_was_queued_while_others_were_begun_begins_after_that(world: RunWorld) -> None:
    """Else the second attempt would seem to begin before the first had ended."""
    began = world.clock.now()
    world.create("R")
    world.clock.advance(seconds=5)
    world.execute()

    world.conductor.step(began)
    world.settle()

    [row] = world.task_rows()
    assert row.scheduled_time >= world.last().scheduled_time > began
