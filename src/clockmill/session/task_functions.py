"""What a task's body may ask and say about its run."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from clockmill.core.body import BodyRequest
from clockmill.core.config import look_up
from clockmill.core.errors import Unsupported
from clockmill.core.routine import Routine
from clockmill.engine.result import TEXT, ColumnType
from clockmill.session.execution import Execution
from clockmill.session.faults import InvalidArgument, NullResult
from clockmill.session.host import ONLY_IN_TASKS, SessionFunctions
from clockmill.sql.functions import CallFunctions
from clockmill.sql.statement import EngineStatement, Verb

_LONGEST_RETURN_VALUE: Final = 10_000
"""Bytes of the longest return value, as documented (10 kB)."""


class ReturnValue:
    """Where a run's return value is put; the last one counts."""

    def __init__(self) -> None:
        self.text: str | None = None


class TaskFunctions:
    """The functions of a session, and those that only a task's body may call."""

    def __init__(self, execution: Execution, body: BodyRequest, returned: ReturnValue) -> None:
        self._others = SessionFunctions(execution)
        self._execution = execution
        self._body = body
        self._returned = returned

    def knows(self, name: str) -> bool:
        """Say whether *name* (upper case) is answered here."""
        return self._others.knows(name)

    def call(self, name: str, arguments: Sequence[Any]) -> tuple[Any, ColumnType]:
        """Return the value and its type, or raise a ClockmillError."""
        if name not in ONLY_IN_TASKS:
            return self._others.call(name, arguments)
        least, most, answer = _FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            raise InvalidArgument(name, f"it takes {least} to {most} arguments, not {len(arguments)}.")
        return answer(self, arguments), TEXT

    def evaluate(self, function: Routine, arguments: Sequence[Any]) -> Any:
        """Return what the scripting block of *function* makes of *arguments*."""
        return self._others.evaluate(function, arguments)

    def set_return_value(self, arguments: Sequence[Any]) -> str | None:
        """Keep the value for the runs that follow."""
        value = arguments[0]
        text = None if value is None else str(value)
        if text is not None and len(text.encode()) > _LONGEST_RETURN_VALUE:
            raise InvalidArgument(
                "SYSTEM$SET_RETURN_VALUE", f"the value is longer than {_LONGEST_RETURN_VALUE} bytes."
            )
        self._returned.text = text
        return text

    def predecessor_return_value(self, arguments: Sequence[Any]) -> str | None:
        """Return what a predecessor has set; without a name, the one enabled predecessor."""
        name = "SYSTEM$GET_PREDECESSOR_RETURN_VALUE"
        values, predecessors = self._body.return_values, self._body.predecessors
        if not arguments:
            if len(predecessors) != 1:
                raise InvalidArgument(
                    name,
                    "the name of a predecessor is needed, because the task has "
                    f"{len(predecessors)} enabled predecessors.",
                )
            return values.get(predecessors[0])
        wanted = arguments[0]
        if wanted not in values and wanted not in predecessors:
            raise InvalidArgument(
                name,
                f"'{wanted}' is not an enabled predecessor of task {self._body.task.name}. "
                "The name is case-sensitive and without database and schema.",
            )
        return values.get(wanted)

    def graph_config(self, arguments: Sequence[Any]) -> str | None:
        """Return the configuration of the graph run, or what stands at a path in it."""
        config = self._body.graph_run.config
        if config is None or not arguments or arguments[0] is None:
            return None if arguments and arguments[0] is None else config
        return look_up(config, str(arguments[0]))

    def runtime_info(self, arguments: Sequence[Any]) -> str | None:
        """Return one fact of the graph run by its key."""
        key = str(arguments[0]).upper()
        fact = _RUNTIME_INFO.get(key)
        if fact is None:
            raise InvalidArgument(
                "SYSTEM$TASK_RUNTIME_INFO", f"'{arguments[0]}' is not one of {', '.join(_RUNTIME_INFO)}."
            )
        value = fact(self._body)
        if value is None and self._is_query:
            raise NullResult
        return value

    def current_name(self, _: Sequence[Any]) -> str:
        """Return the full name of the task."""
        return str(self._body.task)

    @property
    def _is_query(self) -> bool:
        """True where the value is for reading: the clients tell absence by an error there.

        In an INSERT and its like it is NULL.
        """
        match self._execution.statement:
            case CallFunctions():
                return True
            case EngineStatement(kind=kind):
                return kind is Verb.SELECT
        raise Unsupported("a task function in this statement")  # pragma: no cover - no others call


def _instant(at: datetime | None) -> str | None:
    """Write an instant so that it reads back as a timestamp, with its zone, which is UTC."""
    return None if at is None else at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " +0000"


_RUNTIME_INFO: Final[Mapping[str, Callable[[BodyRequest], str | None]]] = {
    "CURRENT_TASK_NAME": lambda body: str(body.task),
    "CURRENT_ROOT_TASK_NAME": lambda body: str(body.graph_run.root),
    "CURRENT_ROOT_TASK_UUID": lambda body: body.graph_run.root_id,
    "CURRENT_TASK_GRAPH_RUN_GROUP_ID": lambda body: body.graph_run.group_id,
    "CURRENT_TASK_GRAPH_ORIGINAL_SCHEDULED_TIMESTAMP": lambda body: _instant(
        body.graph_run.original_scheduled_at
    ),
    "LAST_SUCCESSFUL_TASK_GRAPH_RUN_GROUP_ID": lambda body: body.graph_run.last_successful_group_id,
    "LAST_SUCCESSFUL_TASK_GRAPH_ORIGINAL_SCHEDULED_TIMESTAMP": lambda body: _instant(
        body.graph_run.last_successful_scheduled_at
    ),
}

_FUNCTIONS: Final[Mapping[str, tuple[int, int, Callable[[TaskFunctions, Sequence[Any]], str | None]]]] = {
    "SYSTEM$SET_RETURN_VALUE": (1, 1, TaskFunctions.set_return_value),
    "SYSTEM$GET_PREDECESSOR_RETURN_VALUE": (0, 1, TaskFunctions.predecessor_return_value),
    "SYSTEM$GET_TASK_GRAPH_CONFIG": (0, 1, TaskFunctions.graph_config),
    "SYSTEM$TASK_RUNTIME_INFO": (1, 1, TaskFunctions.runtime_info),
    "SYSTEM$CURRENT_USER_TASK_NAME": (0, 0, TaskFunctions.current_name),
}
