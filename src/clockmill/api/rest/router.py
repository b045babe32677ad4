"""Finds the operation of a path, segment by segment.

A path is split at its slashes before anything is decoded, since a quoted identifier may hold a
slash. A last segment such as ``name:resume`` is a name and an action; the action follows the
last colon outside quotes.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

import msgspec

from clockmill.api.errors import MethodNotAllowed, UnknownPath
from clockmill.api.rest.operation import Operation
from clockmill.core.errors import InvalidIdentifier, InvalidRequest
from clockmill.core.names import fold

_CACHED_PATHS: Final = 4_096
_LONGEST_CACHED: Final = 256
"""Clients ask for the same things again and again; a long path is not worth its memory."""

_fold: Final = lru_cache(maxsize=_CACHED_PATHS)(fold)
_PARAMETER: Final = re.compile(r"\{(\w+)\}")


class Match(msgspec.Struct, frozen=True):
    """An operation, and the texts of its path parameters, decoded but not yet read as names."""

    operation: Operation
    texts: Mapping[str, str]

    def names(self) -> Mapping[str, str]:
        """Return the identifiers of the path, folded, or raise InvalidIdentifier."""
        return {parameter: _fold(text) for parameter, text in self.texts.items()}


class _Place(msgspec.Struct, frozen=True):
    """An operation where it is served. Templates that share a place may name its parameters apart."""

    operation: Operation
    parameters: tuple[str, ...]


class _Node:
    """The operations at one place in the tree of paths, and the ways on from it."""

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.actions: dict[str, dict[str, _Place]] = {}
        """What is served here by action (empty for none) and method."""


class Router:
    """Knows which operation is served where."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        self._match_short = lru_cache(maxsize=_CACHED_PATHS)(self._match)
        for operation in operations:
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        path, _, action = operation.path.partition("}:")
        node = self._root
        for segment in path.strip("/").split("/"):
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        place = _Place(operation, tuple(_PARAMETER.findall(operation.path)))
        node.actions.setdefault(action, {})[operation.method] = place

    def match(self, method: str, raw_path: bytes) -> Match:
        """Return what is served at *raw_path*, or raise UnknownPath or MethodNotAllowed."""
        if len(raw_path) <= _LONGEST_CACHED:
            return self._match_short(method, raw_path)
        return self._match(method, raw_path)

    def _match(self, method: str, raw_path: bytes) -> Match:
        segments = raw_path.split(b"/")[1:]
        if segments[-1:] == [b""]:
            segments.pop()
        node, texts, action = self._root, [], ""
        for position, segment in enumerate(segments, start=1):
            text = _decode(segment)
            literal = node.literals.get(text)
            if literal is not None:
                node = literal
                continue
            if node.parameter is None or not text:
                raise _unknown(raw_path)
            node = node.parameter
            if position == len(segments):
                text, action = split_action(text)
            texts.append(text)
        place = _choose(node.actions.get(action), method, raw_path)
        return Match(place.operation, dict(zip(place.parameters, texts, strict=True)))


def _choose(places: Mapping[str, _Place] | None, method: str, raw_path: bytes) -> _Place:
    if not places:
        raise _unknown(raw_path)
    place = places.get(method)
    if place is None:
        raise MethodNotAllowed(method, raw_path.decode("latin-1"), tuple(sorted(places)))
    return place


def _unknown(raw_path: bytes) -> UnknownPath:
    return UnknownPath(raw_path.decode("latin-1"))


def _decode(segment: bytes) -> str:
    try:
        return unquote_to_bytes(segment).decode() if b"%" in segment else segment.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest("The path is not percent-encoded UTF-8.") from error


def split_action(text: str) -> tuple[str, str]:
    """Return the name and the action of a path's last segment; the action may be empty.

    >>> split_action("t1:resume"), split_action('"a:b"')
    (('t1', 'resume'), ('"a:b"', ''))
    """
    name, colon, action = text.rpartition(":")
    # Quotes come in pairs, doubled ones too: within an identifier their number so far is odd.
    if not colon or name.count('"') % 2:
        return text, ""
    if not name:
        raise InvalidIdentifier(text)
    return name, action
