"""What must hold of a history, whatever happened to the servers: a function for each promise.

Each takes what was seen and gives a sentence for everything that breaks it. They know the graphs
as the load made them, not as the server read them, and compute the fires by themselves.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from chaos.graphs import Effect, GraphPlan, TaskPlan
from chaos.history import GraphRunSeen, History, PlanSeen, TaskRunSeen
from clockmill.core.errors import Unavailable

Effects = Mapping[tuple[str, str], int]
"""How many rows the bodies of a run group's task left, by group and task."""

_DONE: Final = {"SUCCEEDED", "SKIPPED"}


def every_fire_is_accounted_for(history: History) -> Iterator[str]:
    """Each due instant of a started root began one run, or lies in one record of skipped fires."""
    for plan in history.plans:
        if plan.next_fire_at is not None:
            yield from _check_fires(history, plan, plan.next_fire_at)


def _check_fires(history: History, plan: PlanSeen, until: datetime) -> Iterator[str]:
    step = timedelta(seconds=plan.every_s)
    due = {plan.base + step * n for n in range(1, (until - plan.base) // step)}
    seen = Counter(
        run.scheduled_at
        for run in history.runs
        if run.root == plan.root and run.origin == "SCHEDULE" and run.attempt == 1
    )
    for skip in (skip for skip in history.skips if skip.root == plan.root):
        covered = [at for at in due if skip.first <= at <= skip.last]
        if skip.fires != len(covered):
            yield f"{plan.root}: {skip} covers {len(covered)} due instants"
        seen.update(covered)
    for at in sorted(due | set(seen)):
        if seen[at] != 1 or at not in due:
            planned = "was due" if at in due else "was not due"
            yield f"{plan.root} {planned} at {at} and has {seen[at]} runs and skip records for it"


def nothing_is_left_open(history: History) -> Iterator[str]:
    """Once nobody fires any more and the graphs have had their time, every run has ended."""
    for run in history.runs:
        if run.is_open:
            yield f"{run} is still open, owned by {run.owner_node}"
        for task in run.tasks.values():
            if not run.is_open and (task.state == "EXECUTING" or task.completed_at is None):
                yield f"{run} has ended and its task {task.task} has not"


def tasks_wait_for_their_predecessors(history: History, graphs: Iterable[GraphPlan]) -> Iterator[str]:
    """No task starts before all that it waits for has succeeded, in this attempt or an earlier one."""
    for run, plan, ends in _attempts(history, graphs):
        for task in run.tasks.values():
            for before in plan.task(task.task).after:
                end = run.tasks.get(before) or ends.get(before)
                if end is None or end.state not in _DONE or not _is_after(task, end):
                    yield f"{run}: {task} began before {before} was done: {end}"


def the_finalizer_is_last(history: History, graphs: Iterable[GraphPlan]) -> Iterator[str]:
    """Every closed run that has a finalizer ran it, and nothing of the run ended after it began."""
    for run, plan, _ in _attempts(history, graphs):
        if plan.finalizer is None or run.is_open:
            continue
        last = run.tasks.get(plan.finalizer.name)
        if last is None:
            yield f"{run} was closed without its finalizer"
            continue
        for task in run.tasks.values():
            if task is not last and not _is_after(last, task):
                yield f"{run}: the finalizer began at {last.scheduled_at}, before the end of {task}"


def no_task_is_forgotten(history: History, graphs: Iterable[GraphPlan]) -> Iterator[str]:
    """A closed run has run every task whose predecessors succeeded, and is what its tasks make it."""
    for run, plan, ends in _attempts(history, graphs):
        if run.is_open:
            continue
        now = {**ends, **run.tasks}
        for task in plan.tasks:
            ready = all(before in now and now[before].state in _DONE for before in task.after)
            if ready and task.name not in now:
                yield f"{run} was closed without {task.name}, which was ready"
            if not ready and task.name in run.tasks:
                yield f"{run} ran {task.name}, which was not ready"
        failed = any(task.state == "FAILED" for task in run.tasks.values())
        if run.state != ("FAILED" if failed else "SUCCEEDED"):
            yield f"{run} has tasks that are {sorted({task.state for task in run.tasks.values()})}"


def only_what_must_fails(history: History, graphs: Iterable[GraphPlan]) -> Iterator[str]:
    """A task fails because its body does, because the disk is full, or by our doing where nobody can
    know what it had done.
    """
    for run, plan, _ in _attempts(history, graphs):
        for task in run.tasks.values():
            effect = plan.task(task.task).effect
            if effect is Effect.FAILURE:
                is_right = task.state == "FAILED"
            elif effect is Effect.PARTS:
                is_right = task.succeeded or task.is_system_error
            else:
                is_right = task.succeeded
            is_right |= task.is_system_error and task.error_code == Unavailable.code
            if not is_right and not run.is_open:
                yield f"{run}: {task.task} ended {task.state}: {task.error_code} {task.error_message}"


def effects_are_what_history_says(
    history: History, graphs: Iterable[GraphPlan], effects: Effects
) -> Iterator[str]:
    """A body in one transaction left its row exactly if it succeeded; others, at most one an execution."""
    plans = {task.name: task for graph in graphs for task in graph.members}
    expected: set[tuple[str, str]] = set()
    for group_id, runs in history.groups().items():
        for task_name in {name for run in runs for name in run.tasks}:
            if task_name in plans:
                expected.add((group_id, task_name))
                seen = [run.tasks[task_name] for run in runs if task_name in run.tasks]
                yield from _check_effects(plans[task_name], group_id, seen, effects)
    for stray in effects.keys() - expected:
        yield f"task {stray[1]} left rows in run group {stray[0]}, which has no run of it"


def _check_effects(task: TaskPlan, group_id: str, seen: list[TaskRunSeen], effects: Effects) -> Iterator[str]:
    rows = effects.get((group_id, task.name), 0)
    successes = sum(run.succeeded for run in seen)
    executions = sum(run.executions for run in seen)
    match task.effect:
        case Effect.ONCE:
            # A finalizer and a root that has nothing to repeat run in each attempt, others succeed once.
            is_right = rows == successes
        case Effect.PARTS:
            is_right = 2 * successes <= rows <= 2 * executions
        case Effect.NOTHING | Effect.FAILURE:
            is_right = rows == 0
    if not is_right:
        yield (
            f"{task.name} of group {group_id} left {rows} rows after {successes} successes in "
            f"{executions} executions: {seen}"
        )


def return_values_are_kept(history: History, name: str, value: str) -> Iterator[str]:
    """What task *name* has returned is on record."""
    for run in history.runs:
        task = run.tasks.get(name)
        if task is not None and task.succeeded and task.return_value != value:
            yield f"{run}: {name} returned {task.return_value!r}, not {value!r}"


def _attempts(
    history: History, graphs: Iterable[GraphPlan]
) -> Iterator[tuple[GraphRunSeen, GraphPlan, dict[str, TaskRunSeen]]]:
    """Give each run of *graphs* that has begun, its graph, and what earlier attempts left standing."""
    plans = {graph.root: graph for graph in graphs}
    for runs in history.groups().values():
        standing: dict[str, TaskRunSeen] = {}
        for run in runs:
            if run.root in plans and run.state not in {"QUEUED", "SKIPPED"}:
                yield run, plans[run.root], dict(standing)
            standing.update({name: task for name, task in run.tasks.items() if task.state in _DONE})


def _is_after(task: TaskRunSeen, before: TaskRunSeen) -> bool:
    """Say whether *task* was begun, on record and in truth, when *before* had ended."""
    if before.completed_at is None:
        return False
    return before.completed_at <= min(task.scheduled_at, task.started_at or task.scheduled_at)
