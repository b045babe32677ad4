"""Reads request bodies: what is unknown is ignored, what has the wrong type is refused with its place."""

from typing import TypeVar

import msgspec

from clockmill.api.errors import InvalidEntity

T = TypeVar("T")


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return what *body* holds, or raise InvalidEntity that says what is wrong with it, and where."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise InvalidEntity(f"The request entity had the following errors: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidEntity(f"The request entity is not JSON: {error}") from None


def require(value: str | None, name: str) -> str:
    """Return the text of the required property *name*, or raise InvalidEntity if it is missing or empty."""
    if not value:
        raise InvalidEntity(
            f"The request entity had the following errors: {name} cannot be empty string (was '')"
        )
    return value
