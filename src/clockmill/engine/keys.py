"""Keys of tables: declared, kept and shown, and not enforced, as documented."""

import enum
from datetime import datetime
from typing import Final

import msgspec


class KeyKind(enum.StrEnum):
    """What kind of constraint a key is, as INFORMATION_SCHEMA says it."""

    PRIMARY = "PRIMARY KEY"
    UNIQUE = "UNIQUE"
    FOREIGN = "FOREIGN KEY"


NO_ACTION: Final = "NO ACTION"


class Referred(msgspec.Struct, frozen=True, kw_only=True):
    """The table that a foreign key refers to, as it was made: another of its name is another table."""

    namespace: str
    table: str
    made_on: datetime
    columns: tuple[str, ...]
    update_rule: str = NO_ACTION
    delete_rule: str = NO_ACTION


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a table, with its columns in the order of the key. *name* is None where none was given."""

    kind: KeyKind
    columns: tuple[str, ...]
    name: str | None = None
    referred: Referred | None = None
    """What a foreign key refers to."""
