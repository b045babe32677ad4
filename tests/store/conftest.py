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


@pytest.fixture(params=["temporary", "file", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A fresh store of each kind; what it does must not depend on the kind."""
    with Store.open(_target(request, tmp_path)) as opened:
        yield opened


def _target(request: pytest.FixtureRequest, folder: Path) -> str | Path:
    if request.param == "temporary":
        return ":memory:"
    if request.param == "file":
        return folder / "clockmill.db"
    return str(request.getfixturevalue("postgresql_url"))
