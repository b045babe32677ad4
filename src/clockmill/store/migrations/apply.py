"""Runs Alembic on a file of the store, in one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from clockmill.core.errors import ClockmillError
from clockmill.store.sqlite import SQLiteFile


class BrokenReference(ClockmillError):
    """A migration would leave rows that refer to nothing. Nothing was changed."""

    def __init__(self, table: str) -> None:
        super().__init__(f"The upgrade was undone: rows of {table} would refer to rows that are missing.")


def migration_config() -> Config:
    """Return Alembic's settings for the migrations in this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def apply_migrations(file: SQLiteFile) -> None:
    """Apply every migration that *file* lacks: all of them or, after an error, none."""
    config = migration_config()
    with file.connect() as connection:
        # SQLite changes a table by making it anew, and dropping the old one would cascade.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        # From here on a second process that starts has to wait.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise BrokenReference(str(broken.table))
        connection.commit()
