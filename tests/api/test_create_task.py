"""POST …/tasks."""

import json
from typing import Any

import pytest
from tests.api.conftest import TASKS, Api, assert_error

ENTITY = "The request entity had the following errors: "


def body(**properties: Any) -> dict[str, Any]:
    return {"name": "t1", "definition": "select 1", **properties}


def test_a_created_task_is_suspended_and_folded(api: Api) -> None:
    answer = api.post(TASKS, body())

    assert answer.status_code == 200
    assert answer.json() == {"status": "Task T1 successfully created."}
    task = api.task("t1")
    assert (task["name"], task["state"], task["definition"]) == ("T1", "suspended", "select 1")
    assert (task["database_name"], task["schema_name"], task["owner"]) == ("DB", "S", "ACCOUNTADMIN")


def test_a_task_answers_with_what_it_was_given(api: Api) -> None:
    given = body(
        warehouse="wh",
        comment="what it is for",
        config={"b": 1, "a": {"x": [1.5, None, "ä"]}},
        session_parameters={"TIMEZONE": "UTC"},
        condition="1 = 1",
        user_task_timeout_ms=1_000,
        suspend_task_after_num_failures=3,
        task_auto_retry_attempts=2,
        overlap_policy="ALLOW_ALL_OVERLAP",
        error_integration="told_of_errors",
        success_integration="told_of_success",
        execute_as_user="admin",
    )

    assert api.post(TASKS, given).status_code == 200

    task = api.task("t1")
    folded = {
        "name": "T1",
        "warehouse": "WH",
        "error_integration": "TOLD_OF_ERRORS",
        "success_integration": "TOLD_OF_SUCCESS",
        "execute_as_user": "ADMIN",
    }
    assert {key: task[key] for key in given} == given | folded
    assert list(task["config"]) == ["b", "a"]
    assert task["allow_overlapping_execution"] is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"minutes": 10}, {"minutes": 10}),
        ({"minutes": 2, "seconds": 30}, {"minutes": 2, "seconds": 30}),
        ({"minutes": 0, "seconds": 30}, {"minutes": 0, "seconds": 30}),
        ({"minutes": 1, "seconds": None}, {"minutes": 1}),
    ],
)
def test_an_interval_reads_back_in_minutes_and_seconds(
    api: Api, sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    api.create("t1", schedule={"schedule_type": "MINUTES_TYPE", **sent})

    assert api.task("t1")["schedule"] == {"schedule_type": "MINUTES_TYPE", **kept}


def test_a_cron_schedule_reads_back_as_sent(api: Api) -> None:
    schedule = {
        "schedule_type": "CRON_TYPE",
        "cron_expr": "0 9-17 * * SUN",
        "timezone": "America/Los_Angeles",
    }
    api.create("t1", schedule=schedule)

    assert api.task("t1")["schedule"] == schedule


def test_a_target_interval_has_the_form_of_a_schedule(api: Api) -> None:
    interval = {"schedule_type": "MINUTES_TYPE", "minutes": 5}
    api.create("t1", target_completion_interval=interval)

    assert api.task("t1")["target_completion_interval"] == interval


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (
            {"minutes": 5},
            f"{ENTITY}schedule_type must be CRON_TYPE or MINUTES_TYPE (was '') - at `$.schedule`",
        ),
        (
            {"schedule_type": "HOURS_TYPE", "hours": 5},
            f"{ENTITY}schedule_type must be CRON_TYPE or MINUTES_TYPE (was 'HOURS_TYPE') - at `$.schedule`",
        ),
        ({"schedule_type": "MINUTES_TYPE"}, f"{ENTITY}minutes cannot be null - at `$.schedule`"),
        (
            {"schedule_type": "CRON_TYPE", "cron_expr": "* * * * *"},
            f"{ENTITY}timezone cannot be null - at `$.schedule`",
        ),
        (
            {"schedule_type": "MINUTES_TYPE", "minutes": "5"},
            f"{ENTITY}Expected `int | null`, got `str` - at `$.schedule.minutes`",
        ),
        (
            {"schedule_type": "MINUTES_TYPE", "minutes": 1, "seconds": 60},
            f"{ENTITY}minutes must be at least 0 and seconds from 0 to 59 - at `$.schedule`",
        ),
    ],
)
def test_a_malformed_schedule_is_refused_with_its_place(
    api: Api, schedule: dict[str, Any], message: str
) -> None:
    answer = api.post(TASKS, body(schedule=schedule))

    assert_error(answer, 400, "390400", message)


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (
            {"schedule_type": "MINUTES_TYPE", "minutes": 0, "seconds": 9},
            "Cannot set schedule less than 10 seconds.",
        ),
        (
            {"schedule_type": "MINUTES_TYPE", "minutes": 11_521},
            "Cannot set schedule greater than 11,520 minutes.",
        ),
        (
            {"schedule_type": "CRON_TYPE", "cron_expr": "* * * * *", "timezone": "PST"},
            (
                'Invalid schedule was specified. "PST" is not a recognized time zone. '
                "Please specify time zones accepted by the TIMEZONE parameter."
            ),
        ),
        (
            {"schedule_type": "CRON_TYPE", "cron_expr": "* * * *", "timezone": "* UTC"},
            (
                'Invalid schedule was specified. "* UTC" is not a recognized time zone. '
                "Please specify time zones accepted by the TIMEZONE parameter."
            ),
        ),
        (
            {"schedule_type": "CRON_TYPE", "cron_expr": "0 0 31 2 *", "timezone": "UTC"},
            "No valid time could be found under the schedule and/or interval specified",
        ),
    ],
)
def test_a_schedule_outside_the_rules_is_refused(api: Api, schedule: dict[str, Any], message: str) -> None:
    assert_error(api.post(TASKS, body(schedule=schedule)), 400, "", message)


