"""The views of INFORMATION_SCHEMA and of SNOWFLAKE.ACCOUNT_USAGE: columns in the documented order."""

from collections.abc import Callable, Iterable
from typing import Final

from clockmill.core.catalog import INFORMATION_SCHEMA, SYSTEM_DATABASE
from clockmill.core.identity import PUBLIC
from clockmill.session.execution import Execution
from clockmill.session.information import catalog, keys, queries, routines, tasks
from clockmill.session.information.shapes import Row, View, shape
from clockmill.session.information.system import ACCOUNT_USAGE, SystemView

_DATABASES: Final = shape(
    "database_name database_owner is_transient comment created:when last_altered:when retention_time:number "
    "type owner_role_type"
)
_SCHEMATA: Final = shape(
    "catalog_name schema_name schema_owner is_transient is_managed_access retention_time:number "
    "default_character_set_catalog default_character_set_schema default_character_set_name sql_path "
    "created:when last_altered:when comment"
)
_OF_TABLES: Final = (
    "is_transient clustering_key row_count:number bytes:number retention_time:number "
    "self_referencing_column_name reference_generation user_defined_type_catalog user_defined_type_schema "
    "user_defined_type_name is_insertable_into is_typed commit_action created:when last_altered:when "
    "last_ddl:when last_ddl_by"
)
_TABLES: Final = shape(
    f"table_catalog table_schema table_name table_owner table_type {_OF_TABLES} auto_clustering_on comment "
    "is_temporary is_iceberg is_dynamic is_immutable is_hybrid"
)
_OF_VIEWS: Final = (
    "view_definition check_option is_updatable insertable_into is_secure created:when last_altered:when "
    "last_ddl:when last_ddl_by"
)
_VIEWS: Final = shape(f"table_catalog table_schema table_name table_owner {_OF_VIEWS} comment")
_TYPED: Final = (
    "data_type character_maximum_length:number character_octet_length:number numeric_precision:number "
    "numeric_precision_radix:number numeric_scale:number"
)
_OF_COLUMNS: Final = (
    f"ordinal_position:number column_default is_nullable {_TYPED} datetime_precision:number interval_type "
    "interval_precision:number character_set_catalog character_set_schema character_set_name "
    "collation_catalog collation_schema collation_name domain_catalog domain_schema domain_name udt_catalog "
    "udt_schema udt_name scope_catalog scope_schema scope_name maximum_cardinality:number dtd_identifier "
    "is_self_referencing is_identity identity_generation identity_start identity_increment identity_maximum "
    "identity_minimum identity_cycle identity_ordered schema_evolution_record comment"
)
_COLUMNS: Final = shape(
    f"table_catalog table_schema table_name column_name {_OF_COLUMNS} data_type_alias expression kind"
)
_SEQUENCES: Final = shape(
    "sequence_catalog sequence_schema sequence_name sequence_owner data_type numeric_precision:number "
    "numeric_precision_radix:number numeric_scale:number start_value minimum_value maximum_value next_value "
    "increment cycle_option created:when last_altered:when ordered comment"
)


# --- roles -------------------------------------------------------------------------------------


def _catalog_name(_: Execution, database: str | None) -> Iterable[Row]:
    return [{"CATALOG_NAME": database}]


def _enabled_roles(run: Execution, _: str | None) -> Iterable[Row]:
    return [{"ROLE_NAME": role} for role in sorted({run.caller.role, PUBLIC})]


def _applicable_roles(run: Execution, _: str | None) -> Iterable[Row]:
    granted = sorted(run.caller.roles | {PUBLIC})
    return [{"GRANTEE": run.caller.user, "ROLE_NAME": role, "IS_GRANTABLE": "NO"} for role in granted]


# --- with what the system has ------------------------------------------------------------------

Rows = Callable[[Execution, str | None], Iterable[Row]]


def _with(rows: Rows, of_system: Callable[[Iterable[SystemView]], Iterable[Row]]) -> Rows:
    """Return what gives *rows* and then, for one database, those of the system's views in it."""

    def both(run: Execution, database: str | None) -> Iterable[Row]:
        yield from rows(run, database)
        if database is not None:
            yield from of_system(system_views(database))

    return both


