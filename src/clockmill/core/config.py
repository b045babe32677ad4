"""A graph's configuration: a JSON object that tasks read, with what one run lays over it.

Numbers are kept as they are written, and text comes out compact with keys in order, as the
service shows objects.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from clockmill.core.errors import InvalidRequest, StatementFault


class InvalidConfig(InvalidRequest):
    """A configuration that is not the text of a JSON object."""

    def __init__(self) -> None:
        super().__init__("Invalid config. Must be a string representation of a valid JSON Object.")


class InvalidPath(StatementFault):
    """A path into a configuration that does not parse."""

    def __init__(self, path: str) -> None:
        super().__init__(f"Invalid extraction path '{path}'")


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


_STEP: Final = re.compile(
    r"""(?:\.?(?P<name>[A-Za-z_][A-Za-z0-9_$]*)
         | \.?"(?P<quoted>(?:[^"]|"")+)"
         | \[(?P<index>[0-9]{1,9})\]
         | \['(?P<key>(?:[^']|'')+)'\]
         | \["(?P<other_key>(?:[^"]|"")+)"\])""",
    re.VERBOSE,
)


def read_config(text: str) -> dict[str, Any]:
    """Return the object that *text* states, or raise :class:`InvalidConfig`."""
    try:
        config = json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_refuse)
        if isinstance(config, dict):
            # Half a surrogate pair is fine in JSON, but nothing could ever write it.
            compact(config).encode()
            return config
    except (ValueError, RecursionError) as error:
        raise InvalidConfig from error
    raise InvalidConfig


def merge(default: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return *default* with *given* laid over it: objects within objects too, all else as a whole."""
    merged = dict(default)
    for key, value in given.items():
        below = merged.get(key)
        is_nested = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = merge(merged[key], value) if is_nested else value
    return merged


def merge_texts(default: str | None, given: str | None) -> str | None:
    """Return the configuration of a run as compact text; None where there is none at all.

    >>> merge_texts('{"b": {"x": 1, "y": 1.50}}', '{"b": {"x": 2}, "a": true}')
    '{"a":true,"b":{"x":2,"y":1.50}}'
    """
    if default is None and given is None:
        return None
    return compact(merge(read_config(default or "{}"), read_config(given or "{}")))


def look_up(text: str, path: str) -> str | None:
    """Return what stands at *path* (``a.b[0]``): text as it is, objects as compact JSON.

    None if there is nothing, or null. Names are compared exactly.
    """
    value: Any = read_config(text)
    for step in _steps(path):
        value = _child(value, step)
    if value is None or isinstance(value, str):
        return value if value is None else str(value)
    return compact(value)


def compact(value: Any) -> str:
    """Write *value* as JSON without blanks and with keys in order."""
    match value:
        case _Number():
            return str(value)
        case dict():
            fields = (f"{_quote(key)}:{compact(value[key])}" for key in sorted(value))
            return "{" + ",".join(fields) + "}"
        case list():
            return "[" + ",".join(compact(item) for item in value) + "]"
        case _:
            return _quote(value)


def _quote(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None or (position == 0 and path.startswith(".")):
            raise InvalidPath(path)
        steps.append(_step(match))
        position = match.end()
    if not steps:
        raise InvalidPath(path)
    return steps


def _step(match: re.Match[str]) -> str | int:
    if match["index"]:
        return int(match["index"])
    quoted = match["quoted"] or match["other_key"]
    if quoted:
        return quoted.replace('""', '"')
    return match["name"] or match["key"].replace("''", "'")


def _child(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None
