"""Backups: state and the engine's data as of one instant, taken while both are written to.

A backup holds what a loss of power at that instant would have left, so a server that starts on it
goes on as after a crash: nothing that was acknowledged before is missing, and what ran is taken up.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import msgspec

from clockmill.clock import Clock
from clockmill.core.errors import ClockmillError
from clockmill.files import CheckGoesOn, copy_durably, create_private, sync, sync_folder
from clockmill.store import snapshot
from clockmill.store.database import Store

MANIFEST: Final = "backup.json"
"""Written last: a folder without one is no backup."""
STORE_FILE: Final = "clockmill.db"
ENGINE_FILE: Final = "engine.duckdb"
_KNOWN: Final = frozenset({STORE_FILE, ENGINE_FILE, ENGINE_FILE + ".wal"})
_FORMAT: Final = 1
_PRIVATE: Final = 0o700


class BackupRefused(ClockmillError):
    """A backup that cannot be made or restored, and what to do about it."""


class Held(Protocol):
    """The engine's data, kept as it is for a while."""

    def mark(self) -> None: ...

    def copy(self, target: Path, check: CheckGoesOn) -> dict[str, str]: ...


HoldEngine = Callable[[], contextlib.AbstractContextManager[Held]]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is. *files* gives the SHA-256 of each by its name."""

    format: int
    made_at: datetime
    account: str
    version: str
    files: dict[str, str]


class BackupService:
    """Makes backups of one account. *hold_engine* is None on a node that does not have its engine."""

    def __init__(
        self, *, store: Store, clock: Clock, hold_engine: HoldEngine | None, account: str, version: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._hold_engine = hold_engine
        self._account = account
        self._version = version

    def back_up(self, target: Path, check: CheckGoesOn = lambda: None) -> Manifest:
        """Write a backup into the folder *target*, which must not exist or be empty.

        Where it fails, or *check* (called all the time) raises, nothing of it is left.
        """
        if self._hold_engine is None:
            raise BackupRefused("This node does not have the account's engine. Ask the node that has it.")
        made = _make_folder(target)
        try:
            return self._fill(target, self._hold_engine, check)
        except BaseException as error:
            _clear(target, made)
            if isinstance(error, OSError):
                raise BackupRefused(
                    f"The backup could not be written to {target}: {error.strerror}. Nothing of it was left."
                ) from error
            raise

    def _fill(self, target: Path, hold_engine: HoldEngine, check: CheckGoesOn) -> Manifest:
        # Nobody commits to the store while the engine's data is marked: that is the instant of both.
        with hold_engine() as engine, snapshot.hold(self._store, engine.mark) as store:
            made_at = self._clock.now()
            files = engine.copy(target / ENGINE_FILE, check)
            files |= store.copy(target / STORE_FILE, check)
        manifest = Manifest(
            format=_FORMAT, made_at=made_at, account=self._account, version=self._version, files=files
        )
        with create_private(target / MANIFEST) as file:
            file.write(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
            sync(file)
        sync_folder(target)
        return manifest


def restore(source: Path, data_dir: Path, check: CheckGoesOn = lambda: None) -> Manifest:
    """Copy the backup in *source* into the folder *data_dir*, which is claimed and has no data in it.

    Every file is compared with what the manifest says of it; a damaged backup is refused.
    """
    manifest = read_manifest(source)
    made: dict[str, Path] = {name: data_dir / f"{name}.restored" for name in manifest.files}
    try:
        for name, path in made.items():
            path.unlink(missing_ok=True)
            if copy_durably(source / name, path, check=check) != manifest.files[name]:
                raise BackupRefused(f"{source / name} is not what was written then: the backup is damaged.")
        # Without a store the folder is not set up: it comes last.
        for name in sorted(made, key=lambda name: name == STORE_FILE):
            made[name].rename(data_dir / name)
        sync_folder(data_dir)
    except (OSError, EOFError) as error:
        raise BackupRefused(f"The backup in {source} could not be restored: {error}.") from error
    finally:
        for path in made.values():
            path.unlink(missing_ok=True)
    return manifest


def read_manifest(source: Path) -> Manifest:
    """Return what the backup in *source* says of itself."""
    try:
        manifest = msgspec.json.decode((source / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise BackupRefused(f"There is no finished backup in {source}: {MANIFEST} is missing.") from error
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupRefused(f"{source / MANIFEST} cannot be read: {error}.") from error
    if manifest.format != _FORMAT or set(manifest.files) - _KNOWN or STORE_FILE not in manifest.files:
        raise BackupRefused(
            f"The backup in {source} was made by clockmill {manifest.version}, which is newer: "
            "restore it with that version."
        )
    return manifest


def _make_folder(target: Path) -> bool:
    """Make sure that *target* is an empty folder; say whether it was made for this."""
    try:
        target.mkdir(mode=_PRIVATE)
    except FileExistsError:
        if not target.is_dir() or any(target.iterdir()):
            raise BackupRefused(f"{target} is there already. Name a new folder for the backup.") from None
        return False
    except OSError as error:
        raise BackupRefused(f"The folder {target} cannot be made: {error.strerror}.") from error
    return True


def _clear(target: Path, was_made: bool) -> None:
    """Remove what a backup that failed has written."""
    for name in (*_KNOWN, STORE_FILE + "-journal", MANIFEST):
        with contextlib.suppress(OSError):
            (target / name).unlink(missing_ok=True)
    if was_made:
        with contextlib.suppress(OSError):
            target.rmdir()
