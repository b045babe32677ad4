"""Where the embedded engine's file is: it belongs to one node, and is opened by no other process.

A start asks :meth:`EnginePlaces.is_expected_here` before it opens the file, and
:meth:`EnginePlaces.claim` with the id that it has found in it. Whatever would let two processes
write two copies of the account's tables is refused, with a way out.
"""

from pathlib import Path
from typing import Final

from clockmill.clock import Clock
from clockmill.core.errors import ClockmillError
from clockmill.core.placement import EMBEDDED
from clockmill.store import engines, nodes
from clockmill.store.database import Store, Transaction
from clockmill.store.engines import EnginePlace
from clockmill.store.present import present

_TAKE: Final = "clockmill node take-engine"


class EngineRefused(ClockmillError):
    """The engine's file cannot be had as it stands, and what to do about it."""


class EngineFileMissing(EngineRefused):
    """The file that this node should have is not in its data folder."""

    def __init__(self, place: EnginePlace, path: Path) -> None:
        super().__init__(
            f"The tables of the account are in {place.path}, which node '{place.node}' last opened, "
            f"and there is no {path}. Put the file there (with a .wal beside it, if there is one), or name "
            f"its folder with --data-dir. If it is lost: '{_TAKE} --discard' begins with an empty one."
        )


class OtherEngineFile(EngineRefused):
    """The folder has an engine file, and it is not the account's."""

    def __init__(self, place: EnginePlace, path: Path) -> None:
        super().__init__(
            f"{path} is not the file that the tables of the account are in: that is {place.path}, of node "
            f"'{place.node}'. Move {path.name} out of the folder, or give this node a folder of its own with "
            f"--data-dir; it then runs what needs no tables, and sends the rest to '{place.node}'. If the "
            f"tables there are lost for good: '{_TAKE} --discard' uses this file from now on."
        )


class EngineOfOther(EngineRefused):
    """The folder has the account's file, or a copy, and another node is known to have it."""

    def __init__(self, place: EnginePlace, path: Path, node: str) -> None:
        super().__init__(
            f"{path} holds the tables of the account, but they belong to node '{place.node}', which opened "
            f"them in {place.path}. If the file was moved here for good, stop '{place.node}' and run "
            f"'{_TAKE} --node {node}'. If it is a copy, move it out of the folder."
        )


class EngineInUse(EngineRefused):
    """The node that has the engine is at work."""

    def __init__(self, place: EnginePlace) -> None:
        super().__init__(
            f"Node '{place.node}' is running and has the tables of the account open in {place.path}. Stop it "
            "first; if it has died, wait until its lease is over."
        )


class EnginePlaces:
    """Decides for *node*, whose file would be at *path*, whether the engine is here."""

    def __init__(self, *, store: Store, clock: Clock, node: str, path: Path) -> None:
        self._store = store
        self._clock = clock
        self._node = node
        self.path = path

    def find(self) -> EnginePlace | None:
        """Return where the engine's data is, or None if there is none yet."""
        with self._store.read() as tx:
            return engines.find_place(tx, EMBEDDED)

    def is_still_here(self) -> bool:
        """Say whether the engine still belongs to this node: it may have been given to another."""
        place = self.find()
        return place is not None and (place.node, place.path) == (self._node, str(self.path))

    def is_expected_here(self) -> bool:
        """Say whether the file is to be opened here: it is here, or will be.

        Raises :class:`EngineFileMissing` if it should be here and is not.
        """
        place = self.find()
        if place is None or self.path.exists():
            return True
        if place.node == self._node or not self._store.is_shared:
            raise EngineFileMissing(place, self.path)
        return False

    def claim(self, file_id: str, *, is_new: bool) -> bool:
        """Make it known that the engine's data is here, in the file with *file_id*.

        Says no if another node was quicker to make the account's file, and this one *is_new*: it
        holds nothing, and is to be removed. Raises :class:`EngineRefused` for a file that is not
        the account's, or that belongs to another node.
        """
        own = EnginePlace(EMBEDDED, self._node, file_id, str(self.path))

        def work(tx: Transaction) -> bool:
            place = engines.find_place(tx, EMBEDDED)
            if place is None:
                engines.put_place(tx, own, self._clock.now())
                return True
            if place.file_id != file_id:
                if is_new:
                    return False
                raise OtherEngineFile(place, self.path)
            if place.node != self._node and self._is_known(tx, place.node):
                raise EngineOfOther(place, self.path, self._node)
            if place != own:
                engines.put_place(tx, own, self._clock.now())
            return True

        return self._store.write(work)

    def check_takeable(self, *, discard: bool) -> None:
        """Raise why the engine cannot be taken, before a file is opened or made.

        That is :class:`EngineInUse` while the node that has it is at work, and
        :class:`EngineFileMissing` where there is no file, unless what it held is to *discard*.
        """
        with self._store.read() as tx:
            place = engines.find_place(tx, EMBEDDED)
            self._require_idle(tx, place)
        if place is not None and not discard and not self.path.exists():
            raise EngineFileMissing(place, self.path)

    def take(self, file_id: str, *, discard: bool) -> None:
        """Give the engine to this node, with the file here that has *file_id*.

        With *discard* whatever file was known before is given up. Raises :class:`EngineRefused`.
        """

        def work(tx: Transaction) -> None:
            place = engines.find_place(tx, EMBEDDED)
            self._require_idle(tx, place)
            if place is not None and place.file_id != file_id and not discard:
                raise OtherEngineFile(place, self.path)
            own = EnginePlace(EMBEDDED, self._node, file_id, str(self.path))
            engines.put_place(tx, own, self._clock.now())

        self._store.write(work)

    def _is_known(self, tx: Transaction, node: str) -> bool:
        """Say whether *node* may come back: a store that only one process uses has had one node ever."""
        return self._store.is_shared and nodes.find_node(tx, node) is not None

    def _require_idle(self, tx: Transaction, place: EnginePlace | None) -> None:
        if place is None or not self._store.is_shared:
            return
        node = nodes.find_node(tx, place.node)
        if node is not None and node.is_alive(present(tx, self._clock.now())):
            raise EngineInUse(place)
