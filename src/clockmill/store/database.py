"""The store's door: short reads anywhere, writes through one thread that commits them together."""

import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from clockmill.store.backend import Backend, ReadLink
from clockmill.store.locations import backend_of
from clockmill.store.migrations import prepare
from clockmill.store.sqlite import SQLiteFile
from clockmill.store.tables import metadata
from clockmill.store.writer import Pending, Writer

T = TypeVar("T")
Transaction = Connection
"""What query functions take: an open transaction. They never begin or commit one."""

TEMPORARY: Final = ":memory:"
"""Given as a path: a store of its own that is gone once it is closed."""

MAX_IDLE: Final = 16
"""Connections kept for the next read; each may hold 2 MB of pages."""

_FAST_DISK: Final = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of its own there


class Store:
    """A database of clockmill's. Any thread may use it; everybody closes only their own."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._idle: deque[ReadLink] = deque()
        self._versions = backend.version_watch()
        self._writer = Writer(backend.write_link())
        self._litter: Path | None = None

    @classmethod
    def open(cls, target: str | Path, *, upgrade: bool = False, make: bool = True) -> Self:
        """Open the store in a file, or at a ``postgresql://…``, and make its tables if it is new.

        Raises :class:`NoStore` where there is none and *make* is not given, :class:`StoreTooOld` unless
        *upgrade* is, and :class:`StoreTooNew` always; BadLocation for a URL of something else;
        Unavailable if the disk, the network or another process stands in the way.
        """
        if str(target) == TEMPORARY:
            return cls.temporary()
        backend = backend_of(target)
        try:
            prepare(backend, upgrade=upgrade, make=make)
            return cls(backend)
        except Exception as error:
            backend.close()
            raise backend.explain(error) or error from error
        except BaseException:
            backend.close()
            raise

    @classmethod
    def temporary(cls) -> Self:
        """Open an empty store that lives as long as it is open and is never synced to disk.

        It is a file all the same: SQLite's shared memory mode has other locks than the real thing.
        """
        folder = Path(tempfile.mkdtemp(prefix="clockmill-", dir=_FAST_DISK if _FAST_DISK.is_dir() else None))
        file = SQLiteFile(folder / "store.db", is_durable=False)
        with file.connect() as connection:
            metadata.create_all(connection)
        store = cls(file)
        store._litter = folder
        return store

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Give a consistent snapshot to read from, on the calling thread.

        It holds what was committed before it began. Keep it short: it keeps the log from shrinking.
        """
        try:
            link = self._idle.pop()
        except IndexError:
            link = self._connect()
        try:
            link.begin()
            yield link.tx
        except DBAPIError as error:
            raise self._backend.explain(error) or error from error
        finally:
            self._put_back(link)

    def _connect(self) -> ReadLink:
        try:
            return self._backend.read_link()
        except DBAPIError as error:
            raise self._backend.explain(error) or error from error

    def _put_back(self, link: ReadLink) -> None:
        link.end()
        if link.is_usable and len(self._idle) < MAX_IDLE:
            self._idle.append(link)
        else:
            link.close()

    def submit(self, work: Callable[[Transaction], T], *, shared: bool = False) -> "Future[T]":
        """Queue *work* for the writer; the future resolves once it is durable.

        Pieces are done in the order they came, and together with what else is waiting, but each
        fails alone. *work* runs in a thread that happens to be writing, and so do callbacks of the
        future: both must be quick, and neither may wait for another write.

        Nobody else writes meanwhile, on any node, unless *shared*: such work changes nothing but
        rows of graph runs whose epoch it checks, and goes on beside that of other nodes.
        """
        return self._writer.submit(work, shared=shared)

    def enqueue(self, work: Callable[[Transaction], T], *, shared: bool = False) -> Pending[T]:
        """Queue *work* as :meth:`submit` does, for a caller that goes on to ask for the result.

        Nobody is woken for it: unless another write comes along, it is done when it is asked for.
        """
        return self._writer.enqueue(work, shared=shared)

    def write(self, work: Callable[[Transaction], T], *, shared: bool = False) -> T:
        """Run *work* in a write transaction and return its result once it is durable."""
        self._writer.refuse_inside()
        return self.enqueue(work, shared=shared).result()

    @property
    def is_shared(self) -> bool:
        """Whether other nodes may be at work on it."""
        return self._backend.is_shared

    @property
    def place(self) -> str:
        """Where it is, for messages: without a password."""
        return self._backend.place

    def data_version(self) -> int:
        """Return a number that changes whenever anybody commits, in any process."""
        return self._versions.current()

    def close(self) -> None:
        """Finish what is queued and close every connection. Closing twice is harmless."""
        self._writer.close()
        self._versions.close()
        while self._idle:
            self._idle.pop().close()
        self._backend.close()
        if self._litter is not None:
            shutil.rmtree(self._litter, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
