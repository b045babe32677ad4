"""States, events, and the page that draws them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clockmill.core.run import (
    GRAPH_TRANSITIONS,
    TASK_TRANSITIONS,
    GraphRunEvent,
    GraphRunState,
    IllegalTransition,
    TaskRunEvent,
    TaskRunState,
    after_graph_event,
    after_task_event,
    run_id,
)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "state-machine.md"
ARROW = re.compile(r"^    (\w+) --> (\w+): (.+)$", re.MULTILINE)


def test_the_diagrams_draw_the_tables() -> None:
    task_page, graph_page = PAGE.read_text().split("## The run of a graph")

    assert set(ARROW.findall(task_page)) == {
        (before.value, after.value, event.value) for (before, event), after in TASK_TRANSITIONS.items()
    }
    assert set(ARROW.findall(graph_page)) == {
        (before.value, after.value, event.value) for (before, event), after in GRAPH_TRANSITIONS.items()
    }


@pytest.mark.parametrize("state", TaskRunState)
@pytest.mark.parametrize("event", TaskRunEvent)
def test_a_task_run_moves_as_the_table_says_or_not_at_all(state: TaskRunState, event: TaskRunEvent) -> None:
    expected = TASK_TRANSITIONS.get((state, event))
    if expected is not None:
        assert after_task_event(state, event) is expected
        return
    with pytest.raises(IllegalTransition):
        after_task_event(state, event)


@pytest.mark.parametrize("state", GraphRunState)
@pytest.mark.parametrize("event", GraphRunEvent)
def test_a_graph_run_moves_as_the_table_says_or_not_at_all(
    state: GraphRunState, event: GraphRunEvent
) -> None:
    expected = GRAPH_TRANSITIONS.get((state, event))
    if expected is not None:
        assert after_graph_event(state, event) is expected
        return
    with pytest.raises(IllegalTransition):
        after_graph_event(state, event)


def test_every_state_can_be_reached() -> None:
    assert {TaskRunState.SCHEDULED, *TASK_TRANSITIONS.values()} == set(TaskRunState)
    assert {GraphRunState.SCHEDULED, *GRAPH_TRANSITIONS.values()} == set(GraphRunState)


def test_a_run_id_is_the_milliseconds_of_the_first_due_time() -> None:
    assert run_id(datetime(2026, 1, 1, 0, 0, 0, 1999, tzinfo=UTC)) == 1767225600001
