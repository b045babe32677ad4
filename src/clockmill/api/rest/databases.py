"""What the operations on databases and their schemas do."""

from clockmill.api.errors import NameMismatch
from clockmill.api.rest.operation import Request
from clockmill.api.rest.parameters import read_selection
from clockmill.api.rest.schemas import catalog as wire
from clockmill.api.services import Services
from clockmill.core.names import SchemaName


def list_databases(services: Services, request: Request) -> list[wire.DatabaseOut]:
    found = services.catalog.list_databases(
        request.caller,
        **read_selection(request.query),
    )
    return [wire.database_out(database, request.caller) for database in found]


def create_database(services: Services, request: Request) -> str:
    given = wire.read_database(request.body)
    spec = wire.database_spec(given, request.query["kind"])
    return services.catalog.create_database(
        request.caller, given.folded_name, spec, request.query["createMode"]
    )


def fetch_database(services: Services, request: Request) -> wire.DatabaseOut:
    database = services.catalog.fetch_database(request.caller, request.names["name"])
    return wire.database_out(database, request.caller)


def create_or_alter_database(services: Services, request: Request) -> str:
    given = wire.read_database(request.body)
    NameMismatch.check("database", given.folded_name, request.names["name"])
    return services.catalog.create_or_alter_database(
        request.caller, given.folded_name, wire.database_spec(given, None)
    )


def delete_database(services: Services, request: Request) -> str:
    return services.catalog.drop_database(
        request.caller, request.names["name"], if_exists=request.query["ifExists"]
    )


def list_schemas(services: Services, request: Request) -> list[wire.SchemaOut]:
    found = services.catalog.list_schemas(
        request.caller,
        request.names["database"],
        **read_selection(request.query),
    )
    return [wire.schema_out(schema, request.caller) for schema in found]


def create_schema(services: Services, request: Request) -> str:
    given = wire.read_schema(request.body)
    name = SchemaName(request.names["database"], given.folded_name)
    spec = wire.schema_spec(given, request.query["kind"])
    return services.catalog.create_schema(request.caller, name, spec, request.query["createMode"])


def fetch_schema(services: Services, request: Request) -> wire.SchemaOut:
    schema = services.catalog.fetch_schema(request.caller, _named(request))
    return wire.schema_out(schema, request.caller)


def create_or_alter_schema(services: Services, request: Request) -> str:
    given = wire.read_schema(request.body)
    NameMismatch.check("schema", given.folded_name, request.names["name"])
    spec = wire.schema_spec(given, request.query["kind"])
    return services.catalog.create_or_alter_schema(request.caller, _named(request), spec)


def delete_schema(services: Services, request: Request) -> str:
    return services.catalog.drop_schema(request.caller, _named(request), if_exists=request.query["ifExists"])


def _named(request: Request) -> SchemaName:
    return SchemaName(request.names["database"], request.names["name"])
