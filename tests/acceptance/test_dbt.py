"""A small dbt project, built by the unmodified dbt and its official adapter."""

import shutil
from pathlib import Path

import pytest
from tests.acceptance.harness import SCRIPTS, RunningServer, run_tool

pytestmark = pytest.mark.acceptance

_LIMIT_S = 240
_PROJECT = Path(__file__).parent / "dbt_project"


@pytest.mark.timeout(_LIMIT_S + 20)
def test_a_project_is_built_twice_tested_and_documented(server: RunningServer, tmp_path: Path) -> None:
    """Operation, freshness, seed, views, tables, a contract, each incremental strategy, snapshots, tests.

    The project's own tests say what the first and the second build have to leave.
    """
    project = tmp_path / "project"
    shutil.copytree(_PROJECT, project)

    run_tool(
        *("python", "client-dbt", "-I", str(SCRIPTS / "dbt_builds.py"), str(project)),
        server=server,
        home=project,
        limit_s=_LIMIT_S,
    )
