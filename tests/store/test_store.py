"""The store's door: snapshots to read, writes that are grouped, isolated and in order."""

import threading
from contextlib import ExitStack
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from tests.store.role_rows import add_role, role_names

from clockmill.core.errors import InternalFault, NotFound, Unavailable
from clockmill.store import database
from clockmill.store.database import Store, Transaction
from clockmill.store.tables import roles


class Held:
    """Keeps the writer busy, so that what is submitted meanwhile becomes one group."""

    def __init__(self, store: Store) -> None:
        self._go = threading.Event()
        begun = threading.Event()

        def wait(_: Transaction) -> None:
            begun.set()
            assert self._go.wait(10)

        self._future = store.submit(wait)
        assert begun.wait(10)

    def release(self) -> None:
        self._go.set()
        self._future.result(10)


def test_what_was_written_is_read(store: Store) -> None:
    assert store.write(lambda tx: add_role(tx, "A")) == "A"
    assert role_names(store) == ["A"]


def test_a_read_keeps_the_snapshot_that_it_began_with(store: Store) -> None:
    store.write(lambda tx: add_role(tx, "A"))
    with store.read() as tx:
        before = tx.execute(select(roles.c.name)).scalars().all()
        store.write(lambda tx: add_role(tx, "B"))
        after = tx.execute(select(roles.c.name)).scalars().all()
    assert before == after == ["A"]
    assert role_names(store) == ["A", "B"]


def test_a_read_within_a_read_sees_what_was_committed_in_between(store: Store) -> None:
    with store.read() as tx:
        tx.execute(select(roles.c.name)).all()
        store.write(lambda tx: add_role(tx, "A"))
        assert role_names(store) == ["A"]


def test_a_read_cannot_write(store: Store) -> None:
    """Two writers would meet as «database is locked», some day, under load."""
    with pytest.raises(DBAPIError, match=r"read-?only"), store.read() as tx:
        add_role(tx, "A")
    assert role_names(store) == []


