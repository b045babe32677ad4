"""USE: changing where a session's statements run."""

import msgspec

from clockmill.core.caller import Caller
from clockmill.core.catalog import SYSTEM_DATABASE
from clockmill.core.errors import NotFound
from clockmill.core.identity import PUBLIC
from clockmill.core.names import SchemaName
from clockmill.core.sentences import DONE
from clockmill.engine.result import Result, StatementType, status
from clockmill.session.execution import Execution
from clockmill.session.faults import MissingForUse, RoleNotUsable
from clockmill.session.information.system import is_systems
from clockmill.session.services import Services
from clockmill.session.state import Context
from clockmill.sql.use import Place, Use


def use(run: Execution, statement: Use) -> Result:
    """Change the session's role, warehouse, database or schema, if the new one is there."""
    try:
        run.state.context = _changed(run, statement)
    except NotFound as error:
        raise MissingForUse from error
    return status(DONE, StatementType.SCL)


def _changed(run: Execution, statement: Use) -> Context:
    context, services, caller = run.state.context, run.services, run.caller
    match statement.place:
        case Place.ROLE:
            role = run.plain_name(statement.name)
            if role not in run.state.roles and role != PUBLIC:
                raise RoleNotUsable(role)
            return msgspec.structs.replace(context, role=role)
        case Place.SECONDARY_ROLES:
            return context
        case Place.WAREHOUSE:
            warehouse = services.warehouses.fetch_warehouse(caller, run.plain_name(statement.name))
            return msgspec.structs.replace(context, warehouse=warehouse.name)
        case Place.DATABASE:
            database = run.plain_name(statement.name)
            if database == SYSTEM_DATABASE:
                return msgspec.structs.replace(context, database=database, schema=None)
            services.catalog.fetch_database(caller, database)
            schema = public_schema(services, caller, database)
            return msgspec.structs.replace(context, database=database, schema=schema)
        case Place.SCHEMA:
            name = run.schema_name(statement.name)
            if not is_systems(name):
                services.catalog.fetch_schema(caller, name)
            elif name.database != SYSTEM_DATABASE:
                services.catalog.fetch_database(caller, name.database)
            return msgspec.structs.replace(context, database=name.database, schema=name.schema)


def public_schema(services: Services, caller: Caller, database: str) -> str | None:
    """Return PUBLIC if *database* has it: the schema that comes with a database."""
    try:
        services.catalog.fetch_schema(caller, SchemaName(database, "PUBLIC"))
    except NotFound:
        return None
    return "PUBLIC"