INFORMATION: Final = {
    "APPLICABLE_ROLES": View(shape("grantee role_name role_owner is_grantable"), _applicable_roles),
    "COLUMNS": View(_COLUMNS, _with(catalog.column_rows, catalog.system_column_rows)),
    "DATABASES": View(_DATABASES, catalog.database_rows),
    "ENABLED_ROLES": View(shape("role_name role_owner"), _enabled_roles),
    "FUNCTIONS": routines.FUNCTIONS,
    "INFORMATION_SCHEMA_CATALOG_NAME": View(shape("catalog_name"), _catalog_name),
    "PROCEDURES": routines.PROCEDURES,
    "REFERENTIAL_CONSTRAINTS": View(keys.REFERENTIAL, keys.referential_rows),
    "SCHEMATA": View(_SCHEMATA, catalog.schema_rows),
    "SEQUENCES": View(_SEQUENCES, catalog.sequence_rows),
    "TABLE_CONSTRAINTS": View(keys.CONSTRAINTS, keys.constraint_rows),
    "TABLES": View(_TABLES, _with(catalog.table_rows, catalog.system_table_rows)),
    "VIEWS": View(_VIEWS, _with(catalog.view_rows, catalog.system_view_rows)),
}
"""What INFORMATION_SCHEMA of each database has."""


USAGE: Final = {
    "COLUMNS": View(
        shape(
            "column_id:number column_name table_id:number table_name table_schema_id:number table_schema "
            f"table_catalog_id:number table_catalog {_OF_COLUMNS} deleted:when data_type_alias expression "
            "kind"
        ),
        catalog.column_rows,
    ),
    "COMPLETE_TASK_GRAPHS": View(
        tasks.COMPLETE_GRAPHS_USAGE, tasks.every_complete_graph, tasks.complete_graphs_within
    ),
    "DATABASES": View(
        shape(
            "database_id:number database_name database_owner is_transient comment created:when "
            "last_altered:when deleted:when retention_time:number resource_group type owner_role_type"
        ),
        catalog.database_rows,
    ),
    "FUNCTIONS": routines.FUNCTIONS_USAGE,
    "PROCEDURES": routines.PROCEDURES_USAGE,
    "QUERY_HISTORY": View(queries.USAGE, queries.every_query, queries.queries_within),
    "SCHEMATA": View(
        shape(
            "schema_id:number schema_name catalog_id:number catalog_name schema_owner retention_time:number "
            "is_transient is_managed_access default_character_set_catalog default_character_set_schema "
            "default_character_set_name sql_path comment created:when last_altered:when deleted:when "
            "schema_type owner_role_type"
        ),
        catalog.schema_rows,
    ),
    "TABLES": View(
        shape(
            "table_id:number table_name table_schema_id:number table_schema table_catalog_id:number "
            f"table_catalog table_owner table_type {_OF_TABLES} deleted:when auto_clustering_on comment "
            "owner_role_type instance_id:number is_iceberg is_dynamic is_hybrid"
        ),
        catalog.table_rows,
    ),
    "TASK_HISTORY": View(tasks.HISTORY_USAGE, tasks.every_task_run, tasks.task_runs_within),
    "TASK_VERSIONS": View(tasks.VERSIONS_USAGE, tasks.every_version),
    "VIEWS": View(
        shape(
            "table_id:number table_name table_schema_id:number table_schema table_catalog_id:number "
            f"table_catalog table_owner {_OF_VIEWS} deleted:when comment instance_id:number owner_role_type"
        ),
        catalog.view_rows,
    ),
}
"""What SNOWFLAKE.ACCOUNT_USAGE has; it never lags here."""


def system_views(database: str) -> list[SystemView]:
    """Return the views that the system has in *database*, by schema and name."""
    found = [
        SystemView(database, INFORMATION_SCHEMA, name, view.columns) for name, view in INFORMATION.items()
    ]
    if database == SYSTEM_DATABASE:
        found = [
            SystemView(database, ACCOUNT_USAGE, name, view.columns) for name, view in USAGE.items()
        ] + found
    return found
