"""Bodies that take virtual time, fail, and commit, as the seed has it."""

from collections.abc import Callable, Collection
from random import Random
from typing import NamedTuple, Protocol

from tests.simulation.ledger import Commit, Execution, Key, Ledger
from tests.simulation.shapes import Kind
from tests.simulation.timeline import Nap, Process, Timeline

from clockmill.core.body import BodyOutcome, BodyRequest, Recall, Remains, Slot
from clockmill.core.cancel import CancelToken

CANCELLED = BodyOutcome(error_code="000604", error_message="stopped", is_cancelled=True)
FAILED = BodyOutcome(error_code="100038", error_message="boom")
BROKEN = BodyOutcome(error_code="000603", error_message="broken", is_system_error=True)
MET = BodyOutcome(error_code="099999", error_message="another execution of it has committed")


class Course(NamedTuple):
    """How a body goes: what it takes before, between and after its commits, and how it fails."""

    before_ms: int
    between_ms: int
    after_ms: int
    failure: BodyOutcome | None


class Witness(Protocol):
    """Who is told of what bodies do; it complains by itself."""

    def body_began(self, key: Key, execution: Execution) -> None: ...
    def body_committed(self, key: Key, kind: Kind) -> None: ...


class SimulatedBodies:
    """The bodies of one process; a :class:`clockmill.core.body.BodyRunner`."""

    def __init__(
        self,
        *,
        process: Process,
        timeline: Timeline,
        ledger: Ledger,
        witness: Witness,
        random: Callable[[Key, int], Random],
    ) -> None:
        """*random* gives chance for the n-th execution of a body: it depends on nothing else."""
        self._process = process
        self._timeline = timeline
        self._ledger = ledger
        self._witness = witness
        self._random = random

    def needs_slot(self, definition: str) -> bool:
        return definition != Kind.OPAQUE

    def run(self, body: BodyRequest, slot: Slot | None, cancel: CancelToken) -> BodyOutcome:
        key = _key(body)
        # Whoever begins it though a part is done knows that, and does all of it again.
        is_anew = self._ledger.is_partial(key)
        execution = Execution(self._process.name, body.query_id, cancel, is_anew)
        self._ledger.begun[key] += 1
        course = _draw(self._random(key, self._ledger.begun[key]))
        self._witness.body_began(key, execution)
        self._ledger.running[key].append(execution)
        try:
            return self._do(key, Kind(body.definition), course, execution)
        finally:
            self._ledger.running[key].remove(execution)

    def recall(self, body: BodyRequest) -> Recall:
        key, kind = _key(body), Kind(body.definition)
        if kind is Kind.OPAQUE:
            return Recall(remains=Remains.UNKNOWN)
        if key in self._ledger.outcomes:
            return Recall(remains=Remains.COMPLETE, outcome=self._ledger.outcomes[key])
        return Recall(remains=Remains.UNKNOWN if self._ledger.is_partial(key) else Remains.NOTHING)

    def forget(self, runs: Collection[tuple[str, int]]) -> None:
        self._ledger.forgotten.update(runs)

    def _do(self, key: Key, kind: Kind, course: Course, execution: Execution) -> BodyOutcome:
        self._work(course.before_ms, execution.cancel)
        if execution.cancel.reason is not None:
            return CANCELLED
        if course.failure is not None:
            return course.failure
        if kind is Kind.STEPS:
            if (met := self._meet(key, execution)) is not None:
                return met
            self._commit(key, kind, execution, step=1)
            self._work(course.between_ms, execution.cancel)
            if execution.cancel.reason is not None:
                return CANCELLED
        return self._complete(key, kind, course, execution)

    def _complete(self, key: Key, kind: Kind, course: Course, execution: Execution) -> BodyOutcome:
        outcome = BodyOutcome(return_value=execution.query_id)
        if kind is Kind.ATOMIC and (met := self._meet(key, execution)) is not None:
            return met
        if kind is not Kind.IDLE:
            self._commit(key, kind, execution, step=2)
        if kind in {Kind.ATOMIC, Kind.STEPS}:
            self._ledger.outcomes[key] = outcome
        # What is committed is no more stopped: it only takes its time to say so.
        self._timeline.sleep(course.after_ms)
        return outcome

    def _meet(self, key: Key, execution: Execution) -> BodyOutcome | None:
        """Leave the marker with the first write; return how to end if another execution has left it."""
        if key in self._ledger.outcomes:
            return self._ledger.outcomes[key]
        if key in self._ledger.markers and not execution.is_anew:
            return MET
        self._ledger.markers.add(key)
        return None

    def _commit(self, key: Key, kind: Kind, execution: Execution, step: int) -> None:
        commit = Commit(execution.process, execution.query_id, step, self._timeline.now_ms)
        self._ledger.commits[key].append(commit)
        self._witness.body_committed(key, kind)

    def _work(self, ms: int, cancel: CancelToken) -> None:
        """Take *ms*, or less if the body is stopped."""
        naps: list[Nap] = []

        def interrupt() -> None:
            for nap in naps:
                self._timeline.end_nap(nap)

        if cancel.reason is None:
            with cancel.interrupting(interrupt):
                self._timeline.nap(ms, naps.append)


def _key(body: BodyRequest) -> Key:
    return (body.graph_run.group_id, body.graph_run.attempt, body.task_id)


def _draw(random: Random) -> Course:
    chance = random.random()
    return Course(
        before_ms=random.choice((0, 5, 400, 1_500, 4_000, 9_000)),
        between_ms=random.choice((5, 300, 2_000)),
        after_ms=random.choice((0, 0, 5, 200, 1_000)),
        failure=FAILED if chance < 0.08 else BROKEN if chance < 0.11 else None,
    )
