"""No statement reaches the host: not its files, not its environment, not our own bookkeeping."""

from pathlib import Path

import pytest
from tests.engine.sessions import Client

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb import DuckDBEngine

SECRET = "s3cret-in-a-file"

_FUNCTIONS = """
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

STATEMENTS = [
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
    "select main.getenv('HOME')",
    "select system.main.getenv('HOME')",
    "select \"getenv\"('HOME')",
    "select t.getenv('HOME') from t",
    "select 'HOME'.getenv()",
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
    "select a from t order by getenv('HOME')",
    "select a from t group by getenv('HOME')",
    "select a from t qualify getenv('HOME') = 1",
    "select a from t limit getenv('HOME')",
    "select sum(a) over (partition by getenv('HOME')) from t",
    "select array_agg(a) within group (order by getenv('HOME')) from t",
    "select transform([1], x -> getenv('HOME'))",
    "select system$echo(getenv('HOME'))",
    "select {{'a': getenv('HOME')}}",
    "select [getenv('HOME')]",
    "select case when true then getenv('HOME') end",
    "select a::varchar from t pivot(getenv(a) for a in (1))",
    "alter table t add column x varchar default getenv('HOME')",
    "create table u (x varchar default getenv('HOME'))",
    "create sequence s start getenv('HOME')",
    "comment on table t is getenv('HOME')",
    "values (getenv('HOME'))",
    "select * from ns_db_public.t",
    'select * from "ns_db_public".t',
    "select * from ns_db_public.public.t",
    'select * from "temp".main.t',
    "select * from db.main.t",
    "insert into ns_other_public.t values (1)",
    "create view w as select * from '{file}'",
    "create view w as select getenv('HOME')",
    'create or replace view w as select * from "_clockmill".objects',
    "create table u (x varchar default (select content from read_text('{file}')))",
    "alter table t add column x varchar default read_text('{file}')",
    "create table u like '{file}'",
    "create table u using template (select * from '{file}')",
    "create table \"x'; attach '{store}' as y; --\" as select getenv('HOME')",
    "select * from table(flatten(input => getenv('HOME')))",
    "select * from table(generator(rowcount => getenv('HOME')))",
    "select * from table(split_to_table(getenv('HOME'), ','))",
    "select * from table(result_scan('{file}'))",
    "select * from table(information_schema.tables)",
    "select * from (values (getenv('HOME')))",
    "select to_date('2024-01-01', getenv('HOME'))",
    "select $$x$$ || getenv('HOME')",
    "select 1 where exists (select * from '{file}')",
    "select * from t join '{file}' f on true",
    "select * from (t join read_text('{file}') f on true)",
    "select * from t asof join '{file}' f match_condition (t.a >= f.a)",
    "select * from t pivot (max(a) for a in (select content from read_text('{file}')))",
    "merge into t using t s on true when not matched then insert values (getenv('HOME'))",
    "update t set a = getenv('HOME')",
    "delete from t where a = getenv('HOME')",
    "insert overwrite into t select * from '{store}'",
    "create table u clone _clockmill.objects",
    "comment on table _clockmill.objects is 'x'",
    "truncate table _clockmill.objects",
    "select _clockmill.s.nextval",
    "truncate table '{file}'",
    "drop table '{file}'",
]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.csv"
    path.write_text(SECRET + "\n")
    return path


@pytest.mark.parametrize("name", _FUNCTIONS.split())
@pytest.mark.parametrize("form", ["select {}({})", "select * from {}({})", "select * from table({}({}))"])
def test_functions_of_the_engine_that_we_do_not_know_are_refused(
    client: Client, secret: Path, name: str, form: str
) -> None:
    with pytest.raises(ClockmillError) as refusal:
        client.run(form.format(name, f"'{secret}'"))

    assert SECRET not in str(refusal.value)
    assert refusal.value.code != "000603"


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_statement_opens_a_door(client: Client, secret: Path, statement: str) -> None:
    client.run("create table t (a int)")

    with pytest.raises(ClockmillError) as refusal:
        client.run(statement.format(file=secret, store=secret.parent / "clockmill.db"))

    assert SECRET not in str(refusal.value)
    assert refusal.value.code != "000603"
    assert client.rows("select * from t") == []


def test_duckdb_itself_is_closed_too(tmp_path: Path, secret: Path) -> None:
    """Should a translation ever let something through, the engine still has no way out."""
    engine = DuckDBEngine(tmp_path / "data.duckdb")
    raw = engine.connect()
    for statement in (
        f"select * from read_text('{secret}')",
        f"select * from '{secret}'",
        f"copy (select 1) to '{tmp_path / 'out.csv'}'",
        f"attach '{tmp_path / 'x.duckdb'}'",
        "install httpfs",
        "load sqlite",
        "set enable_external_access = true",
        "set threads = 64",
        "set lock_configuration = false",
    ):
        with pytest.raises(Exception, match=r"."):
            raw.execute(statement)
    raw.close()
    engine.close()


def test_messages_name_objects_as_the_user_does(client: Client) -> None:
    for statement in (
        "select * from nix",
        "select * from other.s.nix",
        "insert into nix values (1)",
        "drop table nix",
    ):
        with pytest.raises(ClockmillError) as refusal:
            client.run(statement)
        assert "ns_" not in str(refusal.value)
        assert "NIX" in str(refusal.value)
