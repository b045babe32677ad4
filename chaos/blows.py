"""What is done to servers, each thing by itself: a function for each."""

import random
import shutil
import time
from collections.abc import Callable, Sequence
from typing import Final

from chaos.stage import Stage

Blow = Callable[[Stage, random.Random], None]


def kill(stage: Stage, chance: random.Random) -> None:
    """End a server in the middle of whatever it does, and start it again."""
    with stage.seize(chance) as node:
        node.kill()
        _wait(chance, 0, 1)
        node.start()


def kill_at_start(stage: Stage, chance: random.Random) -> None:
    """End a server again before it has taken up what the last end left."""
    with stage.seize(chance) as node:
        node.kill()
        node.launch()
        _wait(chance, 0.1, 2)
        node.kill()
        node.start()


def kill_for_long(stage: Stage, chance: random.Random) -> None:
    """End a server, and start it again when others have taken over what it did."""
    with stage.seize(chance) as node:
        node.kill()
        stage.watch_takeover(node.name)
        node.start()


def freeze(stage: Stage, chance: random.Random) -> None:
    """Let a server stand still for a while, as a machine that is moved or short of memory does."""
    with stage.seize(chance) as node, node.frozen():
        _wait(chance, 0.2, 3)


def freeze_for_long(stage: Stage, chance: random.Random) -> None:
    """Let a server stand still for longer than its lease, and then go on as if nothing had been."""
    with stage.seize(chance) as node, node.frozen():
        _wait(chance, stage.lease_s, 3 * stage.lease_s)


def stop(stage: Stage, chance: random.Random) -> None:
    """Ask a server to stop, and start it again, as an upgrade does."""
    with stage.seize(chance) as node:
        node.stop()
        _wait(chance, 0, 0.5)
        node.start()


def stop_each(stage: Stage, chance: random.Random) -> None:
    """Stop and start one server after the other, as a rolling upgrade does."""
    for each in stage.nodes:
        with stage.seize(chance, each) as node:
            node.stop()
            node.start()


def drain(stage: Stage, chance: random.Random) -> None:
    """Let a server take up nothing for a while, as before its machine is mended."""
    with stage.seize(chance) as node:
        stage.insist("node", "drain", node.name)
        _wait(chance, 0.5, 4)
        stage.insist("node", "undrain", node.name)


def move_engine(stage: Stage, chance: random.Random) -> None:
    """Move the tables of the account to another node, after that of theirs was stopped or has died.

    The third goes on meanwhile, without them.
    """
    with stage.seize_all() as nodes:
        old = next(node for node in nodes if node.engine_file.exists())
        new = chance.choice([node for node in nodes if node is not old])
        new.stop()
        chance.choice([old.stop, old.kill])()
        for ending in ("", ".wal"):
            file = old.engine_file.with_name(old.engine_file.name + ending)
            if file.exists():
                shutil.move(file, new.folder)
        stage.insist("node", "take-engine", "--node", new.name, "--data-dir", str(new.folder))
        new.start()
        old.start()


def fill_disk(stage: Stage, chance: random.Random) -> None:
    """Leave the disk hardly any room, or none, for a while."""
    assert stage.disk is not None
    stage.disk.fill(leaving=chance.choice([0, 20_000, 200_000]))
    _wait(chance, 0.5, 4)
    stage.disk.free()


def restart_database(stage: Stage, _: random.Random) -> None:
    """Stop the database as its administrator does, and start it again."""
    assert stage.database is not None
    stage.database.restart()


def crash_database(stage: Stage, _: random.Random) -> None:
    """End the database's processes in the middle of whatever they do, and start it again."""
    assert stage.database is not None
    stage.database.crash()


def hang_database(stage: Stage, chance: random.Random) -> None:
    """Let the database stand still for a while, for less or for more than a lease, and then go on."""
    assert stage.database is not None
    with stage.database.hung():
        _wait(chance, 0.2, 2.5 * stage.lease_s)


def cut_connections(stage: Stage, _: random.Random) -> None:
    """End every connection to the database, as its administrator may."""
    assert stage.database is not None
    stage.database.cut_connections()


def cut_link(stage: Stage, chance: random.Random) -> None:
    """End the connections of one server to the database."""
    chance.choice(stage.links).cut()


def hold_link(stage: Stage, chance: random.Random) -> None:
    """Let nothing pass between one server and the database, for less or for more than a lease."""
    link = chance.choice(stage.links)
    link.hold()
    _wait(chance, 0.2, 2.5 * stage.lease_s)
    link.let_go()


def _wait(chance: random.Random, least_s: float, most_s: float) -> None:
    time.sleep(chance.uniform(least_s, most_s))


ON_ONE_NODE: Final[Sequence[tuple[Blow, int]]] = ((kill, 6), (kill_at_start, 2), (freeze, 2), (stop, 2))
ON_ONE_DISK: Final[Sequence[tuple[Blow, int]]] = (*ON_ONE_NODE, (fill_disk, 4))
ON_SEVERAL_NODES: Final[Sequence[tuple[Blow, int]]] = (
    (kill, 3),
    (kill_for_long, 4),
    (kill_at_start, 1),
    (freeze, 1),
    (freeze_for_long, 3),
    (stop, 2),
    (stop_each, 1),
    (drain, 2),
    (move_engine, 2),
    (restart_database, 1),
    (crash_database, 1),
    (hang_database, 2),
    (cut_connections, 2),
    (cut_link, 2),
    (hold_link, 3),
)
"""How often each comes down, in proportion."""
