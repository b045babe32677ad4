"""Which changes of a table a stream shows, whichever statement makes them."""

# ruff: noqa: ISC004
# ISC004: statements of two lines.

import pytest
from tests.engine.sessions import Client
from tests.engine.streams.conftest import Streams

GONE = [(1, "one", "DELETE", False), (2, "two", "DELETE", False), (3, "three", "DELETE", False)]


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("insert into t values (4, 'four')", [(4, "four", "INSERT", False)]),
        ("insert into t (b) select upper(b) from t where a = 1", [(None, "ONE", "INSERT", False)]),
        ("delete from t where a = 2", [(2, "two", "DELETE", False)]),
        ("delete from t using (select 3 as k) u where t.a = u.k", [(3, "three", "DELETE", False)]),
        ("delete from t where a in (select max(a) from t)", [(3, "three", "DELETE", False)]),
        ("delete from t", GONE),
        ("truncate table t", GONE),
        (
            "update t set b = 'zwei' where a = 2",
            [(2, "two", "DELETE", True), (2, "zwei", "INSERT", True)],
        ),
        (
            "update t set b = u.v from (select 3 as k, 'drei' as v) u where t.a = u.k",
            [(3, "drei", "INSERT", True), (3, "three", "DELETE", True)],
        ),
        ("update t set b = b where a = 1", [(1, "one", "DELETE", True), (1, "one", "INSERT", True)]),
        ("update t set b = 'x' where a = 9", []),
        ("delete from t where a = 9", []),
        ("insert into t select * from t where a = 9", []),
        ("insert overwrite into t values (7, 'seven')", [*GONE, (7, "seven", "INSERT", False)]),
        (
            "insert overwrite into t select a, b from t where a = 1",
            [(1, "one", "DELETE", False), (1, "one", "INSERT", False), *GONE[1:]],
        ),
        (
            "merge into t using (select 1 as k union select 9) u on t.a = u.k "
            "when matched then update set b = 'eins' when not matched then insert values (u.k, 'neun')",
            [(1, "eins", "INSERT", True), (1, "one", "DELETE", True), (9, "neun", "INSERT", False)],
        ),
        (
            "merge into t using (select 1 as k, true as d union select 2, false) u on t.a = u.k "
            "when matched and u.d then delete",
            [(1, "one", "DELETE", False)],
        ),
        (
            "merge into t using (select 1 as k) u on t.a = u.k when matched then update set b = t.b",
            [(1, "one", "DELETE", True), (1, "one", "INSERT", True)],
        ),
        (
            "insert all when k > 1 then into t values (k, 'all') into t values (k, 'both') select 2 as k",
            [(2, "all", "INSERT", False), (2, "both", "INSERT", False)],
        ),
        (
            "insert overwrite all into t values (k, 'only') select 2 as k",
            [*GONE, (2, "only", "INSERT", False)],
        ),
    ],
)
def test_every_statement_that_changes_rows(
    client: Client, streams: Streams, statement: str, shown: list[tuple[object, ...]]
) -> None:
    client.run(statement)

    assert streams.read("s") == sorted(shown, key=repr)


def test_the_counts_of_statements_stay_what_they_are(client: Client, streams: Streams) -> None:
    assert streams.read("s") == []
    assert client.rows("insert into t values (4, 'x'), (5, 'y')") == [(2,)]
    assert client.rows("update t set b = 'z' where a > 3") == [(2, 0)]
    twice = "update t set b = u.v from (select 1 as k, 'p' as v union all select 1, 'q') u where t.a = u.k"
    assert client.rows(twice) == [(1, 1)]
    merge = (
        "merge into t using (select 1 as k union select 9) u on t.a = u.k "
        "when matched then delete when not matched then insert values (u.k, 'n')"
    )
    assert client.rows(merge) == [(1, 1)]
    assert client.rows("delete from t where a = 9") == [(1,)]
    assert client.rows("insert all into t values (k, 'a') into t values (k, 'b') select 1 as k") == [(2,)]


def test_what_came_and_went_is_nothing(client: Client, streams: Streams) -> None:
    client.run("insert into t values (4, 'four')")
    client.run("update t set b = 'vier' where a = 4")
    client.run("delete from t where a = 4")

    assert streams.read("s") == []


