"""Which streams start a root, and when it begins."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.task import TaskSpec
from clockmill.core.trigger import CHECK_EVERY, next_check, trigger_at, trigger_streams

HOME = SchemaName("DB", "S")
BASE = datetime(2026, 3, 1, 9, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def root(**properties: Any) -> TaskSpec:
    return TaskSpec(**{"definition": "select 1", "condition": "SYSTEM$STREAM_HAS_DATA('s')", **properties})


def test_every_stream_that_the_condition_asks_starts_the_task() -> None:
    condition = (
        "SYSTEM$STREAM_HAS_DATA('a') AND (SYSTEM$STREAM_HAS_DATA('s2.b') "
        "OR NOT SYSTEM$STREAM_HAS_DATA('d2.s3.\"c\"') OR SYSTEM$STREAM_HAS_DATA('A'))"
    )

    assert trigger_streams(root(condition=condition), HOME) == {
        QualifiedName("DB", "S", "A"),
        QualifiedName("DB", "S2", "B"),
        QualifiedName("D2", "S3", "c"),
    }


@pytest.mark.parametrize(
    "other",
    [
        {"schedule": "5 MINUTES"},
        {"condition": "1 = 1"},
        {"condition": None},
        {"predecessors": ("A",)},
        {"finalize": "R"},
    ],
)
def test_no_stream_starts_what_has_a_schedule_follows_a_task_or_asks_none(other: dict[str, Any]) -> None:
    assert trigger_streams(root(**other), HOME) == frozenset()


def test_a_text_that_names_no_stream_starts_nothing() -> None:
    assert trigger_streams(root(condition="SYSTEM$STREAM_HAS_DATA('no name')"), HOME) == frozenset()


@pytest.mark.parametrize(
    ("interval", "now", "begins"),
    [
        (None, 1, 30),
        (None, 30, 30),
        (None, 31, 31),
        (10, 1, 10),
        (604_800, 1, 43_200),
    ],
)
def test_runs_are_an_interval_apart_but_never_more_than_half_a_day(
    interval: int | None, now: int, begins: int
) -> None:
    spec = root(user_task_minimum_trigger_interval_in_seconds=interval)

    assert trigger_at(spec, BASE, BASE + now * SECOND) == BASE + begins * SECOND


def test_a_task_looks_by_itself_half_a_day_after_its_last_run() -> None:
    assert next_check(BASE, BASE + SECOND) == BASE + CHECK_EVERY
    late = BASE + 2 * CHECK_EVERY
    assert next_check(BASE, late) == late + CHECK_EVERY
