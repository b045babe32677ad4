"""Identifiers: how a name is read from text, compared, and written back.

Inside clockmill a name is the plain string under which an object is stored, already folded:
``my_task`` is ``MY_TASK``, ``"my task"`` is ``my task``. Text from outside goes through
:func:`fold` or :func:`split_path` once, and :func:`render` writes a name so that reading it
again gives the same name. See the identifier syntax page of the SQL reference.
"""

import re
from typing import Final

import msgspec

from clockmill.core.errors import InvalidIdentifier

MAX_LENGTH: Final = 255
"""Characters of the longest name, as documented for identifiers."""

_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*\Z")
_FOLDED: Final = re.compile(r"[A-Z_][A-Z0-9_$]*\Z")
_QUOTED: Final = re.compile(r'"((?:[^"]|"")+)"\Z')
_PART: Final = re.compile(r'"(?:[^"]|"")+"|[^".]+')


def fold(text: str) -> str:
    """Return the name that *text* stands for, or raise :class:`InvalidIdentifier`.

    >>> fold("my_task"), fold('"my task"')
    ('MY_TASK', 'my task')
    """
    quoted = _QUOTED.match(text)
    if quoted is None and _BARE.match(text) is None:
        raise InvalidIdentifier(text)
    name = quoted[1].replace('""', '"') if quoted else text.upper()
    if len(name) > MAX_LENGTH or "\0" in name:
        raise InvalidIdentifier(text)
    return name


def render(name: str) -> str:
    """Return *name* as SQL text: bare where that reads back the same, else quoted.

    >>> render("T1"), render("t1")
    ('T1', '"t1"')
    """
    if _FOLDED.match(name):
        return name
    return '"' + name.replace('"', '""') + '"'


def split_path(text: str) -> tuple[str, ...]:
    """Return the folded parts of a dotted name, as ``db.schema."my.task"`` has three."""
    parts: list[str] = []
    position = 0
    while True:
        part = _PART.match(text, position)
        if part is None:
            raise InvalidIdentifier(text)
        parts.append(fold(part[0]))
        position = part.end()
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            raise InvalidIdentifier(text)
        position += 1


class SchemaName(msgspec.Struct, frozen=True, order=True):
    """A schema and the database it is in. As text: ``DB.SCHEMA``, quoted where needed."""

    database: str
    schema: str

    def __str__(self) -> str:
        return f"{render(self.database)}.{render(self.schema)}"

    def object(self, name: str) -> "QualifiedName":
        """Return the full name of *name* in this schema."""
        return QualifiedName(self.database, self.schema, name)


class QualifiedName(msgspec.Struct, frozen=True, order=True):
    """The full name of an object in a schema. As text: ``DB.SCHEMA.NAME``, quoted where needed."""

    database: str
    schema: str
    name: str

    def __str__(self) -> str:
        return f"{render(self.database)}.{render(self.schema)}.{render(self.name)}"

    @property
    def parent(self) -> SchemaName:
        """The schema this object is in."""
        return SchemaName(self.database, self.schema)


def qualify(text: str, home: SchemaName) -> QualifiedName:
    """Return the full name of *text*, with what it leaves out taken from *home*.

    >>> str(qualify("s2.t", SchemaName("DB", "S1")))
    'DB.S2.T'
    """
    match split_path(text):
        case (name,):
            return home.object(name)
        case (schema, name):
            return QualifiedName(home.database, schema, name)
        case (database, schema, name):
            return QualifiedName(database, schema, name)
    raise InvalidIdentifier(text)
