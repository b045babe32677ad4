"""When a stream moves on: with the statement that consumes it, and never else."""

from collections.abc import Callable

import pytest
from tests.engine.sessions import Background, Client, Waited
from tests.engine.streams.conftest import Streams

from clockmill.core.errors import ClockmillError, StatementFault

FOUR = [(4, "four", "INSERT", False)]


@pytest.fixture
def changed(client: Client, streams: Streams) -> Streams:
    """The stream S has one INSERT to show."""
    client.run("insert into t values (4, 'four')")
    client.run("create table sink (a int, b varchar)")
    return streams


def test_reading_a_stream_does_not_move_it(client: Client, changed: Streams) -> None:
    assert changed.read("s") == FOUR
    assert changed.read("s") == FOUR


@pytest.mark.parametrize(
    "statement",
    [
        "insert into sink select a, b from s",
        "insert into sink select a, b from s where 1 = 0",
        "insert overwrite into sink select a, b from s",
        "insert all into sink values (a, b) into sink values (a, b) select a, b from s",
        "merge into sink using s on sink.a = s.a when not matched then insert values (s.a, s.b)",
        "update sink set b = s.b from s where s.a = sink.a",
        "delete from sink using s where s.a = sink.a",
        "delete from sink where a in (select a from s)",
        "create table made as select * from s",
        "insert into sink with c as (select a, b from s) select * from c",
        "insert into sink select x.a, y.b from s x join s y on x.a = y.a",
    ],
)
def test_every_statement_that_writes_consumes_what_it_reads(
    client: Client, changed: Streams, statement: str
) -> None:
    client.run(statement)

    assert changed.read("s") == []
    client.run("insert into t values (5, 'five')")
    assert changed.read("s") == [(5, "five", "INSERT", False)]


def test_a_view_on_a_stream_consumes_nothing_when_it_is_made(client: Client, changed: Streams) -> None:
    client.run("create view v as select a from s")

    assert client.rows("select * from v") == [(4,)]
    client.run("insert into sink (a) select a from v")
    assert client.rows("select * from v") == []


def test_a_failed_statement_moves_nothing(client: Client, changed: Streams) -> None:
    with pytest.raises(ClockmillError):
        client.run("insert into sink select a / 0, b from s")

    assert changed.read("s") == FOUR


def test_describing_a_statement_moves_nothing(client: Client, changed: Streams) -> None:
    client.run("insert into sink select a, b from s", describe_only=True)

    assert changed.read("s") == FOUR


def test_a_transaction_sees_the_same_to_its_end(client: Client, changed: Streams) -> None:
    client.run("begin")
    client.run("insert into t values (5, 'five')")
    assert changed.read("s") == FOUR
    client.run("insert into sink select a, b from s")
    assert changed.read("s") == FOUR
    client.run("insert into sink select a, b from s")
    client.run("commit")

    assert changed.read("s") == [(5, "five", "INSERT", False)]
    assert client.rows("select a from sink") == [(4,), (4,)]


def test_what_others_commit_meanwhile_is_for_the_next_transaction(
    client: Client, changed: Streams, connect: Callable[[], Client]
) -> None:
    other = connect()
    client.run("begin")
    other.run("insert into t values (5, 'five')")
    client.run("insert into sink select a, b from s")
    client.run("commit")

    assert client.rows("select a from sink") == [(4,)]
    assert changed.read("s") == [(5, "five", "INSERT", False)]


def test_a_transaction_that_is_rolled_back_moves_nothing(client: Client, changed: Streams) -> None:
    client.run("begin")
    client.run("insert into t values (5, 'five')")
    client.run("insert into sink select a, b from s")
    client.run("rollback")

    assert changed.read("s") == FOUR
    assert client.rows("select count(*) from sink") == [(0,)]


