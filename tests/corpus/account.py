"""The account of the corpus: all of an instance but its runner, at an instant that stands still."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from tests.corpus.entries import Entry, lines_of

from clockmill.clock import VirtualClock
from clockmill.compose import Instance, open_instance
from clockmill.config import Settings
from clockmill.core.errors import ClockmillError
from clockmill.core.signin import Password
from clockmill.session.session import Session

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)

_PASSWORD = "corpus-password-1"
_SETUP = ("CREATE WAREHOUSE wh", "CREATE DATABASE db", "CREATE DATABASE other")
_FRESH = ("CREATE OR REPLACE SCHEMA other.s", "CREATE OR REPLACE SCHEMA db.public")


class Account:
    """Runs entries, each in a session of its own in an empty DB.PUBLIC, with OTHER.S beside it, on WH."""

    def __init__(self, instance: Instance) -> None:
        self._door = instance.door
        login = instance.signin.login(Password("ADMIN", _PASSWORD), address="127.0.0.1", warehouse="WH")
        self._record = login.session
        self._numbers = itertools.count(1)
        self._housekeeper = self._door.session(self._record)
        for statement in _SETUP:
            self._housekeeper.execute(statement)

    def give(self, entry: Entry) -> list[str]:
        """Run *entry*; return what came of it, as its lines after ``--`` would have it."""
        with self._session() as session:
            for statement in entry.statements[:-1]:
                session.execute(statement)
            try:
                result = session.execute(entry.statements[-1]).result
            except ClockmillError as error:
                if entry.error is None:
                    raise
                _, text = entry.error
                said = text if text in str(error) else str(error)
                return [" ".join(filter(None, ("error:", error.code, said)))]
        return lines_of(result, entry.expected)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        for statement in _FRESH:
            self._housekeeper.execute(statement)
        # Only the record's number is its own: signing in takes 30 ms, most entries less.
        number = self._record.id + next(self._numbers)
        session = self._door.session(
            msgspec.structs.replace(self._record, id=number, database="DB", schema="PUBLIC")
        )
        try:
            yield session
        finally:
            self._door.close_session(number)


@contextmanager
def open_account(folder: Path) -> Iterator[Account]:
    """Give an account of its own, with its data in *folder*."""
    settings = Settings(data_dir=str(folder), admin_password=_PASSWORD)
    instance = open_instance(settings, clock=VirtualClock(NOW))
    try:
        yield Account(instance)
    finally:
        instance.close()
