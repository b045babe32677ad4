"""The store's schema through time: which revision a file has, and how it gets to ours.

A file of our own revision is recognised by one read, and a new one gets the tables as they are
today. Alembic is imported only to change an older one: that takes as long as half a start.
"""

import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import Column, MetaData, String, Table, insert, select

from clockmill.core.errors import ClockmillError
from clockmill.store.sqlite import SQLiteFile, primary_code
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

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The data in {folder} was written by an older clockmill. Make a copy of the folder, then run "
            f"'clockmill db upgrade --data-dir {folder}' (or start with --upgrade)."
        )


class StoreTooNew(StoreRefused):
    """Data of a newer version, which we cannot know."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The data in {folder} was written by a newer clockmill than this one. Install that version, "
            "or use another folder; there is no way back."
        )


class NotAStore(StoreRefused):
    """A file that is no store of ours."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not a clockmill store. Use another folder, or move that file away.")


def prepare(file: SQLiteFile, *, upgrade: bool) -> None:
    """Bring *file* to our revision if it is new, or old and *upgrade* is given; else refuse it."""
    found = _revision_of(file)
    if found == HEAD:
        return
    if found is None:
        _set_up(file)
    elif found not in REVISIONS:
        raise StoreTooNew(file.path.parent)
    elif not upgrade:
        raise StoreTooOld(file.path.parent)
    else:
        _migrate(file)


def _revision_of(file: SQLiteFile) -> str | None:
    """Return the revision that *file* is of, or None if it is empty."""
    try:
        driver = file.connect_driver()
        try:
            tables = {
                name for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            if not tables:
                return None
            if "alembic_version" not in tables:
                raise NotAStore(file.path)
            return str(driver.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        finally:
            driver.close()
    except sqlite3.DatabaseError as error:
        if primary_code(error) != sqlite3.SQLITE_NOTADB:
            raise
        raise NotAStore(file.path) from error


def _set_up(file: SQLiteFile) -> None:
    """Make the tables in an empty file, all of them or, after an error, none."""
    with file.connect() as connection:
        # From here on a second process that starts has to wait, and then finds them made.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        metadata.create_all(connection)
        _version.create(connection, checkfirst=True)
        if connection.execute(select(_version)).first() is None:
            connection.execute(insert(_version), {"version_num": HEAD})
        connection.commit()


def _migrate(file: SQLiteFile) -> None:
    # Alembic is slow to import, and needed once in the life of a version.
    from clockmill.store.migrations.apply import apply_migrations  # noqa: PLC0415

    apply_migrations(file)
