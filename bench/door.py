"""The door for SQL, in this process: what a statement costs above DuckDB, what a loop costs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from clockmill.compose import open_instance
from clockmill.config import Settings
from clockmill.core.signin import Password
from clockmill.session.session import Session

PASSWORD = "bench-password-1"
ROUNDS = 5
REPEATS = 500

STATEMENTS = {
    "a constant": "SELECT 1",
    "a row by its key": "SELECT v FROM t WHERE id = 7",
    "one row inserted": "INSERT INTO t VALUES (7, 'x')",
}
TABLE = ("CREATE TABLE t (id INTEGER, v VARCHAR)", "INSERT INTO t VALUES (1, 'a'), (7, 'b')")

ARITHMETIC_LOOP = """
BEGIN
  LET total INTEGER := 0;
  FOR i IN 1 TO 10000 DO
    total := total + i * 2 - 1;
  END FOR;
  RETURN total;
END
"""


@contextmanager
def open_session(folder: Path) -> Iterator[Session]:
    """Give a session of ADMIN in an account of its own; no server listens."""
    instance = open_instance(Settings(data_dir=str(folder), admin_password=PASSWORD))
    try:
        login = instance.signin.login(
            Password("ADMIN", PASSWORD),
            address="127.0.0.1",
            warehouse="COMPUTE_WH",
            database="CLOCKMILL",
            schema="PUBLIC",
        )
        yield instance.door.session(login.session)
    finally:
        instance.close()


def statement_costs(folder: Path) -> Iterator[tuple[str, list[float], list[float]]]:
    """Yield a title and, for each round, the seconds a statement takes through the door and bare.

    Bare is the same text on a DuckDB file, its rows fetched; the two take turns.
    """
    bare = duckdb.connect(str(folder / "bare.duckdb"))
    with open_session(folder / "door") as session:
        for text in TABLE:
            session.execute(text)
            bare.execute(text)
        for title, text in STATEMENTS.items():
            rounds = [
                (_each(lambda: session.execute(text)), _each(lambda: bare.execute(text).fetchall()))  # noqa: B023
                for _ in range(ROUNDS)
            ]
            yield title, [ours for ours, _ in rounds], [theirs for _, theirs in rounds]
    bare.close()


def _each(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(REPEATS):
        run()
    return (time.perf_counter() - began) / REPEATS


def loop_seconds(folder: Path) -> list[float]:
    """Return the seconds of a block that goes round 10,000 times without touching the engine."""
    times = []
    with open_session(folder / "loop") as session:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            rows = session.execute(ARITHMETIC_LOOP).result.rows
            times.append(time.perf_counter() - began)
            assert rows[0][0] == 100_000_000, rows
    return times
