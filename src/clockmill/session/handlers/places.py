"""SHOW DATABASES and SHOW SCHEMAS, the system's own among them."""

from typing import Any, Final

import msgspec

from clockmill.core.catalog import INFORMATION_SCHEMA, SYSTEM_DATABASE, Database, Permanence, Schema
from clockmill.core.names import SchemaName
from clockmill.engine.result import Result, ResultColumn
from clockmill.session.execution import Execution
from clockmill.session.handlers.listing import DROPPED, columns, filtered, flag, listing
from clockmill.session.handlers.scope import where
from clockmill.session.information.system import ACCOUNT_USAGE, system_schemas
from clockmill.sql.show import Show

_TERSE: Final = columns("created_on:when name kind database_name schema_name")
_DATABASES: Final = columns(
    "created_on:when name is_default is_current origin owner comment options retention_time kind budget "
    "owner_role_type"
)
_SCHEMAS: Final = columns(
    "created_on:when name is_default is_current database_name owner comment options retention_time "
    "owner_role_type budget"
)
_RETENTION: Final = "retention_time"
_RETENTION_DAYS: Final = 1
_ABOUT: Final = "Views describing the contents of schemas in this database"


class _Place(msgspec.Struct, frozen=True):
    """A database or schema, and its row."""

    name: str
    database: str | None
    row: tuple[Any, ...]


def show_databases(run: Execution, statement: Show) -> Result:
    """List databases by name."""
    known = [_database(run, each) for each in run.services.catalog.list_databases(run.caller)]
    if SYSTEM_DATABASE not in {each.name for each in known}:
        known.append(_system_database(run))
    return _listed(statement, _DATABASES, sorted(known, key=lambda each: each.name))


def _database(run: Execution, each: Database) -> _Place:
    current = flag(each.name == run.state.context.database)
    row = (
        *(each.created_on, each.name, "N", current, "", each.owner, each.spec.comment or ""),
        *(_options(each.spec.kind), _retention(each.spec.data_retention_time_in_days)),
        *("STANDARD", None, "ROLE"),
    )
    return _Place(each.name, None, row)


def _system_database(run: Execution) -> _Place:
    current = flag(run.state.context.database == SYSTEM_DATABASE)
    origin = f"{SYSTEM_DATABASE}.{ACCOUNT_USAGE}"
    row = (run.now, SYSTEM_DATABASE, "N", current, origin, "", "", "", "0", "APPLICATION", None, "")
    return _Place(SYSTEM_DATABASE, None, row)


def show_schemas(run: Execution, statement: Show) -> Result:
    """List schemas by database and name."""
    database = where(run, statement).looked_into
    found = [] if database == SYSTEM_DATABASE else run.services.catalog.list_schemas(run.caller, database)
    known = [_schema(run, each) for each in found]
    for name in [database] if database else _every_database(run):
        known += [_system_schema(run, SchemaName(name, schema)) for schema in system_schemas(name)]
    return _listed(statement, _SCHEMAS, sorted(known, key=lambda each: (str(each.database), each.name)))


def _every_database(run: Execution) -> set[str]:
    return {each.name for each in run.services.catalog.list_databases(run.caller)} | {SYSTEM_DATABASE}


def _schema(run: Execution, each: Schema) -> _Place:
    current = flag(each.name == run.state.context.home)
    row = (
        *(each.created_on, each.name.schema, "N", current, each.name.database, each.owner),
        *(each.spec.comment or "", _options(each.spec.kind)),
        *(_retention(each.spec.data_retention_time_in_days), "ROLE", None),
    )
    return _Place(each.name.schema, each.name.database, row)


def _system_schema(run: Execution, name: SchemaName) -> _Place:
    current = flag(name == run.state.context.home)
    about = _ABOUT if name.schema == INFORMATION_SCHEMA else ""
    row = (run.now, name.schema, "N", current, name.database, "", about, "", str(_RETENTION_DAYS), "", None)
    return _Place(name.schema, name.database, row)


def _options(kind: Permanence) -> str:
    return "TRANSIENT" if kind is Permanence.TRANSIENT else ""


def _retention(days: int | None) -> str:
    return str(_RETENTION_DAYS if days is None else days)


def _listed(statement: Show, wanted: tuple[ResultColumn, ...], known: list[_Place]) -> Result:
    found = filtered(statement, known, lambda each: each.name)
    if statement.terse:
        return listing(_TERSE, [(each.row[0], each.name, None, each.database, None) for each in found])
    if not statement.history:
        return listing(wanted, [each.row for each in found])
    place = [column.name for column in wanted].index(_RETENTION) + 1
    return listing(
        (*wanted[:place], DROPPED, *wanted[place:]),
        [(*each.row[:place], None, *each.row[place:]) for each in found],
    )
