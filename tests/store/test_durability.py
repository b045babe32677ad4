"""Files of the store: what survives a kill, who may read them, other processes, a full disk."""

import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.store.role_rows import add_role, role_names

from clockmill.core.errors import InternalFault, Unavailable
from clockmill.store import sqlite
from clockmill.store.database import Store, Transaction
from clockmill.store.sqlite import SQLiteFile, WriteLink
from clockmill.store.writer import Writer

WRITE_UNTIL_KILLED = """
import sys
import threading
from datetime import UTC, datetime
from sqlalchemy import insert
from clockmill.store.database import Store
from clockmill.store.tables import roles

store = Store.open(sys.argv[1])
number = 0
while True:
    pieces = []
    for _ in range(20):
        values = {"name": f"{number:06}", "created_on": datetime(2026, 1, 1, tzinfo=UTC)}
        pieces.append(store.submit(lambda tx, values=values: tx.execute(insert(roles), values)))
        number += 1
    for piece in pieces:
        piece.result()
    print(number, flush=True)
"""

WRITE_ONCE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("INSERT INTO roles (name, created_on) VALUES ('OTHER', 0)")
connection.commit()
"""


def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "clockmill.db"
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE_UNTIL_KILLED, str(path)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 400:
                break
        process.send_signal(signal.SIGKILL)
        acknowledged = max([400, *(int(line) for line in process.stdout if line.endswith("\n"))])
    with Store.open(path) as store:
        kept = role_names(store)
    assert kept == [f"{number:06}" for number in range(len(kept))]
    assert len(kept) >= acknowledged


def test_the_data_version_moves_with_a_commit_of_another_process(tmp_path: Path) -> None:
    """A token revoked by the command line must not open anything at the next request."""
    path = tmp_path / "clockmill.db"
    with Store.open(path) as store:
        before = store.data_version()
        subprocess.run([sys.executable, "-c", WRITE_ONCE, str(path)], check=True)
        assert store.data_version() != before
        assert role_names(store) == ["OTHER"]


def test_all_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    with Store.open(tmp_path / "clockmill.db") as store:
        store.write(lambda tx: add_role(tx, "A"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("clockmill.db", "clockmill.db-wal", "clockmill.db-shm"), 0o600)


def test_closing_leaves_one_file(tmp_path: Path) -> None:
    """So that a copy of a stopped server's folder is whole."""
    with Store.open(tmp_path / "clockmill.db") as store:
        store.write(lambda tx: add_role(tx, "A"))
        role_names(store)
    assert [file.name for file in tmp_path.iterdir()] == ["clockmill.db"]


def test_the_settings_are_those_that_durability_rests_on(tmp_path: Path) -> None:
    driver = SQLiteFile(tmp_path / "clockmill.db").connect_driver()
    settings = {
        name: driver.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    driver.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_write_that_cannot_get_the_lock_is_not_done_and_may_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 1)
    path = tmp_path / "clockmill.db"
    with Store.open(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="Nothing was changed"):
            store.write(lambda tx: add_role(tx, "A"))
        other.execute("ROLLBACK")
        other.close()
        store.write(lambda tx: add_role(tx, "A"))
        assert role_names(store) == ["A"]


def test_a_full_disk_refuses_the_write_and_the_store_goes_on(tmp_path: Path) -> None:
    with Store.open(tmp_path / "clockmill.db") as store:
        limit = "PRAGMA max_page_count"
        pages = store.write(lambda tx: tx.exec_driver_sql("PRAGMA page_count").scalar())
        store.write(lambda tx: tx.exec_driver_sql(f"{limit} = {pages}").scalar())

        def fill(tx: Transaction) -> None:
            for number in range(50):
                add_role(tx, f"{number}" * 4000)

        with pytest.raises(Unavailable, match="full"):
            store.write(fill)
        store.write(lambda tx: tx.exec_driver_sql(f"{limit} = 1000000").scalar())
        store.write(lambda tx: add_role(tx, "A"))
        assert role_names(store) == ["A"]


class Broken(WriteLink):
    """A connection whose disk fails, as its operating system would report it."""

    def __init__(self, file: SQLiteFile, *, code: int) -> None:
        super().__init__(file)
        self._code = code

    def commit(self) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = self._code
        raise error


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        pytest.param(sqlite3.SQLITE_IOERR_FSYNC, InternalFault, id="failed sync: nobody knows"),
        pytest.param(sqlite3.SQLITE_FULL, Unavailable, id="full: surely nothing was kept"),
    ],
)
def test_a_failed_commit_is_said_to_be_undone_only_if_it_surely_is(
    tmp_path: Path, code: int, answer: type[Exception]
) -> None:
    """A client repeats what it is told was not done."""
    with Store.open(tmp_path / "clockmill.db"):
        pass
    writer = Writer(Broken(SQLiteFile(tmp_path / "clockmill.db"), code=code))
    try:
        assert isinstance(writer.submit(lambda tx: add_role(tx, "A")).exception(10), answer)
        assert isinstance(writer.submit(lambda tx: add_role(tx, "A")).exception(10), answer)
    finally:
        writer.close()


class Lossy(WriteLink):
    """A connection that loses its transaction when a statement fails, as a full disk makes it."""

    @property
    def is_open(self) -> bool:
        return False


def test_a_transaction_that_the_database_gave_up_fails_for_its_whole_group(tmp_path: Path) -> None:
    """Else those before it would be told that they are durable."""
    with Store.open(tmp_path / "clockmill.db") as store:
        writer = Writer(Lossy(SQLiteFile(tmp_path / "clockmill.db")))
        go, begun = threading.Event(), threading.Event()

        def wait(_: Transaction) -> None:
            begun.set()
            go.wait(10)

        hold = writer.submit(wait)
        begun.wait(10)
        futures = [writer.submit(lambda tx: add_role(tx, "A")) for _ in range(2)]
        go.set()
        hold.result(10)
        assert [type(future.exception(10)) for future in futures] == [Unavailable, Unavailable]
        writer.close()
        assert role_names(store) == []
