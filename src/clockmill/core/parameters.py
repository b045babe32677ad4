"""Parameters: the settings of sessions and tasks, with their kinds, defaults and ranges.

A parameter's value is a bool, an int or a str. Text from outside goes through one of the
readers below once; what they return is canonical (upper-case name, value of the right kind).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, assert_never

import msgspec

from clockmill.core.errors import InvalidRequest
from clockmill.core.parameter_list import SESSION, TASK, Kind, Parameter, Value
from clockmill.core.zones import find_zone

SESSION_PARAMETERS: Final[Mapping[str, Parameter]] = {each.name: each for each in SESSION}
"""What ALTER SESSION sets, by name."""

TASK_PARAMETERS: Final[Mapping[str, Parameter]] = {each.name: each for each in TASK}
"""What a task, and mostly also the levels above it, sets, by name."""

SESSION_DEFAULTS: Final[Mapping[str, Value]] = MappingProxyType({each.name: each.default for each in SESSION})


class InvalidParameterValue(InvalidRequest):
    """A parameter's value is of the wrong kind or outside its range."""

    sqlstate = "22023"

    def __init__(self, name: str, value: Any, kind: Kind) -> None:
        super().__init__(
            f"SQL compilation error:\ninvalid value [{_shown(value, kind)}] for parameter '{name}'"
        )


class UnknownParameter(InvalidRequest):
    """Something is set that is no parameter or property there."""

    code, sqlstate = "001420", "42601"

    def __init__(self, name: str, level: str) -> None:
        super().__init__(f"SQL compilation error:\ninvalid property '{name}' for '{level}'")


class ParameterNotForTasks(InvalidRequest):
    """A session parameter that a task's body may not be run with."""

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"The parameter {setting} is not supported with Tasks. Remove the parameter and try again."
        )


def read_value(parameter: Parameter, value: Any) -> Value:
    """Return *value* as one that *parameter* may have, or raise :class:`InvalidParameterValue`."""
    checked = _read(parameter, value)
    if checked is None:
        raise InvalidParameterValue(parameter.name, value, parameter.kind)
    return checked


def has_kind(kind: Kind, value: Any) -> bool:
    """Say whether *value* is of the *kind*, be it in range or not."""
    match kind:
        case Kind.BOOLEAN:
            return _read_boolean(value) is not None
        case Kind.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.STRING:
            return isinstance(value, str)
    assert_never(kind)


def read_session_parameter(name: str, value: Any) -> tuple[str, Value]:
    """Return the canonical name and value of a setting in ALTER SESSION SET.

    >>> read_session_parameter("timezone", "europe/berlin")
    ('TIMEZONE', 'Europe/Berlin')
    """
    parameter = SESSION_PARAMETERS.get(name.upper())
    if parameter is None:
        raise UnknownParameter(name.upper(), "SESSION")
    return parameter.name, read_value(parameter, value)


def read_task_parameter(name: str, value: Any) -> Value:
    """Return the checked value of one of :data:`TASK_PARAMETERS`."""
    parameter = TASK_PARAMETERS.get(name.upper())
    if parameter is None:
        raise UnknownParameter(name.upper(), "TASK")
    return read_value(parameter, value)


def read_task_session_parameters(given: Mapping[str, Any]) -> dict[str, Value]:
    """Return the session parameters that a task sets for its body, checked, by canonical name."""
    settings: dict[str, Value] = {}
    for name, value in given.items():
        canonical = name.upper()
        if canonical == "SEARCH_PATH":
            raise ParameterNotForTasks(canonical)
        if canonical not in SESSION_PARAMETERS:
            raise UnknownParameter(canonical, "TASK")
        settings[canonical] = read_value(SESSION_PARAMETERS[canonical], value)
    if settings.get("AUTOCOMMIT") is False:
        raise ParameterNotForTasks("AUTOCOMMIT = false")
    return settings


def read_login_parameters(given: Mapping[str, Any]) -> dict[str, Value]:
    """Return what of *given* a session can be opened with.

    Clients send settings of their own along, and numbers as text: what is unknown or does not
    fit is left out, because a refused login would leave the user without a way to mend it.
    """
    settings: dict[str, Value] = {}
    for name, value in given.items():
        parameter = SESSION_PARAMETERS.get(name.upper())
        if parameter is None:
            continue
        checked = _read(parameter, _number_if_digits(value) if parameter.kind is Kind.NUMBER else value)
        if checked is not None:
            settings[parameter.name] = checked
    return settings


def with_session_defaults(settings: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return every session parameter: *settings*, and the default where they are silent."""
    return {**SESSION_DEFAULTS, **settings} if settings else SESSION_DEFAULTS


def _read(parameter: Parameter, value: Any) -> Value | None:
    match parameter.kind:
        case Kind.BOOLEAN:
            return _read_boolean(value)
        case Kind.NUMBER:
            return _read_number(parameter, value)
        case Kind.STRING:
            return _read_string(parameter, value)
    assert_never(parameter.kind)


def _number_if_digits(value: Any) -> Any:
    # Eighteen digits are more than any range holds, and keep a hostile client's number cheap.
    is_digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18
    return int(value) if is_digits else value


def _read_boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"TRUE": True, "FALSE": False}.get(value.upper())
    return None


def _read_number(parameter: Parameter, value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    if parameter.minimum is not None and value < parameter.minimum:
        return None
    if parameter.maximum is not None and value > parameter.maximum:
        return None
    return value


def _read_string(parameter: Parameter, value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > parameter.max_length or "\0" in value:
        return None
    if parameter.is_zone:
        zone = find_zone(value)
        return None if zone is None else zone.key
    if not parameter.choices:
        return value
    word = value.upper()
    spelled = {choice.upper(): choice for choice in parameter.choices}
    return spelled.get(word) or parameter.spellings.get(word)


def _shown(value: Any, kind: Kind) -> str:
    """Write *value* as the service does: 1,000 for numbers, quoted text where none belongs."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, str):
        return value if kind is Kind.STRING else f"'{value}'"
    return msgspec.json.encode(value).decode() if value is not None else "null"
