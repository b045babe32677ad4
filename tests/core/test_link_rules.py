"""What a task may be tied to, given what is there."""

from datetime import UTC, datetime
from typing import Any

import pytest

from clockmill.core import link_rules
from clockmill.core.errors import ClockmillError, InvalidIdentifier
from clockmill.core.link_rules import Neighbour
from clockmill.core.names import SchemaName
from clockmill.core.task import Task, TaskSpec

HOME = SchemaName("DB", "S")
NAME = HOME.object("T")


def neighbour(name: str, **facts: Any) -> Neighbour:
    return Neighbour(**{"id": f"id-{name}", "name": HOME.object(name), "owner": "ME", **facts})


def spec(**properties: Any) -> TaskSpec:
    return TaskSpec(definition="select 1", **properties)


def task(**facts: Any) -> Task:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return Task(**{"id": "t", "name": NAME, "owner": "ME", "spec": spec(), "created_on": made, **facts})


def test_a_predecessor_may_be_named_in_full() -> None:
    assert link_rules.predecessor_name('db.s."a"', HOME) == "a"
    assert link_rules.predecessor_name("s.a", HOME) == "A"
    assert link_rules.finalized_name("r", HOME) == "R"


def test_names_in_other_schemas_are_refused() -> None:
    with pytest.raises(ClockmillError, match=r"Cannot have predecessor DB.S2.A from a different schema."):
        link_rules.predecessor_name("s2.a", HOME)
    with pytest.raises(ClockmillError, match=r"Cannot finalize graph X.S.A in a different schema."):
        link_rules.finalized_name("x.s.a", HOME)
    with pytest.raises(InvalidIdentifier):
        link_rules.predecessor_name("a b", HOME)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, "Invalid predecessor A was specified."),
        (neighbour("A", is_finalizer=True), "Task DB.S.A cannot have children as a finalizer task."),
        (neighbour("A", owner="YOU"), "Task DB.S.T and task DB.S.A are owned by different roles."),
        (neighbour("A", children=100), "Task DB.S.A cannot have more than 100 child tasks."),
    ],
)
def test_a_task_cannot_follow_from_everything(found: Neighbour | None, message: str) -> None:
    there = {"A": found} if found else {}
    with pytest.raises(ClockmillError, match=message):
        link_rules.check_predecessors(NAME, "ME", spec(predecessors=("A",)), there)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (None, "Invalid finalized root task R was specified."),
        (neighbour("R", is_child=True), "Task DB.S.T cannot finalize a non-root task DB.S.R."),
        (neighbour("R", is_finalizer=True), "Task DB.S.T cannot finalize a non-root task DB.S.R."),
        (neighbour("R", finalizer="F"), "Finalize target R already have finalizer."),
        (neighbour("R", owner="YOU"), "Task DB.S.T and task DB.S.R are owned by different roles."),
    ],
)
def test_a_task_cannot_finalize_everything(target: Neighbour | None, message: str) -> None:
    with pytest.raises(ClockmillError, match=message):
        link_rules.check_finalized(NAME, "ME", spec(finalize="R"), target)


def test_a_task_that_finalizes_nothing_is_not_held_to_finalizing() -> None:
    link_rules.check_finalized(NAME, "ME", spec(), None)
    link_rules.check_finalized(NAME, "ME", spec(finalize="R"), neighbour("R", children=5))


@pytest.mark.parametrize("after", [spec(predecessors=("A",)), spec(finalize="R")])
def test_a_root_with_a_finalizer_stays_a_root(after: TaskSpec) -> None:
    with pytest.raises(ClockmillError, match="This task has a finalizer and cannot be made a child task"):
        link_rules.check_alteration(task(finalizer="F"), after, ())
    with pytest.raises(ClockmillError, match=r"Cannot replace task DB.S.T with a non-root task"):
        link_rules.check_replacement(task(finalizer="F"), "ME", after, ())


def test_a_task_with_children_becomes_no_finalizer() -> None:
    with pytest.raises(ClockmillError, match=r"Task DB.S.T cannot have children as a finalizer task."):
        link_rules.check_alteration(task(), spec(finalize="R"), ("C",))
    with pytest.raises(ClockmillError, match=r"Task DB.S.T cannot have children as a finalizer task."):
        link_rules.check_replacement(task(), "ME", spec(finalize="R"), ("C",))


@pytest.mark.parametrize(("finalizer", "children", "other"), [("F", (), "F"), (None, ("C",), "C")])
def test_a_replacement_has_the_owner_of_what_stays_tied_to_it(
    finalizer: str | None, children: tuple[str, ...], other: str
) -> None:
    with pytest.raises(ClockmillError, match=f"task DB.S.{other} are owned by different roles"):
        link_rules.check_replacement(task(finalizer=finalizer), "YOU", spec(), children)
    link_rules.check_replacement(task(finalizer=finalizer), "ME", spec(), children)
    link_rules.check_replacement(task(), "YOU", spec(), ())
