"""Servers to try the clients on. Each is started once for all tests that use it."""

from collections.abc import Iterator

import pytest
from tests.acceptance.harness import CLIENTS, RunningServer, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server as it is out of the box."""
    with running_server(tmp_path_factory.mktemp("server") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def deferring_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that answers every REST operation with 202 first."""
    with running_server(tmp_path_factory.mktemp("deferring") / "data", sync_wait="0") as running:
        yield running


@pytest.fixture(scope="session")
def forgetful_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose session tokens live for a second."""
    with running_server(tmp_path_factory.mktemp("forgetful") / "data", session_lifetime="1") as running:
        yield running


@pytest.fixture(scope="session")
def fuzzed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose databases and warehouses may be dropped under it."""
    with running_server(tmp_path_factory.mktemp("fuzzed") / "data") as running:
        yield running


@pytest.fixture(params=CLIENTS)
def generation(request: pytest.FixtureRequest) -> str:
    """A generation of the connector: «5.x», «4.x»."""
    return str(request.param)
