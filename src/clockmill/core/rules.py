"""The rules for one task: what each property may hold, and what goes with what.

A statement is checked in two steps, because CREATE IF NOT EXISTS on an existing task runs only
the first: :func:`read_statement` looks at the statement alone, :func:`check_properties` at
ranges and combinations. How a task is tied to others is in :mod:`clockmill.core.link_rules`.
"""

from typing import Final

import msgspec

from clockmill.core import parameters
from clockmill.core.body_text import check_definition
from clockmill.core.condition import parse_condition
from clockmill.core.config import read_config
from clockmill.core.graph import check_links
from clockmill.core.names import QualifiedName
from clockmill.core.parameter_list import LOG_LEVELS, SIZES, TRACE_LEVELS
from clockmill.core.schedule import parse_interval_s, parse_schedule
from clockmill.core.schedule_errors import MalformedSchedule
from clockmill.core.task import OverlapPolicy, TaskSpec
from clockmill.core.task_errors import (
    AutoRetryOnNonRoot,
    ConfigOnNonRoot,
    FinalizerWithPredecessors,
    FinalizesItself,
    InvalidLogLevel,
    InvalidTargetInterval,
    InvalidTraceLevel,
    OverlapFormsDiffer,
    OverlapOnNonRoot,
    OverlapPolicyOnNonRoot,
    OwnPredecessor,
    ScheduleAndPredecessor,
    ScheduledFinalizer,
    ServerlessOnly,
    SizesOutOfOrder,
    TargetIntervalNeedsServerless,
    TargetIntervalRequired,
)

MIN_TARGET_S: Final = 10
MAX_TARGET_S: Final = 86_400
"""The range of TARGET_COMPLETION_INTERVAL: up to a day, in whatever unit it is written."""

_INITIAL: Final = "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE"
_MINIMUM: Final = "SERVERLESS_TASK_MIN_STATEMENT_SIZE"
_MAXIMUM: Final = "SERVERLESS_TASK_MAX_STATEMENT_SIZE"

# Each is a field of the spec of the same name in lower case.
_PARAMETERS: Final = (
    "USER_TASK_TIMEOUT_MS",
    "SUSPEND_TASK_AFTER_NUM_FAILURES",
    "TASK_AUTO_RETRY_ATTEMPTS",
    "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS",
    _INITIAL,
    _MINIMUM,
    _MAXIMUM,
)


def read_statement(spec: TaskSpec) -> TaskSpec:
    """Return *spec* with its names and words as we keep them, or raise what is wrong in itself."""
    read_texts(spec.definition, spec.condition)
    return msgspec.structs.replace(
        spec,
        predecessors=tuple(sorted(set(spec.predecessors))),
        session_parameters=parameters.read_task_session_parameters(spec.session_parameters),
    )


def read_texts(definition: str, condition: str | None) -> None:
    """Raise if what a task runs is not complete, or when it does so is no condition."""
    check_definition(definition)
    if condition is not None:
        parse_condition(condition)


def check_properties(name: QualifiedName, spec: TaskSpec) -> TaskSpec:
    """Return *spec*, which :func:`read_statement` gave, with its values as we keep them.

    Raises for values out of range and for properties that exclude each other.
    """
    spec = _read_parameters(spec)
    _check_levels(spec)
    _check_timing(spec)
    if spec.config is not None:
        read_config(spec.config)
    _check_links_of_statement(name, spec)
    _check_root_properties(name, spec)
    _check_compute(name, spec)
    return spec


def overlap_policy(
    name: QualifiedName, *, legacy: bool | None, policy: OverlapPolicy | None, is_root: bool
) -> OverlapPolicy | None:
    """Return the one policy that the old flag and the new word ask for together.

    The flag's false asks for no more than the default, so it is taken on any task; true only on
    a root.
    """
    if legacy is None:
        return policy
    meant = OverlapPolicy.ALLOW_CHILD_OVERLAP if legacy else OverlapPolicy.NO_OVERLAP
    if policy is not None:
        if policy is not meant:
            raise OverlapFormsDiffer
        return policy
    if not legacy:
        return None
    if not is_root:
        raise OverlapOnNonRoot(name)
    return meant


