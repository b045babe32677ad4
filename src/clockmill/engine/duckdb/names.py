"""Names as DuckDB keeps them.

DuckDB tells names apart without regard to case, the language tells ``"a"`` from ``"A"``. A name
that has lower-case letters is therefore stored with a mark of where they are.
"""

from typing import Final

PRIVATE: Final = "_clockmill"
"""The schema of our own bookkeeping. Statements cannot name it: their names become ids first."""


def physical_name(name: str) -> str:
    """Return the name under which *name* is stored: its own, unless it differs in case from it."""
    upper = name.upper()
    if name == upper and "\x1f" not in name:
        return name
    mask = 0
    for place, letter in enumerate(name):
        if letter != letter.upper():
            mask |= 1 << place
    return f"{name}\x1f{mask:x}"


def quote(name: str) -> str:
    """Return *name* as a quoted identifier of DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def quoted(name: str) -> str:
    """Return the stored form of *name*, quoted."""
    return quote(physical_name(name))


def literal(text: str) -> str:
    """Return *text* as a SQL string."""
    return "'" + text.replace("'", "''") + "'"


def words(text: str) -> frozenset[str]:
    """Return the words of *text*: how the longer lists of keywords are written."""
    return frozenset(text.split())
