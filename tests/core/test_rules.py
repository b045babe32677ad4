"""What each property of a task may hold, and what goes with what."""

from typing import Any

import pytest

from clockmill.core.condition_lexer import InvalidCondition
from clockmill.core.config import InvalidConfig
from clockmill.core.errors import ClockmillError
from clockmill.core.names import QualifiedName
from clockmill.core.rules import check_properties, is_triggered, overlap_policy, read_statement
from clockmill.core.task import OverlapPolicy, TaskSpec

NAME = QualifiedName("DB", "S", "T")


def spec(**properties: Any) -> TaskSpec:
    return TaskSpec(**{"definition": "select 1", **properties})


def checked(**properties: Any) -> TaskSpec:
    return check_properties(NAME, read_statement(spec(**properties)))


def refusal(**properties: Any) -> tuple[str, str]:
    with pytest.raises(ClockmillError) as caught:
        checked(**properties)
    return caught.value.code, caught.value.message.removeprefix("SQL compilation error:\n")


def test_a_plain_task_is_kept_as_it_was_written() -> None:
    written = spec(definition=" select\t'a' ;\n", comment="c", schedule="90 S ")
    assert check_properties(NAME, read_statement(written)) == written


def test_predecessors_are_kept_once_and_in_name_order() -> None:
    assert checked(predecessors=("B", "A", "B")).predecessors == ("A", "B")


def test_names_are_kept_in_one_spelling_and_levels_as_they_are_written() -> None:
    kept = checked(
        session_parameters={"timezone": "europe/berlin"},
        log_level="info",
        serverless_task_min_statement_size="small",
    )
    assert kept.session_parameters == {"TIMEZONE": "Europe/Berlin"}
    assert kept.log_level == "info"
    assert kept.serverless_task_min_statement_size == "SMALL"


@pytest.mark.parametrize(
    ("parameter", "low", "high"),
    [
        ("user_task_timeout_ms", 0, 604_800_000),
        ("suspend_task_after_num_failures", 0, None),
        ("task_auto_retry_attempts", 0, 30),
        ("user_task_minimum_trigger_interval_in_seconds", 10, 604_800),
    ],
)
def test_a_number_outside_its_range_is_refused(parameter: str, low: int, high: int | None) -> None:
    assert getattr(checked(**{parameter: low}), parameter) == low
    assert getattr(checked(**{parameter: high or 10**9}), parameter) == (high or 10**9)
    assert (
        refusal(**{parameter: low - 1})[1] == f"invalid value [{low - 1}] for parameter '{parameter.upper()}'"
    )
    if high is not None:
        text = f"invalid value [{high + 1:,}] for parameter '{parameter.upper()}'"
        assert refusal(**{parameter: high + 1})[1] == text


@pytest.mark.parametrize(
    "option",
    [
        "user_task_managed_initial_warehouse_size",
        "serverless_task_min_statement_size",
        "serverless_task_max_statement_size",
    ],
)
def test_sizes_are_for_tasks_without_a_warehouse(option: str) -> None:
    assert "invalid value" in refusal(**{option: "HUGE"})[1]
    expected = f"Cannot set {option.upper()} on a non-serverless task."
    assert refusal(**{option: "SMALL", "warehouse": "WH"}) == ("", expected)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        (
            {"serverless_task_min_statement_size": "LARGE", "serverless_task_max_statement_size": "SMALL"},
            (
                "SERVERLESS_TASK_MIN_STATEMENT_SIZE (LARGE) cannot be greater than "
                "SERVERLESS_TASK_MAX_STATEMENT_SIZE (SMALL)."
            ),
        ),
        (
            {
                "user_task_managed_initial_warehouse_size": "XSMALL",
                "serverless_task_min_statement_size": "SMALL",
            },
            (
                "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE (XSMALL) cannot be less than "
                "SERVERLESS_TASK_MIN_STATEMENT_SIZE (SMALL)."
            ),
        ),
        (
            {
                "user_task_managed_initial_warehouse_size": "LARGE",
                "serverless_task_max_statement_size": "SMALL",
            },
            (
                "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE (LARGE) cannot be greater than "
                "SERVERLESS_TASK_MAX_STATEMENT_SIZE (SMALL)."
            ),
        ),
    ],
)
def test_sizes_must_not_contradict_each_other(sizes: dict[str, str], message: str) -> None:
    assert refusal(**sizes) == ("", message)


