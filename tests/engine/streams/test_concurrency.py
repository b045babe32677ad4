"""Writers, consumers and DDL at the same time: no change is lost, and none comes twice."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from tests.engine.sessions import Background, Client, Waited
from tests.engine.streams.conftest import Streams

from clockmill.engine.duckdb.faults import ObjectMissing

Connect = Callable[[], Client]


def test_what_many_write_while_two_consume_arrives_once(
    client: Client, streams: Streams, connect: Connect
) -> None:
    client.run("create table sink (a int)")

    def write(first: int) -> None:
        session = connect()
        for number in range(first, first + 20):
            session.run(f"insert into t values ({number}, 'x')")
            session.run(f"update t set b = 'y' where a = {number}")

    def consume() -> None:
        session = connect()
        for _ in range(15):
            session.run("begin")
            session.run(
                "merge into sink using (select a from s where metadata$action = 'INSERT') s on sink.a = s.a "
                "when not matched then insert values (s.a)"
            )
            session.run("commit")

    work = [Background(partial(write, first)) for first in (100, 200, 300)]
    work += [Background(consume), Background(consume)]
    for each in work:
        each.join()
    client.run("insert into sink select a from s where metadata$action = 'INSERT' and not metadata$isupdate")

    assert sorted(a for (a,) in client.rows("select a from sink")) == [
        *range(100, 120),
        *range(200, 220),
        *range(300, 320),
    ]


def test_a_stream_made_among_writers_sees_all_that_came_after_it(client: Client, connect: Connect) -> None:
    client.run("create table t (a int)")

    def write() -> None:
        session = connect()
        for number in range(60):
            session.run(f"insert into t values ({number})")

    writers = [Background(write), Background(write)]
    streams = Streams(client)
    streams.create("first", "t", shows_initial_rows=True)
    client.run("create table sink as select a from first")
    for each in writers:
        each.join()
    client.run("insert into sink select a from first")

    assert sorted(client.rows("select a from sink")) == sorted(client.rows("select a from t"))


def test_a_transaction_older_than_anothers_consumption_goes_on_from_there(
    client: Client, streams: Streams, connect: Connect
) -> None:
    """Its snapshot is older than the stream's place: its earlier work is done again."""
    client.run("insert into t values (4, 'four')")
    client.run("create table sink (a int)")
    client.run("create table other (a int)")
    client.run("begin")
    client.run("insert into other values (1)")
    connect().run("insert into sink select a from s")

    client.run("insert into sink select a from s")
    client.run("commit")

    assert client.rows("select a from sink") == [(4,)]
    assert client.rows("select a from other") == [(1,)]
    assert streams.read("s") == []


def test_dropping_a_stream_waits_for_who_consumes_it(
    client: Client, streams: Streams, connect: Connect, streams_of: Callable[[Client], Streams]
) -> None:
    client.run("insert into t values (4, 'four')")
    client.run("create table sink (a int)")
    client.run("begin")
    client.run("insert into sink select a from s")
    other = connect()
    other.waiting = Waited()
    drop = Background(lambda: streams_of(other).drop("s"))
    assert other.waiting.begun.wait(10)
    client.run("commit")
    drop.join()

    assert client.rows("select a from sink") == [(4,)]
    client.run("insert into t values (5, 'five')")


def test_who_waits_for_a_stream_that_is_dropped_consumes_it_first_or_is_told(
    client: Client, streams: Streams, connect: Connect
) -> None:
    client.run("create table sink (a int)")
    client.run("begin")
    client.run("insert into sink select a from s")
    other = connect()
    other.waiting = Waited()
    later = Background(lambda: other.run("insert into sink select a from s"))
    assert other.waiting.begun.wait(10)
    streams.drop("s")  # which commits what is open

    with suppress(ObjectMissing):
        later.join()
