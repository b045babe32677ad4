"""What runs of graphs do: order, failures, conditions, finalizers."""

from tests.runner.run_world import RunWorld


def test_a_chain_runs_in_order_and_ends_well(world: RunWorld) -> None:
    world.create("R")
    world.create("A", "R")
    world.create("B", "A")
    world.resume("B", "A")

    run = world.run()

    assert world.bodies.order == ["R", "A", "B"]
    assert (run.state, run.scheduled_from, run.attempt_number) == ("SUCCEEDED", "EXECUTE TASK", 1)
    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED", "B": "SUCCEEDED"}