def test_what_a_transaction_did_before_a_failed_statement_is_kept(client: Client, changed: Streams) -> None:
    client.run("begin")
    client.run("insert into sink select a, b from s")
    client.run("update t set b = 'vier' where a = 4")
    with pytest.raises(ClockmillError):
        client.run("insert into sink select 1 / 0, 'x'")
    client.run("update t set b = 'quatre' where a = 4")
    client.run("commit")

    assert client.rows("select * from sink") == [(4, "four")]
    assert changed.read("s") == [(4, "four", "DELETE", True), (4, "quatre", "INSERT", True)]


def test_two_consumers_take_turns_and_none_sees_what_the_other_took(
    client: Client, changed: Streams, connect: Callable[[], Client]
) -> None:
    other = connect()
    other.waiting = Waited()
    client.run("begin")
    client.run("insert into sink select a, b from s")

    later = Background(lambda: other.run("insert into sink select a, b from s"))
    assert other.waiting.begun.wait(10)
    client.run("commit")
    later.join()

    assert client.rows("select a from sink") == [(4,)]


def test_a_transaction_that_has_read_what_another_consumed_cannot_consume_it(
    client: Client, changed: Streams, connect: Callable[[], Client]
) -> None:
    other = connect()
    client.run("begin")
    assert changed.read("s") == FOUR
    other.run("insert into sink select a, b from s")
    other.run("insert into t values (5, 'five')")
    other.run("insert into sink select a, b from s")

    assert changed.read("s") == FOUR
    with pytest.raises(StatementFault, match="consumed by another transaction"):
        client.run("insert into sink select a, b from s")
    client.run("rollback")
    assert client.rows("select a from sink order by a") == [(4,), (5,)]


def test_a_table_fed_by_its_own_stream_goes_on_by_what_it_got(client: Client, changed: Streams) -> None:
    client.run("insert into t select a * 10, b from s")

    assert changed.read("s") == [(40, "four", "INSERT", False)]


def test_what_all_streams_have_passed_is_not_kept(client: Client, changed: Streams) -> None:
    changed.create("slow", "t")
    table = client.session._shared.objects.find("ns_db_public", "T")
    assert table is not None

    def kept() -> int:
        rows = client.session._shared.query(f'select count(*) from _clockmill."log_{table.tracking}"')
        return int(rows[0][0])

    client.run("insert into t select seq4(), 'x' from table(generator(rowcount => 50))")
    client.run("create table one as select * from s")
    assert kept() == 50
    client.run("create table two as select * from slow")
    assert kept() == 0


def test_the_first_rows_are_shown_until_they_are_consumed(client: Client, streams: Streams) -> None:
    streams.create("first", "t", shows_initial_rows=True)
    client.run("delete from t where a > 1")
    client.run("insert into t values (4, 'four')")

    assert [row[0] for row in streams.read("first")] == [1, 2, 3]
    assert {row[2:] for row in streams.read("first")} == {("INSERT", False)}
    client.run("create table seen as select * from first")
    assert streams.read("first") == [
        (2, "two", "DELETE", False),
        (3, "three", "DELETE", False),
        (4, "four", "INSERT", False),
    ]


def test_a_stream_may_begin_where_another_stands(client: Client, changed: Streams) -> None:
    changed.create("copy", clone="s")
    changed.create("same", "t", at="s")
    client.run("create table seen as select * from s")

    assert changed.read("copy") == changed.read("same") == FOUR


def test_a_stream_may_be_replaced_by_one_that_begins_where_it_stood(client: Client, changed: Streams) -> None:
    changed.create("s", "t", at="s", or_replace=True, is_append_only=True)
    assert changed.read("s") == FOUR
    changed.create("s", clone="s", or_replace=True)
    assert changed.read("s") == FOUR


def test_the_clone_of_a_stream_that_shows_first_rows_shows_them_too(client: Client, streams: Streams) -> None:
    streams.create("first", "t", shows_initial_rows=True)
    streams.create("copy", clone="first")
    client.run("create table seen as select * from first")

    assert [row[0] for row in streams.read("copy")] == [1, 2, 3]
    assert streams.read("first") == []
