"""What a statement means for logs and streams: its batch, the limits of what it sees, what it moves."""

# S608: SQL of ours, made of names of ours.

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from clockmill.engine.duckdb.faults import Conflict
from clockmill.engine.duckdb.locks import EXCLUSIVE
from clockmill.engine.duckdb.names import PRIVATE, literal
from clockmill.engine.duckdb.streams.log import KINDS
from clockmill.engine.duckdb.streams.positions import Logged, Position, Positions, Reading, Window
from clockmill.engine.duckdb.translate.plan import Logs, Plan, Step
from clockmill.engine.duckdb.translate.unit import Parameter, Unit


class Commit(msgspec.Struct, frozen=True):
    """What is made known once a transaction is committed: logs that have grown, streams that have moved."""

    logged: dict[str, Logged] = {}
    moved: tuple[Position, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.logged or self.moved)

    def then(self, later: "Commit") -> "Commit":
        """Return this and what a later statement of the same transaction has done."""
        if not later:
            return self
        logged = dict(self.logged)
        for tracking, new in later.logged.items():
            logged[tracking] = logged.get(tracking, Logged()).then(new)
        moved = {position.id: position for position in (*self.moved, *later.moved)}
        return Commit(logged, tuple(moved.values()))


NOTHING: Final = Commit()


def consuming(plan: Plan, unit: Unit) -> Plan:
    """Return *plan*, which changes tables, so that the streams that it reads are consumed by it."""
    if not unit.streams:
        return plan
    steps = [_move(unit, stream) for stream in unit.streams]
    return msgspec.structs.replace(
        plan,
        steps=(*plan.steps, *steps),
        parameters=tuple(unit.parameters),
        locks=(*plan.locks, *((lock, EXCLUSIVE) for lock in unit.streams.values())),
        consumes=tuple(unit.streams),
    )


def _move(unit: Unit, stream: str) -> Step:
    batch = unit.internal(Parameter("stream", stream, ("last",)), "BIGINT")
    return Step(
        f"UPDATE {PRIVATE}.offsets SET batch = {batch}, is_initial = false WHERE id = {literal(stream)}",
        (),
        True,
    )


def settled(plan: Plan, values: list[Any], positions: Positions, reading: Reading) -> list[Any]:
    """Return *values* with the batches and limits filled in, which are known once the locks are held.

    Raises Conflict for a stream that has gone meanwhile.
    """
    if not plan.parameters or not any(each.source in ("batch", "stream") for each in plan.parameters):
        return values
    batch = positions.next_batch()
    return [
        batch
        if parameter.source == "batch"
        else _limit(parameter, reading)
        if parameter.source == "stream"
        else value
        for parameter, value in zip(plan.parameters, values, strict=True)
    ]


def _limit(parameter: Parameter, reading: Reading) -> Any:
    window = reading.window(parameter.name)
    if window is None:
        raise Conflict("a stream was dropped")
    return _LIMITS[parameter.arguments[0]](window)


_LIMITS = {
    "from": lambda window: KINDS * (window.after + 1),
    "to": lambda window: KINDS * (window.last + 1),
    "mark": lambda window: window.mark,
    "last": lambda window: window.last,
}


def done_by(
    plan: Plan, values: Sequence[Any], counts: Sequence[list[tuple[Any, ...]]], reading: Reading
) -> Commit:
    """Return what the commit of a statement that has run will make known."""
    if not plan.consumes and all(step.logs is None for step in plan.steps):
        return NOTHING
    moved = (window.consumed for window in _windows(plan.consumes, reading))
    return Commit(_logged(plan, values, counts), tuple(moved))


def _windows(streams: Iterable[str], reading: Reading) -> Iterable[Window]:
    return (window for window in map(reading.window, streams) if window is not None)


def _logged(plan: Plan, values: Sequence[Any], counts: Sequence[list[tuple[Any, ...]]]) -> dict[str, Logged]:
    entries: dict[str, int] = {}
    inserts: set[str] = set()
    for step, rows in zip(plan.steps, counts, strict=True):
        if step.logs is None or not rows[0][0]:
            continue
        sign = -1 if step.logged is Logs.STRUCK else 1
        entries[step.logs] = entries.get(step.logs, 0) + sign * rows[0][0]
        if step.logged is Logs.INSERTS:
            inserts.add(step.logs)
    batches = {p.name: v for p, v in zip(plan.parameters, values, strict=True) if p.source == "batch"}
    return {
        tracking: Logged(batches[tracking], batches[tracking] if tracking in inserts else 0)
        for tracking, count in entries.items()
        if count
    }