def test_what_was_inserted_and_updated_is_one_insert_of_the_last_image(
    client: Client, streams: Streams
) -> None:
    client.run("insert into t values (4, 'four')")
    client.run("update t set b = 'vier' where a = 4")
    client.run("update t set b = 'quatre' where a = 4")

    assert streams.read("s") == [(4, "quatre", "INSERT", False)]


def test_several_updates_are_one_from_the_first_image_to_the_last(client: Client, streams: Streams) -> None:
    for word in ("eins", "un", "uno"):
        client.run(f"update t set b = '{word}' where a = 1")

    assert streams.read("s") == [(1, "one", "DELETE", True), (1, "uno", "INSERT", True)]


def test_a_row_keeps_its_id_and_no_two_share_one(client: Client, streams: Streams) -> None:
    client.run("update t set b = 'x' where a < 3")
    ids = dict(client.rows("select a, metadata$row_id from s where metadata$action = 'INSERT'"))

    client.run("update t set a = a * 10 where a < 3")

    assert dict(client.rows("select a / 10, metadata$row_id from s where metadata$action = 'INSERT'")) == ids
    assert len(set(ids.values())) == 2
    assert all(len(each) == 40 for each in ids.values())


def test_a_statement_that_depends_on_chance_is_logged_as_it_went(client: Client, streams: Streams) -> None:
    client.run("insert into t select seq4(), 'x' from table(generator(rowcount => 200))")
    client.run("create table before as select * from t")
    client.run("create table none_yet as select * from s")

    client.run("delete from t where uniform(0::float, 1::float, random()) < 0.5")
    client.run("update t set b = b || '!' where uniform(0::float, 1::float, random()) < 0.5")

    gone = "select * from before minus select * from t"
    assert sorted(client.rows("select a, b from s where metadata$action = 'DELETE'")) == sorted(
        client.rows(gone)
    )
    come = "select * from t minus select * from before"
    assert sorted(client.rows("select a, b from s where metadata$action = 'INSERT'")) == sorted(
        client.rows(come)
    )


def test_a_merge_reads_its_source_once(client: Client, streams: Streams) -> None:
    """Which rows a sample or a limit gives need not be the same twice."""
    client.run("insert into t select seq4() + 10, 'x' from table(generator(rowcount => 300))")
    client.run("create table none_yet as select * from s")
    client.run("create table before as select * from t")

    client.run(
        "merge into t using (select a, b || '?' as b from t sample (50) limit 100) u on t.a = u.a "
        "when matched then update set b = u.b"
    )

    changed = client.rows("select * from t minus select * from before")
    assert sorted(client.rows("select a, b from s where metadata$action = 'INSERT'")) == sorted(changed)
    assert client.rows("select distinct metadata$isupdate from s") in ([(True,)], [])


def test_only_inserts_are_shown_by_an_append_only_stream(client: Client, streams: Streams) -> None:
    streams.create("only", "t", is_append_only=True)
    client.run("insert into t values (4, 'four'), (5, 'five')")
    client.run("update t set b = 'vier' where a = 4")
    client.run("delete from t where a = 5")
    client.run("delete from t where a = 1")

    assert streams.read("only") == [(4, "four", "INSERT", False), (5, "five", "INSERT", False)]


def test_our_columns_are_never_seen(client: Client, streams: Streams) -> None:
    client.run("insert into t values (4, 'four')")

    assert client.run("select * from t where a = 4").rows == [(4, "four")]
    client.run("create table copy as select * from t")
    client.run("create table clone clone t")
    client.run("create table alike like t")
    for name in ("copy", "clone", "alike"):
        assert [column.name for column in client.run(f"select * from {name}").columns] == ["A", "B"]
    assert client.value("select count(*) from clone") == 4
    client.run("insert into copy select * from t")


def test_two_streams_on_one_table_go_their_own_ways(client: Client, streams: Streams) -> None:
    client.run("insert into t values (4, 'four')")
    streams.create("later", "t")
    client.run("insert into t values (5, 'five')")
    client.run("create table seen as select a from s")
    client.run("insert into t values (6, 'six')")

    assert streams.read("s") == [(6, "six", "INSERT", False)]
    assert [a for a, *_ in streams.read("later")] == [5, 6]
