"""``clockmill db backup`` and ``clockmill db restore``."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.cli.commands import Commands

from clockmill.compose import Instance, open_instance
from clockmill.config import Settings
from clockmill.core.caller import Caller
from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb.copying import CannotCopy
from clockmill.service.backups import MANIFEST, BackupRefused
from clockmill.session.session import Session
from clockmill.session.state import Context
from clockmill.store.data_dir import DataDir, DataDirInUse, NoDataDir

ADMIN = Caller(user="ADMIN", role="ACCOUNTADMIN", roles=frozenset({"ACCOUNTADMIN", "SYSADMIN"}))
PATIENCE_S = 20


@contextmanager
def server(folder: Path, **settings: Any) -> Iterator[Instance]:
    """Run all of a server but its HTTP."""
    given = {"data_dir": str(folder), "admin_password": "correct horse battery", **settings}
    instance = open_instance(Settings(**given))
    try:
        instance.start()
        yield instance
    finally:
        instance.close()


def session_of(instance: Instance) -> Session:
    context = Context(role="ACCOUNTADMIN", database="CLOCKMILL", schema="PUBLIC")
    return instance.door.session_for_request(ADMIN, context, {})


def count(session: Session, statement: str) -> int:
    return len(session.execute(statement).result.rows)


class Load:
    """Two writers: one writes each number to the store and then to the engine, one the other way."""

    def __init__(self, instance: Instance) -> None:
        self.has_begun = threading.Semaphore(0)
        self._is_over = threading.Event()
        self._instance = instance
        session_of(instance).execute("CREATE TABLE first (n NUMBER)")
        session_of(instance).execute("CREATE TABLE second (n NUMBER)")
        first = (lambda n: f"CREATE TASK first_{n} AS SELECT 1", lambda n: f"INSERT INTO first VALUES ({n})")
        second = (
            lambda n: f"INSERT INTO second VALUES ({n})",
            lambda n: f"CREATE TASK second_{n} AS SELECT 1",
        )
        self._threads = [threading.Thread(target=self._write, args=(both,)) for both in (first, second)]

    def _write(self, statements: tuple[Callable[[int], str], ...]) -> None:
        session = session_of(self._instance)
        for n in itertools.takewhile(lambda _: not self._is_over.is_set(), itertools.count()):
            for statement in statements:
                session.execute(statement(n))
            self.has_begun.release()

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        assert all(self.has_begun.acquire(timeout=PATIENCE_S) for _ in range(20))
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)


def test_state_and_data_of_a_backup_are_of_one_instant(commands: Commands, tmp_path: Path) -> None:
    """Were either later than the other, one of the two writers would be seen to have skipped a step."""
    data_dir, copy = tmp_path / "live", tmp_path / "copy"
    with server(data_dir) as live, Load(live):
        for number in range(3):
            commands.run("db", "backup", str(tmp_path / f"backup-{number}"), "--data-dir", str(data_dir))

    commands.run("db", "restore", str(tmp_path / "backup-2"), "--data-dir", str(copy))
    with server(copy) as restored:
        session = session_of(restored)
        tasks = count(session, "SHOW TASKS LIKE 'first%'"), count(session, "SHOW TASKS LIKE 'second%'")
        rows = count(session, "SELECT * FROM first"), count(session, "SELECT * FROM second")
    assert 0 <= tasks[0] - rows[0] <= 1
    assert 0 <= rows[1] - tasks[1] <= 1
    assert min(tasks) > 5


def test_a_backup_says_what_it_is_and_is_its_owners_alone(commands: Commands, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    with server(tmp_path / "live"):
        said = commands.run("db", "backup", str(folder), "--data-dir", str(tmp_path / "live"))
    assert f"is in {folder}" in said
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["account"] == "CLOCKMILL"
    assert {each.name for each in folder.iterdir()} == {MANIFEST, *manifest["files"]}
    assert {each.stat().st_mode & 0o077 for each in (folder, *folder.iterdir())} == {0}


def test_a_server_that_is_stopped_is_backed_up_too(commands: Commands, tmp_path: Path) -> None:
    live, backup, copy = tmp_path / "live", tmp_path / "backup", tmp_path / "copy"
    with server(live) as instance:
        session_of(instance).execute("CREATE TABLE t AS SELECT 1 AS n")
    commands.run("db", "backup", str(backup), "--data-dir", str(live))
    said = commands.run("db", "restore", str(backup), "--data-dir", str(copy))
    assert f"clockmill serve --data-dir {copy}" in said
    with server(copy) as restored:
        assert count(session_of(restored), "SELECT n FROM t") == 1


def test_a_folder_with_something_in_it_gets_no_backup(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "mine").write_text("mine")
    with server(tmp_path / "live"), pytest.raises(ClockmillError, match="is there already"):
        commands.run("db", "backup", str(tmp_path / "kept"), "--data-dir", str(tmp_path / "live"))
    assert (tmp_path / "kept" / "mine").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_named(commands: Commands, tmp_path: Path) -> None:
    with server(tmp_path / "live"), pytest.raises(ClockmillError, match="cannot be made"):
        commands.run("db", "backup", str(tmp_path / "no" / "b"), "--data-dir", str(tmp_path / "live"))


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    calls = itertools.count()

    def full() -> None:
        if next(calls) == 2:
            raise OSError(28, "No space left on device")

    with server(tmp_path / "live") as live, pytest.raises(BackupRefused, match="No space left"):
        live.backups.back_up(tmp_path / "backup", full)
    assert not (tmp_path / "backup").exists()


def test_a_folder_that_another_process_has_and_that_does_not_answer_is_refused(
    commands: Commands, tmp_path: Path
) -> None:
    live = tmp_path / "live"
    with server(live):
        pass
    with DataDir.claim(live), pytest.raises(DataDirInUse):
        commands.run("db", "backup", str(tmp_path / "backup"), "--data-dir", str(live))


def test_a_folder_without_the_tables_is_not_backed_up(
    commands: Commands, data_dir: Path, tmp_path: Path
) -> None:
    """It would be half a backup: of several nodes one has the tables."""
    with pytest.raises(BackupRefused, match="the node that has them"):
        commands.run("db", "backup", str(tmp_path / "backup"))


def test_nodes_over_postgresql_are_backed_up_into_one_folder(
    commands: Commands, postgresql_url: str, tmp_path: Path
) -> None:
    """The state of all of them and the tables of one; it is restored without a PostgreSQL."""
    live, copy = tmp_path / "live", tmp_path / "copy"
    with server(live, store=postgresql_url, node="one") as instance:
        session = session_of(instance)
        session.execute("CREATE TABLE t AS SELECT 1 AS n")
        commands.run("db", "backup", str(tmp_path / "served"), "--data-dir", str(live))
        session.execute("CREATE TASK late AS SELECT 1")
    arguments = ("--data-dir", str(live), "--store", postgresql_url)
    commands.run("db", "backup", str(tmp_path / "at rest"), *arguments)

    for backup, tasks in (("served", 0), ("at rest", 1)):
        commands.run("db", "restore", str(tmp_path / backup), "--data-dir", str(copy / backup))
        with server(copy / backup) as restored:
            assert count(session_of(restored), "SELECT n FROM t") == 1
            assert count(session_of(restored), "SHOW TASKS") == tasks


def test_there_must_be_data_to_back_up(commands: Commands, tmp_path: Path) -> None:
    with pytest.raises(NoDataDir):
        commands.run("db", "backup", str(tmp_path / "backup"), "--data-dir", str(tmp_path / "nothing"))


class TestRestore:
    @pytest.fixture
    def backup(self, commands: Commands, tmp_path: Path) -> Path:
        with server(tmp_path / "live"):
            commands.run("db", "backup", str(tmp_path / "backup"), "--data-dir", str(tmp_path / "live"))
        return tmp_path / "backup"

    def test_data_that_is_there_stays(self, commands: Commands, backup: Path) -> None:
        with pytest.raises(ClockmillError, match="There is data in"):
            commands.run("db", "restore", str(backup))

    def test_a_damaged_backup_is_refused_and_leaves_nothing(
        self, commands: Commands, backup: Path, tmp_path: Path
    ) -> None:
        with (backup / "clockmill.db").open("r+b") as file:
            file.seek(5000)
            file.write(b"\xff" * 8)
        with pytest.raises(BackupRefused, match="damaged"):
            commands.run("db", "restore", str(backup), "--data-dir", str(tmp_path / "copy"))
        assert {each.name for each in (tmp_path / "copy").iterdir()} == {"lock"}

    def test_a_backup_without_one_of_its_files_is_refused(
        self, commands: Commands, backup: Path, tmp_path: Path
    ) -> None:
        (backup / "engine.duckdb").unlink()
        with pytest.raises(BackupRefused, match="could not be restored"):
            commands.run("db", "restore", str(backup), "--data-dir", str(tmp_path / "copy"))

    def test_a_backup_that_was_not_finished_is_refused(
        self, commands: Commands, backup: Path, tmp_path: Path
    ) -> None:
        (backup / MANIFEST).unlink()
        with pytest.raises(BackupRefused, match="no finished backup"):
            commands.run("db", "restore", str(backup), "--data-dir", str(tmp_path / "copy"))

    def test_a_manifest_that_cannot_be_read_is_named(
        self, commands: Commands, backup: Path, tmp_path: Path
    ) -> None:
        (backup / MANIFEST).write_text("{")
        with pytest.raises(BackupRefused, match="cannot be read"):
            commands.run("db", "restore", str(backup), "--data-dir", str(tmp_path / "copy"))

    @pytest.mark.parametrize("change", [{"format": 2}, {"files": {"../../etc/passwd": ""}}])
    def test_a_backup_of_another_shape_is_refused(
        self, commands: Commands, backup: Path, tmp_path: Path, change: dict[str, object]
    ) -> None:
        manifest = json.loads((backup / MANIFEST).read_text())
        (backup / MANIFEST).write_text(json.dumps({**manifest, **change}))
        with pytest.raises(BackupRefused, match="restore it with that version"):
            commands.run("db", "restore", str(backup), "--data-dir", str(tmp_path / "copy"))


def test_an_engine_that_cannot_be_opened_is_found_out_when_the_backup_is_made(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Better then than on the day it is needed."""

    def spoil(path: Path) -> int:
        raise CannotCopy(f"The copy {path} cannot be opened")

    monkeypatch.setattr("clockmill.cli.db.check_backup", spoil)
    with server(tmp_path / "live"), pytest.raises(CannotCopy):
        commands.run("db", "backup", str(tmp_path / "backup"), "--data-dir", str(tmp_path / "live"))
