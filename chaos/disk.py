"""A disk of its own for a server: small enough to be filled, and it can be made read-only.

It is a file system in memory that is mounted where only those see it who enter, so that no
privileges are needed where a user may have a name space of their own, and nothing is left behind.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_CHUNK: Final = 64 * 1024
_FILLER: Final = "filler"


class NoDisk(Exception):
    """This machine does not let us mount anything."""


class Disk:
    """A mounted disk. *path* is where those find it who run a command with *entering* before it."""

    def __init__(self, keeper: int, path: Path, entering: tuple[str, ...]) -> None:
        self.path = path
        self.entering = entering
        self.seen_from_outside = Path(f"/proc/{keeper}/root{path}")

    def fill(self, *, leaving: int = 0) -> None:
        """Leave room for nothing more than *leaving* bytes."""
        filler = os.open(self.seen_from_outside / _FILLER, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = _CHUNK
            while size > 0:
                try:
                    os.write(filler, bytes(size))
                except OSError:
                    size //= 2
            os.ftruncate(filler, max(0, os.fstat(filler).st_size - leaving))
        finally:
            os.close(filler)

    def free(self) -> None:
        """Give back what was taken by :meth:`fill`."""
        (self.seen_from_outside / _FILLER).unlink(missing_ok=True)

    def make_read_only(self) -> None:
        """Let nobody write any more; it fails while somebody has a file open for writing."""
        subprocess.run([*self.entering, "mount", "-o", "remount,ro", str(self.path)], check=True)

    def make_writable(self) -> None:
        subprocess.run([*self.entering, "mount", "-o", "remount,rw", str(self.path)], check=True)


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[Disk]:
    """Give a disk of *megabytes* in the empty folder *path*; raises NoDisk where that is not allowed."""
    as_root = os.geteuid() == 0
    space = ["--mount"] if as_root else ["--user", "--map-root-user", "--mount"]
    mounting = f"mount -t tmpfs -o size={megabytes}m,mode=700 none '{path}' && echo mounted && exec sleep inf"
    keeper = subprocess.Popen(
        ["unshare", *space, "sh", "-c", mounting], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert keeper.stdout is not None
    try:
        if keeper.stdout.readline() != "mounted\n":
            raise NoDisk("a file system cannot be mounted here, not even in a name space of our own")
        others = [] if as_root else ["--user", "--preserve-credentials"]
        yield Disk(keeper.pid, path, ("nsenter", "--target", str(keeper.pid), *others, "--mount"))
    finally:
        keeper.kill()
        keeper.communicate()
