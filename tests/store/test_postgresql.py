"""PostgreSQL: connections that are lost, servers that restart, writers of several nodes."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from signal import SIGINT, SIGQUIT, Signals

import psycopg
import pytest
from sqlalchemy import Text, func, insert, select
from sqlalchemy.exc import IntegrityError
from tests.postgresql import PostgreSQL
from tests.store.cutting import CuttingWire
from tests.store.role_rows import NOW, add_role, role_names

from clockmill.clock import VirtualClock
from clockmill.core.errors import InternalFault, Unavailable
from clockmill.store import postgresql as backend
from clockmill.store.backend import BadLocation
from clockmill.store.database import Store, Transaction
from clockmill.store.migrations import REVISIONS, NoStore, NotAStore, StoreTooNew, StoreTooOld
from clockmill.store.postgresql import PostgreSQLDatabase
from clockmill.store.postgresql_errors import CannotConnect, DatabaseRefused
from clockmill.store.present import present
from clockmill.store.tables import metadata, roles

PATIENCE_S = 30.0
COMMIT = b"COMMIT\0"  # and not READ COMMITTED


@pytest.fixture
def own_server() -> Iterator[PostgreSQL]:
    """A server that a test may restart without harm to others."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture
def node(postgresql_url: str) -> Iterator[Store]:
    with Store.open(postgresql_url) as store:
        yield store


@pytest.fixture
def other_node(postgresql_url: str) -> Iterator[Store]:
    with Store.open(postgresql_url) as store:
        yield store


# --- connections that are lost ---------------------------------------------------------------


@pytest.mark.parametrize("how", [SIGINT, SIGQUIT], ids=["stopped", "crashed"])
def test_a_restart_of_the_server_loses_nothing_and_needs_none_of_ours(
    own_server: PostgreSQL, how: Signals
) -> None:
    with Store.open(own_server.url()) as store:
        store.write(lambda tx: add_role(tx, "A"))
        before = store.data_version()
        with store.read() as one, store.read() as two:
            # Both are kept for the next reads, and both are lost.
            assert one.execute(select(roles)).all() == two.execute(select(roles)).all()
        own_server.restart(how)
        assert role_names(store) == ["A"]
        store.write(lambda tx: add_role(tx, "B"))
        assert role_names(store) == ["A", "B"]
        assert store.data_version() != before


@pytest.mark.parametrize(("wanted", "kept"), [("off", "on"), ("remote_apply", "remote_apply")])
def test_a_commit_is_on_disk_whatever_the_server_is_content_with(
    postgresql_url: str, wanted: str, kept: str
) -> None:
    separator = "&" if "?" in postgresql_url else "?"
    url = f"{postgresql_url}{separator}options=-csynchronous_commit%3D{wanted}"
    with Store.open(url) as store:
        assert store.write(lambda tx: tx.exec_driver_sql("SHOW synchronous_commit").scalar()) == kept


def test_while_the_server_is_away_requests_are_told_so(
    own_server: PostgreSQL, caplog: pytest.LogCaptureFixture
) -> None:
    with Store.open(own_server.url()) as store:
        own_server.stop(SIGINT)
        with pytest.raises(Unavailable, match="Nothing was changed"):
            store.write(lambda tx: add_role(tx, "A"))
        with pytest.raises(Unavailable):
            role_names(store)
        with pytest.raises(Unavailable):
            store.data_version()
        own_server.start()
        store.write(lambda tx: add_role(tx, "A"))
        assert role_names(store) == ["A"]
    assert [(record.msg, record.exc_info) for record in caplog.records] == [("write group refused", None)]


def test_a_server_that_cannot_be_reached_is_told_at_the_start() -> None:
    with pytest.raises(Unavailable, match="refused"):
        Store.open("postgresql://clockmill:s3cret@127.0.0.1:1/x")


