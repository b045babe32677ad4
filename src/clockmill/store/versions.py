"""Queries on graph versions, and on what the scheduler keeps of each root."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, delete, false, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from clockmill.core import graph as graphs
from clockmill.core.graph import Graph
from clockmill.core.names import QualifiedName
from clockmill.store.database import Transaction
from clockmill.store.tables import graph_versions, root_streams, roots, tasks


class LatestVersion(NamedTuple):
    """The newest version of a graph and the digest of what is in it."""

    number: int
    fingerprint: str


_LATEST = (
    select(graph_versions.c.version, graph_versions.c.fingerprint)
    .where(graph_versions.c.root_id == bindparam("root_id"))
    .order_by(graph_versions.c.version.desc())
    .limit(1)
)


def find_latest_version(tx: Transaction, root_id: str) -> LatestVersion | None:
    """Return the newest version of the graph of *root_id*, or None if none was ever cut."""
    row = tx.execute(_LATEST, {"root_id": root_id}).first()
    return None if row is None else LatestVersion(row[0], row[1])


_GRAPH = select(graph_versions.c.graph).where(
    graph_versions.c.root_id == bindparam("root_id"), graph_versions.c.version == bindparam("version")
)


def load_version(tx: Transaction, root_id: str, version: int) -> Graph | None:
    """Return the graph as it stood when *version* was cut, or None if it is not kept."""
    text = tx.execute(_GRAPH, {"root_id": root_id, "version": version}).scalar()
    return None if text is None else graphs.decode(text)


class KeptVersion(NamedTuple):
    """A version of a graph and when and by whom it was cut."""

    root_id: str
    number: int
    created_on: datetime
    created_by: str | None
    graph: Graph


_ALL = select(
    graph_versions.c.root_id,
    graph_versions.c.version,
    graph_versions.c.created_on,
    graph_versions.c.created_by,
    graph_versions.c.graph,
).order_by(graph_versions.c.created_on, graph_versions.c.root_id, graph_versions.c.version)


def list_versions(tx: Transaction) -> list[KeptVersion]:
    """Return every version that is kept, oldest first."""
    return [KeptVersion(*row[:4], graphs.decode(row[4])) for row in tx.execute(_ALL)]


_INSERT = insert(graph_versions)
_COMMIT = update(tasks).where(tasks.c.id == bindparam("key")).values(last_committed_on=bindparam("at"))


def insert_version(
    tx: Transaction, root_id: str, version: int, graph: Graph, *, now: datetime, by: str | None
) -> None:
    """Keep *graph* as *version*."""
    row = {
        "root_id": root_id,
        "version": version,
        "created_on": now,
        "created_by": by,
        "fingerprint": graph.fingerprint(),
        "graph": graphs.encode(graph),
    }
    tx.execute(_INSERT, row)


def mark_committed(tx: Transaction, task_ids: list[str], now: datetime) -> None:
    """Note on the tasks *task_ids* that what they are now has become part of a version."""
    tx.execute(_COMMIT, [{"key": task_id, "at": now} for task_id in task_ids])


# Each root has its row from the first version on. Both databases know the same upsert, but
# SQLAlchemy has a construct for each.
_NEW_ROOT = {"graph_version": bindparam("graph_version"), "consecutive_failures": 0}
_KEEP_ROOT: Final = {
    kind.__name__.rpartition(".")[2]: kind.insert(roots)
    .values(task_id=bindparam("task_id"), **_NEW_ROOT)
    .on_conflict_do_update(
        index_elements=[roots.c.task_id], set_={"graph_version": bindparam("graph_version")}
    )
    for kind in (sqlite, postgresql)
}


def set_current_version(tx: Transaction, root_id: str, version: int) -> None:
    """Let runs of the graph of *root_id* begin with *version* from now on."""
    tx.execute(_KEEP_ROOT[tx.dialect.name], {"task_id": root_id, "graph_version": version})


_PLAN = (
    update(roots)
    .where(roots.c.task_id == bindparam("key"))
    .values(
        schedule_base=bindparam("base"),
        next_fire_at=bindparam("next"),
        awaits_data=false(),
        consecutive_failures=0,
    )
)
_UNPLAN = (
    update(roots).where(roots.c.task_id == bindparam("key")).values(next_fire_at=None, awaits_data=false())
)
_INSERT_STREAM = insert(root_streams)
_DELETE_STREAMS = delete(root_streams).where(root_streams.c.root_id == bindparam("key"))


def plan_root(
    tx: Transaction,
    root_id: str,
    *,
    base: datetime,
    next_fire_at: datetime | None,
    streams: Collection[QualifiedName] = (),
) -> None:
    """Count intervals of *root_id* from *base*, fire it at *next_fire_at*, and forget its failures.

    From then on data in any of *streams* lets it be due.
    """
    tx.execute(_PLAN, {"key": root_id, "base": base, "next": next_fire_at})
    if streams:
        tx.execute(_DELETE_STREAMS, {"key": root_id})
        tx.execute(_INSERT_STREAM, [{"root_id": root_id, **stream_key(stream)} for stream in streams])


_BASE = select(roots.c.schedule_base).where(roots.c.task_id == bindparam("key"))


def find_schedule_base(tx: Transaction, root_id: str) -> datetime | None:
    """Return what intervals of *root_id* are counted from; None if nothing has counted yet."""
    return tx.execute(_BASE, {"key": root_id}).scalar()


def stream_key(stream: QualifiedName) -> dict[str, str]:
    """Return the columns by which *stream* is known."""
    return {"database_name": stream.database, "schema_name": stream.schema, "stream_name": stream.name}


def unplan_root(tx: Transaction, root_id: str) -> None:
    """Cancel the next fire of *root_id*, if there is one; no stream starts it any more."""
    tx.execute(_UNPLAN, {"key": root_id})
    tx.execute(_DELETE_STREAMS, {"key": root_id})
