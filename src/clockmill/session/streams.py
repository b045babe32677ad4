"""Streams as the runner sees them: whether one has data, and which may have some now."""

from collections.abc import Callable

from clockmill.core.errors import NotFound
from clockmill.core.names import QualifiedName
from clockmill.engine.protocol import Engine
from clockmill.service.catalog import CatalogService


class Streams:
    """The streams of the account; a :class:`clockmill.core.body.StreamCheck`."""

    def __init__(self, engine: Engine, catalog: CatalogService) -> None:
        self._engine = engine
        self._catalog = catalog

    def has_data(self, stream: QualifiedName) -> bool:
        """Say whether *stream* may have unconsumed changes, or raise NotFound."""
        try:
            namespace = self._catalog.namespace(stream.parent)
        except NotFound:
            raise NotFound("Stream", stream) from None
        return self._engine.stream_has_data(namespace, stream.name)

    def watch(self, callback: Callable[[frozenset[QualifiedName]], None]) -> None:
        """Have *callback* called with the streams that may have data by a commit, right after it.

        It is called in the thread of whoever has committed, and must be quick.
        """

        def told(changed: frozenset[tuple[str, str]]) -> None:
            found = ((self._catalog.schema_of(namespace), name) for namespace, name in changed)
            names = frozenset(schema.object(name) for schema, name in found if schema is not None)
            if names:
                callback(names)

        self._engine.watch_streams(told)
