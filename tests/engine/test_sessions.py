"""What a session keeps, and what it gives back."""

# E501: generated SQL is not broken at will.

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.engine.sessions import Client

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.engine.protocol import Binding
from clockmill.engine.result import NUMBER, TEXT, StatementType


def test_bind_values_go_in_by_place_and_by_name(client: Client) -> None:
    bindings = {"1": Binding(5, NUMBER), "2": Binding("x", TEXT)}

    assert client.rows("select ? + 1, ? || '!'", bindings=bindings) == [(6, "x!")]
    assert client.rows("select :2, :1", bindings=bindings) == [("x", 5)]


def test_a_comment_may_stand_behind_the_last_semicolon(client: Client) -> None:
    assert client.value("select 2; -- two") == 2


def test_a_translation_is_used_again_with_other_values(client: Client) -> None:
    client.run("create table t (a int, b varchar)")
    for number in range(3):
        values = {"1": Binding(number, NUMBER), "2": Binding(f"n{number}", TEXT)}
        client.run("insert into t values (?, ?)", bindings=values)

    assert client.rows("select * from t order by a") == [(0, "n0"), (1, "n1"), (2, "n2")]


def test_session_variables_are_values(client: Client) -> None:
    client.variables["LIMIT_"] = Binding(2, NUMBER)

    assert client.value("select $limit_ * 2") == 4
    client.variables["LIMIT_"] = Binding(5, NUMBER)
    assert client.value("select $limit_ * 2") == 10


def test_the_zone_of_the_session_is_part_of_a_translation(client: Client) -> None:
    sql = "select '2024-07-01 12:00:00'::timestamp_ltz"
    first = client.value(sql)
    client.parameters["TIMEZONE"] = "Europe/Paris"

    assert (first - client.value(sql)).total_seconds() == 9 * 3600


def test_functions_of_the_host_are_asked_once_a_statement(client: Client) -> None:
    assert client.value("select system$count()") == 1
    assert client.value("select system$count()") == 2
    client.run("select system$echo('a' || 'b')")

    assert [name for name, _ in client.host.asked] == ["SYSTEM$COUNT", "SYSTEM$COUNT", "SYSTEM$ECHO"]
    assert client.host.asked[-1][1] == ("ab",)


def test_describing_a_statement_runs_nothing(client: Client) -> None:
    client.run("create table t (a int)")

    described = client.run("insert into t values (1)", describe_only=True)
    query = client.run("select a, a / 2 as h, system$count() as c from t", describe_only=True)

    assert (described.statement_type, described.columns[0].name) == (
        StatementType.INSERT,
        "number of rows inserted",
    )
    assert [c.name for c in query.columns] == ["A", "H", "C"]
    assert client.host.asked == []
    assert client.value("select count(*) from t") == 0


def test_temporary_tables_belong_to_their_session(connect: Callable[[], Client]) -> None:
    one, other = connect(), connect()
    one.run("create temporary table t (a int)")

    with pytest.raises(ClockmillError):
        other.run("select * from t")
    other.run("create table t (b int)")
    assert [c.name for c in one.run("select * from t").columns] == ["A"]


def test_tables_outlive_the_engine(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "data.duckdb")
    client = Client(engine.open_session())
    client.run("create table t (a number(5,2) not null, b varchar(7) default 'x')")
    client.run("create view v as select a from t")
    client.run("create sequence s")
    client.run("insert into t (a) values (1)")
    engine.close()

    engine = DuckDBEngine(tmp_path / "data.duckdb")
    client = Client(engine.open_session())
    client.run("insert into t (a) values (2)")

    assert [str(row[1]) for row in client.rows("select v.a, t.b from v join t using (a)")] == ["x", "x"]
    assert [o.name for o in engine.list_objects("ns_db_public")] == ["S", "T", "V"]
    assert engine.list_columns("ns_db_public", "T")[0].type.is_nullable is False
    engine.close()


_KILLED = """
import os, signal, sys
from tests.engine.sessions import Client
from clockmill.engine.duckdb import DuckDBEngine
engine = DuckDBEngine(sys.argv[1])
client = Client(engine.open_session())
client.run("create table t (a int)")
client.run("insert into t values (1)")
client.run("begin")
client.run("insert into t values (2)")
engine.create_namespace("orphan")
print("ready", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_committed_survives_a_kill(tmp_path: Path) -> None:
    """And a namespace that the store knows nothing of is listed, so that a start can drop it."""
    root = Path(__file__).parents[2]
    path = tmp_path / "data.duckdb"
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(path)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (killed.stdout.strip(), killed.returncode) == ("ready", -signal.SIGKILL), killed.stderr

    engine = DuckDBEngine(path)
    client = Client(engine.open_session())

    assert client.rows("select a from t") == [(1,)]
    assert engine.namespaces() == {"ns_db_public", "orphan"}
    engine.drop_namespace("orphan")
    assert engine.namespaces() == {"ns_db_public"}
    engine.close()


def test_long_statements_do_not_exhaust_the_stack(client: Client) -> None:
    conditions = " or ".join(f"x = {i}" for i in range(2000))
    assert client.value(f"select count(*) from (select 5 x) where {conditions}") == 1
    union = " union all ".join(f"select {i} a" for i in range(300))
    assert client.value(f"select sum(a) from ({union})") == 44850
    values = ", ".join(f"({i})" for i in range(5000))
    client.run("create table t (a int)")
    assert client.run(f"insert into t values {values}").affected == 5000
