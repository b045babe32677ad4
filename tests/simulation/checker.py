"""An independent judge of what a simulation has left in the store, change by change.

It knows the graphs in words of its own (:mod:`tests.simulation.shapes`), what bodies have really
done (:mod:`tests.simulation.ledger`), which process made a change, and the rows of the journal
(:mod:`tests.simulation.history`). It asks nothing of clockmill. Every promise is a function of the
history and one committed batch.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from tests.simulation.history import STANDS, Batch, History, Row
from tests.simulation.shapes import GraphShape, Kind, Policy

OPEN: Final = {"QUEUED", "EXECUTING"}
ENDED: Final = {"SUCCEEDED", "FAILED", "FAILED_AND_AUTO_SUSPENDED", "CANCELLED", "SKIPPED"}
SYSTEM_FAULT: Final = "000603"
_SECOND: Final = 1_000_000
"""Instants in the journal are microseconds."""


Promise = Callable[[History, Batch], Iterator[str]]
"""Yields a sentence for each way in which a batch, which the history has already, breaks it."""


def every_due_fire_is_a_run_or_is_skipped(history: History, batch: Batch) -> Iterator[str]:
    """What a root has moved past has either made a run, or is covered by one record of why not."""
    for change in batch.of("roots"):
        if change.before is None or change.after is None:
            continue
        if _is_suspended(batch, change.after["task_id"]):
            continue
        graph, since, until = _passed_over(history, change.before, change.after)
        for instant in _grid(graph, change.after["schedule_base"], since, until):
            root_id = change.after["task_id"]
            runs = (root_id, instant) in history.fired
            records = len(history.covering(root_id, instant))
            if runs + records != 1:
                yield f"{graph.root} was due at {_said(instant)}: {int(runs)} runs, {records} records"
        after = change.after["next_fire_at"]
        if (
            after is not None
            and until == after
            and not _grid(graph, change.after["schedule_base"], after, after + 1)
        ):
            yield f"{graph.root} is due at {_said(after)}, which its schedule does not say"


def _is_suspended(batch: Batch, root_id: str) -> bool:
    """Say whether the batch suspends a root: what it was due for then is not due any more."""
    rows = (change.after for change in batch.of("tasks"))
    return any(row is not None and (row["id"], row["state"]) == (root_id, "suspended") for row in rows)


def _passed_over(history: History, before: Row, after: Row) -> tuple[GraphShape, int, int]:
    """Return which instants a change of a root's row has moved past: those from, and those before."""
    graph = history.graphs[after["task_id"]]
    was, now = before["next_fire_at"], after["next_fire_at"]
    is_planned_anew = was is None or before["schedule_base"] != after["schedule_base"]
    if is_planned_anew or after["task_id"] not in history.started or graph.every_s is None:
        return graph, 0, 0
    return graph, was, was + 1 if now is None else now


