"""``clockmill db``."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.commands import Commands

from clockmill.cli.db import StoreInUse
from clockmill.core.node import NewNode
from clockmill.store import nodes
from clockmill.store.copying import StoreNotEmpty
from clockmill.store.data_dir import DataDir, DataDirInUse, NoDataDir
from clockmill.store.database import Store
from clockmill.store.migrations import REVISIONS, StoreTooNew
from clockmill.store.sqlite import SQLiteFile


def set_revision(data_dir: Path, revision: str) -> None:
    driver = SQLiteFile(DataDir(data_dir, None).store_file).connect_driver()
    driver.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    driver.close()


def test_data_of_this_version_is_left_as_it_is(commands: Commands, data_dir: Path) -> None:
    said = commands.run("db", "upgrade")
    assert said == f"The data in {data_dir} is ready for this version.\n"


def test_data_of_a_newer_version_is_refused(commands: Commands, data_dir: Path) -> None:
    set_revision(data_dir, "9999")
    with pytest.raises(StoreTooNew):
        commands.run("db", "upgrade")


def test_older_data_goes_through_the_migrations(
    commands: Commands, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no older release yet: the migrations are stood in for, the way to them is real."""
    set_revision(data_dir, "0000")
    monkeypatch.setattr("clockmill.store.migrations.REVISIONS", ("0000", *REVISIONS))
    applied: list[Path] = []
    monkeypatch.setattr(
        "clockmill.store.migrations.apply.apply_migrations", lambda file: applied.append(file.path)
    )
    commands.run("db", "upgrade")
    assert applied == [DataDir(data_dir, None).store_file]


def test_a_running_server_has_to_be_stopped_first(commands: Commands, data_dir: Path) -> None:
    with DataDir.claim(data_dir), pytest.raises(DataDirInUse):
        commands.run("db", "upgrade")


def test_there_must_be_data(commands: Commands, tmp_path: Path) -> None:
    with pytest.raises(NoDataDir):
        commands.run("db", "upgrade", "--data-dir", str(tmp_path))


def test_an_account_is_copied_to_postgresql_and_back(
    commands: Commands, data_dir: Path, postgresql_url: str, tmp_path: Path
) -> None:
    said = commands.run("db", "copy", str(data_dir), postgresql_url)
    assert f"rows of {DataDir(data_dir, None).store_file} are in " in said
    commands.run("db", "copy", postgresql_url, str(tmp_path / "back"))
    users = [commands.run("user", "list", "--data-dir", str(each)) for each in (data_dir, tmp_path / "back")]
    assert users[0] == users[1] != ""


def test_nothing_is_copied_over_what_is_there(
    commands: Commands, data_dir: Path, postgresql_url: str
) -> None:
    commands.run("db", "copy", str(data_dir), postgresql_url)
    with pytest.raises(StoreNotEmpty):
        commands.run("db", "copy", postgresql_url, str(data_dir))
    with pytest.raises(StoreNotEmpty):
        commands.run("db", "copy", str(data_dir), postgresql_url)


def test_what_servers_are_at_work_on_is_not_copied(
    commands: Commands, data_dir: Path, postgresql_url: str, tmp_path: Path
) -> None:
    """They would go on writing where nobody looks any more."""
    with DataDir.claim(data_dir), pytest.raises(DataDirInUse):
        commands.run("db", "copy", str(data_dir), postgresql_url)
    now = datetime.now(UTC)
    node = NewNode(name="busy", home="h", version="1", incarnation="i")
    with Store.open(postgresql_url) as store:
        store.write(lambda tx: nodes.register_node(tx, node, now + timedelta(hours=1), now))
    with pytest.raises(StoreInUse, match="busy"):
        commands.run("db", "copy", postgresql_url, str(tmp_path / "back"))


def test_a_database_of_this_version_is_left_as_it_is(commands: Commands, postgresql_url: str) -> None:
    assert "ready for this version" in commands.run("db", "upgrade", "--store", postgresql_url)
