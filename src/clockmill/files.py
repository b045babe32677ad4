"""Files that nobody else may read, written so that they outlive a loss of power."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

_CHUNK: Final = 4 * 1024 * 1024
_PRIVATE: Final = 0o600

CheckGoesOn = Callable[[], None]
"""Called now and then by what takes long, as between chunks of a copy; what it raises ends that."""


def create_private(path: Path) -> BinaryIO:
    """Make the file *path*, which must not exist, for its owner alone, and open it for writing."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE), "wb")


def copy_durably(source: Path, target: Path, *, check: CheckGoesOn, size: int | None = None) -> str:
    """Copy *source*, or its first *size* bytes, to a new file; return the SHA-256 of what was copied.

    A source that is shorter than that raises EOFError. The file's folder is for the caller to sync.
    """
    left = source.stat().st_size if size is None else size
    digest = hashlib.sha256()
    with source.open("rb") as read, create_private(target) as written:
        while left:
            check()
            chunk = read.read(min(left, _CHUNK))
            if not chunk:
                raise EOFError(source)
            digest.update(chunk)
            written.write(chunk)
            left -= len(chunk)
        sync(written)
    return digest.hexdigest()


def digest_of(path: Path, *, check: CheckGoesOn) -> str:
    """Return the SHA-256 of what the file holds."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            check()
            digest.update(chunk)
    return digest.hexdigest()


def sync(file: BinaryIO) -> None:
    """Bring what was written to *file* to the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Bring the names in the folder *path* to the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
