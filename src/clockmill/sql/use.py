"""USE: which role, warehouse, database or schema a session works with."""

import enum
from typing import ClassVar

from clockmill.sql.parser import Parser, Reference
from clockmill.sql.statement import Statement, Verb


class Place(enum.StrEnum):
    """What USE changes."""

    ROLE = "ROLE"
    SECONDARY_ROLES = "SECONDARY ROLES"
    WAREHOUSE = "WAREHOUSE"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"


class Use(Statement, frozen=True, kw_only=True):
    """USE ROLE r, USE WAREHOUSE w, USE [DATABASE] d, USE [SCHEMA] [d.]s, USE SECONDARY ROLES ALL|NONE."""

    verb: ClassVar[Verb] = Verb.USE
    place: Place
    name: Reference


def read_use(parser: Parser) -> Use:
    """Read what follows USE."""
    parser.expect("USE")
    if parser.accept("SECONDARY", "ROLES"):
        parser.listed(parser.identifier)
        parser.finish()
        return Use(place=Place.SECONDARY_ROLES, name=Reference())
    place = _place(parser)
    name = parser.reference()
    if place is None:
        place = Place.SCHEMA if len(name.parts) > 1 else Place.DATABASE
    if len(name.parts) > (2 if place is Place.SCHEMA else 1):
        parser.fail()
    parser.finish()
    return Use(place=place, name=name)


def _place(parser: Parser) -> Place | None:
    """Take the word for what is used, unless it is itself the name of a database (USE role)."""
    after = parser.ahead(1)
    if after.upper in (".", ";") or after.kind.name == "END":
        return None
    word = parser.accept_one(_PLACES)
    return None if word is None else Place(word)


_PLACES = frozenset({"ROLE", "WAREHOUSE", "DATABASE", "SCHEMA"})
