"""The fixtures of the engine's tests."""

from collections.abc import Callable, Iterator

import pytest
from tests.engine.sessions import Client

from clockmill.engine.duckdb import DuckDBEngine


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    """An engine in memory."""
    with_engine = DuckDBEngine()
    yield with_engine
    with_engine.close()


@pytest.fixture
def connect(engine: DuckDBEngine) -> Callable[[], Client]:
    """Open a session of its own."""
    return lambda: Client(engine.open_session())


@pytest.fixture
def client(connect: Callable[[], Client]) -> Client:
    return connect()
