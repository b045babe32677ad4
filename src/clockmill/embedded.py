"""The embedded engine of a node: opened where its file is, and kept in step with the store."""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from datetime import datetime

from clockmill.clock import Clock, SystemClock
from clockmill.core.node import ONLY_NODE, check_node_name
from clockmill.engine.absent import AbsentEngine
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.runner.loop import Loop
from clockmill.service.catalog import CatalogService
from clockmill.service.engine_places import EnginePlaces
from clockmill.store.data_dir import DataDir
from clockmill.store.database import Store
from clockmill.wake import Topic, Wakeups

log = logging.getLogger(__name__)

NodeEngine = DuckDBEngine | AbsentEngine


def node_name(wanted: str | None, *, is_shared: bool) -> str:
    """Return the node's name: as it is *wanted*, else the machine's where nodes may share the store."""
    default = socket.gethostname().lower() if is_shared else ONLY_NODE
    return check_node_name(default if wanted is None else wanted)


def engine_places(store: Store, folder: DataDir, node: str | None) -> EnginePlaces:
    """Return what decides whether the engine is in *folder*, for the node that is to be called *node*."""
    name = node_name(node, is_shared=store.is_shared)
    return EnginePlaces(store=store, clock=SystemClock(), node=name, path=folder.engine_file)


def open_engine(
    places: EnginePlaces, folder: DataDir, *, memory_limit: str | None = None, threads: int = 1
) -> NodeEngine:
    """Return the engine if its file belongs to this node, else what stands for it.

    Raises EngineRefused if that is not clear.
    """
    if not places.is_expected_here():
        return AbsentEngine()
    file = folder.engine_file
    is_new = not file.exists()
    with contextlib.ExitStack() as ends:
        engine = DuckDBEngine(file, temp_dir=folder.temp_dir, memory_limit=memory_limit, threads=threads)
        ends.callback(engine.close)
        if places.claim(engine.file_id(), is_new=is_new):
            ends.pop_all()
            return engine
    folder.remove_engine_file()
    return AbsentEngine()


class EngineKeeper:
    """Keeps an engine in step with a store that other nodes write to as well.

    What they drop in the store is dropped in the engine. And if the engine was given to another
    node, which is done only to one that seems to have died, *on_taken* is called: it has to stop.
    If an error of the disk has made the engine useless until it is opened anew, *on_lost* is called,
    in the thread that has met it.
    """

    def __init__(
        self, *, engine: NodeEngine, places: EnginePlaces, catalog: CatalogService, clock: Clock
    ) -> None:
        self._engine = engine
        self._places = places
        self._catalog = catalog
        self.on_taken: Callable[[], None] = lambda: None
        self.on_lost: Callable[[], None] = lambda: None
        if isinstance(engine, DuckDBEngine):
            engine.watch_loss(self._lost)
        self._lock = threading.Lock()
        self._loop = Loop("engine", self._step, clock)

    def start(self, wakeups: Wakeups) -> None:
        """Begin to follow the store."""
        wakeups.subscribe(self._hear)
        self._loop.start()

    def stop(self) -> None:
        """Follow it no more."""
        self._loop.stop()

    def _lost(self) -> None:
        self.on_lost()

    def clear_orphans(self) -> None:
        """Drop what no schema has any more: of other nodes' drops, or of one that a crash cut off."""
        with self._lock:
            for namespace in self._catalog.reconcile(self._engine.namespaces()):
                self._engine.drop_namespace(namespace)

    def _hear(self, topic: Topic) -> None:
        if topic in {Topic.CATALOG, Topic.NODES}:
            self._loop.wake()

    def _step(self, now: datetime) -> None:  # noqa: ARG002 - as loops call it
        if not self._places.is_still_here():
            log.critical("the engine was given to another node", extra={"path": str(self._places.path)})
            self.on_taken()
            return
        self.clear_orphans()
