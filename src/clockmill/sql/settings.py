"""ALTER SESSION, and session variables: SET and UNSET."""

from typing import ClassVar

import msgspec

from clockmill.core.errors import Unsupported
from clockmill.sql.lexer import Kind
from clockmill.sql.parser import Argument, Parser, Value
from clockmill.sql.statement import Statement, Verb


class AlterSession(Statement, frozen=True, kw_only=True):
    """ALTER SESSION SET p = v …, or ALTER SESSION UNSET p, …"""

    verb: ClassVar[Verb] = Verb.ALTER
    settings: dict[str, Value] = msgspec.field(default_factory=dict)
    unset: tuple[str, ...] = ()


class Assignment(msgspec.Struct, frozen=True):
    """A variable and its new value: *literal* if *expression* is None, else what that gives."""

    name: str
    expression: str | None = None
    literal: Argument = None


class SetVariables(Statement, frozen=True, kw_only=True):
    """SET v = expression, or SET (v, w) = (expression, expression)."""

    verb: ClassVar[Verb] = Verb.SET
    assignments: tuple[Assignment, ...]


class UnsetVariables(Statement, frozen=True, kw_only=True):
    """UNSET v, or UNSET (v, w)."""

    verb: ClassVar[Verb] = Verb.UNSET
    names: tuple[str, ...]


def read_alter_session(parser: Parser) -> AlterSession:
    """Read what follows ALTER SESSION."""
    if parser.accept("UNSET"):
        names = parser.listed(parser.identifier)
        parser.finish()
        return AlterSession(unset=names)
    parser.expect("SET")
    if parser.at("TAG"):
        raise Unsupported("ALTER SESSION SET TAG")
    settings: dict[str, Value] = {}
    while not parser.at_end:
        name = parser.identifier()
        parser.expect("=")
        settings[name] = parser.value()
        parser.accept(",")
    if not settings:
        parser.fail()
    parser.finish()
    return AlterSession(settings=settings)


def read_set(parser: Parser) -> SetVariables:
    """Read a SET statement."""
    parser.expect("SET")
    if not parser.accept("("):
        name = parser.identifier()
        parser.expect("=")
        assignment = _assignment(parser, name, closers=frozenset({";", ""}))
        parser.finish()
        return SetVariables(assignments=(assignment,))
    names = parser.listed(parser.identifier)
    parser.expect(")", "=", "(")
    assignments = []
    for index, name in enumerate(names):
        assignments.append(_assignment(parser, name, closers=frozenset({",", ")"})))
        parser.expect(")" if index == len(names) - 1 else ",")
    parser.finish()
    return SetVariables(assignments=tuple(assignments))


def read_unset(parser: Parser) -> UnsetVariables:
    """Read an UNSET statement."""
    parser.expect("UNSET")
    if parser.accept("("):
        names = parser.listed(parser.identifier)
        parser.expect(")")
    else:
        names = (parser.identifier(),)
    parser.finish()
    return UnsetVariables(names=names)


def _assignment(parser: Parser, name: str, closers: frozenset[str]) -> Assignment:
    """Read an expression up to one of *closers*: as a value where it is one, else as its text."""
    if _is_lone_literal(parser, closers):
        return Assignment(name, literal=parser.argument())
    start = parser.token.start
    end, depth = start, 0
    while parser.token.kind is not Kind.END and (depth or not _closes(parser, closers)):
        depth += {"(": 1, ")": -1}.get(parser.token.upper, 0)
        end = parser.advance().end
    if end == start:
        parser.fail()
    return Assignment(name, expression=parser.text[start:end])


def _closes(parser: Parser, closers: frozenset[str]) -> bool:
    return parser.token.kind in (Kind.SIGN, Kind.END) and parser.token.upper in closers


def _is_lone_literal(parser: Parser, closers: frozenset[str]) -> bool:
    simple = parser.token.kind in (Kind.STRING, Kind.NUMBER) or parser.token.upper in ("TRUE", "FALSE")
    following = parser.ahead(1)
    return simple and following.kind in (Kind.SIGN, Kind.END) and following.upper in closers
