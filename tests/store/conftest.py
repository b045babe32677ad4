"""What the store's tests share: every store there is, under one name."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clockmill.clock import VirtualClock
from clockmill.store.database import Store


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(params=["temporary", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A fresh store of each kind; what it does must not depend on the kind."""
    path = ":memory:" if request.param == "temporary" else tmp_path / "clockmill.db"
    with Store.open(path) as opened:
        yield opened
