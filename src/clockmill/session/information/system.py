"""What the system itself has in the catalog: INFORMATION_SCHEMA in each database, and SNOWFLAKE."""

from typing import Final

import msgspec

from clockmill.core.catalog import INFORMATION_SCHEMA, SYSTEM_DATABASE
from clockmill.core.names import SchemaName
from clockmill.engine.result import ResultColumn

ACCOUNT_USAGE: Final = "ACCOUNT_USAGE"


class SystemView(msgspec.Struct, frozen=True):
    """A view of ours as the catalog lists it."""

    database: str
    schema: str
    name: str
    columns: tuple[ResultColumn, ...]


def system_schemas(database: str) -> tuple[str, ...]:
    """Return the schemas that the system has in *database*."""
    if database == SYSTEM_DATABASE:
        return (ACCOUNT_USAGE, INFORMATION_SCHEMA)
    return (INFORMATION_SCHEMA,)


def is_systems(schema: SchemaName) -> bool:
    """Say whether the system has *schema*, if its database is there."""
    return schema.schema in system_schemas(schema.database)
