"""Functions that only we can answer: about the session, and those that act on the system."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from clockmill.core.errors import InvalidIdentifier, NotFound, Unsupported
from clockmill.core.names import QualifiedName, split_path
from clockmill.core.routine import Routine
from clockmill.core.sentences import DONE
from clockmill.engine.result import BOOLEAN, TEXT, ColumnType
from clockmill.session.execution import Execution
from clockmill.session.faults import InvalidArgument, OutsideTask
from clockmill.session.function_bodies import evaluate_block
from clockmill.session.waiting import wait

Arguments = Sequence[Any]
Answered = tuple[Any, ColumnType]

_CLIENT_VERSIONS: Final = [
    {
        "clientId": client,
        "minimumSupportedVersion": "0.8.0",
        "minimumNearingEndOfSupportVersion": "0.9.0",
        "recommendedVersion": "1.0.0",
    }
    for client in ("PyCore", "PythonConnector", "PythonSnowpark")
]
"""What clients ask in order to warn of old versions of themselves: none is too old for us."""

ONLY_IN_TASKS: Final = frozenset(
    {
        "SYSTEM$SET_RETURN_VALUE",
        "SYSTEM$GET_PREDECESSOR_RETURN_VALUE",
        "SYSTEM$GET_TASK_GRAPH_CONFIG",
        "SYSTEM$TASK_RUNTIME_INFO",
        "SYSTEM$CURRENT_USER_TASK_NAME",
    }
)


class SessionFunctions:
    """The functions of an ordinary session; those of a task's body refuse."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution

    def knows(self, name: str) -> bool:
        """Say whether *name* (upper case) is answered here."""
        return name in FUNCTIONS or name in ONLY_IN_TASKS

    def call(self, name: str, arguments: Arguments) -> Answered:
        """Return the value and its type, or raise a ClockmillError."""
        if name in ONLY_IN_TASKS:
            raise OutsideTask(name)
        function = FUNCTIONS.get(name)
        if function is None:
            raise Unsupported(f"function {name}")
        least, most, answer, kind = function
        if not least <= len(arguments) <= most:
            raise InvalidArgument(name, f"it takes {least} to {most} arguments, not {len(arguments)}.")
        return answer(self._execution, arguments), kind

    def evaluate(self, function: Routine, arguments: Arguments) -> Any:
        """Return what the scripting block of *function* makes of *arguments*."""
        return evaluate_block(self._execution, function, arguments)


# --- about the session -----------------------------------------------------------------------


def _current_session(run: Execution, _: Arguments) -> str | None:
    return None if run.state.session_id is None else str(run.state.session_id)


def _current_schemas(run: Execution, _: Arguments) -> str:
    home = run.state.context.home
    return _json([] if home is None else [str(home)])


def _last_query_id(run: Execution, arguments: Arguments) -> str | None:
    position = -1 if not arguments else arguments[0]
    try:
        return run.state.query_id(int(position))
    except (TypeError, ValueError) as error:
        raise InvalidArgument("LAST_QUERY_ID", "a whole number is needed.") from error


def _get_variable(run: Execution, arguments: Arguments) -> str | None:
    variable = run.state.variables.get(str(arguments[0]))
    return None if variable is None or variable.value is None else str(variable.value)


def _is_role_in_session(run: Execution, arguments: Arguments) -> bool:
    return str(arguments[0]) in (run.state.context.role, "PUBLIC")


# --- acting on the system --------------------------------------------------------------------


def _cancel_query(run: Execution, arguments: Arguments) -> str:
    query_id = _text("SYSTEM$CANCEL_QUERY", arguments)
    if run.services.running.cancel(run.caller, query_id):
        return f"query [{query_id}] terminated."
    return run.services.runs.cancel_query(run.caller, query_id)


def _cancel_all_queries(run: Execution, arguments: Arguments) -> str:
    try:
        session_id = int(arguments[0])
    except (TypeError, ValueError) as error:
        raise InvalidArgument("SYSTEM$CANCEL_ALL_QUERIES", "the id of a session is needed.") from error
    count = run.services.running.cancel_session(run.caller, session_id, but=run.query_id)
    return f"{count} queries cancelled."


def _cancel_task(run: Execution, arguments: Arguments) -> str:
    name = _text("SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS", arguments)
    return run.services.runs.cancel_ongoing(run.caller, _object(run, name))


