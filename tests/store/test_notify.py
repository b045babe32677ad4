"""Wake-ups that reach other nodes through the database they share."""

import queue
import threading
from collections.abc import Iterator
from signal import SIGQUIT

import pytest
from tests.postgresql import PostgreSQL

from clockmill.store import notify
from clockmill.store.notify import WakeupRelay
from clockmill.wake import Topic, Wakeups

PATIENCE_S = 20.0


class Node:
    """What one process hears, in the order in which it does."""

    def __init__(self, url: str) -> None:
        self.wakeups = Wakeups()
        self._heard: queue.SimpleQueue[Topic] = queue.SimpleQueue()
        self.wakeups.subscribe(self._heard.put)
        self.relay = WakeupRelay(url, self.wakeups)
        self.hear_all()

    def hear(self, topic: Topic) -> int:
        """Return when *topic* is heard; what comes before is passed over, and counted."""
        passed = 0
        while self._heard.get(timeout=PATIENCE_S) is not topic:
            passed += 1
        return passed

    def hear_all(self) -> None:
        """Return when everything was heard, as it is whenever this node begins to listen."""
        missing = set(Topic)
        while missing:
            missing.discard(self._heard.get(timeout=PATIENCE_S))

    def heard(self) -> list[Topic]:
        """Return what was heard until now and not asked for yet."""
        return [self._heard.get() for _ in range(self._heard.qsize())]


@pytest.fixture
def unpolled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks around by itself, so that whatever is heard was said."""
    monkeypatch.setattr(notify, "POLL_S", 1000.0)


@pytest.fixture
def nodes(postgresql_url: str) -> Iterator[tuple[Node, Node]]:
    one, other = Node(postgresql_url), Node(postgresql_url)
    yield one, other
    one.relay.close()
    other.relay.close()


@pytest.mark.usefixtures("unpolled")
def test_what_one_node_raises_is_heard_by_the_other_and_once_by_itself(nodes: tuple[Node, Node]) -> None:
    one, other = nodes
    one.wakeups.raise_(Topic.WAREHOUSES)
    other.hear(Topic.WAREHOUSES)
    # An answer comes after the first message, which its sender was told of as well.
    other.wakeups.raise_(Topic.CATALOG)
    one.hear(Topic.WAREHOUSES)
    one.hear(Topic.CATALOG)
    assert one.heard() == []


@pytest.mark.usefixtures("unpolled")
def test_a_crowd_of_wake_ups_is_sent_as_a_few(nodes: tuple[Node, Node]) -> None:
    """Each message is a commit, and a thousand runs that end tell of the same."""
    one, other = nodes
    threads = [threading.Thread(target=one.wakeups.raise_, args=(Topic.RUNS,)) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one.wakeups.raise_(Topic.CATALOG)
    assert other.hear(Topic.CATALOG) < 50


@pytest.mark.usefixtures("unpolled")
def test_what_was_raised_before_closing_is_sent(nodes: tuple[Node, Node]) -> None:
    """A node that hands its runs over tells of it last."""
    one, other = nodes
    one.wakeups.raise_(Topic.RUNS)
    one.relay.close()
    other.hear(Topic.RUNS)


def test_without_being_told_a_node_looks_around(
    nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "POLL_S", 0.05)
    _, other = nodes
    other.wakeups.raise_(Topic.RUNS)
    for topic in (Topic.SCHEDULE, Topic.RUNS, Topic.COMMANDS):
        other.hear(topic)


def test_a_node_that_was_cut_off_hears_everything_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said meanwhile, it cannot know."""
    monkeypatch.setattr(notify, "POLL_S", 0.05)
    with PostgreSQL() as server:
        one, other = Node(server.url()), Node(server.url())
        server.restart(SIGQUIT)
        other.heard()
        other.hear_all()
        one.hear_all()
        one.wakeups.raise_(Topic.CATALOG)
        other.hear(Topic.CATALOG)
        one.relay.close()
        other.relay.close()
