"""Runs Alembic on a file of the store, in one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from clockmill.store.sqlite import SQLiteFile


def migration_config() -> Config:
    """Return Alembic's settings for the migrations in this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def apply_migrations(file: SQLiteFile) -> None:
    """Apply every migration that *file* lacks: all of them or, after an error, none."""
    config = migration_config()
    with file.connect() as connection:
        # From here on a second process that starts has to wait.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
