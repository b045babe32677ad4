"""What PostgreSQL's errors mean to us, and what of them may be shown."""

from typing import Final

import psycopg
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

from clockmill.core.errors import ClockmillError, Unavailable

_TRANSIENT_CLASSES: Final = ("08", "40", "53", "57", "58")
"""Of SQLSTATE: connection, serialization, resources, an operator's hand, the system below."""

_TRANSIENT: Final = {
    "55P03",  # a lock that was not to be had in time
    "25P03",  # we did nothing for too long
}


class DatabaseRefused(ClockmillError):
    """A database that cannot keep what we would write to it."""


class CannotConnect(Unavailable):
    """The very first connection to a database is not to be had: its URL may be wrong."""

    def __init__(self, place: str, error: psycopg.Error) -> None:
        super().__init__(
            f"Cannot connect to {place}: {_words_of(error)}. Is the URL right, and the database there? The "
            "password may also come from PGPASSWORD or ~/.pgpass."
        )


class OutcomeUnknown(Exception):
    """A commit was sent, the connection went, and nobody can say whether it was kept."""


class CommitLost(Exception):
    """A commit that was surely not kept."""


def as_unavailable(error: BaseException) -> Unavailable | None:
    """Return what to raise if *error* is the server's or the network's fault, not the statement's."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, CommitLost):
        return Unavailable("The store was cut off while it wrote. Nothing was changed; try again.")
    if not isinstance(origin, psycopg.Error) or not _is_transient(origin):
        return None
    return Unavailable(
        f"The store cannot be used right now ({_words_of(origin)}). Nothing was changed; try again."
    )


def _words_of(error: psycopg.Error) -> str:
    return " ".join(str(error).split())


def _is_transient(error: psycopg.Error) -> bool:
    state = error.sqlstate
    if state is None:
        # The library's own: there is no server, or no connection any more.
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state in _TRANSIENT or state.startswith(_TRANSIENT_CLASSES)


def hide_values(context: ExceptionContext) -> None:
    """Take from an error the details, in which the server quotes the row that it is about."""
    origin, shown = context.original_exception, context.sqlalchemy_exception
    if not isinstance(origin, psycopg.Error) or origin.diag.message_detail is None:
        return
    said = origin.diag.message_primary or type(origin).__name__
    origin.args = (said,)
    if shown is not None:
        shown.args = (f"({type(origin).__name__}) {said}",)
