"""What tests of the door start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.session.house import House

from clockmill.store.database import Store


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A door over an empty schema D.S, with ADMIN's session."""
    with Store.temporary() as store:
        built = House(store, tmp_path)
        yield built
        built.close()
