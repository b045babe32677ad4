"""No statement of a client, and no body of a task, reads the host through the door."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.engine.attempts import MARKER, VARIABLE, Planted
from tests.session.house import House

from clockmill.core.caller import Caller
from clockmill.core.errors import ClockmillError
from clockmill.core.identity import ACCOUNTADMIN
from clockmill.service.identity import IdentityService
from clockmill.store.database import Store
from clockmill.store.tables import queries

_CATALOG = tuple(f"select * from information_schema.{view}" for view in ("tables", "schemata"))
_OF_THE_DOOR = ("set ", "create schema x", "select getvariable(", *_CATALOG)
"""What the engine refuses and the door itself answers: session variables, schemas and its own catalog in
place of DuckDB's, which open nothing."""


@pytest.fixture
def house(tmp_path: Path, planted: Planted) -> Iterator[House]:
    """A house over a data folder, whose state database holds the marker, with an empty table T."""
    with Store.open(planted.store) as store:
        built = House(store, tmp_path)
        IdentityService(store=store, clock=built.clock).create_user(
            Caller(user="ADMIN", role=ACCOUNTADMIN), MARKER, roles=frozenset()
        )
        built.run("create table t (a int)")
        yield built
        built.close()


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    monkeypatch.setenv(VARIABLE, MARKER)
    (tmp_path / "secret.csv").write_text(MARKER + "\n")
    return Planted(tmp_path / "secret.csv", tmp_path / "clockmill.db")


def test_no_statement_of_a_client_opens_a_door(house: House, planted: Planted) -> None:
    for statement in _refused(planted):
        with pytest.raises(ClockmillError) as refusal:
            house.run(statement)
            pytest.fail(f"not refused: {statement}")
        assert planted.held_back(refusal.value), statement
        assert refusal.value.code != "000603", statement

    _assert_nothing_came_in(house, planted)


def test_no_body_of_a_task_opens_a_door(house: House, planted: Planted) -> None:
    for statement in _refused(planted):
        outcome = house.run_body(statement)
        assert not outcome.succeeded, statement
        assert not outcome.is_system_error, statement
        assert planted.held_back(outcome), statement

    assert house.run_body("select * from t").succeeded, "bodies run here at all"
    _assert_nothing_came_in(house, planted)


def test_the_attempts_that_the_door_answers_open_nothing(house: House, planted: Planted) -> None:
    innocent = [text for text in planted.attempts() if text.startswith(_OF_THE_DOOR)]
    for statement in innocent:
        assert planted.held_back(house.run(statement)), statement
    house.run("use schema d.s")
    for statement in (f"select * from '{planted.file}'", f"select getenv('{VARIABLE}')"):
        with pytest.raises(ClockmillError):
            house.run(statement)


def _refused(planted: Planted) -> list[str]:
    return [text for text in planted.attempts() if not text.startswith(_OF_THE_DOOR)]


def _assert_nothing_came_in(house: House, planted: Planted) -> None:
    stored = planted.store.read_bytes() + _write_ahead(planted.store)
    assert not planted.held_back(stored), "there was nothing to be found"
    assert [row["name"] for row in house.shown("show tables")] == ["T"]
    assert house.rows("select * from t") == []
    with house.store.read() as tx:
        kept = tx.execute(select(queries.c.error_message)).all()
    assert planted.held_back(kept)


def _write_ahead(store: Path) -> bytes:
    """Return what the database has not yet moved into its file."""
    log = store.with_name(store.name + "-wal")
    return log.read_bytes() if log.exists() else b""
