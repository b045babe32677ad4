"""Where objects are: the schema that a name leads to."""

from clockmill.core.errors import NotFound
from clockmill.core.names import SchemaName, render
from clockmill.store import catalog
from clockmill.store.database import Transaction


def require_schema(tx: Transaction, name: SchemaName) -> str:
    """Return the id of the schema *name*, or raise NotFound for it or its database."""
    database_id, schema_id = catalog.find_namespace(tx, name)
    if database_id is None:
        raise NotFound("Database", render(name.database))
    if schema_id is None:
        raise NotFound("Schema", name)
    return schema_id
