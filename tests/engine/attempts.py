"""Attempts to read a file of the host, its environment, or the state database by a statement.

Whoever tries them plants the same marker in all three and looks for it in everything that comes back.
"""

from pathlib import Path
from typing import Final

import msgspec

MARKER: Final = "S3CRET_OF_THE_HOST"
"""What must never come back. A name of an object can hold it, so the state database can too."""
VARIABLE: Final = "CLOCKMILL_TEST_SECRET"
"""The environment variable that holds the marker."""


class Planted(msgspec.Struct, frozen=True):
    """Where the marker is, besides the environment: a file of the host, and the state database."""

    file: Path
    store: Path

    def attempts(self) -> list[str]:
        """Return the statements. Each is refused; they expect a table T, and leave it as it is."""
        calls = [
            form.format(name, f"'{argument}'")
            for name in _FUNCTIONS.split()
            for argument in (self.file, self.store, VARIABLE)
            for form in _CALLS
        ]
        return calls + [
            text.format(file=self.file, store=self.store, variable=VARIABLE) for text in _STATEMENTS
        ]

    def held_back(self, answer: object) -> bool:
        """Say whether nothing of what was planted is in *answer*."""
        return MARKER not in str(answer)


_CALLS: Final = ("select {}({})", "select * from {}({})", "select * from table({}({}))")
_FUNCTIONS: Final = """
    read_text read_csv read_csv_auto read_json read_json_auto read_ndjson read_blob read_parquet
    parquet_scan parquet_metadata glob sniff_csv getenv duckdb_tables duckdb_settings
    duckdb_functions duckdb_secrets duckdb_databases pragma_database_list pragma_table_info
    sqlite_scan sqlite_attach postgres_scan current_setting getvariable query query_table
    which_secret load_aws_credentials st_read iceberg_scan delta_scan arrow_scan pandas_scan
    python_map_function checkpoint force_checkpoint sql_auto_complete summary test_all_types
    pg_get_viewdef in_search_path txid_current current_query duckdb_extensions enable_logging
    duckdb_logs parse_path json_serialize_sql json_execute_serialized_sql from_substrait
    get_substrait add_parquet_key system set_config
"""

