"""What goes wrong with nodes: a way to bring about each of the deeds that no client asks for."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from tests.simulation.database import Database
from tests.simulation.node import Life, Node
from tests.simulation.plan import Deed, What
from tests.simulation.timeline import Timeline

from clockmill.core.errors import InternalFault, Unavailable
from clockmill.core.node import NodeState
from clockmill.store import nodes as node_rows
from clockmill.wake import Topic

_DELAYING: Final = {What.PAUSE, What.AWAY, What.ALL_AWAY, What.UNSYNCED, What.SLOW, What.DRAIN}
"""What keeps a node from taking up in time what others have left."""

_AT_WRITE: Final = {
    "begin": "nodes {} before a transaction",
    "commit": "nodes {} before a commit",
    "done": "nodes {} after a commit",
}


class Troubles:
    """Brings about what goes wrong. *last_until* is until when nobody could be expected to be in time."""

    def __init__(
        self,
        nodes: Sequence[Node],
        timeline: Timeline,
        database: Database,
        died: Callable[[Life], None],
        happened: Counter[str],
    ) -> None:
        """*died* is told of each process that is killed; what befalls one is counted in *happened*."""
        self._nodes = nodes
        self._timeline = timeline
        self._database = database
        self._died = died
        self._happened = happened
        self.last_until = 0
        self._ways: dict[What, Callable[[Node, Deed], None]] = {
            What.KILL: self._kill,
            What.KILL_AT_WRITE: self._arm,
            What.PAUSE_AT_WRITE: self._arm,
            What.STOP: self._stop,
            What.PAUSE: self._pause,
            What.AWAY: self._part,
            What.ALL_AWAY: self._part_all,
            What.UNSYNCED: self._spoil_commits,
            What.SLOW: self._slow,
            What.JUMP: self._set_clock,
            What.DRAIN: self._drain,
            What.DEAF: self._deafen,
        }

    def cause(self, deed: Deed) -> None:
        """Let *deed* happen."""
        if deed.what in _DELAYING:
            self._delay(deed.lasts_ms)
        self._ways[deed.what](self._nodes[deed.node % len(self._nodes)], deed)

    def mend(self) -> None:
        """Let everything be right again; what is dead stays dead."""
        for node in self._nodes:
            node.is_away = node.is_deaf = False
            node.slow_ms = node.unsynced = node.skew_ms = 0
            node.at_write = None
            if node.life is not None:
                self._timeline.resume(node.life)
        for node in self._nodes:
            self._ask_to_be(node, NodeState.ACTIVE)

    def _delay(self, lasts_ms: int) -> None:
        self.last_until = max(self.last_until, self._timeline.now_ms + lasts_ms)

    def _later(self, deed: Deed, work: Callable[[], None]) -> None:
        self._timeline.at(self._timeline.now_ms + deed.lasts_ms, None, work)

    # --- processes ---------------------------------------------------------------------------

    def _kill(self, node: Node, _: Deed) -> None:
        if (life := node.life) is not None:
            self._happened["nodes killed"] += 1
            self._died(life)
            self._timeline.kill(life)

    def _stop(self, node: Node, _: Deed) -> None:
        if node.life is not None and not node.life.is_stopping:
            self._happened["nodes stopped in good order"] += 1
            node.life.spawn(node.life.stop)

    def _pause(self, node: Node, deed: Deed) -> None:
        if (life := node.life) is not None:
            self._happened["nodes held up"] += 1
            self._delay(deed.lasts_ms)
            self._timeline.pause(life)
            self._later(deed, partial(self._timeline.resume, life))

    def _arm(self, node: Node, deed: Deed) -> None:
        """Let one of the next writes of the node be the one at which it happens."""
        point = ("begin", "commit", "done")[deed.chance % 3]
        left = deed.chance // 3 % 4

        def strike(at: str) -> None:
            nonlocal left
            if at != point or node.life is None or self._timeline.process is not node.life:
                return
            left -= 1
            if left >= 0:
                return
            node.at_write = None
            self._happened[
                _AT_WRITE[point].format("held up" if deed.what is What.PAUSE_AT_WRITE else "killed")
            ] += 1
            if deed.what is What.PAUSE_AT_WRITE:
                # The transaction goes on: what is held up is whatever comes after it.
                self._pause(node, deed)
            else:
                self._database.rollback()
                node.life.end()

        node.at_write = strike

    def _drain(self, node: Node, deed: Deed) -> None:
        self._happened["nodes drained"] += 1
        self._ask_to_be(node, NodeState.DRAINING)
        self._later(deed, partial(self._ask_to_be, node, NodeState.ACTIVE))

    def _ask_to_be(self, node: Node, state: NodeState) -> None:
        """Ask for a state of *node* through some node, if there is one."""
        lives = [each.life for each in self._nodes if each.life is not None and not each.life.is_paused]
        if lives:
            lives[0].spawn(partial(_set_state, lives[0], node.name, state))

    # --- what a node has around it -----------------------------------------------------------

    def _part(self, node: Node, deed: Deed) -> None:
        node.is_away = True
        self._later(deed, partial(setattr, node, "is_away", False))

    def _part_all(self, _: Node, deed: Deed) -> None:
        for node in self._nodes:
            self._part(node, deed)

    def _spoil_commits(self, node: Node, deed: Deed) -> None:
        node.unsynced = 1 + deed.chance % 4

    def _slow(self, node: Node, deed: Deed) -> None:
        node.slow_ms = deed.chance * 3
        self._later(deed, partial(setattr, node, "slow_ms", 0))

    def _set_clock(self, node: Node, deed: Deed) -> None:
        self._happened["clocks set"] += 1
        node.skew_ms = (deed.chance - 500) * 40

    def _deafen(self, node: Node, deed: Deed) -> None:
        node.is_deaf = True
        self._later(deed, partial(setattr, node, "is_deaf", False))


def _set_state(life: Life, name: str, state: NodeState) -> None:
    try:
        life.store.write(lambda tx: node_rows.set_node_state(tx, name, state))
    except (Unavailable, InternalFault):
        return
    life.wakeups.raise_(Topic.NODES)
