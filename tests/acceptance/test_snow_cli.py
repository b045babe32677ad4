"""The official command line, unmodified, against the running server."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.acceptance.harness import RunningServer, run_tool, running_server

pytestmark = pytest.mark.acceptance

Snow = Callable[..., str]

_CONNECTION = """
default_connection_name = "local"

[cli]
ignore_new_version_warning = true

[cli.logs]
save_logs = false

[connections.local]
account = "clockmill"
user = "ADMIN"
password = "{password}"
host = "{host}"
port = {port}
protocol = "http"
database = "clockmill"
schema = "command_line"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of its own: what the command line lists is all that there is."""
    with running_server(tmp_path_factory.mktemp("snow") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def snow(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Snow:
    """``snow`` with a connection file; an *expected* status other than 0 is an error."""
    home = tmp_path_factory.mktemp("home")
    config = home / "config.toml"
    config.write_text(
        _CONNECTION.format(password=server.password, host=server.host, port=server.port), encoding="utf-8"
    )
    config.chmod(0o600)

    def run(*arguments: str, expected: int = 0) -> str:
        return run_tool(
            "snow",
            "client-cli",
            "--config-file",
            str(config),
            *arguments,
            server=server,
            home=home,
            expected=expected,
        )

    run("sql", "-q", "create schema if not exists clockmill.command_line")
    return run


def _rows(answer: str) -> list[dict[str, object]]:
    return json.loads(answer[answer.index("[") :])  # type: ignore[no-any-return]


def test_the_connection_is_good(snow: Snow) -> None:
    assert "| Status          | OK " in snow("connection", "test")


def test_sql_runs_each_statement_and_prints_its_rows(snow: Snow) -> None:
    answer = snow("sql", "--format", "json", "-q", "select 1 as a; select 'x' as b;")

    assert json.loads(answer) == [[{"A": 1}], [{"B": "x"}]]


def test_sql_runs_a_script_in_a_file(snow: Snow, tmp_path: Path) -> None:
    script = tmp_path / "script.sql"
    script.write_text(
        "create or replace table ticks (n integer);\n"
        "execute immediate $$\nbegin\n  for i in 1 to 3 do\n    insert into ticks values (:i);\n"
        "  end for;\n  return 'done';\nend;\n$$;\n"
        "select count(*) as n from ticks;\n",
        encoding="utf-8",
    )

    answer = json.loads(snow("sql", "--format", "json", "-f", str(script)))

    assert answer[1:] == [[{"anonymous block": "done"}], [{"N": 3}]]


def test_sql_fills_in_variables_and_runs_several_files(snow: Snow, tmp_path: Path) -> None:
    first, second = tmp_path / "first.sql", tmp_path / "second.sql"
    first.write_text("select '<% who %>' as who;\n", encoding="utf-8")
    second.write_text("select ';' as mark; -- and no more\n", encoding="utf-8")

    answer = snow("sql", "--format", "json", "-f", str(first), "-f", str(second), "-D", "who=me")

    assert json.loads(answer) == [[{"WHO": "me"}], [{"MARK": ";"}]]


def test_routines_and_streams_are_listed_described_and_dropped(snow: Snow) -> None:
    snow(
        *("sql", "-q"),
        "create or replace table seen (n integer); create or replace stream news on table seen;"
        "create or replace function twice(n integer) returns integer as 'n * 2';",
    )

    streams = _rows(snow("object", "list", "stream", "--in", "schema", "command_line", "--format", "json"))
    described = _rows(snow("object", "describe", "function", "twice(integer)", "--format", "json"))
    dropped = snow("object", "drop", "function", "twice(integer)")

    assert [(row["name"], row["table_name"]) for row in streams] == [("NEWS", "CLOCKMILL.COMMAND_LINE.SEEN")]
    assert {"property": "body", "value": "n * 2"} in described
    assert "TWICE successfully dropped." in dropped


def test_a_file_of_another_system_runs_up_to_what_is_refused(snow: Snow, tmp_path: Path) -> None:
    """Byte order mark, line ends and letters of other systems; then what most scripts have."""
    script = tmp_path / "setup.sql"
    text = (
        "\ufeff// an owner's; setup\nuse role sysadmin;\n"
        'create or replace table "Größe" (a varchar); -- made; here\n'
        "insert into \"Größe\" values ('❄; one'), ('two');\n"
        "create or replace task measure schedule = '1 minute' as select 1;\n"
        "grant operate on task measure to role sysadmin;\n"
        "alter task measure resume;\n"
    )
    script.write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")

    shown = snow("sql", "-f", str(script), expected=1)
    left = snow(
        "sql", "--format", "json", "-q", "select count(*) as n from \"Größe\"; show tasks like 'measure'"
    )

    assert "Unsupported feature 'GRANT'" in shown
    assert "leave the statement out" in " ".join(shown.replace("│", " ").split())
    counted, tasks = json.loads(left)
    assert counted == [{"N": 2}]
    assert [task["state"] for task in tasks] == ["suspended"]


def test_an_error_of_a_statement_is_printed_with_its_code(snow: Snow) -> None:
    answer = snow("sql", "-q", "select * from nowhere", expected=1)

    assert "002003 (42S02)" in answer
    assert "NOWHERE" in answer


def test_a_task_is_created_listed_described_and_dropped(snow: Snow) -> None:
    definition = '{"name": "nightly", "definition": "select 1", "schedule": '
    schedule = '{"schedule_type": "CRON_TYPE", "cron_expr": "0 3 * * *", "timezone": "UTC"}}'

    assert "Task NIGHTLY successfully created." in snow(
        "object", "create", "task", "--json", definition + schedule
    )
    assert "409 conflict" in snow(
        "object", "create", "task", "name=nightly", "definition=select 1", expected=1
    )
    snow("object", "create", "task", "name=after", "definition=select 2", 'predecessors=["nightly"]')
    listed = _rows(snow("object", "list", "task", "--format", "json"))
    described = _rows(snow("object", "describe", "task", "nightly", "--format", "json"))
    snow("object", "drop", "task", "after", "--if-exists")
    again = snow("object", "drop", "task", "after", expected=1)

    assert {"AFTER", "NIGHTLY"} <= {row["name"] for row in listed}
    assert described[0]["schedule"] == "USING CRON 0 3 * * * UTC"
    assert "does not exist or not authorized" in again


def test_tasks_are_listed_by_pattern_and_place(snow: Snow) -> None:
    snow("sql", "-q", "create or replace task one as select 1; create or replace task two as select 2")

    place = ("--in", "schema", "command_line")
    found = snow("object", "list", "task", "--like", "t%o", *place, "--terse", "--format", "json")

    assert [row["name"] for row in _rows(found)] == ["TWO"]


def test_databases_and_schemas_are_created_and_listed(snow: Snow) -> None:
    snow("object", "create", "database", "name=shop")
    snow("object", "create", "schema", "name=orders", "--database", "shop")
    listed = _rows(snow("object", "list", "schema", "--in", "database", "shop", "--format", "json"))
    snow("object", "drop", "database", "shop")

    assert {"ORDERS", "PUBLIC"} <= {row["name"] for row in listed}
