"""DESCRIBE: of tables and views by their columns, of a result, and of what holds other things."""

from typing import Any, Final

from clockmill.core.errors import NotFound
from clockmill.engine.protocol import RelationColumn
from clockmill.engine.result import Result
from clockmill.session.execution import Execution
from clockmill.session.handlers.functions import scanned_result
from clockmill.session.handlers.listing import columns, listing
from clockmill.session.handlers.relation_columns import columns_of, default_of, plain
from clockmill.session.handlers.relations import SEQUENCES, Found, relations_in, sequence_row, shown_kind
from clockmill.session.handlers.streams import describe_stream
from clockmill.session.handlers.tasks import describe_task
from clockmill.session.handlers.types import type_name
from clockmill.session.information.system import system_schemas
from clockmill.sql.parser import Reference
from clockmill.sql.show import Describe, DescribeResult

_DESCRIPTION: Final = columns(
    "name type kind null? default primary_key+ unique_key+ check expression comment policy_name+ "
    "privacy_domain+"
)
_MEMBERS: Final = columns("created_on:when name kind")


def describe(run: Execution, statement: Describe) -> Result:
    """Describe a table or view by its columns, a database or schema by what it holds, and so on."""
    match statement.kind:
        case "TASK":
            return describe_task(run, statement.name)
        case "STREAM":
            return describe_stream(run, statement.name)
        case "SEQUENCE":
            return _describe_sequence(run, statement.name)
        case "DATABASE":
            return _describe_database(run, statement.name)
        case "SCHEMA":
            return _describe_schema(run, statement.name)
        case "WAREHOUSE":
            found = run.services.warehouses.fetch_warehouse(run.caller, run.plain_name(statement.name))
            return listing(_MEMBERS, [(found.created_on, found.name, "WAREHOUSE")])
    described = columns_of(run, run.object_name(statement.name))
    return listing(_DESCRIPTION, [_description(column) for column in described])


def describe_result(run: Execution, statement: DescribeResult) -> Result:
    """Describe the columns of the result that a statement gave."""
    found = scanned_result(run, statement.query)
    return listing(_DESCRIPTION, [_description(plain(column)) for column in found.columns])


def _description(column: RelationColumn) -> tuple[Any, ...]:
    return (
        *(column.name, type_name(column.type), "COLUMN", _flag(column.type.is_nullable), default_of(column)),
        *(_flag(column.is_primary_key), _flag(column.is_unique), None, None, column.comment, None, None),
    )


def _flag(value: bool) -> str:
    return "Y" if value else "N"


def _describe_sequence(run: Execution, name: Reference) -> Result:
    full = run.object_name(name)
    namespace = run.services.namespaces.namespace(full.parent)
    for each in run.services.engine.relations(namespace, counted=False):
        if (each.kind, each.name) == ("SEQUENCE", full.name):
            return listing(SEQUENCES, [sequence_row(Found(full.parent, each))])
    raise NotFound("Sequence", full)


def _describe_database(run: Execution, name: Reference) -> Result:
    database = run.plain_name(name)
    found = run.services.catalog.list_schemas(run.caller, database)
    rows = [(each.created_on, each.name.schema, "SCHEMA") for each in found]
    rows += [(run.now, schema, "SCHEMA") for schema in system_schemas(database)]
    return listing(_MEMBERS, sorted(rows, key=lambda row: row[1]))


def _describe_schema(run: Execution, name: Reference) -> Result:
    found = relations_in(run, run.schema_name(name))
    return listing(
        _MEMBERS,
        [(each.relation.created_on, each.relation.name, shown_kind(each.relation)) for each in found],
    )