def test_equal_sizes_and_one_size_alone_contradict_nothing() -> None:
    checked(serverless_task_min_statement_size="XXLARGE")
    checked(
        serverless_task_min_statement_size="LARGE",
        user_task_managed_initial_warehouse_size="LARGE",
        serverless_task_max_statement_size="LARGE",
    )


@pytest.mark.parametrize("text", ["10 SECONDS", "86400 S", "1440 minutes", "24 H"])
def test_a_target_interval_is_ten_seconds_to_a_day(text: str) -> None:
    assert checked(target_completion_interval=text).target_completion_interval == text


@pytest.mark.parametrize("text", ["9 SECONDS", "25 HOURS", "soon", "USING CRON * * * * * UTC"])
def test_any_other_target_interval_is_refused(text: str) -> None:
    assert refusal(target_completion_interval=text)[1].startswith(
        f"invalid value [{text}] for parameter 'TARGET_COMPLETION_INTERVAL'"
    )


def test_a_target_interval_is_for_tasks_without_a_warehouse() -> None:
    assert refusal(target_completion_interval="1 H", warehouse="WH")[0] == "091857"


def test_a_serverless_task_that_waits_for_a_stream_needs_a_target_interval() -> None:
    waiting = {"condition": "SYSTEM$STREAM_HAS_DATA('s')"}
    assert "set TARGET_COMPLETION_INTERVAL" in refusal(**waiting)[1]
    checked(**waiting, target_completion_interval="10 MINUTES")
    checked(**waiting, warehouse="WH")
    checked(**waiting, schedule="10 MINUTES")
    checked(**waiting, predecessors=("A",))


def test_only_a_stream_triggers_a_task() -> None:
    assert is_triggered(spec(condition="SYSTEM$STREAM_HAS_DATA('s')"))
    assert not is_triggered(spec(condition="1 = 1"))
    assert not is_triggered(spec())


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (
            "5M",
            "Invalid schedule was specified. Please refer to the docs on what constitutes a valid schedule.",
        ),
        ("9 SECONDS", "Cannot set schedule less than 10 seconds."),
        (
            "9 DAYS",
            "Invalid schedule was specified. Please refer to the docs on what constitutes a valid schedule.",
        ),
        ("193 HOURS", "Cannot set schedule greater than 11,520 minutes."),
        (
            "USING CRON 0 0 31 2 * UTC",
            "No valid time could be found under the schedule and/or interval specified",
        ),
        (
            "USING CRON 0 0 * * * PST",
            (
                'Invalid schedule was specified. "PST" is not a recognized time zone. '
                "Please specify time zones accepted by the TIMEZONE parameter."
            ),
        ),
    ],
)
def test_a_schedule_that_is_none_is_refused(schedule: str, message: str) -> None:
    assert refusal(schedule=schedule)[1] == message


@pytest.mark.parametrize("config", ["", "[]", "1", "{", "null", '{"a": NaN}'])
def test_a_config_must_be_the_text_of_an_object(config: str) -> None:
    with pytest.raises(InvalidConfig):
        checked(config=config)


def test_a_config_is_kept_byte_for_byte() -> None:
    assert checked(config=' {"a" : 1.50}\n').config == ' {"a" : 1.50}\n'


def test_a_condition_outside_the_grammar_is_refused() -> None:
    with pytest.raises(InvalidCondition):
        checked(condition="CURRENT_TIMESTAMP() > 1")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"NOT_A_PARAMETER": 1}, "invalid property 'NOT_A_PARAMETER' for 'TASK'"),
        (
            {"autocommit": False},
            (
                "The parameter AUTOCOMMIT = false is not supported with Tasks. "
                "Remove the parameter and try again."
            ),
        ),
        (
            {"SEARCH_PATH": "$current"},
            "The parameter SEARCH_PATH is not supported with Tasks. Remove the parameter and try again.",
        ),
    ],
)
def test_a_session_parameter_that_no_task_may_set_is_refused(
    parameters: dict[str, Any], message: str
) -> None:
    assert refusal(session_parameters=parameters)[1] == message


