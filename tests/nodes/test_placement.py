"""Which node runs what."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.nodes.pair import PATIENCE_S, ServedNode, served_node

_TASKS = "/api/v2/databases/CLOCKMILL/schemas/PUBLIC/tasks"


@pytest.fixture
def with_tables(postgresql_url: str, tmp_path: Path) -> Iterator[ServedNode]:
    """The node a has the tables, and takes up no runs before it is started."""
    with served_node(postgresql_url, tmp_path / "a", "a", runs=False, lease=300.0) as node:
        yield node


def execute(node: ServedNode, token: str, name: str, definition: str) -> None:
    made = node.rest(token, "POST", _TASKS, json={"name": name, "definition": definition})
    assert made.status_code == 200, made.text
    assert node.rest(token, "POST", f"{_TASKS}/{name}:execute").status_code == 200


def state_of(node: ServedNode, token: str, name: str) -> str | None:
    """Return how the last run of *name* has ended, or None if none has."""
    runs = node.rest(token, "GET", f"{_TASKS}/{name}/complete_graphs").json()
    return str(runs[0]["state"]) if runs else None


def wait_for_end(node: ServedNode, token: str, name: str) -> str | None:
    pause = threading.Event()
    for _ in range(round(PATIENCE_S / 0.05)):
        if (state := state_of(node, token, name)) is not None:
            return state
        pause.wait(0.05)
    return None


def test_what_needs_no_tables_runs_where_there_are_none(
    with_tables: ServedNode, without_tables: ServedNode
) -> None:
    token = with_tables.sign_in()

    execute(with_tables, token, "free", "CALL SYSTEM$SET_RETURN_VALUE('done')")

    assert wait_for_end(without_tables, token, "free") == "SUCCEEDED"


def test_what_needs_tables_waits_for_the_node_that_has_them(
    with_tables: ServedNode, without_tables: ServedNode
) -> None:
    """Run anywhere else it could only fail."""
    token = with_tables.sign_in()
    execute(without_tables, token, "bound", "CREATE TABLE t (a INT)")
    execute(without_tables, token, "free", "CALL SYSTEM$SET_RETURN_VALUE('done')")

    assert wait_for_end(without_tables, token, "free") == "SUCCEEDED"
    assert state_of(without_tables, token, "bound") is None
    with_tables.instance.start(with_tables.address)

    assert wait_for_end(without_tables, token, "bound") == "SUCCEEDED"
