"""What a statement makes of a task: kinds first, values then, and what it leaves alone."""

from typing import Any

import pytest

from clockmill.core.errors import ClockmillError
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.task import OverlapPolicy, TaskSpec
from clockmill.core.task_change import (
    EXECUTE_AS_USER,
    FINALIZE,
    NamedTask,
    TaskChange,
    apply_change,
    read_change,
)

NAME = QualifiedName("DB", "S", "T")
BEFORE = TaskSpec(
    definition="select 1",
    comment="c",
    schedule="5 M",
    condition="1=1",
    session_parameters={"QUERY_TAG": "q", "TIMEZONE": "UTC"},
    execute_as_user="BOB",
    overlap_policy=OverlapPolicy.ALLOW_ALL_OVERLAP,
)


def applied(spec: TaskSpec = BEFORE, **change: Any) -> TaskSpec:
    return apply_change(NAME, spec, read_change(TaskChange(**change)))


def refusal(**change: Any) -> str:
    with pytest.raises(ClockmillError) as caught:
        applied(**change)
    return caught.value.message.removeprefix("SQL compilation error:\n")


def link(name: str, schema: str = "S") -> NamedTask:
    return NamedTask(QualifiedName("DB", schema, name), name)


def test_what_is_not_mentioned_stays() -> None:
    assert applied() == BEFORE


def test_what_is_set_is_set_and_what_is_unset_is_none() -> None:
    after = applied(
        settings={"COMMENT": "d", "TIMEZONE": "europe/berlin", "USER_TASK_TIMEOUT_MS": 5},
        unset=("SCHEDULE", "QUERY_TAG", EXECUTE_AS_USER),
    )
    assert (after.comment, after.schedule, after.execute_as_user) == ("d", None, None)
    assert after.session_parameters == {"TIMEZONE": "Europe/Berlin"}
    assert after.user_task_timeout_ms == 5


def test_texts_are_exchanged_as_they_are() -> None:
    after = applied(definition="select 2", condition="2=2", execute_as_user="EVE")
    assert (after.definition, after.condition, after.execute_as_user) == ("select 2", "2=2", "EVE")
    assert applied(removes_condition=True).condition is None


def test_predecessors_come_and_go_in_name_order() -> None:
    child = TaskSpec(definition="select 1", predecessors=("B", "C"))
    after = applied(child, added=(link("D"), link("A"), link("C")), removed=(link("B"),))
    assert after.predecessors == ("A", "C", "D")


def test_a_root_to_finalize_is_taken_and_left() -> None:
    finalizer = applied(TaskSpec(definition="select 1"), finalize=link("R"))
    assert finalizer.finalize == "R"
    assert applied(finalizer, unset=(FINALIZE,)).finalize is None


@pytest.mark.parametrize("unset", ["OVERLAP_POLICY", "ALLOW_OVERLAPPING_EXECUTION"])
def test_the_overlap_policy_goes_by_either_name(unset: str) -> None:
    assert applied(unset=(unset,)).overlap_policy is None


@pytest.mark.parametrize(
    ("settings", "policy"),
    [
        ({"OVERLAP_POLICY": "NO_OVERLAP"}, OverlapPolicy.NO_OVERLAP),
        ({"ALLOW_OVERLAPPING_EXECUTION": True}, OverlapPolicy.ALLOW_CHILD_OVERLAP),
        ({"ALLOW_OVERLAPPING_EXECUTION": "true"}, OverlapPolicy.ALLOW_CHILD_OVERLAP),
        ({"ALLOW_OVERLAPPING_EXECUTION": False}, None),
    ],
)
def test_the_overlap_policy_is_set_by_either_name(
    settings: dict[str, Any], policy: OverlapPolicy | None
) -> None:
    assert applied(settings=settings).overlap_policy is policy


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"settings": {"NOPE": 1}}, "invalid property 'NOPE' for 'TASK'"),
        ({"unset": ("NOPE",)}, "invalid property 'NOPE' for 'TASK'"),
        ({"settings": {"COMMENT": 5}}, "invalid value [5] for parameter 'COMMENT'"),
        ({"settings": {"AUTOCOMMIT": 5}}, "invalid value [5] for parameter 'AUTOCOMMIT'"),
        ({"settings": {"SEARCH_PATH": 5}}, "invalid value [5] for parameter 'SEARCH_PATH'"),
        ({"settings": {"WEEK_START": "1"}}, "invalid value ['1'] for parameter 'WEEK_START'"),
        ({"settings": {"WEEK_START": 9}}, "invalid value [9] for parameter 'WEEK_START'"),
        ({"settings": {"OVERLAP_POLICY": "SOME"}}, "invalid value 'SOME' for property 'OVERLAP_POLICY'"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    assert refusal(**change) == message


def test_links_know_whether_they_lead_elsewhere() -> None:
    home = SchemaName("DB", "S")
    assert not TaskChange(added=(link("A"),), finalize=link("R")).is_elsewhere(home)
    assert TaskChange(added=(link("A"), link("B", "S2"))).is_elsewhere(home)
    assert TaskChange(finalize=link("R", "S2")).is_elsewhere(home)
