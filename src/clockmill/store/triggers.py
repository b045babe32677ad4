"""Queries on roots that wait for streams to have data."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, select, true, update

from clockmill.core.fire import DueRoot
from clockmill.core.names import QualifiedName
from clockmill.store.database import Transaction
from clockmill.store.tables import root_streams, roots
from clockmill.store.versions import stream_key

_WAITING: Final = select(
    roots.c.task_id, roots.c.graph_version, roots.c.next_fire_at, roots.c.schedule_base
).where(roots.c.awaits_data == true())
_OF_STREAM: Final = _WAITING.join(root_streams, root_streams.c.root_id == roots.c.task_id).where(
    root_streams.c.database_name == bindparam("database_name"),
    root_streams.c.schema_name == bindparam("schema_name"),
    root_streams.c.stream_name == bindparam("stream_name"),
)
_BY_ID: Final = _WAITING.where(roots.c.task_id.in_(bindparam("ids", expanding=True)))


def list_roots_of_streams(tx: Transaction, streams: Iterable[QualifiedName]) -> list[DueRoot]:
    """Return the roots that wait for data in any of *streams*, each once."""
    found = {}
    for stream in streams:
        for row in tx.execute(_OF_STREAM, stream_key(stream)):
            found[row[0]] = _read(row)
    return list(found.values())


def list_waiting_roots(tx: Transaction, root_ids: Sequence[str] | None = None) -> list[DueRoot]:
    """Return those of the roots *root_ids* that wait for data in a stream; None is all."""
    rows = tx.execute(_WAITING) if root_ids is None else tx.execute(_BY_ID, {"ids": root_ids})
    return [_read(row) for row in rows]


def _read(row: Sequence[Any]) -> DueRoot:
    return DueRoot(root_id=row[0], version=row[1], due_at=row[2], base=row[3] or row[2])


class Triggered(NamedTuple):
    """A root that waits for data, and when it begins because there is some."""

    root: DueRoot
    fire_at: datetime


_TRIGGER: Final = (
    update(roots)
    .where(
        roots.c.task_id == bindparam("b_root"),
        roots.c.next_fire_at == bindparam("b_due"),
        roots.c.awaits_data == true(),
    )
    .values(next_fire_at=bindparam("at"), awaits_data=False)
)


def trigger_roots(tx: Transaction, triggered: Iterable[Triggered]) -> None:
    """Let roots be due because of data; one that was changed meanwhile stays as it is."""
    rows = [
        {"b_root": each.root.root_id, "b_due": each.root.due_at, "at": each.fire_at} for each in triggered
    ]
    if rows:
        tx.execute(_TRIGGER, rows)


_REBASE: Final = (
    update(roots).where(roots.c.task_id == bindparam("b_root")).values(schedule_base=bindparam("base"))
)


def note_begun(tx: Transaction, begun: Iterable[DueRoot]) -> None:
    """Count the minimum interval of roots from the scheduled time of the run that they begin."""
    rows = [{"b_root": root.root_id, "base": root.due_at} for root in begun]
    if rows:
        tx.execute(_REBASE, rows)
