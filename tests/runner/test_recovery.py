"""What a start makes of what the server's last life left in the store."""

from datetime import timedelta

from tests.runner.run_world import RunWorld

from clockmill.store import queued_runs
from clockmill.store.database import Transaction


def claim(world: RunWorld) -> None:
    """Claim what waits, and go no further: what a server that is killed there leaves."""

    def work(tx: Transaction) -> None:
        queued_runs.claim_graph_runs(
            tx, "test", queued_runs.list_claimable_runs(tx, 10), world.clock.now() - timedelta(seconds=1)
        )

    world.store.write(work)


def test_a_run_that_was_claimed_and_began_nothing_is_run_after_all(world: RunWorld) -> None:
    """Nothing has happened in its name, so neither a failure nor a second run would be right."""
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    world.execute()
    claim(world)

    world.crash()
    world.settle()

    [run] = world.complete()
    assert (run.state, run.scheduled_from, run.attempt_number) == ("SUCCEEDED", "EXECUTE TASK", 1)
    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED"}


def test_a_claimed_run_that_waits_again_is_replaced_by_a_newer_one(world: RunWorld) -> None:
    world.create("R")
    world.execute()
    claim(world)
    world.crash()

    world.execute()
    world.settle()

    assert [run.state for run in world.complete()] == ["SUCCEEDED"]
