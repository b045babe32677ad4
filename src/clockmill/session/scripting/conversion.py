"""Converting values between types without an engine, where nothing about it can be in doubt."""

import re
from collections.abc import Iterable
from typing import Any, Final

from clockmill.core.types import (
    BOOLEAN,
    FLOAT,
    MAX_PRECISION,
    MAX_TEXT,
    NULL,
    TEXT,
    ColumnType,
    Kind,
    fixed,
    text,
)
from clockmill.engine.protocol import Binding
from clockmill.session.scripting.arithmetic import NotHere, as_float, is_null, rescaled

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}\Z")


def converted(value: Any, kind: ColumnType, to: ColumnType) -> Binding:
    """Return *value*, of type *kind*, as CAST makes it; NotHere where an engine must be asked."""
    if kind == to or (value is None and (is_null(kind) or (kind.kind, to.kind) in _CASTS)):
        return Binding(value, to)
    if is_null(kind):
        return Binding(None, to)
    convert = _CASTS.get((kind.kind, to.kind))
    if convert is None:
        raise NotHere
    return Binding(convert(value, kind, to), to)


def as_text(value: Any, kind: ColumnType) -> str | None:
    """Return how a value shows as text."""
    if value is None:
        if kind.kind in _SHOWN or is_null(kind):
            return None
        raise NotHere
    match kind.kind:
        case Kind.TEXT:
            return str(value)
        case Kind.FIXED:
            return format(value, "f") if kind.scale else str(value)
        case Kind.BOOLEAN:
            return "true" if value else "false"
    raise NotHere


_SHOWN: Final = frozenset({Kind.TEXT, Kind.FIXED, Kind.BOOLEAN})


def _to_fixed(value: Any, kind: ColumnType, to: ColumnType) -> Any:
    if kind.kind is Kind.BOOLEAN:
        return rescaled(int(value), to)
    if kind.kind is Kind.TEXT:
        if not _WHOLE.match(value):
            raise NotHere
        return rescaled(int(value), to)
    return rescaled(value, to)


def _to_float(value: Any, kind: ColumnType, _: ColumnType) -> float:
    return as_float(value, kind)


def _to_boolean(value: Any, _: ColumnType, __: ColumnType) -> bool:
    return bool(value != 0)


def _to_text(value: Any, kind: ColumnType, to: ColumnType) -> str:
    shown = as_text(value, kind) or ""
    longest = to.length or MAX_TEXT
    if len(shown) > longest and kind.kind is not Kind.TEXT:
        raise NotHere
    return shown[:longest]


_CASTS: Final = {
    (Kind.FIXED, Kind.FIXED): _to_fixed,
    (Kind.TEXT, Kind.FIXED): _to_fixed,
    (Kind.BOOLEAN, Kind.FIXED): _to_fixed,
    (Kind.FIXED, Kind.REAL): _to_float,
    (Kind.FIXED, Kind.BOOLEAN): _to_boolean,
    (Kind.FIXED, Kind.TEXT): _to_text,
    (Kind.TEXT, Kind.TEXT): _to_text,
    (Kind.BOOLEAN, Kind.TEXT): _to_text,
}


def unified(kinds: Iterable[ColumnType]) -> ColumnType:
    """Return the type that holds values of all *kinds*, where that is plain to see."""
    result = NULL
    for kind in kinds:
        result = _unified_two(result, kind)
    return result


def _unified_two(one: ColumnType, other: ColumnType) -> ColumnType:
    if is_null(one) or one == other:
        return other
    if is_null(other):
        return one
    match one.kind, other.kind:
        case Kind.FIXED, Kind.FIXED:
            scale = max(one.scale or 0, other.scale or 0)
            return fixed(max(_whole(one), _whole(other)) + scale, scale)
        case Kind.TEXT, Kind.TEXT:
            return text(max(one.length or 0, other.length or 0))
        case (Kind.FIXED, Kind.REAL) | (Kind.REAL, Kind.FIXED):
            return FLOAT
    raise NotHere


def _whole(kind: ColumnType) -> int:
    return (kind.precision or MAX_PRECISION) - (kind.scale or 0)


def truth(found: Binding) -> Any:
    """Return a condition's value: True, False or None."""
    if found.type == BOOLEAN or found.type.kind is Kind.BOOLEAN or is_null(found.type):
        return found.value
    raise NotHere


def settled(found: Binding) -> Binding:
    """Return *found* with the type that a result shows for a bare NULL."""
    return Binding(None, TEXT) if is_null(found.type) else found
