"""Tags: CREATE TAG, and SET TAG or UNSET TAG on objects."""

from typing import ClassVar

from clockmill.core.errors import Unsupported
from clockmill.core.task import CreateMode
from clockmill.sql.catalog import Creation, ObjectKind
from clockmill.sql.parser import Parser, Reference
from clockmill.sql.statement import Statement, Verb


class CreateTag(Statement, frozen=True, kw_only=True):
    """CREATE [OR REPLACE] TAG [IF NOT EXISTS] name [ALLOWED_VALUES 'a', …] [COMMENT = 'c']."""

    verb: ClassVar[Verb] = Verb.CREATE
    name: Reference
    mode: CreateMode
    allowed_values: tuple[str, ...] | None = None
    comment: str | None = None


class TagObject(Statement, frozen=True, kw_only=True):
    """ALTER kind [IF EXISTS] name SET TAG t = 'v', … (*assignments*) or UNSET TAG t, … (*removed*).

    *name* is None for ALTER ACCOUNT.
    """

    verb: ClassVar[Verb] = Verb.ALTER
    kind: ObjectKind
    name: Reference | None
    if_exists: bool = False
    assignments: tuple[tuple[Reference, str], ...] = ()
    removed: tuple[Reference, ...] = ()


def read_create_tag(parser: Parser, creation: Creation) -> CreateTag:
    """Read what follows CREATE [OR REPLACE] TAG."""
    if creation.or_alter:
        raise Unsupported("CREATE OR ALTER TAG")
    mode = creation.mode(parser)
    name = parser.reference()
    allowed: tuple[str, ...] | None = None
    comment: str | None = None
    while not parser.at_end:
        if allowed is None and parser.accept("ALLOWED_VALUES"):
            parser.accept("=")
            allowed = parser.listed(parser.string)
        elif comment is None and parser.accept("COMMENT"):
            parser.accept("=")
            comment = parser.string()
        elif parser.at("PROPAGATE"):
            raise Unsupported("CREATE TAG … PROPAGATE")
        else:
            parser.fail()
    parser.finish()
    return CreateTag(name=name, mode=mode, allowed_values=allowed, comment=comment)


def read_tag_change(
    parser: Parser, kind: ObjectKind, name: Reference | None, *, if_exists: bool
) -> TagObject | None:
    """Read SET TAG or UNSET TAG, or return None when neither comes next."""
    if parser.accept("SET", "TAG"):
        assignments = [_assignment(parser)]
        while parser.accept(","):
            assignments.append(_assignment(parser))
        parser.finish()
        return TagObject(kind=kind, name=name, if_exists=if_exists, assignments=tuple(assignments))
    if parser.accept("UNSET", "TAG"):
        removed = [parser.reference()]
        while parser.accept(","):
            removed.append(parser.reference())
        parser.finish()
        return TagObject(kind=kind, name=name, if_exists=if_exists, removed=tuple(removed))
    return None


def _assignment(parser: Parser) -> tuple[Reference, str]:
    tag = parser.reference()
    parser.expect("=")
    return tag, parser.string()
