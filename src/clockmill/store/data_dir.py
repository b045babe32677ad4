"""The data folder: private to its owner, and to one server at a time."""

import fcntl
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

from clockmill.core.errors import ClockmillError

_PRIVATE_FOLDER: Final = 0o700
_PRIVATE_FILE: Final = 0o600
_OTHERS: Final = 0o077

_STORE: Final = "clockmill.db"
_OF_A_FIRST_START: Final = re.compile(
    r"lock|tmp|control|node-id|admin-password|clockmill\.db.*|engine\.duckdb.*|lost\+found"
)
"""What may stand in a folder without a store: what a first start leaves that was cut off, and what
a file system puts into its root."""


class DataDirRefused(ClockmillError):
    """A folder that cannot be used for data, and what to do about it."""


class DataDirInUse(DataDirRefused):
    """Another server has the folder."""

    def __init__(self, path: Path, holder: str) -> None:
        by = f" (process {holder})" if holder else ""
        super().__init__(
            f"The data folder {path} is in use by another clockmill{by}. "
            "Stop that one first, or give this one a folder of its own with --data-dir."
        )


class NoDataDir(DataDirRefused):
    """There is nothing of ours in the folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no clockmill data in {path}. Name the folder with --data-dir; "
            f"'clockmill serve --data-dir {path}' sets up a new one."
        )


class ForeignFolder(DataDirRefused):
    """The folder holds somebody's files, and none of ours."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(
            f"The folder {path} holds files that are not clockmill's, such as {found}. Give clockmill a "
            f"folder of its own: 'clockmill serve --data-dir {path / 'clockmill-data'}'."
        )


class DataDir:
    """Where a server keeps everything. *path* is absolute."""

    def __init__(self, path: Path, lock: int | None) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def claim(cls, path: Path) -> Self:
        """Take the folder for this process alone, making it if need be, and make it private.

        From here on this process makes only files that nobody else may read. Raises
        :class:`DataDirInUse` while another server has the folder, and :class:`ForeignFolder` for one
        that holds other files, whose modes are no business of ours.
        """
        path = path.expanduser().absolute()
        os.umask(_OTHERS)
        try:
            path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            _refuse_foreign(path)
            lock = _lock(path)
        except OSError as error:
            raise DataDirRefused(f"The data folder {path} cannot be used: {error.strerror}.") from error
        try:
            _make_private(path)
        except OSError as error:
            os.close(lock)
            raise DataDirRefused(
                f"The data folder {path} is open to others and belongs to somebody else: {error.strerror}."
            ) from error
        return cls(path, lock)

    @classmethod
    def find(cls, path: Path) -> Self:
        """Return a folder that is set up, without taking it: a server may be running on it.

        Raises :class:`NoDataDir`.
        """
        found = cls(path.expanduser().absolute(), None)
        if not os.access(found.path, os.R_OK | os.W_OK | os.X_OK) and found.path.exists():
            raise DataDirRefused(
                f"The data folder {found.path} is closed to you: run this as the user who runs the server."
            )
        if not found.store_file.is_file():
            raise NoDataDir(found.path)
        return found

    @property
    def store_file(self) -> Path:
        return self.path / _STORE

    @property
    def engine_file(self) -> Path:
        return self.path / "engine.duckdb"

    def remove_engine_file(self) -> None:
        """Remove the engine's file and what belongs to it. It must be closed."""
        for file in (self.engine_file, self.engine_file.with_name(self.engine_file.name + ".wal")):
            file.unlink(missing_ok=True)

    def home_id(self) -> str:
        """Return what tells this folder from every other, its copies included; made at the first call."""
        file = self.path / "node-id"
        if not file.exists():
            write_private(file, uuid4().hex)
        return f"{file.read_text()}-{self.path.stat().st_ino:x}"

    @property
    def temp_dir(self) -> Path:
        """Where the engine may spill; what is in it means nothing after a restart."""
        return self.path / "tmp"

    @property
    def admin_password_file(self) -> Path:
        """Holds the generated password of ADMIN after a first start."""
        return self.path / "admin-password"

    def close(self) -> None:
        """Let others have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def write_private(path: Path, text: str) -> None:
    """Write *text* to a file that only its owner may ever have read."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, _PRIVATE_FILE), "w") as file:
        os.fchmod(file.fileno(), _PRIVATE_FILE)
        file.write(text)


def _refuse_foreign(path: Path) -> None:
    names = sorted(each.name for each in path.iterdir())
    foreign = next((name for name in names if not _OF_A_FIRST_START.fullmatch(name)), None)
    if foreign is not None and _STORE not in names:
        raise ForeignFolder(path, foreign)


def _lock(path: Path) -> int:
    """Return the open lock file; the lock ends with the process, however that ends."""
    lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, _PRIVATE_FILE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(lock, 20).decode(errors="replace").strip()
        os.close(lock)
        raise DataDirInUse(path, holder) from error
    except OSError:
        os.close(lock)
        raise
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    return lock


def _make_private(path: Path) -> None:
    """Take from others what they may have been given, as by a copy of the folder."""
    _close_to_others(path)
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            _close_to_others(Path(folder, name))


def _close_to_others(path: Path) -> None:
    # A command line at work on the store makes and removes files beside it.
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if mode & _OTHERS and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
