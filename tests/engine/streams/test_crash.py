"""A process that is killed while it changes a table and consumes its stream."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.engine.sessions import Client
from tests.engine.streams.conftest import Streams

from clockmill.engine.duckdb import DuckDBEngine

ROOT = Path(__file__).parents[3]
_WRITER = """
import sys
from tests.engine.sessions import Client
from tests.engine.streams.conftest import Streams
from clockmill.engine.duckdb import DuckDBEngine
client = Client(DuckDBEngine(sys.argv[1]).open_session())
client.run("create table t (a int, b int)")
client.run("create table sink (a int, b int, action varchar)")
Streams(client).create("s", "t")
for number in range(100_000):
    client.run("begin")
    client.run(f"insert into t values ({number}, 0)")
    client.run(f"update t set b = b + 1 where a = {number // 2}")
    if number % 3 == 0:
        client.run("insert into sink select a, b, metadata$action from s")
    client.run("commit")
    print(number, flush=True)
"""


def test_no_change_is_lost_and_none_comes_twice(tmp_path: Path) -> None:
    """What was consumed and what the stream still shows, put together, make the table."""
    path = tmp_path / "data.duckdb"
    acknowledged = _write_until_killed(path, statements=40)

    engine = DuckDBEngine(path)
    client = Client(engine.open_session())
    table = sorted(client.rows("select a, b from t"))
    assert len(table) > acknowledged
    client.run("insert into sink select a, b, metadata$action from s")
    assert Streams(client).read("s") == []
    net = (
        "select a, b from sink group by a, b "
        "having count_if(action = 'INSERT') - count_if(action = 'DELETE') = 1"
    )
    assert sorted(client.rows(net)) == table
    engine.close()


def _write_until_killed(path: Path, *, statements: int) -> int:
    """Return the number of the last transaction that the writer knew to be committed."""
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    last = -1
    with writer:
        for line in writer.stdout or ():
            last = int(line)
            if last == statements:
                writer.send_signal(signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    return last
