"""What tests of the use cases start from."""

import pytest
from tests.service.doorway import Doorway
from tests.service.task_world import TaskWorld

from clockmill.store.database import Store


@pytest.fixture
def tasks(any_store: Store) -> TaskWorld:
    """The task service over an empty schema, in a store that is thrown away."""
    return TaskWorld(any_store)


@pytest.fixture
def doorway(any_store: Store) -> Doorway:
    """An account with the user ADMIN, and the services of its door."""
    return Doorway(any_store)
