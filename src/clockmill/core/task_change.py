"""What a statement says a task shall be, and what the task is after it.

A statement is checked in two steps, as :mod:`clockmill.core.rules` explains: :func:`read_change`
looks at it alone, :func:`apply_change` at values, against the task that it is about.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from clockmill.core import rules
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.parameter_list import Kind
from clockmill.core.parameters import (
    SESSION_PARAMETERS,
    TASK_PARAMETERS,
    InvalidParameterValue,
    UnknownParameter,
    has_kind,
    read_task_session_parameters,
)
from clockmill.core.task import OverlapPolicy, TaskSpec
from clockmill.core.task_errors import InvalidPropertyValue

EXECUTE_AS_USER: Final = "EXECUTE AS USER"
FINALIZE: Final = "FINALIZE"
_OVERLAP: Final = "OVERLAP_POLICY"
_LEGACY_OVERLAP: Final = "ALLOW_OVERLAPPING_EXECUTION"
_SEARCH_PATH: Final = "SEARCH_PATH"
"""No session parameter of ours, but refused by a sentence of its own."""


class NamedTask(NamedTuple):
    """A task that a statement names: its full name, and how the statement writes it."""

    name: QualifiedName
    text: str


class TaskChange(msgspec.Struct, frozen=True, kw_only=True):
    """What one statement says of a task. What it does not mention stays as it is.

    *settings* and *unset* go by upper-case names of properties and parameters; what *unset*
    lists may also be :data:`EXECUTE_AS_USER` or :data:`FINALIZE`. *added* and *removed* are
    predecessors.
    """

    settings: Mapping[str, Any] = {}
    unset: tuple[str, ...] = ()
    definition: str | None = None
    condition: str | None = None
    removes_condition: bool = False
    execute_as_user: str | None = None
    added: tuple[NamedTask, ...] = ()
    removed: tuple[NamedTask, ...] = ()
    finalize: NamedTask | None = None

    @property
    def links(self) -> tuple[NamedTask, ...]:
        """The tasks that the task shall come after, and the one it shall finalize."""
        return self.added if self.finalize is None else (*self.added, self.finalize)

    def is_elsewhere(self, home: SchemaName) -> bool:
        """Say whether any of the links leads out of the schema *home*."""
        return any(link.name.parent != home for link in self.links)


def read_change(change: TaskChange) -> TaskChange:
    """Return *change*, or raise what is wrong with it whatever the task: unknown properties, kinds."""
    for name in change.unset:
        if name not in _UNSET_ALSO:
            _kind_of(name)
    for name, value in change.settings.items():
        kind = _kind_of(name)
        if not has_kind(kind, value):
            raise InvalidParameterValue(name, value, kind)
    return change


def apply_change(name: QualifiedName, spec: TaskSpec, change: TaskChange) -> TaskSpec:
    """Return *spec* of the task *name* as it is after *change*, its properties not yet checked.

    Raises for session parameters and overlap policies that cannot be as they are set.
    """
    fields: dict[str, Any] = {_FIELDS[each]: None for each in change.unset if each in _FIELDS}
    fields |= {_FIELDS[each]: value for each, value in change.settings.items() if each in _FIELDS}
    fields["session_parameters"] = _session_parameters(spec, change)
    fields["predecessors"] = _predecessors(spec, change)
    if change.finalize is not None:
        fields["finalize"] = change.finalize.name.name
    if change.definition is not None:
        fields["definition"] = change.definition
    if change.condition is not None or change.removes_condition:
        fields["condition"] = change.condition
    if change.execute_as_user is not None:
        fields["execute_as_user"] = change.execute_as_user
    changed = msgspec.structs.replace(spec, **fields)
    return _with_overlap(name, changed, change)


def _session_parameters(spec: TaskSpec, change: TaskChange) -> dict[str, Any]:
    kept = {key: value for key, value in spec.session_parameters.items() if key not in change.unset}
    given = {key: value for key, value in change.settings.items() if key not in _PROPERTIES}
    return {**kept, **read_task_session_parameters(given)}


def _predecessors(spec: TaskSpec, change: TaskChange) -> tuple[str, ...]:
    gone = {each.name.name for each in change.removed}
    wanted = {*spec.predecessors, *(each.name.name for each in change.added)} - gone
    return tuple(sorted(wanted))


def _with_overlap(name: QualifiedName, spec: TaskSpec, change: TaskChange) -> TaskSpec:
    legacy, word = change.settings.get(_LEGACY_OVERLAP), change.settings.get(_OVERLAP)
    if legacy is None and word is None:
        is_unset = {_OVERLAP, _LEGACY_OVERLAP} & set(change.unset)
        return msgspec.structs.replace(spec, overlap_policy=None) if is_unset else spec
    policy = rules.overlap_policy(
        name,
        legacy=None if legacy is None else str(legacy).upper() == "TRUE",
        policy=None if word is None else _overlap_policy(word),
        is_root=spec.is_root,
    )
    return msgspec.structs.replace(spec, overlap_policy=policy)


def _overlap_policy(word: str) -> OverlapPolicy:
    try:
        return OverlapPolicy(word)
    except ValueError:
        raise InvalidPropertyValue(_OVERLAP, word) from None


def _kind_of(name: str) -> Kind:
    """Return what kind of value the property or parameter *name* has, or raise UnknownParameter."""
    if name in _PROPERTIES:
        return _PROPERTIES[name]
    if name == _SEARCH_PATH:
        return Kind.STRING
    if name not in SESSION_PARAMETERS:
        raise UnknownParameter(name, "TASK")
    return SESSION_PARAMETERS[name].kind


_TEXTS: Final = (
    *("WAREHOUSE", "SCHEDULE", "COMMENT", "CONFIG", "ERROR_INTEGRATION", "SUCCESS_INTEGRATION"),
    *("TARGET_COMPLETION_INTERVAL", _OVERLAP),
)
_PROPERTIES: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(_TEXTS, Kind.STRING),
    **{each.name: each.kind for each in TASK_PARAMETERS.values()},
    _LEGACY_OVERLAP: Kind.BOOLEAN,
}
_UNSET_ALSO: Final = frozenset({EXECUTE_AS_USER, FINALIZE})
_FIELDS: Final[Mapping[str, str]] = {
    **{name: name.lower() for name in _PROPERTIES if name not in (_OVERLAP, _LEGACY_OVERLAP)},
    EXECUTE_AS_USER: "execute_as_user",
    FINALIZE: "finalize",
}
"""The field of the spec that holds a property as it is given."""
