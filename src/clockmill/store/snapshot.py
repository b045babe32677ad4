"""A copy of the store as of one instant, made while it is written to."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Self, cast

from sqlalchemy import literal, select

from clockmill.files import CheckGoesOn, create_private, digest_of, sync_folder
from clockmill.store.copying import copy_store
from clockmill.store.database import Store, Transaction
from clockmill.store.tables import account

_PAGES: Final = 2000
"""Copied in one go, between two looks at whether to go on."""


class Snapshot:
    """The store as it was at one instant, as long as :func:`hold` lasts."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @classmethod
    def begin(cls, tx: Transaction) -> Self:
        """Fix the instant of *tx*, which is that of its first read."""
        tx.execute(select(literal(1)).select_from(account)).first()
        return cls(tx)

    def copy(self, target: Path, check: CheckGoesOn) -> dict[str, str]:
        """Write it to the new SQLite file *target*; return the SHA-256 by the file's name."""
        create_private(target).close()
        if self._tx.dialect.name == "sqlite":
            self._copy_pages(target, check)
        else:
            with Store.open(target) as copy:
                copy_store(self._tx, copy, check)
        sync_folder(target.parent)
        return {target.name: digest_of(target, check=check)}

    def _copy_pages(self, target: Path, check: CheckGoesOn) -> None:
        driver = cast("sqlite3.Connection", self._tx.connection.driver_connection)
        with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = FULL")
            driver.backup(copy, pages=_PAGES, progress=lambda *_: check())


@contextlib.contextmanager
def hold(store: Store, meanwhile: Callable[[], None]) -> Iterator[Snapshot]:
    """Give the store as of an instant at which *meanwhile*, which must be quick, is run.

    Nobody commits to the store until *meanwhile* has returned.
    """
    with contextlib.ExitStack() as reading:

        def begin(_writing: Transaction) -> Snapshot:
            snapshot = Snapshot.begin(reading.enter_context(store.read()))
            meanwhile()
            return snapshot

        yield store.write(begin)
