"""The engine of a node that has none: what needs one is for another node to run."""

from collections.abc import Callable, Collection
from datetime import datetime

from clockmill.core.errors import Unavailable
from clockmill.engine.completion import BodyKey, Completion, Marker
from clockmill.engine.protocol import EngineSession, Relation


class NoEngineHere(Unavailable):
    """Something asked for tables on a node that has no engine."""

    def __init__(self) -> None:
        super().__init__("The tables of the account are at another node, and this one cannot reach them.")


class AbsentMarkers:
    """The markers of an engine that is not here: none are left, and none can be found."""

    since: datetime | None = None

    def keep_from(self, now: datetime | None) -> None:
        """Do nothing: bodies are not marked here."""

    def find(self, key: BodyKey) -> Marker | None:  # noqa: ARG002 - as engines have it
        return None

    def begin(self, completion: Completion) -> None:
        """Do nothing."""

    def complete(self, key: BodyKey, return_value: str | None) -> None:
        """Do nothing."""

    def clear(self, key: BodyKey) -> None:
        """Do nothing."""

    def runs(self) -> set[tuple[str, int]]:
        return set()

    def runs_among(self, runs: Collection[tuple[str, int]]) -> set[tuple[str, int]]:  # noqa: ARG002 - as engines have it
        return set()

    def forget(self, runs: Collection[tuple[str, int]]) -> None:
        """Do nothing."""


class AbsentEngine:
    """Stands where an engine would be. Nothing is in it, and nothing can be run in it."""

    def __init__(self) -> None:
        self._markers = AbsentMarkers()

    @property
    def markers(self) -> AbsentMarkers:
        """No markers: bodies that are run here leave none."""
        return self._markers

    def open_session(self) -> EngineSession:
        """Raise :class:`NoEngineHere`."""
        raise NoEngineHere

    def create_namespace(self, namespace: str) -> None:
        """Do nothing: the engine makes a namespace when it is first used."""

    def drop_namespace(self, namespace: str) -> None:
        """Do nothing: the engine's node drops what no schema has any more."""

    def namespaces(self) -> set[str]:
        return set()

    def relations(self, namespace: str, *, counted: bool = True) -> list[Relation]:  # noqa: ARG002 - as engines have it
        """Raise :class:`NoEngineHere`."""
        raise NoEngineHere

    def stream_has_data(self, namespace: str, name: str) -> bool:  # noqa: ARG002 - as engines have it
        """Raise :class:`NoEngineHere`."""
        raise NoEngineHere

    def watch_streams(self, callback: Callable[[frozenset[tuple[str, str]]], None]) -> None:
        """Do nothing: no stream gets data here."""

    def close(self) -> None:
        """Do nothing."""
