"""Runs Alembic on a store, in one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from clockmill.core.errors import ClockmillError
from clockmill.store.backend import Backend


class BrokenReference(ClockmillError):
    """A migration would leave rows that refer to nothing. Nothing was changed."""

    def __init__(self, table: str) -> None:
        super().__init__(f"The upgrade was undone: rows of {table} would refer to rows that are missing.")


def migration_config() -> Config:
    """Return Alembic's settings for the migrations in this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def apply_migrations(backend: Backend) -> None:
    """Apply every migration that the store lacks: all of them or, after an error, none."""
    config = migration_config()
    with backend.changing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        broken = backend.broken_reference(connection)
        if broken is not None:
            raise BrokenReference(broken)
