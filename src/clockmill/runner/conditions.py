"""Evaluating WHEN for a task that is ready."""

from functools import lru_cache
from typing import Final

from clockmill.core.body import StreamCheck
from clockmill.core.condition import parse_condition
from clockmill.core.errors import ClockmillError, StatementFault
from clockmill.core.names import qualify
from clockmill.core.progress import Progress
from clockmill.core.task import Task
from clockmill.runner.live import AncestorValues, enabled_predecessors

_parse = lru_cache(maxsize=1024)(parse_condition)

_RETURN_VALUE: Final = "SYSTEM$GET_PREDECESSOR_RETURN_VALUE"


class Conditions:
    """Judges conditions; *streams* answers for streams."""

    def __init__(self, streams: StreamCheck) -> None:
        self._streams = streams

    def judge(self, task: Task, progress: Progress) -> bool:
        """Say whether *task* shall run, or raise a ClockmillError."""
        condition = task.spec.condition
        return condition is None or _parse(condition).evaluate(_Lookup(self._streams, task, progress))

    def may_trigger(self, root: Task) -> bool:
        """Say whether *root*, which its streams start, has reason to begin: its condition holds.

        One that cannot be judged gives none: the run that looks by itself fails, and says why.
        """
        condition = root.spec.condition
        try:
            return condition is not None and _parse(condition).evaluate(_StreamLookup(self._streams, root))
        except ClockmillError:
            return False


class _StreamLookup:
    """What the condition of a root asks for before a run of it begins; a ConditionLookup."""

    def __init__(self, streams: StreamCheck, root: Task) -> None:
        self._streams = streams
        self._root = root

    def stream_has_data(self, stream: str) -> bool:
        return self._streams.has_data(qualify(stream, self._root.name.parent))

    def return_value(self, task: str | None) -> str | None:
        raise StatementFault(f"'{task}' is not a predecessor of task {self._root.name}: a root has none.")


class _Lookup:
    """What the condition of one task asks for; a ConditionLookup."""

    def __init__(self, streams: StreamCheck, task: Task, progress: Progress) -> None:
        self._streams = streams
        self._task = task
        self._progress = progress

    def stream_has_data(self, stream: str) -> bool:
        return self._streams.has_data(qualify(stream, self._task.name.parent))

    def return_value(self, task: str | None) -> str | None:
        own = self._task.name.name
        values = AncestorValues(self._progress, own)
        if task is None:
            enabled = enabled_predecessors(self._progress.graph, own)
            if len(enabled) != 1:
                raise StatementFault(
                    f"{_RETURN_VALUE} needs the name of a predecessor, because task {self._task.name} "
                    f"has {len(enabled)} enabled predecessors."
                )
            task = enabled[0]
        if task not in values:
            raise StatementFault(f"'{task}' is not an enabled predecessor of task {self._task.name}.")
        return values[task]
