"""Time limits of tasks and graphs that are running, and the bodies whose start is to be noted."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from clockmill.core.timeouts import task_timeout_s
from clockmill.runner.live import Job, LiveRun
from clockmill.runner.timers import Timers

NOTE_AFTER: Final = timedelta(seconds=1)
"""A body that runs longer than this has its start noted in the store before it ends."""


class Limited(NamedTuple):
    """A graph run and one of its tasks, or None for the graph as a whole."""

    live: LiveRun
    task: str | None


class Running(NamedTuple):
    """A graph run and a job of it whose body runs."""

    live: LiveRun
    job: Job


class Limits:
    """When whatever runs has run for too long, or for long enough to be noted."""

    def __init__(self) -> None:
        self._limits: Timers[Limited] = Timers()
        self._notes: Timers[Running] = Timers()

    def call_when_sooner(self, wake: Callable[[], None]) -> None:
        """Call *wake* whenever something is due before what was due first."""
        self._limits.on_sooner = self._notes.on_sooner = wake

    def begin_body(self, live: LiveRun, job: Job, at: datetime) -> float:
        """Count the time of a task, and of its graph if it is the first; return the task's limit."""
        limit_s = task_timeout_s(live.graph, job.name)
        self._limits.set(Limited(live, job.name), at + timedelta(seconds=limit_s))
        self._notes.set(Running(live, job), at + NOTE_AFTER)
        with live.lock:
            is_first = live.began_at is None
            live.began_at = live.began_at or at
        if is_first:
            self.count_graph(live)
        return limit_s

    def count_graph(self, live: LiveRun) -> None:
        """Count the time of a graph from the instant its first body began."""
        expires_at = live.expires_at
        if expires_at is not None:
            self._limits.set(Limited(live, None), expires_at)

    def end_body(self, live: LiveRun, job: Job) -> None:
        self._limits.clear(Limited(live, job.name))
        self._notes.clear(Running(live, job))

    def end_graph(self, live: LiveRun) -> None:
        self._limits.clear(Limited(live, None))

    def forget(self, live: LiveRun) -> None:
        """Keep no time of a run and its tasks any more."""
        self.end_graph(live)
        for job in live.all_jobs():
            self.end_body(live, job)

    def take_exceeded(self, now: datetime) -> list[Limited]:
        """Return, and forget, what has reached its limit."""
        return self._limits.take_due(now)

    def take_notable(self, now: datetime) -> list[Running]:
        """Return, and forget, whose bodies have been running for a while."""
        return self._notes.take_due(now)

    def next_at(self) -> datetime | None:
        """Return when something is due next."""
        return min(filter(None, (self._limits.next_at(), self._notes.next_at())), default=None)
