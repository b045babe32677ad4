"""CREATE, ALTER and DROP of streams."""

from typing import ClassVar, Final

import msgspec

from clockmill.core.errors import Unsupported
from clockmill.core.task import CreateMode
from clockmill.sql.catalog import Creation
from clockmill.sql.parser import Parser, Reference, read_name
from clockmill.sql.statement import Statement, Verb


class StreamSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream is made on: ON TABLE or ON VIEW, with what follows."""

    name: Reference
    is_view: bool
    at: Reference | None = None
    """AT (STREAM => 'name'): begin where that stream stands."""


class CreateStream(Statement, frozen=True, kw_only=True):
    """CREATE [OR REPLACE] STREAM [IF NOT EXISTS] name ON source, or CLONE model."""

    verb: ClassVar[Verb] = Verb.CREATE
    name: Reference
    mode: CreateMode
    source: StreamSource | None = None
    clone: Reference | None = None
    append_only: bool = False
    show_initial_rows: bool = False
    comment: str | None = None


class AlterStream(Statement, frozen=True, kw_only=True):
    """ALTER STREAM [IF EXISTS] name SET COMMENT, or (*comment* None) UNSET it."""

    verb: ClassVar[Verb] = Verb.ALTER
    name: Reference
    if_exists: bool
    comment: str | None


class DropStream(Statement, frozen=True, kw_only=True):
    """DROP STREAM [IF EXISTS] name."""

    verb: ClassVar[Verb] = Verb.DROP
    name: Reference
    if_exists: bool = False


def read_create_stream(parser: Parser, creation: Creation) -> CreateStream:
    """Read what follows CREATE [OR REPLACE] STREAM."""
    if creation.or_alter:
        raise Unsupported("CREATE OR ALTER STREAM")
    mode = creation.mode(parser)
    name = parser.reference()
    if parser.accept("CLONE"):
        model = parser.reference()
        if parser.at("AT") or parser.at("BEFORE"):
            raise Unsupported(f"CREATE STREAM … CLONE … {parser.token.upper}")
        parser.accept("COPY", "GRANTS")
        parser.finish()
        return CreateStream(name=name, mode=mode, clone=model)
    if parser.at("WITH", "TAG") or parser.at("TAG"):
        raise Unsupported("CREATE STREAM … WITH TAG")
    parser.accept("COPY", "GRANTS")
    source = _source(parser)
    flags, comment = _properties(parser)
    parser.finish()
    return CreateStream(
        name=name,
        mode=mode,
        source=source,
        append_only=flags.get("APPEND_ONLY", False),
        show_initial_rows=flags.get("SHOW_INITIAL_ROWS", False),
        comment=comment,
    )


def read_alter_stream(parser: Parser, name: Reference, *, if_exists: bool) -> AlterStream:
    """Read what follows ALTER STREAM name."""
    comment = None
    if parser.accept("SET"):
        if not parser.accept("COMMENT"):
            raise Unsupported(f"ALTER STREAM … SET {parser.token.upper}")
        parser.expect("=")
        comment = parser.string()
    elif parser.accept("UNSET"):
        if not parser.accept("COMMENT"):
            raise Unsupported(f"ALTER STREAM … UNSET {parser.token.upper}")
    else:
        raise Unsupported(f"ALTER STREAM … {parser.token.upper}")
    parser.finish()
    return AlterStream(name=name, if_exists=if_exists, comment=comment)


def read_drop_stream(parser: Parser) -> DropStream:
    """Read what follows DROP STREAM."""
    if_exists = parser.if_exists()
    name = parser.reference()
    parser.finish()
    return DropStream(name=name, if_exists=if_exists)


def _source(parser: Parser) -> StreamSource:
    parser.expect("ON")
    kind = parser.accept_one(_SOURCES)
    if kind is None:
        words = [parser.token.upper] + ([parser.ahead(1).upper] if parser.ahead(1).upper == "TABLE" else [])
        raise Unsupported(f"CREATE STREAM … ON {' '.join(words)}")
    return StreamSource(name=parser.reference(), is_view=kind == "VIEW", at=_place(parser))


_SOURCES: Final = frozenset({"TABLE", "VIEW"})


def _place(parser: Parser) -> Reference | None:
    """Read AT (STREAM => 'name'); a table as it was at other places is not kept."""
    word = parser.accept_one(frozenset({"AT", "BEFORE"}))
    if word is None:
        return None
    parser.expect("(")
    if word == "BEFORE" or not parser.accept("STREAM"):
        raise Unsupported(f"CREATE STREAM … {word} ({parser.token.upper} => …)")
    parser.expect("=>")
    name = read_name(parser.string())
    parser.expect(")")
    return name


def _properties(parser: Parser) -> tuple[dict[str, bool], str | None]:
    flags: dict[str, bool] = {}
    comment = None
    while not parser.at_end:
        word = parser.accept_one(_PROPERTIES)
        if word is None or word in flags or (word == "COMMENT" and comment is not None):
            parser.fail()
        parser.expect("=")
        if word == "COMMENT":
            comment = parser.string()
        else:
            value = parser.literal()
            if not isinstance(value, bool):
                parser.fail()
            flags[word] = value
        parser.accept(",")
    if flags.get("INSERT_ONLY"):
        raise Unsupported("CREATE STREAM … INSERT_ONLY")
    return flags, comment


_PROPERTIES: Final = frozenset({"APPEND_ONLY", "INSERT_ONLY", "SHOW_INITIAL_ROWS", "COMMENT"})
