"""The task: what a user defines, and what the system keeps about it."""

import enum
from datetime import datetime
from typing import Any, Final

import msgspec

from clockmill.core.errors import AlreadyExists
from clockmill.core.names import QualifiedName


class TaskState(enum.StrEnum):
    """Whether a task may run. Spelled as the API spells it."""

    STARTED = "started"
    SUSPENDED = "suspended"


class SuspendReason(enum.StrEnum):
    """Why a task was last suspended (SHOW TASKS, ``last_suspended_reason``)."""

    USER_SUSPENDED = "USER_SUSPENDED"
    SCHEMA_OR_DATABASE_DELETED = "SCHEMA_OR_DATABASE_DELETED"
    GRANT_OWNERSHIP = "GRANT_OWNERSHIP"
    SUSPENDED_DUE_TO_ERRORS = "SUSPENDED_DUE_TO_ERRORS"
    CHILD_BECAME_ROOT = "CHILD_BECAME_ROOT"
    FINALIZER_BECAME_ROOT = "FINALIZER_BECAME_ROOT"


class OverlapPolicy(enum.StrEnum):
    """What happens when a graph is due while an earlier run of it goes on (CREATE TASK)."""

    NO_OVERLAP = "NO_OVERLAP"
    ALLOW_CHILD_OVERLAP = "ALLOW_CHILD_OVERLAP"
    ALLOW_ALL_OVERLAP = "ALLOW_ALL_OVERLAP"


DEFAULT_TIMEOUT_MS: Final = 3_600_000
MAX_TIMEOUT_MS: Final = 604_800_000
DEFAULT_SUSPEND_AFTER: Final = 10
MAX_AUTO_RETRIES: Final = 30


class TaskSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the user says of a task; None is «not set», so a level above may supply it.

    Names are folded. *schedule*, *target_completion_interval* are the SQL texts
    (``5 MINUTES``, ``USING CRON 0 9 * * * UTC``), kept as written. *config* is the JSON text as
    written. *predecessors* and *finalize* name tasks of the same schema.
    """

    definition: str
    warehouse: str | None = None
    schedule: str | None = None
    comment: str | None = None
    predecessors: tuple[str, ...] = ()
    finalize: str | None = None
    condition: str | None = None
    config: str | None = None
    session_parameters: dict[str, Any] = {}
    overlap_policy: OverlapPolicy | None = None
    user_task_timeout_ms: int | None = None
    suspend_task_after_num_failures: int | None = None
    task_auto_retry_attempts: int | None = None
    user_task_minimum_trigger_interval_in_seconds: int | None = None
    user_task_managed_initial_warehouse_size: str | None = None
    target_completion_interval: str | None = None
    serverless_task_min_statement_size: str | None = None
    serverless_task_max_statement_size: str | None = None
    error_integration: str | None = None
    success_integration: str | None = None
    execute_as_user: str | None = None
    log_level: str | None = None
    log_event_level: str | None = None
    trace_level: str | None = None

    @property
    def is_child(self) -> bool:
        return bool(self.predecessors)

    @property
    def is_finalizer(self) -> bool:
        return self.finalize is not None

    @property
    def is_root(self) -> bool:
        """True without predecessors and finalizing nothing: a graph starts here."""
        return not self.predecessors and self.finalize is None


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task as it is stored: the user's spec, and what the system says of it.

    *finalizer* is the name of the task that finalizes this root, if there is one.
    """

    id: str
    name: QualifiedName
    owner: str
    spec: TaskSpec
    state: TaskState = TaskState.SUSPENDED
    created_on: datetime
    created_by: str | None = None
    last_committed_on: datetime | None = None
    last_suspended_on: datetime | None = None
    last_suspended_reason: SuspendReason | None = None
    finalizer: str | None = None

    @property
    def is_started(self) -> bool:
        return self.state is TaskState.STARTED


class CreateMode(enum.StrEnum):
    """What create does when the name is taken. Spelled as the API spells it."""

    ERROR_IF_EXISTS = "errorIfExists"
    OR_REPLACE = "orReplace"
    IF_NOT_EXISTS = "ifNotExists"

    def keeps(self, name: str) -> bool:
        """Say of the object that has *name* already whether it stays, or is to be replaced.

        Raises AlreadyExists where create is to make a new one or nothing.
        """
        if self is CreateMode.ERROR_IF_EXISTS:
            raise AlreadyExists(name)
        return self is CreateMode.IF_NOT_EXISTS
