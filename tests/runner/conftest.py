"""What tests of the runner start from."""

import pytest
from tests.runner.run_world import RunWorld

from clockmill.store.database import Store


@pytest.fixture
def world(any_store: Store) -> RunWorld:
    """A runner whose bodies run in the calling thread, one after the other."""
    return RunWorld(any_store)


@pytest.fixture
def threaded(any_store: Store) -> RunWorld:
    """A runner with threads, for bodies that are held."""
    return RunWorld(any_store, threads=True)
