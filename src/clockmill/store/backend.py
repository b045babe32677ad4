"""What a database has to do for the store: connections with the verbs of ours, and what its errors mean."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

from clockmill.core.errors import ClockmillError, Unavailable


class BadLocation(ClockmillError):
    """What names no store. Its words are kept to ourselves: a password may be among them."""

    def __init__(self) -> None:
        super().__init__(
            "The store's URL cannot be read. It looks like postgresql://user@host:5432/database; special "
            "characters in a password are written as %XX."
        )


class NotADatabase(Exception):
    """What was opened is nothing that the database knows."""


class ReadLink(Protocol):
    """A connection for reading: one snapshot at a time."""

    @property
    def tx(self) -> Connection: ...
    def begin(self) -> None: ...
    def end(self) -> None: ...
    @property
    def is_usable(self) -> bool:
        """Whether it may serve again."""
        ...

    def close(self) -> None: ...


class WriteLink(Protocol):
    """The connection that writes; it can group pieces of work into one transaction."""

    @property
    def tx(self) -> Connection: ...
    def begin(self, *, shared: bool = False) -> None:
        """Begin a transaction that keeps other writers out; *shared* lets in those that share, too."""
        ...

    def commit(self) -> None:
        """Make the transaction durable, or raise: :meth:`is_undone` says what that means."""
        ...

    def rollback(self) -> None: ...
    def begin_piece(self) -> None: ...
    def keep_piece(self) -> None: ...
    def undo_piece(self) -> None: ...
    @property
    def is_open(self) -> bool:
        """Whether the transaction still stands, so that pieces of it may be undone."""
        ...

    def is_undone(self, error: BaseException) -> bool:
        """Say whether after *error*, raised by :meth:`commit`, surely nothing was kept."""
        ...

    def explain(self, error: BaseException) -> Unavailable | None:
        """Return what to raise if *error* is no fault of the statement's, else None."""
        ...

    def close(self) -> None: ...


class VersionWatch(Protocol):
    """Notices commits, in any process."""

    def current(self) -> int: ...
    def close(self) -> None: ...


class Backend(Protocol):
    """A database that holds a store, or is to hold one."""

    @property
    def is_shared(self) -> bool:
        """Whether several nodes may be at it."""
        ...

    @property
    def place(self) -> str:
        """Where it is, for messages: without a password."""
        ...

    @property
    def upgrade_command(self) -> str:
        """What brings it to our revision."""
        ...

    def read_link(self) -> ReadLink: ...
    def write_link(self) -> WriteLink: ...
    def version_watch(self) -> VersionWatch: ...
    def explain(self, error: BaseException) -> Unavailable | None:
        """Return what to raise if *error* is no fault of the statement's, else None."""
        ...

    def list_tables(self) -> set[str]:
        """Return the names of its tables. Raises NotADatabase."""
        ...

    def read_value(self, query: str) -> object:
        """Return the first column of the first row of *query*."""
        ...

    def changing(self) -> AbstractContextManager[Connection]:
        """Give a connection to change tables with, alone; what it did is kept unless there is an error."""
        ...

    def broken_reference(self, connection: Connection) -> str | None:
        """Return a table with rows that refer to nothing, if there is one."""
        ...

    def close(self) -> None: ...
