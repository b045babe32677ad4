"""Where a SHOW looks: the account, a database, or a schema."""

import msgspec

from clockmill.core.catalog import SYSTEM_DATABASE
from clockmill.core.errors import InvalidRequest, NotFound
from clockmill.core.names import SchemaName
from clockmill.session.execution import Execution
from clockmill.session.faults import MissingForUse
from clockmill.session.information.system import is_systems
from clockmill.sql.parser import Reference
from clockmill.sql.show import Scope, Show, Subject


class Where(msgspec.Struct, frozen=True):
    """The schemas that are looked into: one, all of a database, or (both None) all there are."""

    database: str | None = None
    schema: SchemaName | None = None

    @property
    def looked_into(self) -> str | None:
        """The one database that is looked into; None for the account."""
        return self.database if self.schema is None else self.schema.database


def where(run: Execution, statement: Show) -> Where:
    """Return where *statement* looks; without IN, in what the session has current.

    Raises MissingForUse, as the service does, when that is not there.
    """
    found = _where(run, statement)
    services, caller = run.services, run.caller
    try:
        if found.schema is not None and not is_systems(found.schema):
            services.catalog.fetch_schema(caller, found.schema)
        elif found.looked_into not in {None, SYSTEM_DATABASE}:
            services.catalog.fetch_database(caller, found.looked_into)
    except NotFound as error:
        raise MissingForUse from error
    return found


def _where(run: Execution, statement: Show) -> Where:
    place, name = run.state.context, statement.scope_name
    match statement.scope:
        case Scope.ACCOUNT:
            return Where()
        case Scope.DATABASE:
            return Where(database=place.database if name is None else run.plain_name(name))
        case Scope.SCHEMA if name is not None:
            return Where(schema=run.schema_name(name))
        case Scope.APPLICATION:
            raise MissingForUse  # there are none
        case None if name is not None:
            return _bare(run, statement, name)
        case None | Scope.SCHEMA:
            return Where(database=place.database, schema=place.home)
    raise InvalidRequest(
        f"SQL compilation error:\nSHOW {statement.subject} cannot look in a {statement.scope}."
    )


def _bare(run: Execution, statement: Show, name: Reference) -> Where:
    """Return where a name alone after IN leads: schemas are in databases, and all else is in schemas.

    A database answers too where the current one has no such schema.
    """
    parts = run.parts(name)
    if len(parts) > 1:
        return Where(schema=run.schema_name(name))
    database = run.state.context.database
    if statement.subject is not Subject.SCHEMAS and database is not None:
        there = [each.name for each in run.services.catalog.list_schemas(run.caller, database)]
        schema = SchemaName(database, parts[0])
        if schema in there or is_systems(schema):
            return Where(schema=schema)
    return Where(database=parts[0])


def schemas_in(run: Execution, found: Where) -> list[SchemaName]:
    """Return the schemas that are looked into, in order of their names."""
    if found.schema is not None:
        return [found.schema]
    if found.database == SYSTEM_DATABASE:
        return []
    catalog, caller = run.services.catalog, run.caller
    databases = [found.database] if found.database else [each.name for each in catalog.list_databases(caller)]
    return [each.name for database in databases for each in catalog.list_schemas(caller, database)]
