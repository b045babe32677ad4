"""Statements about streams, from text to values."""

import pytest

from clockmill.core.errors import SyntaxFault, Unsupported
from clockmill.core.task import CreateMode
from clockmill.sql.classify import read_statement
from clockmill.sql.parser import Reference
from clockmill.sql.show import Describe, Show, Subject
from clockmill.sql.streams import AlterStream, CreateStream, DropStream, StreamSource


def test_create_with_everything() -> None:
    read = read_statement(
        "create or replace stream d.s.x copy grants on table t at (stream => 'y') "
        "append_only = true show_initial_rows = false comment = 'what it is for';"
    )

    assert read == CreateStream(
        name=Reference(("D", "S", "X")),
        mode=CreateMode.OR_REPLACE,
        source=StreamSource(name=Reference(("T",)), is_view=False, at=Reference(("Y",))),
        append_only=True,
        comment="what it is for",
    )


def test_create_on_a_view_and_as_a_clone() -> None:
    on_view = read_statement('create stream if not exists "x" on view identifier($v)')
    assert on_view == CreateStream(
        name=Reference(("x",)),
        mode=CreateMode.IF_NOT_EXISTS,
        source=StreamSource(name=Reference(variable="V"), is_view=True),
    )
    clone = read_statement("create stream x clone y copy grants")
    assert clone == CreateStream(
        name=Reference(("X",)), mode=CreateMode.ERROR_IF_EXISTS, clone=Reference(("Y",))
    )


def test_alter_and_drop() -> None:
    name = Reference(("X",))
    assert read_statement("alter stream if exists x set comment = 'c'") == AlterStream(
        name=name, if_exists=True, comment="c"
    )
    assert read_statement("alter stream x unset comment") == AlterStream(
        name=name, if_exists=False, comment=None
    )
    assert read_statement("drop stream if exists x") == DropStream(name=name, if_exists=True)


def test_show_and_describe() -> None:
    shown = read_statement("show terse streams like 'a%' limit 3")
    assert isinstance(shown, Show)
    assert (shown.subject, shown.terse, shown.like, shown.limit) == (Subject.STREAMS, True, "a%", 3)
    assert read_statement("desc stream x") == Describe(kind="STREAM", name=Reference(("X",)))


@pytest.mark.parametrize(
    ("text", "construct"),
    [
        ("create stream x on stage y", "CREATE STREAM … ON STAGE"),
        ("create stream x on external table y", "CREATE STREAM … ON EXTERNAL TABLE"),
        ("create stream x on table t before (stream => 'y')", "CREATE STREAM … BEFORE (STREAM => …)"),
        ("create stream x on table t at (offset => -1)", "CREATE STREAM … AT (OFFSET => …)"),
        ("create stream x on table t insert_only = true", "CREATE STREAM … INSERT_ONLY"),
        ("create stream x clone y at (offset => -1)", "CREATE STREAM … CLONE … AT"),
        ("create stream x tag (a = 'b') on table t", "CREATE STREAM … WITH TAG"),
        ("create or alter stream x on table t", "CREATE OR ALTER STREAM"),
        ("alter stream x set tag a = 'b'", "ALTER STREAM … SET TAG"),
        ("alter stream x unset tag a", "ALTER STREAM … UNSET TAG"),
        ("alter stream x rename to y", "ALTER STREAM … RENAME"),
    ],
)
def test_what_is_refused_is_named(text: str, construct: str) -> None:
    with pytest.raises(Unsupported) as caught:
        read_statement(text)

    assert caught.value.construct == construct


@pytest.mark.parametrize(
    "text",
    [
        "create stream on table t",
        "create stream x on table",
        "create stream x on table t comment = 5",
        "create stream x on table t append_only",
        "drop stream x cascade",
        "alter stream x set comment 'c'",
    ],
)
def test_what_is_wrong_is_a_syntax_fault(text: str) -> None:
    with pytest.raises(SyntaxFault):
        read_statement(text)