def test_predecessors_may_be_one_text(api: Api) -> None:
    """A tutorial of the service sends it so."""
    api.create("root")

    assert api.post(TASKS, body(predecessors="root")).status_code == 200

    assert api.task("t1")["predecessors"] == ["ROOT"]
    assert json.loads(api.task("t1")["task_relations"]) == {"Predecessors": ["DB.S.ROOT"]}


def test_a_predecessor_may_be_named_in_full(api: Api) -> None:
    api.create("root")
    api.create("t1", 'DB."S".root', "root")

    assert api.task("t1")["predecessors"] == ["ROOT"]


def test_a_predecessor_of_another_schema_is_refused(api: Api) -> None:
    answer = api.post(TASKS, body(predecessors=["s2.x"]))

    assert_error(answer, 400, "", "Cannot have predecessor DB.S2.X from a different schema.")


def test_a_finalizer_names_its_root(api: Api) -> None:
    api.create("root")
    api.create("last", finalize="root")

    assert api.task("last")["finalize"] == "ROOT"
    assert json.loads(api.task("root")["task_relations"])["FinalizerTask"] == "DB.S.LAST"
    assert api.task("last")["overlap_policy"] is None


def test_a_boolean_condition_is_taken_as_text(api: Api) -> None:
    """The same tutorial sends true."""
    api.create("t1", condition=True)

    assert api.task("t1")["condition"] == "TRUE"


@pytest.mark.parametrize(
    ("sent", "flag", "policy"),
    [
        ({}, False, "NO_OVERLAP"),
        ({"allow_overlapping_execution": True}, True, "ALLOW_CHILD_OVERLAP"),
        ({"allow_overlapping_execution": False}, False, "NO_OVERLAP"),
        ({"overlap_policy": "ALLOW_CHILD_OVERLAP"}, True, "ALLOW_CHILD_OVERLAP"),
        ({"overlap_policy": "NO_OVERLAP", "allow_overlapping_execution": False}, False, "NO_OVERLAP"),
    ],
)
def test_both_forms_of_the_overlap_policy_agree(
    api: Api, sent: dict[str, Any], flag: bool, policy: str
) -> None:
    api.create("t1", **sent)

    task = api.task("t1")
    assert (task["allow_overlapping_execution"], task["overlap_policy"]) == (flag, policy)