def is_triggered(spec: TaskSpec) -> bool:
    """Say whether a stream starts the task: it is a root, has no schedule, and its WHEN asks one."""
    if spec.condition is None or spec.schedule is not None or not spec.is_root:
        return False
    return bool(parse_condition(spec.condition).streams)


def _check_levels(spec: TaskSpec) -> None:
    """Raise for a level that is none. They are kept as they are spelled."""
    for level in (spec.log_level, spec.log_event_level):
        if level is not None and level.upper() not in LOG_LEVELS:
            raise InvalidLogLevel
    if spec.trace_level is not None and spec.trace_level.upper() not in TRACE_LEVELS:
        raise InvalidTraceLevel


def _read_parameters(spec: TaskSpec) -> TaskSpec:
    """Return *spec* with the values of its task parameters checked, and spelled as we keep them."""
    read = {}
    for parameter in _PARAMETERS:
        value = getattr(spec, parameter.lower())
        if value is not None:
            read[parameter.lower()] = parameters.read_task_parameter(parameter, value)
    return msgspec.structs.replace(spec, **read) if read else spec


def _check_timing(spec: TaskSpec) -> None:
    if spec.schedule is not None:
        parse_schedule(spec.schedule)
    if spec.target_completion_interval is not None:
        _check_target_interval(spec.target_completion_interval)


def _check_target_interval(text: str) -> None:
    try:
        seconds = parse_interval_s(text)
    except MalformedSchedule:
        raise InvalidTargetInterval(text) from None
    if not MIN_TARGET_S <= seconds <= MAX_TARGET_S:
        raise InvalidTargetInterval(text)


def _check_links_of_statement(name: QualifiedName, spec: TaskSpec) -> None:
    """Check what a statement says of links without looking at the tasks that it names."""
    check_links(name, predecessors=len(spec.predecessors))
    if name.name in spec.predecessors:
        raise OwnPredecessor(name.name)
    if spec.is_child and spec.schedule is not None:
        raise ScheduleAndPredecessor(name.name)
    if not spec.is_finalizer:
        return
    if spec.finalize == name.name:
        raise FinalizesItself(name.name)
    if spec.schedule is not None:
        raise ScheduledFinalizer(name.name)
    if spec.predecessors:
        raise FinalizerWithPredecessors(name)


def _check_root_properties(name: QualifiedName, spec: TaskSpec) -> None:
    if spec.is_root:
        return
    if spec.config is not None:
        raise ConfigOnNonRoot(name)
    if spec.overlap_policy is not None:
        raise OverlapPolicyOnNonRoot(name)
    if spec.task_auto_retry_attempts is not None:
        raise AutoRetryOnNonRoot(name.name)


def _check_compute(name: QualifiedName, spec: TaskSpec) -> None:
    """Check what says how large a task's compute is, against whether it has a warehouse."""
    if spec.warehouse is None:
        _check_sizes(spec)
        if spec.target_completion_interval is None and is_triggered(spec):
            raise TargetIntervalRequired(name)
        return
    for option in (_INITIAL, _MINIMUM, _MAXIMUM):
        if getattr(spec, option.lower()) is not None:
            raise ServerlessOnly(option)
    if spec.target_completion_interval is not None:
        raise TargetIntervalNeedsServerless(name)


def _check_sizes(spec: TaskSpec) -> None:
    least = spec.serverless_task_min_statement_size
    most = spec.serverless_task_max_statement_size
    initial = spec.user_task_managed_initial_warehouse_size
    _check_order(_MINIMUM, least, _MAXIMUM, most, "greater")
    _check_order(_INITIAL, initial, _MAXIMUM, most, "greater")
    _check_order(_INITIAL, initial, _MINIMUM, least, "less")


def _check_order(first: str, size: str | None, second: str, other: str | None, relation: str) -> None:
    """Raise if *size* stands in *relation* to *other*. A size that is not set contradicts nothing."""
    if size is None or other is None:
        return
    difference = SIZES.index(size) - SIZES.index(other)
    if difference > 0 if relation == "greater" else difference < 0:
        raise SizesOutOfOrder(first, size, relation, second, other)
