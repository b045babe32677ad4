"""A copy of the engine's file is the data as of its mark, whatever is written meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.engine.sessions import Client

from clockmill.engine.duckdb import DuckDBEngine
from clockmill.engine.duckdb.copying import CannotCopy, check_copy
from clockmill.files import CheckGoesOn

MANY = "SELECT seq4() AS a, md5(seq4()::varchar)::varchar AS b FROM TABLE(GENERATOR(ROWCOUNT => 150000))"
"""Enough to be written to the file itself before the commit, and to be due for a checkpoint."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[DuckDBEngine, Client]]:
    engine = DuckDBEngine(path)
    try:
        client = Client(engine.open_session())
        engine.create_namespace(client.catalog.namespace(client.home))  # type: ignore[arg-type]
        yield engine, client
    finally:
        engine.close()


def nothing() -> None:
    """Go on."""


def contents(client: Client) -> list[Any]:
    tables = ("kept", "grown", "small")
    return [client.rows(f"SELECT count(*), sum(hash(a, b)) FROM {name}") for name in tables]


def upheaval(client: Client) -> None:
    """Give the file every occasion to use again what the copy needs."""
    client.run("TRUNCATE TABLE grown")
    client.run("DELETE FROM kept WHERE a % 2 = 0")
    client.run(f"CREATE TABLE other AS {MANY}")
    client.run(f"INSERT INTO grown {MANY}")
    client.run("UPDATE kept SET b = b || 'x'")
    client.run("DROP TABLE small")


def test_a_copy_holds_what_was_committed_at_its_mark_and_nothing_later(tmp_path: Path) -> None:
    with opened(tmp_path / "engine.duckdb") as (engine, client):
        client.run(f"CREATE TABLE kept AS {MANY}")
        with engine.hold_file() as held:
            client.run(f"CREATE TABLE grown AS {MANY}")
            client.run("CREATE TABLE small AS SELECT 1 AS a, 'x' AS b")
            expected = contents(client)
            held.mark()
            upheaval(client)
            held.copy(tmp_path / "copy.duckdb", nothing)
        client.run("INSERT INTO kept VALUES (1, 'the log is brought into the file again')")

    with opened(tmp_path / "copy.duckdb") as (_, copy):
        assert contents(copy) == expected


def test_a_statement_that_is_under_way_at_the_mark_is_not_in_the_copy(tmp_path: Path) -> None:
    with opened(tmp_path / "engine.duckdb") as (engine, client):
        client.run("CREATE TABLE t (n NUMBER)")
        with engine.hold_file() as held:
            client.run("BEGIN")
            client.run("INSERT INTO t VALUES (1)")
            held.mark()
            client.run("COMMIT")
            held.copy(tmp_path / "copy.duckdb", nothing)

    with opened(tmp_path / "copy.duckdb") as (_, copy):
        assert copy.rows("SELECT n FROM t") == []


def test_a_copy_can_be_checked_without_being_changed(tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    with opened(tmp_path / "engine.duckdb") as (engine, client):
        before = check_copied(engine, tmp_path / "empty.duckdb")
        client.run("CREATE TABLE t (n NUMBER)")
        with engine.hold_file() as held:
            held.mark()
            held.copy(copy, nothing)
    bytes_before = copy.read_bytes()
    assert check_copy(copy) == before + 1
    assert copy.read_bytes() == bytes_before


def check_copied(engine: DuckDBEngine, path: Path) -> int:
    with engine.hold_file() as held:
        held.mark()
        held.copy(path, nothing)
    return check_copy(path)


def test_what_is_no_copy_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "copy.duckdb"
    broken.write_bytes(b"no database" * 10_000)
    with pytest.raises(CannotCopy, match="cannot be opened"):
        check_copy(broken)


def test_copying_ends_when_it_is_called_off(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def enough() -> None:
        raise Enough

    check: CheckGoesOn = enough
    with opened(tmp_path / "engine.duckdb") as (engine, client):
        with pytest.raises(Enough), engine.hold_file() as held:
            held.mark()
            held.copy(tmp_path / "copy.duckdb", check)
        client.run("CREATE TABLE t (n NUMBER)")


def test_an_engine_in_memory_has_no_file(engine: DuckDBEngine, connect: Callable[[], Client]) -> None:
    with pytest.raises(CannotCopy, match="in memory"), engine.hold_file():
        pass
