"""POST …/tasks/{name}:set-tags."""

from tests.api.conftest import COST, KIND, TASKS, Api, assert_error


def test_tags_that_are_set_are_answered(tagged: Api) -> None:
    assert tagged.post(f"{TASKS}/t1:set-tags", [COST, KIND]).status_code == 200

    cost = {"tag_database": "DB", "tag_schema": "S", "tag_name": "COST", "tag_value": "high", "level": "TASK"}
    kind = {"tag_database": "DB", "tag_schema": "S2", "tag_name": "KIND", "tag_value": "a", "level": "TASK"}
    assert tagged.tags() == [cost, kind]


def test_a_missing_tag_is_not_found(tagged: Api) -> None:
    answer = tagged.post(f"{TASKS}/t1:set-tags", [COST, {"tag_name": "nothing", "tag_value": "x"}])

    assert (answer.status_code, answer.json()["code"]) == (404, "002003")
    assert tagged.tags() == []


def test_a_value_has_at_most_256_characters(tagged: Api) -> None:
    answers = [
        tagged.post(f"{TASKS}/t1:set-tags", [COST | {"tag_value": "x" * length}]) for length in (256, 257)
    ]

    assert [answer.status_code for answer in answers] == [200, 400]


def test_a_value_that_is_not_allowed_is_refused(tagged: Api) -> None:
    assert tagged.post(f"{TASKS}/t1:set-tags", [KIND | {"tag_value": "c"}]).status_code == 400


def test_a_tag_needs_a_value(tagged: Api) -> None:
    answer = tagged.post(f"{TASKS}/t1:set-tags", [COST, {"tag_name": "cost"}])

    message = "The request entity had the following errors: tag_value cannot be null - at `$[1]`"
    assert_error(answer, 400, "390400", message)


def test_an_object_is_no_array_of_tags(tagged: Api) -> None:
    answer = tagged.post(f"{TASKS}/t1:set-tags", COST)

    message = "The request entity had the following errors: Expected `array`, got `object`"
    assert_error(answer, 400, "390400", message)


def test_a_missing_task_may_be_passed_over(tagged: Api) -> None:
    assert tagged.post(f"{TASKS}/nobody:set-tags", [COST]).status_code == 404
    assert tagged.post(f"{TASKS}/nobody:set-tags?ifExists=True", [COST]).status_code == 200
