"""No statement reaches the host: not its files, not its environment, not our own bookkeeping."""

from pathlib import Path

import duckdb
import pytest
from tests.engine.attempts import MARKER, VARIABLE, Planted
from tests.engine.sessions import Client

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb import DuckDBEngine


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    monkeypatch.setenv(VARIABLE, MARKER)
    for name in ("secret.csv", "clockmill.db"):
        (tmp_path / name).write_text(MARKER + "\n")
    return Planted(tmp_path / "secret.csv", tmp_path / "clockmill.db")


def test_no_statement_opens_a_door(client: Client, planted: Planted) -> None:
    client.run("create table t (a int)")

    for statement in planted.attempts():
        with pytest.raises(ClockmillError) as refusal:
            client.run(statement)
            pytest.fail(f"not refused: {statement}")
        assert planted.held_back(refusal.value), statement
        assert refusal.value.code != "000603", statement

    assert client.rows("select * from t") == []


def test_the_attempts_would_find_what_is_planted(planted: Planted) -> None:
    """What they are refused is there to be had by an engine that is open."""
    with duckdb.connect() as raw:
        for found in (f"read_text('{planted.file}')", f"read_text('{planted.store}')"):
            assert not planted.held_back(raw.execute(f"select content from {found}").fetchall())


def test_duckdb_itself_is_closed_too(tmp_path: Path, planted: Planted) -> None:
    """Should a translation ever let something through, the engine still has no way out."""
    engine = DuckDBEngine(tmp_path / "data.duckdb")
    raw = engine.connect()
    for statement in (
        f"select * from read_text('{planted.file}')",
        f"select * from '{planted.file}'",
        f"copy (select 1) to '{tmp_path / 'out.csv'}'",
        f"attach '{tmp_path / 'x.duckdb'}'",
        "install httpfs",
        "load sqlite",
        "set enable_external_access = true",
        "set threads = 64",
        "set lock_configuration = false",
    ):
        with pytest.raises(Exception, match=r"."):
            raw.execute(statement)
    raw.close()
    engine.close()


def test_messages_name_objects_as_the_user_does(client: Client) -> None:
    for statement in (
        "select * from nix",
        "select * from other.s.nix",
        "insert into nix values (1)",
        "drop table nix",
    ):
        with pytest.raises(ClockmillError) as refusal:
            client.run(statement)
        assert "ns_" not in str(refusal.value)
        assert "NIX" in str(refusal.value)
