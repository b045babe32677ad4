"""One script with tables, a stream, a function, a procedure and a graph, as it stands, through every door."""

import json
import re
import time
from pathlib import Path

import pytest
from tests.acceptance.harness import ROOT, RunningServer, run_script, run_tool

pytestmark = pytest.mark.acceptance

_SCRIPT = ROOT / "examples" / "parcel-deliveries" / "pipeline.sql"


def test_through_the_command_line(server: RunningServer, tmp_path: Path) -> None:
    script = tmp_path / "pipeline.sql"
    before = "create or replace database by_command_line; use database by_command_line;\n"
    script.write_text(before + _SCRIPT.read_text() + _WAIT_AND_SHOW, encoding="utf-8")

    shown = run_tool(
        *("snow", "client-cli", "sql", "-x", "--format", "json", "-f", str(script)),
        server=server,
        home=tmp_path,
    )

    entries = [row["ENTRY"] for row in json.loads(shown)[-1]]
    assert entries == ["TAKE_IN: SUCCEEDED, 4 scans taken in", "not seen for a week: 1, 2"]


_WAIT_AND_SHOW = """
execute immediate $$
begin
  while ((select count(*) from journal) < 2) do
    call system$wait(100, 'MILLISECONDS');
  end while;
end;
$$;
alter task take_in suspend;
select entry from journal order by entry;
"""


def test_what_the_guide_shows_runs_after_it(server: RunningServer, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "how-to" / "pipelines-in-sql.md").read_text()
    shown = re.findall(r"^```sql\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    assert len(shown) > 3
    script = tmp_path / "guide.sql"
    before = "create or replace database by_the_guide; use database by_the_guide;\n"
    after = "\nalter task take_in suspend;\n"
    script.write_text(before + _SCRIPT.read_text() + "\n".join(shown) + after, encoding="utf-8")

    run_tool("snow", "client-cli", "sql", "-x", "-f", str(script), server=server, home=tmp_path)


def test_through_the_connector(generation: str, server: RunningServer, tmp_path: Path) -> None:
    run_script("pipeline.py", generation, server, tmp_path, CLOCKMILL_SCRIPT=str(_SCRIPT))


def test_through_the_sql_api(server: RunningServer, tmp_path: Path) -> None:
    token = server.command("token", "create", "--quiet", "--user", "ADMIN", f"pipeline_{time.time_ns()}")
    run_script(*("sql_api.py", "5.x", server, tmp_path), CLOCKMILL_SCRIPT=str(_SCRIPT), CLOCKMILL_TOKEN=token)
