"""POST …/tasks/{name}:unset-tags."""

from tests.api.conftest import COST, KIND, TASKS, Api, assert_error


def test_tags_that_are_unset_are_gone(tagged: Api) -> None:
    tagged.post(f"{TASKS}/t1:set-tags", [COST, KIND])

    assert tagged.post(f"{TASKS}/t1:unset-tags", [{"tag_name": "cost"}]).status_code == 200

    assert [tag["tag_name"] for tag in tagged.tags()] == ["KIND"]


def test_a_tag_needs_a_name(tagged: Api) -> None:
    answer = tagged.post(f"{TASKS}/t1:unset-tags", [{}])

    message = "The request entity had the following errors: tag_name cannot be empty string (was '')"
    assert_error(answer, 400, "390400", message)


def test_a_missing_task_may_be_passed_over(tagged: Api) -> None:
    assert tagged.post(f"{TASKS}/nobody:unset-tags", [COST]).status_code == 404
    assert tagged.post(f"{TASKS}/nobody:unset-tags?ifExists=True", [COST]).status_code == 200
