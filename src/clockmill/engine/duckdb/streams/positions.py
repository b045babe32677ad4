"""Where streams stand, and how far the logs of changes go, as committed.

A change log grows by *batches*: each statement that changes a tracked table writes its entries under
a number of its own. Whoever writes such a table holds its lock alone until the commit, so for each
table the order of the numbers is the order of the commits. A stream has seen the batches up to its
position.

The file has it all as well (``offsets`` and the logs); what is here is read from there at the start.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import msgspec

Watcher = Callable[[frozenset[tuple[str, str]]], None]


class Logged(msgspec.Struct, frozen=True):
    """The last batch in a log, and the last that has inserted rows."""

    batch: int = 0
    inserted: int = 0

    def then(self, later: "Logged") -> "Logged":
        return Logged(max(self.batch, later.batch), max(self.inserted, later.inserted))


class Position(msgspec.Struct, frozen=True):
    """Where the stream *id* stands in the log *tracking*.

    Until an *is_initial* stream is consumed it shows the rows that were there when it was made.
    """

    id: str
    tracking: str
    batch: int
    is_initial: bool = False


class Window(msgspec.Struct, frozen=True):
    """What a transaction sees of a stream: the batches after *position* up to *until*."""

    position: Position
    until: int

    @property
    def after(self) -> int:
        """The batch after which entries count; those of an initial stream are marked as its own."""
        return self.position.batch - self.position.is_initial

    @property
    def last(self) -> int:
        return self.position.batch if self.position.is_initial else max(self.until, self.position.batch)

    @property
    def mark(self) -> str | None:
        return self.position.id if self.position.is_initial else None

    @property
    def consumed(self) -> Position:
        """Where the stream stands once this has been consumed."""
        return Position(self.position.id, self.position.tracking, self.last)


class Reading:
    """What one transaction sees of streams: the same from its beginning to its end, whatever it does."""

    def __init__(self, positions: "Positions", ends: Mapping[str, Logged]) -> None:
        self._positions = positions
        self._ends = ends
        self._windows: dict[str, Window] = {}

    def window(self, stream: str) -> Window | None:
        """Return what is seen of the stream of that id; None if there is no such stream any more."""
        if stream not in self._windows:
            position = self._positions.pin(self, stream)
            if position is None:
                return None
            end = self._ends.get(position.tracking, Logged()).batch
            self._windows[stream] = Window(position, end)
        return self._windows[stream]

    def is_overtaken(self, stream: str) -> bool:
        """Say whether somebody else has consumed the stream since it was first looked at here."""
        seen = self._windows.get(stream)
        return seen is not None and self._positions.find(stream) != seen.position

    def close(self) -> None:
        """Let the log go that was kept for this transaction."""
        if self._windows:
            self._positions.unpin(self)


class Positions:
    """The positions of all streams of an engine. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._batch = 0
        self._logged: Mapping[str, Logged] = MappingProxyType({})
        self._positions: dict[str, Position] = {}
        self._pins: dict[Reading, list[Position]] = {}

    def load(self, positions: Iterable[Position], logged: Mapping[str, Logged]) -> None:
        """Take over what the file says, at the start."""
        self._positions = {each.id: each for each in positions}
        self._logged = MappingProxyType(dict(logged))
        batches = [each.batch for each in self._positions.values()]
        self._batch = max([*batches, *(each.batch for each in logged.values())], default=0)

    def next_batch(self) -> int:
        """Return a number above all that there were."""
        with self._lock:
            self._batch += 1
            return self._batch

    def begin(self) -> Reading:
        """Return the view of a transaction that begins now."""
        return Reading(self, self._logged)

    def find(self, stream: str) -> Position | None:
        return self._positions.get(stream)

    def has_data(self, stream: str, *, only_inserts: bool) -> bool:
        """Say whether anything was logged that the stream has not seen; it may have come to nothing."""
        position = self._positions.get(stream)
        if position is None:
            return False
        end = self._logged.get(position.tracking, Logged())
        return position.is_initial or (end.inserted if only_inserts else end.batch) > position.batch

    # -- transactions

    def pin(self, reading: Reading, stream: str) -> Position | None:
        """Return where the stream stands, and keep its log from there on while *reading* is open."""
        with self._lock:
            position = self._positions.get(stream)
            if position is not None:
                self._pins.setdefault(reading, []).append(position)
            return position

    def unpin(self, reading: Reading) -> None:
        with self._lock:
            self._pins.pop(reading, None)

    def publish(self, logged: Mapping[str, Logged], moved: Iterable[Position]) -> None:
        """Make known what a transaction that has just committed has logged and consumed."""
        with self._lock:
            if logged:
                after = {name: self._logged.get(name, Logged()).then(new) for name, new in logged.items()}
                self._logged = MappingProxyType({**self._logged, **after})
            for position in moved:
                if position.id in self._positions:
                    self._positions[position.id] = position

    def settle(self, positions: Iterable[Position]) -> None:
        """Take over which streams there are after DDL; those that are known stay where they stand."""
        with self._lock:
            self._positions = {each.id: self._positions.get(each.id, each) for each in positions}
            tracked = {each.tracking for each in self._positions.values()}
            self._logged = MappingProxyType(
                {name: logged for name, logged in self._logged.items() if name in tracked}
            )

    def passed(self, tracking: str) -> int:
        """Return the batch up to which nobody looks at the log *tracking* any more."""
        with self._lock:
            pinned = [position for pins in self._pins.values() for position in pins]
            return min(
                (each.batch for each in (*self._positions.values(), *pinned) if each.tracking == tracking),
                default=0,
            )

    def is_initial(self, stream: str) -> bool:
        """Say whether the stream still shows its first rows, to an open transaction at least."""
        with self._lock:
            pinned = [position for pins in self._pins.values() for position in pins]
            return any(each.is_initial for each in (*self._positions.values(), *pinned) if each.id == stream)
