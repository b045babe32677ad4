"""How a task is kept in a row, and read from one."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from clockmill.core.names import SchemaName
from clockmill.core.task import SuspendReason, Task, TaskSpec, TaskState
from clockmill.store.tables import databases, schemas, tasks

finalizers = tasks.alias("finalizers")

TASK_COLUMNS: Final = (
    tasks.c.id,
    tasks.c.name,
    tasks.c.owner,
    tasks.c.state,
    tasks.c.spec,
    tasks.c.created_on,
    tasks.c.created_by,
    tasks.c.last_committed_on,
    tasks.c.last_suspended_on,
    tasks.c.last_suspended_reason,
    finalizers.c.name,
)
"""What :func:`read_task` reads, from :data:`WITH_FINALIZER` or :data:`PLACED`."""

WITH_FINALIZER = tasks.outerjoin(finalizers, finalizers.c.finalizes == tasks.c.id)
PLACED = WITH_FINALIZER.join(schemas, schemas.c.id == tasks.c.schema_id).join(
    databases, databases.c.id == schemas.c.database_id
)

_ENCODER: Final = msgspec.json.Encoder()
_SPEC: Final = msgspec.json.Decoder(TaskSpec)


def encode_spec(spec: TaskSpec) -> str:
    """Return *spec* as the JSON text that is stored."""
    return _ENCODER.encode(spec).decode()


def decode_spec(text: str) -> TaskSpec:
    """Return the spec that :func:`encode_spec` wrote."""
    return _SPEC.decode(text)


def read_task(home: SchemaName, row: Sequence[Any]) -> Task:
    """Return the task in *row*, which begins with :data:`TASK_COLUMNS`, of the schema *home*."""
    return Task(
        id=row[0],
        name=home.object(row[1]),
        owner=row[2],
        state=TaskState(row[3]),
        spec=_SPEC.decode(row[4]),
        created_on=row[5],
        created_by=row[6],
        last_committed_on=row[7],
        last_suspended_on=row[8],
        last_suspended_reason=None if row[9] is None else SuspendReason(row[9]),
        finalizer=row[10],
    )
