"""The columns that a stream has besides those of what it is on."""

from typing import Final

from clockmill.engine.duckdb.types import text
from clockmill.engine.result import BOOLEAN, ColumnType

# Stored under names of ours, so that nothing a user calls a column is in their way.
ACTION: Final = "\x1faction"
IS_UPDATE: Final = "\x1fis_update"
ROW_ID: Final = "\x1frow_id"

METADATA: Final[tuple[tuple[str, str, ColumnType], ...]] = (
    ("METADATA$ACTION", ACTION, text(6)),
    ("METADATA$ISUPDATE", IS_UPDATE, BOOLEAN),
    ("METADATA$ROW_ID", ROW_ID, text(40)),
)
"""Each by its name, what it is called in the SQL for it, and its type."""
NAMES: Final = frozenset(name for name, _, _ in METADATA)
