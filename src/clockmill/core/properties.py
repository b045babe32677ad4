"""Altering an object's properties by name, as ALTER ... SET and UNSET do."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from clockmill.core.errors import InvalidRequest
from clockmill.core.parameters import UnknownParameter

S = TypeVar("S", bound=msgspec.Struct)


def with_properties(
    spec: S,
    settings: Mapping[str, Any],
    unset: Iterable[str],
    *,
    kind: str,
    fixed: str | None = None,
    strict: bool = True,
) -> S:
    """Return *spec* of a *kind* of object with properties set and unset by name, in any case.

    The property *fixed* stays as it was made. Raises UnknownParameter for what is no property, and
    InvalidRequest for a value of a wrong type; *strict* takes no number or boolean that is text.
    """
    values = msgspec.to_builtins(spec)
    known = set(spec.__struct_fields__) - {fixed}

    def property_of(name: str) -> str:
        if name.lower() not in known:
            raise UnknownParameter(name.upper(), kind)
        return name.lower()

    for name in unset:
        values.pop(property_of(name), None)
    for name, value in settings.items():
        values[property_of(name)] = value
    try:
        return msgspec.convert(values, type(spec), strict=strict)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"Invalid property of {kind}: {error}") from error
