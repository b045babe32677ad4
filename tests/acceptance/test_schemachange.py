"""A schema migration tool, unmodified, against the running server."""

from pathlib import Path

import pytest
from tests.acceptance.harness import RunningServer, run_tool

pytestmark = pytest.mark.acceptance

_SCRIPTS = {
    "V1.0.0__people.sql": """
        create table people (id integer, name varchar);
        insert into people values (1, '{{ first }}'); -- by a variable
    """,
    "V1.1.0__ages.sql": """
        alter table people add column age integer;
        update people set age = 36 where id = 1;
    """,
    "V1.2.0__greeting.sql": """
        create or replace procedure greet(name varchar) returns varchar language sql as
        $$
        begin
          return 'Hello, ' || name;
        end;
        $$;
        create or replace task greet_daily schedule = 'USING CRON 0 8 * * * UTC' as call greet('Ada');
    """,
    "R__grown_up.sql": "create or replace view grown_up as select * from people where age > 17;",
    "A__always.sql": "select count(*) from grown_up;",
}


def test_migrations_are_deployed_once_and_recorded(server: RunningServer, tmp_path: Path) -> None:
    """What is repeatable is deployed again once it has changed; a rehearsal deploys nothing."""
    for name, text in _SCRIPTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    run_tool(
        *("snow", "client-cli", "sql", "-x", "-q", "create schema clockmill.migrated"),
        server=server,
        home=tmp_path,
    )

    first = _deploy(server, tmp_path)
    (tmp_path / "R__grown_up.sql").write_text("create or replace view grown_up as select 1 as one;")
    rehearsal = _deploy(server, tmp_path, "--dry-run")
    second = _deploy(server, tmp_path)
    third = _deploy(server, tmp_path)

    assert "scripts_applied=5" in first, first
    assert "dry_run=True" in rehearsal, rehearsal
    assert "scripts_applied=2" in second, second
    assert "scripts_applied=1" in third, third


def _deploy(server: RunningServer, home: Path, *arguments: str) -> str:
    return run_tool(
        *("schemachange", "client-cli", "deploy", "-f", str(home), "-s", "MIGRATED"),
        *("-c", "CLOCKMILL.MIGRATED.CHANGE_HISTORY", "--create-change-history-table"),
        *("-V", '{"first": "Ada"}', *arguments),
        server=server,
        home=home,
    )
