"""The store's schema through time: which revision a file has, and how it gets to ours.

A file of our own revision is recognised by one read, and a new one gets the tables as they are
today. Alembic is imported only to change an older one: that takes as long as half a start.
"""

from typing import Final

from sqlalchemy import Column, MetaData, String, Table, insert, select

from clockmill.core.errors import ClockmillError
from clockmill.store.backend import Backend, NotADatabase
from clockmill.store.tables import metadata

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005")
"""Every revision there has been, oldest first; the last one is ours."""

HEAD: Final = REVISIONS[-1]

_version: Final = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Where Alembic looks for the revision that a file is of."""


class StoreRefused(ClockmillError):
    """A file that this version of clockmill must not touch."""


class StoreTooOld(StoreRefused):
    """Data of an older version, which is changed only when asked."""

    def __init__(self, place: str, command: str) -> None:
        super().__init__(
            f"The data in {place} was written by an older clockmill. Make a copy of it, then run "
            f"'{command}' (or start with --upgrade)."
        )


class StoreTooNew(StoreRefused):
    """Data of a newer version, which we cannot know."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"The data in {place} was written by a newer clockmill than this one. Install that version, "
            "or use another place; there is no way back."
        )


class NoStore(StoreRefused):
    """A place with nothing in it, where a store is expected."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"There is no clockmill data in {place}. Is that the right place? 'clockmill serve' sets up a "
            "new one."
        )


class NotAStore(StoreRefused):
    """A file or database that is no store of ours."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place} holds something else than a clockmill store. Use another place, or move that away."
        )


def prepare(backend: Backend, *, upgrade: bool, make: bool = True) -> None:
    """Bring a store to our revision if it is new and to *make*, or old and to *upgrade*; else refuse it."""
    found = _revision_of(backend)
    if found == HEAD:
        return
    if found is None and not make:
        raise NoStore(backend.place)
    if found is None:
        _set_up(backend)
    elif found not in REVISIONS:
        raise StoreTooNew(backend.place)
    elif not upgrade:
        raise StoreTooOld(backend.place, backend.upgrade_command)
    else:
        _migrate(backend)


def _revision_of(backend: Backend) -> str | None:
    """Return the revision that a store is of, or None if it is empty."""
    try:
        tables = backend.list_tables()
    except NotADatabase as error:
        raise NotAStore(backend.place) from error
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise NotAStore(backend.place)
    return str(backend.read_value("SELECT version_num FROM alembic_version"))


def _set_up(backend: Backend) -> None:
    """Make the tables in an empty store, all of them or, after an error, none."""
    with backend.changing() as connection:
        metadata.create_all(connection)
        _version.create(connection, checkfirst=True)
        if connection.execute(select(_version)).first() is None:
            connection.execute(insert(_version), {"version_num": HEAD})


def _migrate(backend: Backend) -> None:
    # Alembic is slow to import, and needed once in the life of a version.
    from clockmill.store.migrations.apply import apply_migrations  # noqa: PLC0415

    apply_migrations(backend)