def test_a_write_that_is_cut_off_is_undone_whole(node: Store, postgresql: PostgreSQL) -> None:
    def work(tx: Transaction) -> None:
        add_role(tx, "A")
        tx.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Unavailable, match="Nothing was changed"):
        node.write(work)
    assert node.write(lambda tx: add_role(tx, "B")) == "B"
    assert role_names(node) == ["B"]


def test_a_group_that_is_cut_off_is_undone_whole(node: Store) -> None:
    go, begun = threading.Event(), threading.Event()

    def hold(_: Transaction) -> None:
        begun.set()
        go.wait(PATIENCE_S)

    held = node.submit(hold)
    begun.wait(PATIENCE_S)
    first = node.submit(lambda tx: add_role(tx, "A"))
    cut = node.submit(lambda tx: tx.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())"))
    go.set()
    held.result(PATIENCE_S)
    assert isinstance(first.exception(PATIENCE_S), Unavailable)
    assert isinstance(cut.exception(PATIENCE_S), Unavailable)
    assert role_names(node) == []


def test_a_read_that_is_cut_off_says_so_and_the_next_is_served(node: Store) -> None:
    with pytest.raises(Unavailable), node.read() as tx:
        tx.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        tx.execute(select(roles)).all()
    assert role_names(node) == []


# --- commits that nobody answered for --------------------------------------------------------


@pytest.fixture
def wire(postgresql: PostgreSQL) -> Iterator[CuttingWire]:
    with CuttingWire(postgresql.folder) as wire:
        yield wire


def through(wire: CuttingWire, url: str) -> Store:
    database = url.rpartition("/")[2] if "?" not in url else url.partition("?")[0].rpartition("/")[2]
    return Store.open(f"postgresql://clockmill@127.0.0.1:{wire.port}/{database}")


def test_a_commit_that_was_kept_is_acknowledged_though_its_answer_was_lost(
    wire: CuttingWire, postgresql_url: str
) -> None:
    """Else a run that has begun would begin again."""
    with through(wire, postgresql_url) as store:
        wire.cut_at(COMMIT, arrives=True)
        assert store.write(lambda tx: add_role(tx, "A")) == "A"
        assert wire.cuts == 1
        assert role_names(store) == ["A"]


def test_a_commit_that_never_arrived_is_said_to_be_undone(wire: CuttingWire, postgresql_url: str) -> None:
    with through(wire, postgresql_url) as store:
        wire.cut_at(COMMIT, arrives=False)
        with pytest.raises(Unavailable, match="Nothing was changed"):
            store.write(lambda tx: add_role(tx, "A"))
        assert wire.cuts == 1
        assert role_names(store) == []
        assert store.write(lambda tx: add_role(tx, "A")) == "A"


def test_when_nobody_can_say_whether_a_commit_was_kept_nothing_is_claimed(
    wire: CuttingWire, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "_ASKS_FOR_OUTCOME", 2)
    with through(wire, postgresql_url) as store:

        def work(tx: Transaction) -> None:
            add_role(tx, "A")
            wire.cut_at(COMMIT, arrives=True)
            wire.refuse()

        with pytest.raises(InternalFault):
            store.write(work)


def test_a_server_that_never_saw_the_transaction_has_not_kept_it(postgresql: PostgreSQL) -> None:
    """As one that has taken over from another, before it had heard of everything."""
    database = PostgreSQLDatabase(postgresql.url())
    assert database.was_kept("99999999999") is False


def test_a_piece_that_keeps_quiet_about_a_failed_statement_is_not_acknowledged(node: Store) -> None:
    """The server answers its COMMIT with a ROLLBACK, and no error."""

    def work(tx: Transaction) -> None:
        add_role(tx, "A")
        with pytest.raises(IntegrityError):
            add_role(tx, "A")

    with pytest.raises(Unavailable):
        node.write(work)
    assert role_names(node) == []


# --- writers of several nodes ----------------------------------------------------------------


