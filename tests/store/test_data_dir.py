"""The data folder: private, and for one server at a time."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clockmill.store.data_dir import (
    DataDir,
    DataDirInUse,
    DataDirRefused,
    ForeignFolder,
    NoDataDir,
    write_private,
)
from clockmill.store.database import Store


@pytest.fixture(autouse=True)
def own_umask() -> Iterator[None]:
    """Claiming a folder narrows what the process makes; the other tests keep theirs."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with DataDir.claim(tmp_path / "a" / "b") as folder:
        assert mode(folder.path) == 0o700
        assert mode(folder.path / "lock") == 0o600


def test_a_folder_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "clockmill.db").touch()
    (tmp_path / "sub").mkdir(mode=0o755)
    (tmp_path / "sub" / "old").write_text("secret")
    (tmp_path / "sub" / "old").chmod(0o644)
    (tmp_path / "link").symlink_to("/etc/hostname")
    tmp_path.chmod(0o755)
    with DataDir.claim(tmp_path):
        assert mode(tmp_path) == 0o700
        assert mode(tmp_path / "sub") == 0o700
        assert mode(tmp_path / "sub" / "old") == 0o600


def test_a_folder_with_the_files_of_others_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A slip of the hand, such as the home folder, must not take everybody's access from it."""
    (tmp_path / "letter.txt").touch(mode=0o644)
    tmp_path.chmod(0o755)
    with pytest.raises(ForeignFolder, match=f"letter.txt.*--data-dir {tmp_path}/clockmill-data"):
        DataDir.claim(tmp_path)
    assert mode(tmp_path) == 0o755
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]


def test_a_first_start_that_was_cut_off_can_be_done_again(tmp_path: Path) -> None:
    for name in ("lock", "admin-password", "engine.duckdb", "engine.duckdb.wal", "clockmill.db-wal"):
        (tmp_path / name).touch()
    DataDir.claim(tmp_path).close()


def test_files_made_later_by_anybody_in_the_process_are_private(tmp_path: Path) -> None:
    """The engine makes its files itself, and does not ask for a mode."""
    with DataDir.claim(tmp_path) as folder:
        folder.engine_file.write_text("")
        assert mode(folder.engine_file) == 0o600


def test_two_servers_on_one_folder_are_refused(tmp_path: Path) -> None:
    refused = pytest.raises(DataDirInUse, match=f"in use by another clockmill .process {os.getpid()}")
    with DataDir.claim(tmp_path), refused:
        DataDir.claim(tmp_path)
    DataDir.claim(tmp_path).close()


def test_another_process_is_refused_until_the_holder_is_gone_however_it_went(tmp_path: Path) -> None:
    hold = "import sys; from pathlib import Path; from clockmill.store.data_dir import DataDir;"
    hold += "d = DataDir.claim(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DataDirInUse, match=str(holder.pid)):
            DataDir.claim(tmp_path)
        holder.kill()
        holder.wait(10)
        DataDir.claim(tmp_path).close()


def test_a_path_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirRefused, match="cannot be used"):
        DataDir.claim(tmp_path / "file")


def test_a_folder_of_somebody_else_that_is_open_to_others_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, whom nothing is refused: the refusal is stood in for."""
    tmp_path.chmod(0o755)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(DataDirRefused, match="belongs to somebody else"):
        DataDir.claim(tmp_path)
    monkeypatch.undo()
    DataDir.claim(tmp_path).close()


def test_a_disk_without_locks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(DataDirRefused, match="Operation not supported"):
        DataDir.claim(tmp_path)


def test_everything_has_its_place_in_the_folder(tmp_path: Path) -> None:
    with DataDir.claim(tmp_path) as folder:
        places = {folder.store_file, folder.engine_file, folder.temp_dir, folder.admin_password_file}
        assert {place.parent for place in places} == {tmp_path}
        assert len(places) == 4


def test_a_folder_is_found_only_if_it_is_set_up(tmp_path: Path) -> None:
    with pytest.raises(NoDataDir, match="clockmill serve --data-dir"):
        DataDir.find(tmp_path)
    Store.open(tmp_path / "clockmill.db").close()
    assert DataDir.find(tmp_path).store_file == tmp_path / "clockmill.db"


def test_a_folder_that_is_closed_to_the_user_says_whose_turn_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(DataDirRefused, match="as the user who runs the server"):
        DataDir.find(tmp_path)
    with pytest.raises(NoDataDir):
        DataDir.find(tmp_path / "nowhere")


def test_a_folder_is_found_while_a_server_has_it(tmp_path: Path) -> None:
    with DataDir.claim(tmp_path) as folder:
        Store.open(folder.store_file).close()
        DataDir.find(tmp_path).close()


def test_a_private_file_is_never_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "admin-password"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert (mode(path), path.read_text()) == (0o600, "new")