def _enable_dependents(run: Execution, arguments: Arguments) -> str:
    name = _text("SYSTEM$TASK_DEPENDENTS_ENABLE", arguments)
    run.services.tasks.enable_dependents(run.caller, _object(run, name))
    return DONE


def _stream_has_data(run: Execution, arguments: Arguments) -> bool:
    stream = _object(run, _text("SYSTEM$STREAM_HAS_DATA", arguments))
    try:
        return run.services.engine.stream_has_data(
            run.services.namespaces.namespace(stream.parent), stream.name
        )
    except NotFound:
        raise NotFound("Stream", stream) from None


def _wait(run: Execution, arguments: Arguments) -> str:
    return wait(arguments, run.cancel)


def _object(run: Execution, text: str) -> QualifiedName:
    """Return the full name of *text*; the session is asked only for what *text* leaves out."""
    match split_path(text):
        case (name,):
            return run.current_schema().object(name)
        case (schema, name):
            return QualifiedName(run.current_database(), schema, name)
        case (database, schema, name):
            return QualifiedName(database, schema, name)
    raise InvalidIdentifier(text)


def _text(function: str, arguments: Arguments) -> str:
    if not isinstance(arguments[0], str):
        raise InvalidArgument(function, "text is needed.")
    return arguments[0]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


Function = tuple[int, int, Callable[[Execution, Arguments], Any], ColumnType]

FUNCTIONS: Final[Mapping[str, Function]] = {
    "CURRENT_ACCOUNT": (0, 0, lambda run, _: run.services.account, TEXT),
    "CURRENT_ACCOUNT_NAME": (0, 0, lambda run, _: run.services.account, TEXT),
    "CURRENT_ORGANIZATION_NAME": (0, 0, lambda run, _: run.services.account, TEXT),
    "CURRENT_REGION": (0, 0, lambda _run, _: "LOCAL", TEXT),
    "CURRENT_VERSION": (0, 0, lambda run, _: run.services.version, TEXT),
    "CURRENT_CLIENT": (0, 0, lambda run, _: run.state.client, TEXT),
    "CURRENT_SESSION": (0, 0, _current_session, TEXT),
    "CURRENT_STATEMENT": (0, 0, lambda run, _: run.sql, TEXT),
    "CURRENT_TRANSACTION": (0, 0, lambda _run, _: None, TEXT),
    "CURRENT_USER": (0, 0, lambda run, _: run.state.user, TEXT),
    "CURRENT_ROLE": (0, 0, lambda run, _: run.state.context.role, TEXT),
    "CURRENT_ROLE_TYPE": (0, 0, lambda _run, _: "ROLE", TEXT),
    "CURRENT_SECONDARY_ROLES": (0, 0, lambda _run, _: '{"roles":"","value":""}', TEXT),
    "CURRENT_AVAILABLE_ROLES": (0, 0, lambda run, _: _json(sorted(run.state.roles)), TEXT),
    "CURRENT_WAREHOUSE": (0, 0, lambda run, _: run.state.context.warehouse, TEXT),
    "CURRENT_DATABASE": (0, 0, lambda run, _: run.state.context.database, TEXT),
    "CURRENT_SCHEMA": (0, 0, lambda run, _: run.state.context.schema, TEXT),
    "CURRENT_SCHEMAS": (0, 0, _current_schemas, TEXT),
    "GETVARIABLE": (1, 1, _get_variable, TEXT),
    "IS_ROLE_IN_SESSION": (1, 1, _is_role_in_session, BOOLEAN),
    "LAST_QUERY_ID": (0, 1, _last_query_id, TEXT),
    "SYSTEM$CLIENT_VERSION_INFO": (0, 0, lambda _run, _: _json(_CLIENT_VERSIONS), TEXT),
    "SYSTEM$CANCEL_QUERY": (1, 1, _cancel_query, TEXT),
    "SYSTEM$CANCEL_ALL_QUERIES": (1, 1, _cancel_all_queries, TEXT),
    "SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS": (1, 1, _cancel_task, TEXT),
    "SYSTEM$TASK_DEPENDENTS_ENABLE": (1, 1, _enable_dependents, TEXT),
    "SYSTEM$STREAM_HAS_DATA": (1, 1, _stream_has_data, BOOLEAN),
    "SYSTEM$WAIT": (1, 2, _wait, TEXT),
}
"""By name: the least and most arguments, how it is answered, and the type of the answer."""


def result_type(name: str) -> ColumnType:
    """Return the type of what the function *name* gives."""
    return FUNCTIONS[name][3] if name in FUNCTIONS else TEXT