def _grid(graph: GraphShape, base: int, since: int, until: int) -> list[int]:
    """Return the instants of an interval from *since* on and before *until*."""
    if graph.every_s is None or until <= since:
        return []
    step = graph.every_s * _SECOND
    first = max(1, -((base - since) // step))
    return list(range(base + first * step, until, step))


def a_fire_makes_one_run(history: History, batch: Batch) -> Iterator[str]:
    """No instant begins two runs, and none begins one that is not due."""
    for change in batch.of("graph_runs"):
        if change.before is not None or change.after is None or change.after["origin"] != "SCHEDULE":
            continue
        row = change.after
        if row["attempt"] > 1:
            continue
        first = history.fired.setdefault((row["root_id"], row["scheduled_at"]), row["id"])
        if first != row["id"]:
            yield f"{row['root_name']} fired twice for {_said(row['scheduled_at'])}"
        if history.covering(row["root_id"], row["scheduled_at"]):
            yield f"{row['root_name']} fired for {_said(row['scheduled_at'])}, which is recorded as skipped"
        base = history.roots[row["root_id"]]["schedule_base"]
        graph = history.graphs[row["root_id"]]
        if row["scheduled_at"] not in _grid(graph, base, row["scheduled_at"], row["scheduled_at"] + 1):
            yield f"{row['root_name']} fired for {_said(row['scheduled_at'])}, which it is not due at"


def skips_are_counted(history: History, batch: Batch) -> Iterator[str]:
    """A record of skipped fires says how many there were."""
    for change in batch.of("skipped_fires"):
        row = change.after
        if row is None:
            yield "a record of skipped fires is gone"
            continue
        graph, base = history.graphs[row["root_id"]], history.roots[row["root_id"]]["schedule_base"]
        covered = _grid(graph, base, row["first_due_at"], row["last_due_at"] + 1)
        if len(covered) != row["fires"]:
            yield f"a record of {row['fires']} skipped fires of {graph.root} covers {len(covered)}"
        for instant in covered:
            if (row["root_id"], instant) in history.fired:
                yield f"{graph.root} is recorded as skipped at {_said(instant)}, where it fired"


_TASK_STEPS: Final = {
    ("EXECUTING", "EXECUTING"),
    *(("EXECUTING", state) for state in ("SUCCEEDED", "FAILED", "CANCELLED")),
    ("FAILED", "FAILED_AND_AUTO_SUSPENDED"),
}
_GRAPH_STEPS: Final = {
    *((state, state) for state in OPEN),
    ("QUEUED", "EXECUTING"),
    *(("EXECUTING", state) for state in ("SUCCEEDED", "FAILED", "CANCELLED", "SKIPPED")),
}


def an_outcome_is_final(history: History, batch: Batch) -> Iterator[str]:
    """A run of a task or a graph ends once, and its end never changes."""
    for change in batch.of("task_runs"):
        before, after = change.before, change.after
        if after is None:
            yield f"the run of {before and before['task_name']} is gone"
        elif before is not None and (before["state"], after["state"]) not in _TASK_STEPS:
            yield f"the run of {after['task_name']} went from {before['state']} to {after['state']}"
        elif before is None and after["state"] not in {"EXECUTING", "SKIPPED", "FAILED"}:
            yield f"the run of {after['task_name']} began as {after['state']}"
    for change in batch.of("graph_runs"):
        before, after = change.before, change.after
        if before is None or after is None:
            continue
        if (before["state"], after["state"]) not in _GRAPH_STEPS:
            yield f"the graph run {after['id']} went from {before['state']} to {after['state']}"


def what_waits_is_kept(history: History, batch: Batch) -> Iterator[str]:
    """No run is forgotten, but a manual one that has not begun and makes way for a newer one."""
    inserted = {
        (change.after["root_id"], change.after["origin"])
        for change in batch.of("graph_runs")
        if change.before is None and change.after is not None
    }
    for change in batch.of("graph_runs"):
        row = change.before
        if row is None or change.after is not None:
            continue
        if row["state"] == "QUEUED" and row["origin"] == "SCHEDULE":
            # It was crowded out, which is on record: it counts as a fire that began nothing.
            history.fired.pop((row["root_id"], row["scheduled_at"]), None)
            is_replaced = len(history.covering(row["root_id"], row["scheduled_at"])) == 1
        else:
            is_manual = (row["state"], row["origin"]) == ("QUEUED", "EXECUTE TASK")
            is_replaced = is_manual and (row["root_id"], row["origin"]) in inserted
        if not is_replaced:
            yield f"the graph run {row['id']} of {row['root_name']} is gone"


def only_its_owner_changes_a_run(history: History, batch: Batch) -> Iterator[str]:
    """A run is changed by the process that holds it; another may take it once that one is gone."""
    held = dict(history.owners)
    for change in batch.changes:
        if change.table == "graph_runs" and change.before is not None and change.after is not None:
            yield from _judge_owner(history, batch, change.before, change.after)
        elif change.table == "task_runs" and change.after is not None:
            run_id = change.after["graph_run_id"]
            # What it lets go of it may still say something about.
            holder = history.owners.get(run_id) or held.get(run_id)
            if holder is None or holder.process != batch.writer.process:
                yield (
                    f"{batch.writer.process} changed {change.after['task_name']} of graph run {run_id}, "
                    f"which {holder.process if holder else 'nobody'} holds"
                )


def _judge_owner(history: History, batch: Batch, before: Row, after: Row) -> Iterator[str]:
    run_id, writer = after["id"], batch.writer
    holder = history.owners.get(run_id)
    if after["epoch"] < before["epoch"]:
        yield f"the epoch of graph run {run_id} went back"
    if before["owner_node"] is None and after["owner_node"] is not None:
        if after["epoch"] == before["epoch"]:
            yield f"{writer.process} took graph run {run_id} without a new epoch"
        history.owners[run_id] = writer
    elif before["owner_node"] is not None and after["owner_node"] is None:
        if holder and holder.process != writer.process and not history.is_gone(holder.process, holder.node):
            yield f"{writer.process} took graph run {run_id} away from {holder.process}, which lives"
        history.owners.pop(run_id, None)
    elif before["owner_node"] != after["owner_node"]:
        yield f"graph run {run_id} changed hands without having been let go"
    elif before["state"] == "EXECUTING" and (holder is None or holder.process != writer.process):
        yield f"{writer.process} changed graph run {run_id}, which is not its own"


def children_wait(history: History, batch: Batch) -> Iterator[str]:
    """A task begins when all it waits for have succeeded or been left out; the finalizer when all is done."""
    for change in batch.of("task_runs"):
        row = change.after
        if row is None or change.before is not None:
            continue
        run_id, name = row["graph_run_id"], row["task_name"]
        graph, standing = history.graph_of(run_id), history.standing(run_id)
        if name in graph.suspended:
            yield f"{name} is suspended, and began"
        for each in sorted(graph.waits_for.get(name, ())):
            if standing.get(each) not in STANDS:
                yield f"{name} began while {each}, for which it waits, is {standing.get(each)}"
        if name == graph.finalizer:
            yield from _judge_finalizer(history, graph, run_id)
        finalizer = history.tasks[run_id].get(graph.finalizer or "")
        if finalizer is not None and finalizer["id"] < row["id"]:
            yield f"{name} began after the finalizer"
        if history.runs[run_id]["state"] != "EXECUTING" and row["state"] == "EXECUTING":
            yield f"{name} began in a graph run that is {history.runs[run_id]['state']}"


def _judge_finalizer(history: History, graph: GraphShape, run_id: int) -> Iterator[str]:
    for name, row in history.tasks[run_id].items():
        if row["state"] == "EXECUTING" and name != graph.finalizer:
            yield f"the finalizer began while {name} is executing"


def a_graph_ends_when_all_is_done(history: History, batch: Batch) -> Iterator[str]:
    """When a graph run closes, nothing executes, the finalizer has run, and it says how it went."""
    for change in batch.of("graph_runs"):
        before, after = change.before, change.after
        if before is None or after is None or before["state"] in ENDED or after["state"] in OPEN:
            continue
        graph, rows = history.graph_of(after["id"]), history.tasks[after["id"]]
        states = {row["state"] for row in rows.values()}
        if "EXECUTING" in states:
            yield f"graph run {after['id']} of {graph.root} closed while a task executes"
        if graph.active_finalizer is not None and graph.active_finalizer not in rows:
            yield f"graph run {after['id']} of {graph.root} closed without its finalizer"
        yield from _judge_state(history, graph, after, states)


def _judge_state(history: History, graph: GraphShape, run: Row, states: set[str]) -> Iterator[str]:
    standing = history.standing(run["id"])
    left = [name for name in (graph.root, *graph.waits_for) if name not in standing]
    has_failed = bool(states & {"FAILED", "FAILED_AND_AUTO_SUSPENDED"})
    if run["state"] == "SUCCEEDED" and (states - STANDS or left):
        yield f"graph run {run['id']} of {graph.root} succeeded, with {sorted(states)}, without {left}"
    if has_failed and run["state"] != "FAILED":
        yield f"graph run {run['id']} of {graph.root} has failures and is {run['state']}"
    if run["state"] == "FAILED" and not has_failed and not left:
        yield f"graph run {run['id']} of {graph.root} failed, and none of its tasks did"
    if run["state"] == "CANCELLED" and "CANCELLED" not in states:
        yield f"graph run {run['id']} of {graph.root} is cancelled, and none of its tasks is"


def an_outcome_is_what_was_done(history: History, batch: Batch) -> Iterator[str]:
    """A body that succeeded has committed, once; one that was interrupted has not."""
    for change in batch.of("task_runs"):
        before, after = change.before, change.after
        if before is None or after is None or before["state"] != "EXECUTING" or after["state"] == "EXECUTING":
            continue
        kind = history.graph_of(after["graph_run_id"]).kinds[after["task_name"]]
        commits = history.ledger.commits[history.key(after)]
        steps = [commit.step for commit in commits]
        said = f"{after['task_name']} ({kind}) of graph run {after['graph_run_id']} is {after['state']}"
        if kind is Kind.IDLE:
            continue
        if after["state"] == "SUCCEEDED" and 2 not in steps:
            yield f"{said}, and has committed nothing"
        # One that fails by itself may have been overtaken by an execution that was held up before it
        # committed: what two processes can reach at once has only the marker between them.
        has_committed = any(commit.query_id == after["query_id"] for commit in commits)
        if kind is Kind.ATOMIC and after["error_code"] == SYSTEM_FAULT and has_committed:
            yield f"{said} by our doing ({after['error_code']}), and has committed"
        if (
            kind is Kind.ATOMIC
            and after["state"] == "SUCCEEDED"
            and after["return_value"] != commits[0].query_id
        ):
            yield f"{said} with {after['return_value']}, which is not what {commits[0].query_id} returned"


def runs_overlap_as_agreed(history: History, batch: Batch) -> Iterator[str]:
    """A root that does not let its runs overlap has one at a time."""
    for root_id in {change.after["root_id"] for change in batch.of("graph_runs") if change.after}:
        graph = history.graphs[root_id]
        executing = [
            row for row in history.runs.values() if row["root_id"] == root_id and row["state"] == "EXECUTING"
        ]
        if graph.policy is Policy.ALLOW_CHILD_OVERLAP:
            executing = [row for row in executing if row["root_ended_at"] is None]
        if graph.policy is not Policy.ALLOW_ALL_OVERLAP and len(executing) > 1:
            yield f"{graph.root} has {len(executing)} runs at once"


PROMISES: Final[tuple[Promise, ...]] = (
    what_waits_is_kept,
    a_fire_makes_one_run,
    every_due_fire_is_a_run_or_is_skipped,
    skips_are_counted,
    an_outcome_is_final,
    only_its_owner_changes_a_run,
    children_wait,
    a_graph_ends_when_all_is_done,
    an_outcome_is_what_was_done,
    runs_overlap_as_agreed,
)


def _said(instant: int) -> str:
    return (datetime.fromtimestamp(0) + timedelta(microseconds=instant)).strftime("%H:%M:%S")
