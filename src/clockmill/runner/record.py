"""Writing decisions: the work of one transaction for what has been decided about a graph run."""

from collections.abc import Mapping, Sequence

import msgspec

from clockmill.core.decide import Closing, Decision
from clockmill.core.fire import repeat_run
from clockmill.core.graph import Graph
from clockmill.core.run import GraphRun, Origin
from clockmill.core.settle import Settlement, failures_allowed, settle
from clockmill.core.task import OverlapPolicy, SuspendReason
from clockmill.store import fires, queued_runs, runs, skipped_fires, tasks, versions
from clockmill.store.database import Transaction
from clockmill.store.runs import TaskStart


class Aftermath(msgspec.Struct, frozen=True, kw_only=True):
    """What the end of a graph run, or of its root, has brought about in the store.

    *has_waiting* if another run of the root waits, a retry for one.
    """

    has_waiting: bool = False
    is_suspended: bool = False


NO_AFTERMATH = Aftermath()


def record(
    tx: Transaction, run: GraphRun, graph: Graph, decision: Decision, starts: Mapping[str, TaskStart]
) -> Aftermath:
    """Write *decision* about *run*; raises RunLost if it is no longer its owner's.

    *starts* holds by name the tasks that begin now or are passed over.
    """
    if not decision.ended:
        runs.check_owner(tx, run.id, run.epoch)
    for end in decision.ended:
        runs.finish_task_run(tx, run.id, run.epoch, graph.task(end.name).id, end)
    runs.start_task_runs(tx, [starts[name] for name in decision.started])
    runs.pass_over_tasks(tx, [(starts[end.name], end) for end in decision.passed_over])
    if decision.closing is not None:
        runs.close_graph_run(tx, run.id, run.epoch, decision.closing, root_end=decision.root_end)
        aftermath = _settle(tx, run, graph, decision.closing)
        return msgspec.structs.replace(aftermath, has_waiting=queued_runs.has_queued_run(tx, run.root_id))
    if decision.root_end is None:
        return NO_AFTERMATH
    runs.finish_root(tx, run.id, run.epoch, decision.root_end)
    may_overlap = run.overlap_policy is not OverlapPolicy.NO_OVERLAP
    return Aftermath(has_waiting=may_overlap and queued_runs.has_queued_run(tx, run.root_id))


def record_begins(tx: Transaction, begun: Sequence[tuple[GraphRun, Sequence[TaskStart]]]) -> None:
    """Write what runs begin with that do nothing but begin, all at once; may raise RunLost."""
    runs.check_owners(tx, [run for run, _ in begun])
    runs.start_task_runs(tx, [start for _, starts in begun for start in starts])


def _settle(tx: Transaction, run: GraphRun, graph: Graph, closing: Closing) -> Aftermath:
    match settle(graph, run.attempt, closing):
        case Settlement.SUCCESS:
            fires.count_success(tx, run.root_id, run.group_id, run.original_scheduled_at)
        case Settlement.RETRY if fires.is_root_there(tx, run.root_id):
            queued_runs.insert_graph_runs(tx, [repeat_run(run, Origin.AUTOMATIC_RETRY, closing.at)])
        case Settlement.FAILURE:
            allowed = failures_allowed(graph)
            if fires.count_failure(tx, run.root_id) >= (allowed or float("inf")):
                _suspend(tx, run, closing)
                return Aftermath(is_suspended=True)
        case Settlement.RETRY | Settlement.NOTHING:
            pass
    return NO_AFTERMATH


def _suspend(tx: Transaction, run: GraphRun, closing: Closing) -> None:
    tasks.suspend_tasks(tx, [run.root_id], SuspendReason.SUSPENDED_DUE_TO_ERRORS, closing.at)
    skipped_fires.record_suspended(tx, [run.root_id], closing.at)
    versions.unplan_root(tx, run.root_id)
    if closing.culprit is not None:
        runs.mark_auto_suspended(tx, run.id, closing.culprit)
