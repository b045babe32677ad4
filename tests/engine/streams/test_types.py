"""Images of rows of every type, and of columns that fill themselves."""

from tests.engine.sessions import Client
from tests.engine.streams.conftest import Streams

from clockmill.core.names import SchemaName
from clockmill.engine.protocol import NewStream


def test_images_have_every_type_as_the_table_has_it(client: Client) -> None:
    streams = Streams(client)
    client.run(
        "create table wide (n number(10,2) not null, f float, t varchar(5), ok boolean, d date, c time, "
        "ntz timestamp_ntz, ltz timestamp_ltz, tz timestamp_tz, raw binary, v variant, o object, a array)"
    )
    streams.create("s", "wide")
    client.run(
        "insert into wide select 1.25, 2.5, 'x', true, '2024-02-29', '12:34:56', '2024-02-29 01:02:03', "
        "'2024-02-29 01:02:03', '2024-02-29 01:02:03 +0530', to_binary('ff', 'hex'), "
        "parse_json('[1, null]'), object_construct('k', 1), array_construct(1, 'two')"
    )
    client.run("update wide set t = 'y'")

    table, seen = client.run("select * from wide"), client.run("select * from s")
    assert seen.columns[:13] == table.columns
    assert [tuple(row[:13]) for row in seen.rows] == [tuple(row) for row in table.rows]


def test_columns_that_fill_themselves_are_in_the_images(client: Client) -> None:
    streams = Streams(client)
    client.run("create table t (id int autoincrement, name varchar, state varchar default 'new')")
    client.run("insert into t (name) values ('a')")
    streams.create("s", "t")
    client.run("insert into t (name) values ('b'), ('c')")
    client.run("insert into t (name) select 'd'")
    client.run("begin")
    client.run("insert into t (name) values ('e')")
    client.run("commit")

    assert streams.read("s") == [
        (number, name, "new", "INSERT", False) for number, name in enumerate("bcde", start=2)
    ]


def test_a_column_may_change_its_type_and_its_rules(client: Client, streams: Streams) -> None:
    client.run("insert into t values (4, 'four')")
    for action in (
        "alter column b set data type varchar(100)",
        "alter column a type number(20, 0)",
        "alter column a set not null",
        "alter column a drop not null",
        "alter column b comment 'a word'",
    ):
        client.run(f"alter table t {action}")
    client.run("insert into t values (12345678901234567890, 'long')")

    assert [row[0] for row in streams.read("s")] == [12345678901234567890, 4]


def test_names_that_need_quotes(client: Client) -> None:
    client.run("""create table "a ""b" ("x 'y'" int, "X" int, "x" int)""")
    home = SchemaName("DB", "PUBLIC")
    stream = NewStream(name=home.object("my 'stream'"), source=home.object('a "b'))
    client.session.change_stream(stream, client.context())
    client.run("""insert into "a ""b" values (1, 2, 3)""")
    client.run("""update "a ""b" set "x" = 4""")

    assert client.rows("""select "x 'y'", "X", "x" from "my 'stream'" """) == [(1, 2, 4)]
    client.run("""create table sink as select * from "my 'stream'" """)
    assert client.rows("""select * from "my 'stream'" """) == []