def test_a_log_level_that_is_none_is_refused() -> None:
    assert refusal(log_level="LOUD")[1].startswith("Invalid value for log level.")
    assert refusal(log_event_level="LOUD")[1].startswith("Invalid value for log level.")
    assert refusal(trace_level="LOUD")[1].startswith("Invalid value for trace level.")


@pytest.mark.parametrize("tie", [{"predecessors": ("A",)}, {"finalize": "R"}])
@pytest.mark.parametrize(
    ("property_", "message"),
    [
        ({"config": "{}"}, "Task DB.S.T cannot both be a non-root task and have a config."),
        ({"overlap_policy": OverlapPolicy.NO_OVERLAP}, "Cannot set overlap policy on non-root task DB.S.T."),
        (
            {"task_auto_retry_attempts": 0},
            "Cannot set parameter TASK_AUTO_RETRY_ATTEMPTS on non-root task T.",
        ),
    ],
)
def test_what_belongs_to_the_graph_is_said_on_its_root(
    tie: dict[str, Any], property_: dict[str, Any], message: str
) -> None:
    assert refusal(**tie, **property_)[1].startswith(message)


@pytest.mark.parametrize(
    ("properties", "code", "message"),
    [
        ({"predecessors": ("A", "T")}, "", "Task T cannot use itself as its predecessor."),
        (
            {"predecessors": ("A",), "schedule": "1 H"},
            "091400",
            "Task T cannot have both a schedule and a predecessor.",
        ),
        ({"finalize": "T"}, "", "Task T cannot finalize itself."),
        (
            {"finalize": "R", "schedule": "1 H"},
            "",
            "Task T cannot have a schedule and be a finalizer task.",
        ),
        (
            {"finalize": "R", "predecessors": ("A",)},
            "",
            "Task DB.S.T cannot have predecessors as a finalizer task.",
        ),
    ],
)
def test_ties_that_no_task_can_have_are_refused(properties: dict[str, Any], code: str, message: str) -> None:
    assert refusal(**properties) == (code, message)


def test_a_task_has_at_most_a_hundred_predecessors() -> None:
    names = tuple(f"P{number:03}" for number in range(101))
    assert len(checked(predecessors=names[:100]).predecessors) == 100
    message = "Task DB.S.T cannot have more than 100 predecessors."
    assert refusal(predecessors=names) == ("", message)


@pytest.mark.parametrize(
    ("legacy", "policy", "meant"),
    [
        (None, None, None),
        (None, OverlapPolicy.ALLOW_ALL_OVERLAP, OverlapPolicy.ALLOW_ALL_OVERLAP),
        (True, None, OverlapPolicy.ALLOW_CHILD_OVERLAP),
        (True, OverlapPolicy.ALLOW_CHILD_OVERLAP, OverlapPolicy.ALLOW_CHILD_OVERLAP),
        (False, None, None),
        (False, OverlapPolicy.NO_OVERLAP, OverlapPolicy.NO_OVERLAP),
    ],
)
def test_the_old_flag_says_the_same_as_a_policy(
    legacy: bool | None, policy: OverlapPolicy | None, meant: OverlapPolicy | None
) -> None:
    assert overlap_policy(NAME, legacy=legacy, policy=policy, is_root=True) is meant


@pytest.mark.parametrize(
    ("legacy", "policy"),
    [
        (True, OverlapPolicy.NO_OVERLAP),
        (False, OverlapPolicy.ALLOW_CHILD_OVERLAP),
        (True, OverlapPolicy.ALLOW_ALL_OVERLAP),
    ],
)
def test_the_two_ways_to_say_overlap_must_agree(legacy: bool, policy: OverlapPolicy) -> None:
    with pytest.raises(ClockmillError, match="to different values in the same command"):
        overlap_policy(NAME, legacy=legacy, policy=policy, is_root=True)


def test_off_roots_the_old_flag_may_only_say_false() -> None:
    assert overlap_policy(NAME, legacy=False, policy=None, is_root=False) is None
    with pytest.raises(
        ClockmillError, match=r"Cannot set allow_overlapping_execution on non-root task DB.S.T"
    ):
        overlap_policy(NAME, legacy=True, policy=None, is_root=False)