def test_forms_of_the_overlap_policy_that_differ_are_refused(api: Api) -> None:
    answer = api.post(TASKS, body(overlap_policy="NO_OVERLAP", allow_overlapping_execution=True))

    assert_error(
        answer,
        400,
        "",
        "Cannot specify ALLOW_OVERLAPPING_EXECUTION and OVERLAP_POLICY to different values "
        "in the same command.",
    )


@pytest.mark.parametrize("policy", ["SOMETIMES", "no_overlap", ""])
def test_an_unknown_overlap_policy_is_refused(api: Api, policy: str) -> None:
    answer = api.post(TASKS, body(overlap_policy=policy))

    message = f"SQL compilation error:\ninvalid value '{policy}' for property 'OVERLAP_POLICY'"
    assert_error(answer, 400, "001422", message)


def test_a_child_may_say_false_but_not_true_of_overlapping(api: Api) -> None:
    api.create("root")
    api.create("child", "root", allow_overlapping_execution=False)

    answer = api.post(TASKS, body(predecessors=["root"], allow_overlapping_execution=True))

    assert_error(answer, 400, "", "Cannot set allow_overlapping_execution on non-root task DB.S.T1.")
    assert api.task("child")["allow_overlapping_execution"] is None


def test_null_stands_for_what_is_left_out(api: Api) -> None:
    nothing = [name for name in api_task_properties(api) if name not in {"name", "definition"}]

    assert api.post(TASKS, body(**dict.fromkeys(nothing))).status_code == 200


def api_task_properties(api: Api) -> list[str]:
    api.create("sample")
    return list(api.task("sample"))


def test_read_only_and_unknown_properties_are_ignored_whatever_they_hold(api: Api) -> None:
    answer = api.post(
        TASKS,
        body(
            id=5, state={"not": "a state"}, created_on="yesterday", owner=[], colour="blue", task_relations=1
        ),
    )

    assert answer.status_code == 200
    assert api.task("t1")["state"] == "suspended"


def test_an_empty_config_is_none(api: Api) -> None:
    api.create("root")

    assert api.post(TASKS, body(config={}, predecessors=["root"])).status_code == 200
    assert api.task("t1")["config"] == {}


def test_numbers_in_a_config_may_be_large(api: Api) -> None:
    api.create("t1", config={"large": 10**40})

    assert api.task("t1")["config"] == {"large": 10**40}


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"definition": 5}, "Expected `str | null`, got `int` - at `$.definition`"),
        ({"predecessors": [1]}, "Expected `str`, got `int` - at `$.predecessors[0]`"),
        ({"config": "{}"}, "Expected `object | null`, got `str` - at `$.config`"),
        ({"user_task_timeout_ms": "5"}, "Expected `int | null`, got `str` - at `$.user_task_timeout_ms`"),
        ({"user_task_timeout_ms": True}, "Expected `int | null`, got `bool` - at `$.user_task_timeout_ms`"),
        ({"name": 5}, "Expected `str | null`, got `int` - at `$.name`"),
    ],
)
def test_a_wrong_type_is_refused_with_its_place(api: Api, properties: dict[str, Any], message: str) -> None:
    assert_error(api.post(TASKS, body(**properties)), 400, "390400", ENTITY + message)
    assert api.rows(TASKS) == []


@pytest.mark.parametrize("name", [None, ""])
def test_a_name_is_required(api: Api, name: str | None) -> None:
    answer = api.post(TASKS, body(name=name))

    assert_error(answer, 400, "390400", f"{ENTITY}name cannot be empty string (was '')")


