"""What the engine remembers stays bounded, however many statements and tables there are."""

from clockmill.core.cancel import CancelToken
from clockmill.engine.duckdb.locks import SHARED, TableLocks
from clockmill.engine.duckdb.shared import Cache


def test_what_was_made_of_text_is_bounded_in_number() -> None:
    cache = Cache(limit=2)
    for text in ("select 1", "select 2", "select 3"):
        cache.put(text, text.upper(), text)
    assert [cache.get(f"select {n}") for n in (1, 2, 3)] == [None, "SELECT 2", "SELECT 3"]


def test_what_was_made_of_text_is_bounded_in_the_text_together() -> None:
    """A tree takes a hundred times the room of its text: four thousand long ones would take all there is."""
    cache = Cache(characters=100)
    for text in ("a" * 60, "b" * 50, "b" * 50, "c" * 50):
        cache.put(text, text[0], text)
    assert [cache.get(text) for text in ("a" * 60, "b" * 50, "c" * 50)] == [None, "b", "c"]


def test_very_long_text_drives_out_nothing() -> None:
    cache = Cache()
    cache.put("select 1", 1, "select 1")
    cache.put("long", 2, "x" * 100_000)
    assert (cache.get("select 1"), cache.get("long")) == (1, None)


def _write(locks: TableLocks, name: str) -> None:
    owner = object()
    locks.acquire(owner, [(name, SHARED)], CancelToken())
    locks.release(owner, [name], written=True)


def test_tables_that_come_and_go_are_not_remembered_for_ever() -> None:
    locks = TableLocks(most_kept=10)
    holder = object()
    locks.acquire(holder, [("held", SHARED)], CancelToken())
    for number in range(1000):
        _write(locks, f"t{number}")
    assert locks.remembered <= 10
    locks.release(holder, ["held"], written=True)
    assert locks.version("held") == locks.clock


def test_a_table_that_was_forgotten_never_looks_older_than_it_is() -> None:
    """Else a transaction that began before its last write would not notice that."""
    locks = TableLocks(most_kept=10)
    began = locks.clock
    _write(locks, "early")
    for number in range(100):
        _write(locks, f"t{number}")
    assert locks.version("early") > began
    _write(locks, "new")
    assert locks.version("new") == locks.clock