class Holding:
    """A write that goes on until it is let go."""

    def __init__(self, store: Store, *, shared: bool) -> None:
        self._go = threading.Event()
        begun = threading.Event()

        def work(_: Transaction) -> None:
            begun.set()
            assert self._go.wait(PATIENCE_S)

        self.future = store.submit(work, shared=shared)
        assert begun.wait(PATIENCE_S)

    def let_go(self) -> None:
        self._go.set()


def someone_waits(store: Store) -> bool:
    with store.read() as tx:
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
        mine = "(SELECT oid FROM pg_database WHERE datname = current_database())"
        return bool(tx.exec_driver_sql(f"{waiting} {mine}").scalar())


def wait_until(claim: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if claim():
            return
        threading.Event().wait(0.01)
    raise AssertionError("It did not come to that in time.")


def test_writes_that_share_go_on_beside_each_other(node: Store, other_node: Store) -> None:
    holding = Holding(node, shared=True)
    assert other_node.write(lambda tx: add_role(tx, "A"), shared=True) == "A"
    assert not holding.future.done()
    holding.let_go()
    holding.future.result(PATIENCE_S)


@pytest.mark.parametrize(("first", "second"), [(False, False), (False, True), (True, False)])
def test_a_write_that_must_be_alone_waits_and_is_waited_for(
    node: Store, other_node: Store, first: bool, second: bool
) -> None:
    holding = Holding(node, shared=first)
    waiting = other_node.submit(lambda tx: add_role(tx, "A"), shared=second)
    wait_until(lambda: someone_waits(node))
    assert not waiting.done()
    holding.let_go()
    assert waiting.result(PATIENCE_S) == "A"


def test_a_service_that_reads_and_decides_sees_what_the_other_node_has_just_done(
    node: Store, other_node: Store
) -> None:
    """The sum of two counters that are each moved on from what was read."""

    def add_next(tx: Transaction) -> None:
        count = tx.execute(select(func.count()).select_from(roles)).scalar_one()
        add_role(tx, f"{count:03}")

    with ThreadPoolExecutor(4) as pool:
        for store in (node, other_node) * 20:
            pool.submit(store.write, add_next)
    assert role_names(node) == [f"{number:03}" for number in range(40)]


def test_a_node_that_stands_still_in_a_write_loses_it_and_holds_nobody_up(
    postgresql_url: str, other_node: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paused process would otherwise stop the writes of all."""
    monkeypatch.setattr(backend, "STALL_MS", 50)
    with Store.open(postgresql_url) as paused:
        holding = Holding(paused, shared=False)
        assert other_node.write(lambda tx: add_role(tx, "A")) == "A"
        holding.let_go()
        assert isinstance(holding.future.exception(PATIENCE_S), Unavailable)
        assert paused.write(lambda tx: add_role(tx, "B")) == "B"


def test_a_write_that_waits_too_long_for_others_is_not_done(
    postgresql_url: str, other_node: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding = Holding(other_node, shared=False)
    monkeypatch.setattr(backend, "LOCK_TIMEOUT_MS", 20)
    with Store.open(postgresql_url) as store:
        with pytest.raises(Unavailable, match="Nothing was changed"):
            store.write(lambda tx: add_role(tx, "A"))
        holding.let_go()
        holding.future.result(PATIENCE_S)
        store.write(lambda tx: add_role(tx, "A"))


def test_the_data_version_moves_with_a_commit_of_another_node(node: Store, other_node: Store) -> None:
    before = node.data_version()
    assert node.data_version() == before
    other_node.write(lambda tx: add_role(tx, "A"))
    assert node.data_version() != before


def test_the_instant_is_the_servers_for_all_nodes(node: Store, clock: VirtualClock) -> None:
    """Clocks of machines differ, and a lease is judged by one."""
    with node.read() as tx:
        seen = present(tx, clock.now())
        server = tx.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    assert seen.tzinfo is not None
    assert seen <= server
    assert seen.year == server.year


# --- tables ----------------------------------------------------------------------------------


def test_nodes_that_start_at_once_make_one_store(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()

    def start(number: int) -> str:
        with Store.open(url) as store:
            return store.write(lambda tx: add_role(tx, f"R{number}"))

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(start, range(4)))
    with Store.open(url) as store:
        assert role_names(store) == made


def test_text_is_ordered_as_on_sqlite_whatever_the_locale(node: Store) -> None:
    """Pages of listings go on after the last name of the one before."""
    with node.read() as tx:
        query = (
            "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_collation o ON o.oid = a.attcollation"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0"
            " AND o.collname <> 'C' AND c.relname <> 'alembic_version'"
        )
        assert tx.exec_driver_sql(query).all() == []
    assert any(isinstance(column.type, Text) for table in metadata.tables.values() for column in table.c)


def test_text_may_hold_what_postgresql_has_no_character_for(node: Store) -> None:
    """A task may return it, and its run has to end all the same."""
    node.write(lambda tx: tx.execute(insert(roles), {"name": "A", "comment": "a\0b", "created_on": NOW}))
    with node.read() as tx:
        assert tx.execute(select(roles.c.comment)).scalar() == "a\0b"


def test_a_database_of_something_else_is_refused_and_left_alone(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(NotAStore):
        Store.open(url)
    with psycopg.connect(url) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (1,)


def test_a_newer_database_is_refused_and_an_older_one_until_it_is_asked_for(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.new_database()
    Store.open(url).close()
    set_revision(url, "9999")
    with pytest.raises(StoreTooNew):
        Store.open(url, upgrade=True)
    set_revision(url, "0000")
    monkeypatch.setattr("clockmill.store.migrations.REVISIONS", ("0000", *REVISIONS))
    with pytest.raises(StoreTooOld, match="clockmill db upgrade --store"):
        Store.open(url)


def test_a_database_that_could_not_keep_every_text_is_refused(postgresql: PostgreSQL) -> None:
    with postgresql.connect() as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(DatabaseRefused, match="LATIN1"):
        Store.open(postgresql.url("latin"))


def test_a_server_that_is_too_old_is_refused(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "OLDEST", 99_00_00)
    with pytest.raises(DatabaseRefused, match="99 or later"):
        Store.open(postgresql_url)


def set_revision(url: str, revision: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", (revision,))


# --- passwords -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3cret@127.0.0.1:1/x",
        "postgresql://u:s3cret@nowhere.invalid/x",
        "postgresql://u:s3cret@[/x",
        "postgresql://u:s3cret@127.0.0.1/x?nothing=known",
        "postgresql://u:12/s3cret@127.0.0.1/x",
        "postgresql://u:p@s3cret@127.0.0.1/x",
        "postgresql://u:p#s3cret/@127.0.0.1/x",
        "mysql://u:s3cret@127.0.0.1/x",
    ],
)
def test_no_error_shows_a_password(url: str) -> None:
    with pytest.raises((Unavailable, BadLocation)) as caught:
        Store.open(url)
    shown = [str(caught.value), repr(caught.value), str(caught.value.__cause__)]
    assert [text for text in shown if "s3cret" in text] == []


def test_a_database_that_is_not_there_is_told_with_what_to_look_at(postgresql: PostgreSQL) -> None:
    """To try it again would lead nobody to the slip in the URL."""
    with pytest.raises(CannotConnect, match=r"nosuch.* Is the URL right"):
        Store.open(postgresql.url("nosuch"))


def test_an_empty_database_is_left_empty_by_who_only_wants_to_look(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with pytest.raises(NoStore, match="no clockmill data"):
        Store.open(url, make=False)
    with psycopg.connect(url) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)


def test_where_it_is_is_said_without_a_password() -> None:
    database = PostgreSQLDatabase("postgresql://u:s3cret@db.example:6432/clockmill")
    assert database.place == "db.example:6432/clockmill"
