"""Fires that began no run: how they are put on record, in a row for one reason, and shown."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, func, insert, select, update

from clockmill.core.fire import DueRoot, join_skipped, skip_fire, skip_fires
from clockmill.core.graph import Graph
from clockmill.core.misfire import SkippedFires, SkipReason
from clockmill.core.names import SchemaName
from clockmill.store import fires, queued_runs
from clockmill.store.database import Transaction
from clockmill.store.queued_runs import WaitingFire
from clockmill.store.tables import roots, skipped_fires


class Skip(NamedTuple):
    """Fires that are passed over, the graph of their root, and what its intervals count from."""

    graph: Graph
    base: datetime
    skipped: SkippedFires


class _Entry:
    """A record of a root: one that is stored already has an id."""

    def __init__(self, skipped: SkippedFires, row_id: int | None = None) -> None:
        self.skipped = skipped
        self.row_id = row_id
        self.is_changed = row_id is None

    def take_in(self, skip: Skip) -> bool:
        """Go on up to what *skip* passes over, if that comes next; say whether it did."""
        joined = join_skipped(skip.graph, skip.base, self.skipped, skip.skipped)
        if joined is None:
            return False
        self.skipped, self.is_changed = joined, True
        return True


_newer = skipped_fires.alias("newer")
_LATEST: Final = select(skipped_fires).where(
    skipped_fires.c.root_id.in_(bindparam("ids", expanding=True)),
    skipped_fires.c.last_due_at
    == select(func.max(_newer.c.last_due_at))
    .where(_newer.c.root_id == skipped_fires.c.root_id)
    .scalar_subquery(),
)
_INSERT: Final = insert(skipped_fires)
_EXTEND: Final = (
    update(skipped_fires)
    .where(skipped_fires.c.id == bindparam("b_id"))
    .values(last_due_at=bindparam("last"), fires=bindparam("count"), recorded_at=bindparam("now"))
)


def record_skips(tx: Transaction, skips: Sequence[Skip], now: datetime) -> None:
    """Put *skips* on record, those of one root oldest first.

    What follows what was skipped last, for the same reason and with nothing between, extends the
    record that there is.
    """
    if not skips:
        return
    entries = _enter(skips, _latest(tx, {skip.skipped.root_id for skip in skips}))
    new = [_row(entry.skipped, now) for entry in entries if entry.row_id is None]
    longer = [
        {"b_id": entry.row_id, "last": entry.skipped.last, "count": entry.skipped.fires, "now": now}
        for entry in entries
        if entry.row_id is not None and entry.is_changed
    ]
    if new:
        tx.execute(_INSERT, new)
    if longer:
        tx.execute(_EXTEND, longer)


def _enter(skips: Iterable[Skip], latest: dict[str, _Entry]) -> list[_Entry]:
    entries = list(latest.values())
    for skip in skips:
        before = latest.get(skip.skipped.root_id)
        if before is None or not before.take_in(skip):
            latest[skip.skipped.root_id] = entry = _Entry(skip.skipped)
            entries.append(entry)
    return entries


def _latest(tx: Transaction, root_ids: Iterable[str]) -> dict[str, _Entry]:
    rows = tx.execute(_LATEST, {"ids": sorted(root_ids)}).mappings()
    return {row["root_id"]: _Entry(_read(row), row["id"]) for row in rows}


def _row(skipped: SkippedFires, now: datetime) -> dict[str, Any]:
    return {
        "root_id": skipped.root_id,
        "root_name": skipped.root_name,
        "database_name": skipped.home.database,
        "schema_name": skipped.home.schema,
        "first_due_at": skipped.first,
        "last_due_at": skipped.last,
        "fires": skipped.fires,
        "reason": skipped.reason.value,
        "recorded_at": now,
    }


def _read(row: Any) -> SkippedFires:
    return SkippedFires(
        root_id=row["root_id"],
        root_name=row["root_name"],
        home=SchemaName(row["database_name"], row["schema_name"]),
        first=row["first_due_at"],
        last=row["last_due_at"],
        fires=row["fires"],
        reason=SkipReason(row["reason"]),
    )


class _Ended(NamedTuple):
    """A root that is about to be suspended or dropped, when it is due, and what it counts from."""

    root_id: str
    version: int
    due_at: datetime | None
    base: datetime | None


_ROOTS: Final = select(
    roots.c.task_id, roots.c.graph_version, roots.c.next_fire_at, roots.c.schedule_base
).where(roots.c.task_id.in_(bindparam("ids", expanding=True)))
_DUE_ROOTS: Final = _ROOTS.where(roots.c.next_fire_at <= bindparam("now"))


def record_suspended(tx: Transaction, root_ids: Collection[str], now: datetime) -> None:
    """Put on record what is due of roots that are about to be suspended, and that nobody has fired."""
    ended = [_Ended(*row) for row in tx.execute(_DUE_ROOTS, {"ids": list(root_ids), "now": now})]
    _record_ended(tx, ended, [], now)


def record_dropped(tx: Transaction, root_ids: Collection[str], now: datetime) -> None:
    """Put on record what is due of roots that are about to be dropped, and their runs that wait."""
    ended = [_Ended(*row) for row in tx.execute(_ROOTS, {"ids": list(root_ids)})]
    _record_ended(tx, ended, queued_runs.list_waiting_fires(tx, root_ids), now)


def _record_ended(
    tx: Transaction, ended: Sequence[_Ended], waiting: Sequence[WaitingFire], now: datetime
) -> None:
    graphs = fires.load_graphs(tx, [(root.root_id, root.version) for root in ended])
    skips = []
    for root_id, version, due_at, base in ended:
        graph = graphs.get((root_id, version))
        if graph is None or graph.root_task.spec.schedule is None:
            continue
        since = base or due_at or now
        skips += [
            Skip(graph, since, skip_fire(graph, root_id, run.due_at, SkipReason.SUSPENDED))
            for run in waiting
            if run.root_id == root_id
        ]
        if due_at is not None and due_at <= now:
            due = DueRoot(root_id=root_id, version=version, due_at=due_at, base=since)
            skips.append(Skip(graph, since, skip_fires(graph, due, due_at, now, SkipReason.SUSPENDED)))
    record_skips(tx, skips, now)


class RecordedSkip(NamedTuple):
    """Fires that began no run, and when the last of them was put on record."""

    skipped: SkippedFires
    recorded_at: datetime


_LIST: Final = (
    select(skipped_fires)
    .where(
        skipped_fires.c.last_due_at >= bindparam("since"), skipped_fires.c.first_due_at <= bindparam("until")
    )
    .order_by(skipped_fires.c.recorded_at.desc(), skipped_fires.c.id.desc())
    .limit(bindparam("n"))
)
_LIST_NAMED: Final = _LIST.where(func.upper(skipped_fires.c.root_name) == func.upper(bindparam("name")))


def list_skips(
    tx: Transaction, *, since: datetime, until: datetime, limit: int, root_name: str | None = None
) -> list[RecordedSkip]:
    """Return what was skipped between two instants, last recorded first.

    Of all roots, or of those called *root_name*, in any case; what the roots did under that name
    stays when they are gone.
    """
    values: dict[str, Any] = {"since": since, "until": until, "n": limit}
    query = _LIST
    if root_name is not None:
        query = _LIST_NAMED
        values["name"] = root_name
    return [RecordedSkip(_read(row), row["recorded_at"]) for row in tx.execute(query, values).mappings()]
