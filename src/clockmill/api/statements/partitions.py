"""Large results in pieces: which rows are in which partition, and how large each is."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from clockmill.api.wire.encoding import Cell
from clockmill.core.errors import InvalidRequest

_MOST_KEPT: Final = 2_000
"""Layouts that are remembered: one that is not is worked out again."""


class Partition(msgspec.Struct, frozen=True):
    """A run of rows, from *first* up to but not including *end*, and its bytes as JSON."""

    first: int
    end: int
    size: int

    def described(self) -> dict[str, Any]:
        return {"rowCount": self.end - self.first, "uncompressedSize": self.size}


Layout = tuple[Partition, ...]


def partition_at(layout: Layout, number: int) -> Partition:
    """Return partition *number*, or raise InvalidRequest if there is no such."""
    if number >= len(layout):
        raise InvalidRequest(f"Not a valid partition: {number}. The result has {len(layout)}, from 0.")
    return layout[number]


def lay_out(rows: Sequence[Sequence[Cell]], most_bytes: int) -> Layout:
    """Cut *rows* into partitions of at most *most_bytes*, but at least one row each.

    A result without rows has one partition.
    """
    buffer = bytearray()
    encode = msgspec.json.Encoder().encode_into
    partitions: list[Partition] = []
    first, size = 0, 1
    for number, row in enumerate(rows):
        encode(row, buffer)
        # Each row is followed by a comma or by the bracket that closes the array.
        if number > first and size + len(buffer) + 1 > most_bytes:
            partitions.append(Partition(first, number, size))
            first, size = number, 1
        size += len(buffer) + 1
    partitions.append(Partition(first, len(rows), max(size, 2)))
    return tuple(partitions)


class Layouts:
    """The layouts of results by handle and by how NULL is written."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, bool], Layout] = OrderedDict()

    def get(self, handle: str, *, nulls_as_text: bool) -> Layout | None:
        return self._kept.get((handle, nulls_as_text))

    def keep(self, handle: str, layout: Layout, *, nulls_as_text: bool) -> None:
        with self._lock:
            self._kept[(handle, nulls_as_text)] = layout
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