def test_a_definition_is_required(api: Api) -> None:
    answer = api.post(TASKS, {"name": "t1"})

    assert_error(answer, 400, "390400", f"{ENTITY}definition cannot be empty string (was '')")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"null", b'"text"', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(api: Api, content: bytes) -> None:
    answer = api.post(TASKS, content=content)

    assert answer.status_code == 400
    assert answer.json()["code"] == "390400"


def test_an_existing_name_is_a_conflict(api: Api) -> None:
    api.create("t1", comment="first")

    answer = api.post(TASKS, body(comment="second"))

    assert_error(answer, 409, "002002", "SQL compilation error:\nObject 'T1' already exists.")
    assert api.task("t1")["comment"] == "first"


def test_or_replace_makes_another_task(api: Api) -> None:
    api.create("t1", comment="first")
    first = api.task("t1")["id"]

    answer = api.post(f"{TASKS}?createMode=orReplace", body(comment="second"))

    assert answer.status_code == 200
    assert api.task("t1")["comment"] == "second"
    assert api.task("t1")["id"] != first


def test_if_not_exists_leaves_the_task(api: Api) -> None:
    api.create("t1", comment="first")

    answer = api.post(f"{TASKS}?createMode=ifNotExists", body(comment="second"))

    assert answer.json() == {"status": "T1 already exists, statement succeeded."}
    assert api.task("t1")["comment"] == "first"


@pytest.mark.parametrize("mode", ["x", "", "ORREPLACE"])
def test_an_unknown_create_mode_is_refused(api: Api, mode: str) -> None:
    answer = api.post(f"{TASKS}?createMode={mode}", body())

    allowed = "errorIfExists,orReplace,ifNotExists"
    assert_error(answer, 400, "", f"Not a valid createMode: {mode}. Allowed values are: {allowed}")


def test_a_missing_schema_is_not_found(api: Api) -> None:
    answer = api.post("/api/v2/databases/db/schemas/nowhere/tasks", body())

    assert answer.status_code == 404
    assert answer.json()["code"] == "002003"


def test_a_missing_warehouse_is_refused(api: Api) -> None:
    answer = api.post(TASKS, body(warehouse='"no such"'))

    assert_error(answer, 400, "091083", 'Nonexistent warehouse "no such" was specified.')


def test_a_missing_predecessor_is_refused(api: Api) -> None:
    answer = api.post(TASKS, body(predecessors=["nobody"]))

    assert_error(answer, 400, "091085", "Invalid predecessor NOBODY was specified.")


def test_the_command_line_client_posts_to_a_trailing_slash(api: Api) -> None:
    assert api.post(f"{TASKS}/", body()).status_code == 200


def test_another_media_type_is_refused_and_does_nothing(api: Api) -> None:
    answer = api.post(TASKS, body(), headers={"Content-Type": "text/plain"})

    assert_error(answer, 415, "391902", "Unsupported Content-Type: text/plain. Send application/json.")
    assert api.rows(TASKS) == []


def test_a_body_that_does_not_name_its_type_is_json(api: Api) -> None:
    content = json.dumps(body()).encode()

    assert api.post(TASKS, content=content).status_code == 200


def test_a_charset_beside_the_type_is_accepted(api: Api) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}

    assert api.post(TASKS, body(), headers=headers).status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        b'{"name":"t1","definition":"\\ud800"}',
        b'{"name":"t1","definition":"select 1","config":{"a":1e999}}',
        b'{"name":"t1","definition":"select 1","config":{"a":' + b"[" * 900 + b"]" * 900 + b"}}",
        b'{"name":"t1","definition":"select 1","user_task_timeout_ms":' + b"9" * 40 + b"}",
    ],
)
def test_what_cannot_be_kept_is_refused(api: Api, content: bytes) -> None:
    assert api.post(TASKS, content=content).status_code == 400
    assert api.rows(TASKS) == []
