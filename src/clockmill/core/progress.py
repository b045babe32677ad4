"""How far a graph run has come: what its owner keeps in memory while it goes on.

The one value of the core that changes in place. A graph run has one owner, a finished task must
cost no more than its children, and copying a thousand counts for each would cost the graph.
"""

from collections.abc import Iterable, Mapping

from clockmill.core.graph import Graph
from clockmill.core.run import TaskEnd, TaskRunState


class Progress:
    """What has ended, what is executing, and for each waiting task how much it still waits for.

    *carried* are the ends that an earlier attempt left standing: its successes and skips.
    Only :mod:`clockmill.core.decide` changes it.
    """

    def __init__(self, graph: Graph, carried: Mapping[str, TaskEnd] | None = None) -> None:
        self.graph = graph
        self.ends: dict[str, TaskEnd] = {}
        self.executing: set[str] = set()
        self.first_error: TaskEnd | None = None
        self.has_failed = False
        self.first_counted_failure: TaskEnd | None = None
        self.is_cut_short = False
        self.is_expired = False
        self._missing = dict(graph.waits)
        self._succeeded: dict[str, int] = {}
        for end in (carried or {}).values():
            self.ends[end.name] = end
            self.pass_on(end)

    @property
    def root_end(self) -> TaskEnd | None:
        """How the root ended, in this attempt or an earlier one."""
        return self.ends.get(self.graph.root)

    def return_value(self, name: str) -> str | None:
        """Return what *name* has set as its return value, if it has."""
        end = self.ends.get(name)
        return end.return_value if end else None

    def ready_at_begin(self) -> list[str]:
        """Return the tasks that wait for nothing and have not ended, in name order."""
        if not self.ends:
            return [self.graph.root]
        return sorted(
            name for name, count in self._missing.items() if not count and self._may_start(name, self.graph)
        )

    def restore(self, ends: Iterable[TaskEnd], executing: Iterable[str]) -> None:
        """Take up what is on record of this attempt: how tasks have ended, in order, and which execute."""
        for end in ends:
            self.record(end)
            self.pass_on(end)
        self.executing.update(executing)

    def left_out(self) -> list[str]:
        """Return the tasks that wait for nothing, but neither execute nor have ended, in name order."""
        return sorted(
            name
            for name, count in self._missing.items()
            if not count and name not in self.executing and self._may_start(name, self.graph)
        )

    def record(self, end: TaskEnd) -> None:
        """Note that a task of this attempt has ended."""
        self.executing.discard(end.name)
        self.ends[end.name] = end
        if not end.is_error:
            return
        self.first_error = self.first_error or end
        if end.state is TaskRunState.FAILED:
            self.has_failed = True
            if not end.is_system_error:
                self.first_counted_failure = self.first_counted_failure or end

    def pass_on(self, end: TaskEnd) -> list[str]:
        """Count *end* for whoever waits for it; return who has to wait for nothing any more.

        A failure is not counted, so those who wait for it wait for ever.
        """
        if end.is_error:
            return []
        ready = []
        for child in self.graph.effective_children(end.name):
            self._missing[child] -= 1
            if end.succeeded:
                self._succeeded[child] = self._succeeded.get(child, 0) + 1
            if not self._missing[child] and self._may_start(child, self.graph):
                ready.append(child)
        return ready

    def _may_start(self, name: str, graph: Graph) -> bool:
        """Say whether *name*, whose predecessors have all succeeded or been skipped, shall run.

        One success is enough beside skipped ones; whether the service does the same is not
        documented clearly, so this is the one place to change.
        """
        return name not in self.ends and (
            bool(self._succeeded.get(name)) or not graph.effective_predecessors(name)
        )