_STATEMENTS: Final = [
    "copy t to '{file}'",
    "copy (select 1) to '{file}'",
    "copy t from '{file}'",
    "copy into t from @stage",
    "attach '{file}' as x",
    "attach '{store}' as x (type sqlite)",
    "install httpfs",
    "load httpfs",
    "load '{file}'",
    "pragma database_list",
    "pragma version",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set memory_limit = '100GB'",
    "reset all",
    "export database '{file}'",
    "import database '{file}'",
    "call pragma_version()",
    "checkpoint",
    "vacuum",
    "describe select * from '{file}'",
    "explain select 1",
    "prepare p as select 1",
    "execute p",
    "create secret s (type s3)",
    "create function f(x) as x",
    "create macro f(x) as x",
    "create type m as enum ('a')",
    "create schema x",
    "use _clockmill",
    "select * from '{file}'",
    'select * from "{file}"',
    "select * from '{file}' as t",
    "select * from (select * from '{file}')",
    "with c as (select * from '{file}') select * from c",
    "select * from '{file}'.t",
    'select * from db.public."{file}"',
    "select * from identifier('{file}')",
    "select * from table('{file}')",
    "from '{file}'",
    "from '{file}' select *",
    "insert into t select * from '{file}'",
    "insert into '{file}' values (1)",
    "create table u as select * from '{file}'",
    "create table u as from '{file}'",
    "create table u clone '{file}'",
    "create view w as select * from read_text('{file}')",
    "merge into t using '{file}' s on true when matched then delete",
    "update t set a = 1 from '{file}'",
    "delete from t using '{file}'",
    "select (select content from read_text('{file}'))",
    "select * from table(read_text('{file}'))",
    "select * from lateral read_text('{file}')",
    "select * from t, lateral read_text('{file}')",
    "select * from t, lateral flatten(input => read_text('{file}'))",
    "select * from read_text(path => '{file}')",
    "select \"read_text\"('{file}')",
    "select * from \"read_text\"('{file}')",
    "select main.getenv('{variable}')",
    "select system.main.getenv('{variable}')",
    "select \"getenv\"('{variable}')",
    "select t.getenv('{variable}') from t",
    "select '{variable}'.getenv()",
    "select * from _clockmill.objects",
    'select * from "_clockmill".objects',
    'select * from "_clockmill"."objects"',
    "select * from db._clockmill.objects",
    "select * from main.duckdb_settings",
    "select * from duckdb_tables",
    "select * from sqlite_master",
    "select * from pg_catalog.pg_tables",
    "select * from information_schema.tables",
    "select * from information_schema.schemata",
    "select * from db.information_schema.tables",
    "insert into _clockmill.objects values (1)",
    "delete from _clockmill.objects",
    "drop table _clockmill.objects",
    "drop schema _clockmill",
    "select _clockmill.try_date('2020-01-01')",
    "select * from range(10)",
    "select * from unnest([1])",
    "select columns('.*') from t",
    "select #1 from t",
    "select 1; select 2",
    "select 1 -- x\n; attach '{file}'",
    "select a from t where a = read_text('{file}')",
    "select a from t order by getenv('{variable}')",
    "select a from t group by getenv('{variable}')",
    "select a from t qualify getenv('{variable}') = 1",
    "select a from t limit getenv('{variable}')",
    "select sum(a) over (partition by getenv('{variable}')) from t",
    "select array_agg(a) within group (order by getenv('{variable}')) from t",
    "select transform([1], x -> getenv('{variable}'))",
    "select system$echo(getenv('{variable}'))",
    "select {{'a': getenv('{variable}')}}",
    "select [getenv('{variable}')]",
    "select case when true then getenv('{variable}') end",
    "select a::varchar from t pivot(getenv(a) for a in (1))",
    "alter table t add column x varchar default getenv('{variable}')",
    "create table u (x varchar default getenv('{variable}'))",
    "create sequence s start getenv('{variable}')",
    "comment on table t is getenv('{variable}')",
    "values (getenv('{variable}'))",
    "select * from ns_db_public.t",
    'select * from "ns_db_public".t',
    "select * from ns_db_public.public.t",
    'select * from "temp".main.t',
    "select * from db.main.t",
    "insert into ns_other_public.t values (1)",
    "create view w as select * from '{file}'",
    "create view w as select getenv('{variable}')",
    'create or replace view w as select * from "_clockmill".objects',
    "create table u (x varchar default (select content from read_text('{file}')))",
    "alter table t add column x varchar default read_text('{file}')",
    "create table u like '{file}'",
    "create table u using template (select * from '{file}')",
    "create table \"x'; attach '{store}' as y; --\" as select getenv('{variable}')",
    "select * from table(flatten(input => getenv('{variable}')))",
    "select * from table(generator(rowcount => getenv('{variable}')))",
    "select * from table(split_to_table(getenv('{variable}'), ','))",
    "select * from table(result_scan('{file}'))",
    "select * from table(information_schema.tables)",
    "select * from (values (getenv('{variable}')))",
    "select to_date('2024-01-01', getenv('{variable}'))",
    "select $$x$$ || getenv('{variable}')",
    "select 1 where exists (select * from '{file}')",
    "select * from t join '{file}' f on true",
    "select * from (t join read_text('{file}') f on true)",
    "select * from t asof join '{file}' f match_condition (t.a >= f.a)",
    "select * from t pivot (max(a) for a in (select content from read_text('{file}')))",
    "merge into t using t s on true when not matched then insert values (getenv('{variable}'))",
    "update t set a = getenv('{variable}')",
    "delete from t where a = getenv('{variable}')",
    "insert overwrite into t select * from '{store}'",
    "create table u clone _clockmill.objects",
    "comment on table _clockmill.objects is 'x'",
    "truncate table _clockmill.objects",
    "select _clockmill.s.nextval",
    "truncate table '{file}'",
    "drop table '{file}'",
]
