"""``clockmill db``."""

from pathlib import Path

import pytest
from tests.cli.commands import Commands

from clockmill.store.data_dir import DataDir, DataDirInUse, NoDataDir
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
