"""What tests of the use cases start from."""

from collections.abc import Iterator

import pytest
from tests.service.doorway import Doorway
from tests.service.task_world import TaskWorld

from clockmill.store.database import Store


@pytest.fixture
def tasks() -> Iterator[TaskWorld]:
    """The task service over an empty schema, in a store that is thrown away."""
    with Store.temporary() as store:
        yield TaskWorld(store)


@pytest.fixture
def doorway() -> Iterator[Doorway]:
    """An account with the user ADMIN, and the services of its door."""
    with Store.temporary() as store:
        yield Doorway(store)
