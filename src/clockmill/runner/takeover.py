"""Bodies that an earlier owner began: what is left of them, and whether they are run again."""

import logging
from collections.abc import Callable
from typing import Final

from clockmill.core.body import BodyOutcome, BodyRequest, BodyRunner, Recall, Remains
from clockmill.core.errors import SystemFault
from clockmill.runner.live import Job, LiveRun

log = logging.getLogger(__name__)

MOST_EXECUTIONS: Final = 5
"""A body that was begun so often without coming to an end may be what ends its nodes."""

INTERRUPTED: Final = (
    "The server ended while this was running, and a part of it may be done. Where it can be run again from "
    "its beginning, the setting interrupted = rerun does so."
)
GIVEN_UP: Final = f"The server ended while this was running, {MOST_EXECUTIONS} times. It is not begun again."

RecordExecution = Callable[[LiveRun, Job], None]
"""Records that the body of a job is begun once more, and returns once that is durable; may raise RunLost."""


class Takeover:
    """Decides about interrupted bodies. Those that may have done a part are run again if *reruns_parts*."""

    def __init__(
        self, *, bodies: BodyRunner, record_execution: RecordExecution, reruns_parts: bool = False
    ) -> None:
        self._bodies = bodies
        self._record_execution = record_execution
        self._reruns_parts = reruns_parts

    def settle(self, live: LiveRun, job: Job, request: BodyRequest) -> BodyOutcome | None:
        """Return what the body of *job*, which an earlier owner began, has come to.

        None once it is on record that it is begun again.
        """
        recall = self._recall(request)
        log.info("interrupted body", extra={"task": str(job.task.name), "remains": recall.remains.name})
        match recall.remains:
            case Remains.COMPLETE:
                return recall.outcome or BodyOutcome()
            case Remains.UNKNOWN if not self._reruns_parts:
                return _failure(INTERRUPTED)
            case Remains.UNKNOWN | Remains.NOTHING:
                if job.executions >= MOST_EXECUTIONS:
                    return _failure(GIVEN_UP)
                self._record_execution(live, job)
                return None

    def find_complete(self, job: Job, request: BodyRequest) -> BodyOutcome | None:
        """Return the outcome of a body that an earlier owner began, if all it does is committed."""
        if not job.executions:
            return None
        recall = self._recall(request)
        return recall.outcome or BodyOutcome() if recall.remains is Remains.COMPLETE else None

    def _recall(self, request: BodyRequest) -> Recall:
        try:
            return self._bodies.recall(request)
        except Exception:
            # It cannot be told, and saying so is better than a run that never ends.
            log.exception("body could not be recalled", extra={"task": str(request.task)})
            return Recall(remains=Remains.UNKNOWN)


def _failure(text: str) -> BodyOutcome:
    return BodyOutcome(error_code=SystemFault.code, error_message=text, is_system_error=True)