def test_a_read_that_fails_leaves_the_next_one_alone(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.read() as tx:
        tx.execute(select(roles)).all()
        raise ZeroDivisionError
    store.write(lambda tx: add_role(tx, "A"))
    assert role_names(store) == ["A"]


def test_a_failed_write_changes_nothing_and_raises_its_own_error(store: Store) -> None:
    def work(tx: Transaction) -> None:
        add_role(tx, "A")
        raise NotFound("Task", "T")

    with pytest.raises(NotFound):
        store.write(work)
    assert role_names(store) == []


def test_in_a_group_only_the_failed_piece_is_undone(store: Store) -> None:
    held = Held(store)
    first = store.submit(lambda tx: add_role(tx, "A"))
    twice = store.submit(lambda tx: (add_role(tx, "B"), add_role(tx, "A")))
    last = store.submit(lambda tx: add_role(tx, "C"))
    held.release()

    assert first.result(10) == "A"
    assert isinstance(twice.exception(10), IntegrityError)
    assert last.result(10) == "C"
    assert role_names(store) == ["A", "C"]


def test_pieces_of_a_group_see_what_those_before_them_did(store: Store) -> None:
    held = Held(store)
    store.submit(lambda tx: add_role(tx, "A"))
    seen = store.submit(lambda tx: tx.execute(select(roles.c.name)).scalars().all())
    held.release()
    assert seen.result(10) == ["A"]


def test_a_group_is_committed_once(store: Store) -> None:
    """One sync for many: what makes ten thousand runs durable within a second."""
    held = Held(store)
    waiting = [store.submit(partial(add_role, name=f"R{i:03}")) for i in range(100)]
    seen: list[int] = []
    waiting[0].add_done_callback(lambda _: seen.append(len(role_names(store))))
    held.release()
    waiting[-1].result(10)
    assert seen == [100]


def test_a_future_resolves_only_after_the_commit(store: Store) -> None:
    seen: list[list[str]] = []
    future = store.submit(lambda tx: add_role(tx, "A"))
    future.add_done_callback(lambda _: seen.append(role_names(store)))
    future.result(10)
    store.write(lambda _: None)
    assert seen == [["A"]]


def test_a_piece_that_was_cancelled_while_it_waited_is_not_done(store: Store) -> None:
    held = Held(store)
    future = store.submit(lambda tx: add_role(tx, "A"))
    assert future.cancel()
    held.release()
    store.write(lambda tx: add_role(tx, "B"))
    assert role_names(store) == ["B"]


def test_what_is_enqueued_is_done_before_what_comes_later(store: Store) -> None:
    """Its result is asked for last, and its place is still the first."""
    early = store.enqueue(lambda tx: add_role(tx, "A"))
    seen = store.write(lambda tx: tx.execute(select(roles.c.name)).scalars().all())
    assert seen == ["A"]
    assert early.result() == "A"


def test_a_writer_does_what_others_wait_for_along_with_its_own(store: Store) -> None:
    held = Held(store)
    pieces = [store.enqueue(partial(add_role, name=name)) for name in "ABA"]
    threads = [threading.Thread(target=piece.exception) for piece in pieces]
    for thread in threads:
        thread.start()
    held.release()
    for thread in threads:
        thread.join(10)
    assert [type(piece.exception()) for piece in pieces] == [type(None), type(None), IntegrityError]
    assert role_names(store) == ["A", "B"]


def test_a_thread_that_is_stopped_while_it_writes_for_others_leaves_nobody_waiting(store: Store) -> None:
    other = store.enqueue(lambda tx: add_role(tx, "A"))

    def interrupted(_: Transaction) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write(interrupted)

    assert isinstance(other.exception(), InternalFault)
    store.write(lambda tx: add_role(tx, "B"))
    assert role_names(store) == ["B"]


def test_a_write_within_a_write_is_refused_instead_of_waiting_for_itself(store: Store) -> None:
    with pytest.raises(RuntimeError, match="a write inside a write"):
        store.write(lambda _: store.write(lambda tx: add_role(tx, "A")))


def test_a_write_may_read_what_others_have_committed(store: Store) -> None:
    store.write(lambda tx: add_role(tx, "A"))
    assert store.write(lambda _: role_names(store)) == ["A"]


def test_closing_finishes_what_is_queued(store: Store) -> None:
    held = Held(store)
    future = store.submit(lambda tx: add_role(tx, "A"))
    closing = threading.Thread(target=store.close)
    closing.start()
    held.release()
    closing.join(10)
    assert future.result(10) == "A"


def test_a_closed_store_refuses_writes_as_not_done(store: Store) -> None:
    store.close()
    with pytest.raises(Unavailable):
        store.write(lambda tx: add_role(tx, "A"))


def test_closing_twice_is_harmless(store: Store) -> None:
    store.close()
    store.close()


def test_the_data_version_stands_still_while_nobody_commits(store: Store) -> None:
    before = store.data_version()
    role_names(store)
    assert store.data_version() == before


def test_the_data_version_moves_with_our_own_commit(store: Store) -> None:
    before = store.data_version()
    store.write(lambda tx: add_role(tx, "A"))
    assert store.data_version() != before


def test_many_threads_read_and_write_at_once(store: Store) -> None:
    def work(thread: int) -> None:
        for i in range(20):
            store.write(partial(add_role, name=f"{thread}-{i}"))
            assert f"{thread}-{i}" in role_names(store)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(role_names(store)) == 160


def test_after_a_crowd_of_readers_only_a_few_connections_are_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "MAX_IDLE", 2)
    with ExitStack() as crowd:
        for _ in range(5):
            crowd.enter_context(store.read())
    assert len(store._idle) == 2
    assert role_names(store) == []


class Refused(Exception):
    """A piece's own failure."""


pieces = st.lists(
    st.tuples(st.lists(st.sampled_from("ABCDE"), max_size=4), st.booleans()), min_size=1, max_size=12
)


@settings(deadline=None, max_examples=50)
@given(pieces)
def test_a_group_does_what_its_pieces_would_do_one_after_another(work: list[tuple[list[str], bool]]) -> None:
    """Against a model: a set of names, from which a piece that fails takes nothing and adds nothing."""

    def piece(names: list[str], fails: bool, tx: Transaction) -> list[str]:
        for name in names:
            add_role(tx, name)
        if fails:
            raise Refused
        return list(tx.execute(select(roles.c.name)).scalars())

    model: set[str] = set()
    with Store.temporary() as store:
        held = Held(store)
        futures = [store.submit(partial(piece, names, fails)) for names, fails in work]
        held.release()
        for future, (names, fails) in zip(futures, work, strict=True):
            after = model | set(names)
            if len(after) != len(model) + len(names):
                assert isinstance(future.exception(10), IntegrityError)
            elif fails:
                assert isinstance(future.exception(10), Refused)
            else:
                model = after
                assert set(future.result(10)) == model
        assert set(role_names(store)) == model


def test_errors_do_not_show_the_values_of_a_statement(store: Store) -> None:
    """Messages reach the log, and values may be secrets."""
    store.write(lambda tx: add_role(tx, "S3CRET"))
    with pytest.raises(IntegrityError) as caught:
        store.write(lambda tx: add_role(tx, "S3CRET"))
    assert "S3CRET" not in str(caught.value)
