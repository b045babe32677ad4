"""Decisions on their way to the disk: in the order in which they were taken, whatever fails."""

import threading
from collections.abc import Callable, Iterator

import pytest

from clockmill.core.errors import Unavailable
from clockmill.runner import writing
from clockmill.runner.writing import Writing
from clockmill.store.database import Store, Transaction
from clockmill.store.runs import RunLost


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(writing, "RETRY_WRITE_S", 0.001)
    with Store.temporary() as store:
        yield store


class Notes:
    """Work that notes that it was done, after it has failed so often."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def writes(self, word: str, *failures: Exception) -> Callable[[Transaction], str]:
        left = list(failures)

        def work(tx: Transaction) -> str:
            if left:
                raise left.pop(0)
            self.written.append(word)
            return word

        return work


def test_a_decision_is_not_written_before_one_that_has_to_be_repeated(store: Store) -> None:
    """Its graph run could close while a task of it still executes, as far as the store knows."""
    notes, stopping = Notes(), threading.Event()
    first = Writing(store, notes.writes("first", Unavailable("full")), stopping)
    second = Writing(store, notes.writes("second"), stopping, first)
    third = Writing(store, notes.writes("third"), stopping, second)

    assert first.has_to_be_repeated()
    assert second.has_to_be_repeated()
    assert third.has_to_be_repeated()
    assert [each.result() for each in (first, second, third)] == ["first", "second", "third"]
    assert notes.written == ["first", "second", "third"]


def test_decisions_that_go_through_are_written_together(store: Store) -> None:
    notes, stopping = Notes(), threading.Event()
    first = Writing(store, notes.writes("first"), stopping)
    second = Writing(store, notes.writes("second"), stopping, first)

    assert not second.has_to_be_repeated()
    assert first.is_durable
    assert second.is_durable


def test_a_decision_after_one_that_was_refused_finds_out_by_itself(store: Store) -> None:
    notes, stopping = Notes(), threading.Event()
    first = Writing(store, notes.writes("first", RunLost(1)), stopping)
    second = Writing(store, notes.writes("second"), stopping, first)

    with pytest.raises(RunLost):
        first.result()
    assert second.result() == "second"


def test_a_decision_does_not_keep_all_that_were_before_it(store: Store) -> None:
    notes, stopping = Notes(), threading.Event()
    first = Writing(store, notes.writes("first"), stopping)
    first.result()
    second = Writing(store, notes.writes("second"), stopping, first)
    second.result()

    assert second._before is None
