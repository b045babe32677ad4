"""The store's door: short reads anywhere, writes through one thread that commits them together."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Transaction = Connection
"""What query functions take: an open transaction. They never begin or commit one."""


class Store:
    """PLACEHOLDER CONTRACT: see the implementer's notes."""

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Give a consistent snapshot to read from, on the calling thread."""
        raise NotImplementedError
        yield

    def submit(self, work: Callable[[Transaction], T]) -> "Future[T]":
        """Queue *work* for the writer; the future resolves once it is durable."""
        raise NotImplementedError

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run *work* in a write transaction and return its result once it is durable."""
        return self.submit(work).result()

    def data_version(self) -> int:
        """Return a number that changes whenever anybody commits, in any process."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
