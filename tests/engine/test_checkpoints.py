"""When the engine's log is brought into its file, and that it is left alone while the disk lacks room."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.engine.sessions import Client

from clockmill.engine.duckdb import DuckDBEngine, checkpoints


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(checkpoints, "LOG_BYTES", 100_000)
    return tmp_path / "engine.duckdb"


@pytest.fixture
def engine(path: Path) -> Iterator[DuckDBEngine]:
    with closing(DuckDBEngine(path)) as engine:
        yield engine


@pytest.fixture
def client(engine: DuckDBEngine) -> Client:
    client = Client(engine.open_session())
    engine.create_namespace(client.catalog.namespace(client.home))  # type: ignore[arg-type]
    client.run("CREATE TABLE grown (a VARCHAR)")
    return client


def logged(path: Path) -> int:
    log = path.with_name(path.name + ".wal")
    return log.stat().st_size if log.exists() else 0


def grow(client: Client) -> None:
    client.run(f"INSERT INTO grown VALUES ('{'x' * 9_000}')")


def test_a_long_log_is_brought_into_the_file(client: Client, path: Path) -> None:
    for _ in range(100):
        grow(client)

    assert logged(path) < 100_000 + 20_000
    assert client.rows("SELECT COUNT(*) FROM grown") == [(100,)]


def test_it_goes_on_growing_while_the_disk_lacks_room(
    client: Client, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkpoint that finds the disk full would end the engine; a log that does, one statement."""
    monkeypatch.setattr(checkpoints, "_SPARE_BYTES", 1 << 60)
    for _ in range(100):
        grow(client)
    grown = logged(path)
    monkeypatch.undo()
    monkeypatch.setattr(checkpoints, "LOG_BYTES", 100_000)

    grow(client)

    assert grown > 100 * 9_000
    assert logged(path) < 100_000


def test_an_open_transaction_of_somebody_else_is_not_harmed(client: Client, engine: DuckDBEngine) -> None:
    other = Client(engine.open_session())
    other.run("CREATE TABLE held (a VARCHAR)")
    other.run("BEGIN")
    other.run("INSERT INTO held VALUES ('open')")
    for _ in range(50):
        grow(client)

    other.run("COMMIT")

    assert client.rows("SELECT COUNT(*) FROM held") == [(1,)]
    assert client.rows("SELECT COUNT(*) FROM grown") == [(50,)]


def test_nothing_is_rewritten_while_the_file_is_copied(
    client: Client, engine: DuckDBEngine, path: Path
) -> None:
    with engine.hold_file():
        for _ in range(50):
            grow(client)
        grown = logged(path)

    assert grown > 50 * 9_000
