"""What happened, as the rows of the store tell it: read once, in one snapshot, into plain values."""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import RowMapping, select

from clockmill.core.schedule import Every, parse_schedule
from clockmill.store.database import Store, Transaction
from clockmill.store.tables import graph_runs, roots, skipped_fires, task_runs, tasks


class TaskRunSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A row of task_runs."""

    task: str
    state: str
    scheduled_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    return_value: str | None
    error_code: str | None
    error_message: str | None
    is_system_error: bool
    executions: int

    @property
    def succeeded(self) -> bool:
        return self.state == "SUCCEEDED"


class GraphRunSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A row of graph_runs, with those of its tasks by name."""

    id: int
    group_id: str
    attempt: int
    root: str
    state: str
    origin: str
    scheduled_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    owner_node: str | None
    epoch: int
    tasks: dict[str, TaskRunSeen]

    @property
    def is_open(self) -> bool:
        return self.state in {"QUEUED", "EXECUTING"}

    def __str__(self) -> str:
        return f"run {self.id} of {self.root} ({self.group_id} attempt {self.attempt}, {self.state})"


class SkipSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A row of skipped_fires: so many fires, from the first to the last, that began no run."""

    root: str
    first: datetime
    last: datetime
    fires: int
    reason: str


class PlanSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A root with an interval: due at every so many seconds after *base*, and next at *next_fire_at*."""

    root: str
    every_s: int
    base: datetime
    next_fire_at: datetime | None


class History(msgspec.Struct, frozen=True, kw_only=True):
    """All that happened in an account until some moment."""

    runs: tuple[GraphRunSeen, ...]
    skips: tuple[SkipSeen, ...]
    plans: tuple[PlanSeen, ...]

    def groups(self) -> dict[str, list[GraphRunSeen]]:
        """Return the attempts of each run group, in order."""
        found: defaultdict[str, list[GraphRunSeen]] = defaultdict(list)
        for run in sorted(self.runs, key=lambda run: run.attempt):
            found[run.group_id].append(run)
        return found


def read_history(store: Store) -> History:
    """Return what the rows of *store* say, all of one moment."""
    with store.read() as tx:
        return History(runs=_runs(tx), skips=_skips(tx), plans=_plans(tx))


def read_file(path: Path, entering: Sequence[str] = ()) -> History:
    """Return what the rows of the SQLite store in *path* say, read by a process with *entering* before it.

    SQLite insists on the one true name of a file, which only those know who see the disk it is on.
    """
    reading = [*entering, sys.executable, "-P", str(Path(__file__).resolve()), str(path)]
    read = subprocess.run(reading, stdout=subprocess.PIPE, check=True)
    return msgspec.msgpack.decode(read.stdout, type=History)


def _runs(tx: Transaction) -> tuple[GraphRunSeen, ...]:
    of_run: defaultdict[int, dict[str, TaskRunSeen]] = defaultdict(dict)
    for row in tx.execute(select(task_runs)).mappings():
        of_run[row["graph_run_id"]][row["task_name"]] = _fill(TaskRunSeen, row, task=row["task_name"])
    rows = tx.execute(select(graph_runs).order_by(graph_runs.c.id)).mappings()
    return tuple(_fill(GraphRunSeen, row, root=row["root_name"], tasks=of_run[row["id"]]) for row in rows)


def _skips(tx: Transaction) -> tuple[SkipSeen, ...]:
    return tuple(
        SkipSeen(
            root=row["root_name"],
            first=row["first_due_at"],
            last=row["last_due_at"],
            fires=row["fires"],
            reason=row["reason"],
        )
        for row in tx.execute(select(skipped_fires)).mappings()
    )


def _plans(tx: Transaction) -> tuple[PlanSeen, ...]:
    rows = tx.execute(select(roots, tasks.c.name, tasks.c.spec).join(tasks, tasks.c.id == roots.c.task_id))
    found = []
    for row in rows.mappings():
        text = msgspec.json.decode(row["spec"]).get("schedule")
        schedule = parse_schedule(text) if text else None
        if isinstance(schedule, Every) and row["schedule_base"] is not None:
            plan = PlanSeen(
                root=row["name"],
                every_s=schedule.seconds,
                base=row["schedule_base"],
                next_fire_at=row["next_fire_at"],
            )
            found.append(plan)
    return tuple(found)


def _fill(kind: Any, row: RowMapping, **others: Any) -> Any:
    """Return a *kind* with the columns of *row* that bear the names of its fields."""
    names = [field for field in kind.__struct_fields__ if field not in others]
    return kind(**{name: row[name] for name in names}, **others)


if __name__ == "__main__":
    with Store.open(sys.argv[1]) as opened:
        sys.stdout.buffer.write(msgspec.msgpack.encode(read_history(opened)))
