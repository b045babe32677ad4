"""What tests of the runner start from."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.runner.run_world import RunWorld

from clockmill.store.database import Store


@pytest.fixture
def world(any_store: Store) -> Iterator[RunWorld]:
    """A runner whose bodies run in the calling thread, one after the other."""
    with closing(RunWorld(any_store)) as world:
        yield world


@pytest.fixture
def threaded(any_store: Store) -> Iterator[RunWorld]:
    """A runner with threads, for bodies that are held."""
    with closing(RunWorld(any_store, threads=True)) as world:
        yield world
