"""What tests of the runner start from."""

from collections.abc import Iterator

import pytest
from tests.runner.run_world import RunWorld

from clockmill.store.database import Store


@pytest.fixture
def world() -> Iterator[RunWorld]:
    """A runner whose bodies run in the calling thread, one after the other."""
    with Store.temporary() as store:
        yield RunWorld(store)


@pytest.fixture
def threaded() -> Iterator[RunWorld]:
    """A runner with threads, for bodies that are held."""
    with Store.temporary() as store:
        yield RunWorld(store, threads=True)
