"""CREATE, ALTER and DROP of databases, schemas and warehouses."""

import enum
from typing import ClassVar

import msgspec

from clockmill.core.errors import Unsupported
from clockmill.core.task import CreateMode
from clockmill.sql.parser import Parser, Reference, Value, properties
from clockmill.sql.statement import Statement, Verb


class ObjectKind(enum.StrEnum):
    """The kinds of objects that the store keeps, as statements name them."""

    ACCOUNT = "ACCOUNT"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    WAREHOUSE = "WAREHOUSE"
    TAG = "TAG"
    TASK = "TASK"


class CreateObject(Statement, frozen=True, kw_only=True):
    """CREATE [OR REPLACE] [TRANSIENT] DATABASE | SCHEMA | WAREHOUSE [IF NOT EXISTS] name properties."""

    verb: ClassVar[Verb] = Verb.CREATE
    kind: ObjectKind
    name: Reference
    mode: CreateMode
    properties: dict[str, Value]
    is_transient: bool = False


class DropObject(Statement, frozen=True, kw_only=True):
    """DROP kind [IF EXISTS] name."""

    verb: ClassVar[Verb] = Verb.DROP
    kind: ObjectKind
    name: Reference
    if_exists: bool = False


class ChangeObject(Statement, frozen=True, kw_only=True):
    """ALTER kind [IF EXISTS] name SET properties, or UNSET names."""

    verb: ClassVar[Verb] = Verb.ALTER
    kind: ObjectKind
    name: Reference
    if_exists: bool
    settings: dict[str, Value] = msgspec.field(default_factory=dict)
    unset: tuple[str, ...] = ()


class SwitchWarehouse(Statement, frozen=True, kw_only=True):
    """ALTER WAREHOUSE [IF EXISTS] name RESUME [IF SUSPENDED], or SUSPEND."""

    verb: ClassVar[Verb] = Verb.ALTER
    name: Reference
    if_exists: bool
    resume: bool
    if_suspended: bool = False


class Creation(msgspec.Struct, frozen=True):
    """What stands between CREATE and the name of the object."""

    or_replace: bool
    or_alter: bool = False

    def mode(self, parser: Parser) -> CreateMode:
        """Take IF NOT EXISTS, and say what happens when the name is taken."""
        if not parser.at("IF"):
            return CreateMode.OR_REPLACE if self.or_replace else CreateMode.ERROR_IF_EXISTS
        if self.or_replace or self.or_alter:
            parser.fail()
        parser.expect("IF", "NOT", "EXISTS")
        return CreateMode.IF_NOT_EXISTS


def read_create(parser: Parser, kind: ObjectKind, creation: Creation, *, transient: bool) -> CreateObject:
    """Read what follows CREATE … DATABASE, SCHEMA or WAREHOUSE."""
    if creation.or_alter:
        raise Unsupported(f"CREATE OR ALTER {kind}")
    mode = creation.mode(parser)
    name = parser.reference()
    if parser.at("CLONE") or parser.at("FROM"):
        raise Unsupported(f"CREATE {kind} … {parser.token.upper}")
    managed = kind is ObjectKind.SCHEMA and parser.accept("WITH", "MANAGED", "ACCESS")
    if parser.at("WITH", "TAG") or parser.at("TAG"):
        raise Unsupported(f"CREATE {kind} … WITH TAG")
    parser.accept("WITH")
    given = properties(parser)
    parser.finish()
    if managed:
        given["MANAGED_ACCESS"] = True
    return CreateObject(kind=kind, name=name, mode=mode, properties=given, is_transient=transient)


def read_comment(parser: Parser, kind: ObjectKind, *, if_exists: bool) -> ChangeObject:
    """Read what follows COMMENT … ON DATABASE, SCHEMA or WAREHOUSE."""
    name = parser.reference()
    parser.expect("IS")
    text = parser.string()
    parser.finish()
    return ChangeObject(kind=kind, name=name, if_exists=if_exists, settings={"COMMENT": text})


def read_drop(parser: Parser, kind: ObjectKind) -> DropObject:
    """Read what follows DROP kind."""
    if_exists = parser.if_exists()
    name = parser.reference()
    parser.accept_one(frozenset({"CASCADE", "RESTRICT"}))
    parser.finish()
    return DropObject(kind=kind, name=name, if_exists=if_exists)


def read_change(
    parser: Parser, kind: ObjectKind, name: Reference, *, if_exists: bool
) -> ChangeObject | SwitchWarehouse:
    """Read what follows ALTER kind name, other than its tags."""
    if kind is ObjectKind.WAREHOUSE and parser.token.upper in ("RESUME", "SUSPEND"):
        resume = parser.advance().upper == "RESUME"
        if_suspended = resume and parser.accept("IF", "SUSPENDED")
        parser.finish()
        return SwitchWarehouse(name=name, if_exists=if_exists, resume=resume, if_suspended=if_suspended)
    if parser.accept("UNSET"):
        unset = parser.listed(parser.identifier)
        parser.finish()
        return ChangeObject(kind=kind, name=name, if_exists=if_exists, unset=unset)
    if not parser.accept("SET"):
        raise Unsupported(f"ALTER {kind} … {parser.token.upper}")
    settings = properties(parser)
    if not settings:
        parser.fail()
    parser.finish()
    return ChangeObject(kind=kind, name=name, if_exists=if_exists, settings=settings)
