"""What a stream costs whoever changes its table, in this process."""

import time
from collections.abc import Iterator
from pathlib import Path

from bench.door import open_session

ROUNDS = 5
STATEMENTS = {
    "insert of one row": (100, "INSERT INTO {table} VALUES (7, 'x')"),
    "insert of 100,000 rows": (1, "INSERT INTO {table} SELECT a, b FROM rows_to_add"),
    "update of one row": (20, "UPDATE {table} SET b = 'y' WHERE a = 777"),
}
"""By title: how often in a round, and the statement."""


def costs(folder: Path) -> Iterator[tuple[str, list[float], list[float]]]:
    """Yield a title and, for each round, the seconds with a stream on the table and without.

    Each round ends with the consumption of the stream, which is not counted; the two take turns.
    """
    with open_session(folder / "streams") as session:
        session.execute(
            "CREATE TABLE rows_to_add AS SELECT SEQ4() AS a, 'row ' || SEQ4() AS b "
            "FROM TABLE(GENERATOR(ROWCOUNT => 100000))"
        )
        for table in ("tracked", "plain"):
            session.execute(f"CREATE TABLE {table} AS SELECT * FROM rows_to_add")
        session.execute("CREATE STREAM s ON TABLE tracked")
        session.execute("CREATE TABLE sink (a INT)")
        for title, (times, statement) in STATEMENTS.items():
            found: dict[str, list[float]] = {"tracked": [], "plain": []}
            for _ in range(ROUNDS):
                for table, seconds in found.items():
                    text = statement.format(table=table)
                    began = time.perf_counter()
                    for _ in range(times):
                        session.execute(text)
                    seconds.append((time.perf_counter() - began) / times)
                session.execute("INSERT INTO sink SELECT a FROM s WHERE FALSE")
            yield title, found["tracked"], found["plain"]
