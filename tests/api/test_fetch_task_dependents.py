"""GET …/tasks/{name}/dependents."""

import pytest
from tests.api.conftest import TASKS, Api, assert_error


@pytest.fixture
def graph(api: Api) -> Api:
    api.create("root")
    api.create("child", "root")
    api.create("grandchild", "child")
    api.create("last", finalize="root")
    return api


def test_the_task_itself_comes_first(graph: Api) -> None:
    """The official client drops a graph by walking this list backwards."""
    names = graph.names(f"{TASKS}/root/dependents")

    assert names[0] == "ROOT"
    assert sorted(names[1:]) == ["CHILD", "GRANDCHILD", "LAST"]


@pytest.mark.parametrize("false", ["false", "False"])
def test_only_direct_dependents_on_request(graph: Api, false: str) -> None:
    assert graph.names(f"{TASKS}/child/dependents?recursive={false}") == ["CHILD", "GRANDCHILD"]
    assert "GRANDCHILD" not in graph.names(f"{TASKS}/root/dependents?recursive={false}")


def test_a_bad_flag_is_refused(graph: Api) -> None:
    answer = graph.get(f"{TASKS}/root/dependents?recursive=1")

    assert_error(answer, 400, "", "Not a valid recursive: 1. Allowed values are: true,false")


def test_a_missing_task_is_not_found(api: Api) -> None:
    assert api.get(f"{TASKS}/root/dependents").status_code == 404
