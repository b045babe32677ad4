"""Tags on the wire."""

from collections.abc import Iterable
from typing import Final

import msgspec

from clockmill.api.errors import InvalidEntity
from clockmill.api.rest.schemas.decoding import decode, require
from clockmill.core.names import QualifiedName, SchemaName, fold, render
from clockmill.core.tag import TagAssignment


class TagReferenceIn(msgspec.Struct, frozen=True, kw_only=True):
    """A tag as named; database and schema are those of the tagged object if left out."""

    tag_database: str | None = None
    tag_schema: str | None = None
    tag_name: str | None = None

    def name(self, home: SchemaName) -> QualifiedName:
        """Return the full name of the tag."""
        database = fold(self.tag_database) if self.tag_database is not None else home.database
        schema = fold(self.tag_schema) if self.tag_schema is not None else home.schema
        return QualifiedName(database, schema, fold(require(self.tag_name, "tag_name")))


class TagAssignmentIn(TagReferenceIn, frozen=True, kw_only=True):
    """A tag and the value it is to have."""

    tag_value: str | None = None


class TagAssignmentOut(msgspec.Struct, frozen=True, kw_only=True):
    """A tag, its value, and the kind of object that it is set on."""

    tag_database: str
    tag_schema: str
    tag_name: str
    tag_value: str
    level: str


_REFERENCES: Final[msgspec.json.Decoder[list[TagReferenceIn]]] = msgspec.json.Decoder(list[TagReferenceIn])
_ASSIGNMENTS: Final[msgspec.json.Decoder[list[TagAssignmentIn]]] = msgspec.json.Decoder(list[TagAssignmentIn])


def read_references(body: bytes, home: SchemaName) -> list[QualifiedName]:
    """Return the tags that *body* names."""
    return [reference.name(home) for reference in decode(body, _REFERENCES)]


def read_assignments(body: bytes, home: SchemaName) -> list[tuple[QualifiedName, str]]:
    """Return the tags that *body* names, each with the value it gives."""
    read: list[tuple[QualifiedName, str]] = []
    given = decode(body, _ASSIGNMENTS)
    for position, assignment in enumerate(given):
        if assignment.tag_value is None:
            raise InvalidEntity(
                f"The request entity had the following errors: tag_value cannot be null - at `$[{position}]`"
            )
        read.append((assignment.name(home), assignment.tag_value))
    return read


def assignments_out(assignments: Iterable[TagAssignment]) -> list[TagAssignmentOut]:
    """Return *assignments* as they are answered."""
    return [
        TagAssignmentOut(
            tag_database=render(each.tag.database),
            tag_schema=render(each.tag.schema),
            tag_name=render(each.tag.name),
            tag_value=each.value,
            level=each.level.value,
        )
        for each in assignments
    ]
