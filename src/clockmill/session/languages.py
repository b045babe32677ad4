"""The languages of procedures and functions: what each of them must be able to do.

A language is one value in the registry that the composition root hands to the door. Whatever is
written in one that is not there is refused by its name when it is created.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from clockmill.core.errors import Unsupported
from clockmill.core.routine import RoutineKind, RoutineSpec
from clockmill.engine.protocol import Binding
from clockmill.engine.result import Result

if TYPE_CHECKING:
    # Statements stand on the services, which hold the languages: only the name is needed here.
    from clockmill.session.nested import Nested


class Language(Protocol):
    """What runs the bodies of one language."""

    def check(self, kind: RoutineKind, spec: RoutineSpec) -> None:
        """Raise what is wrong with a body, or with clauses that the language does not have."""
        ...

    def call(self, nested: "Nested", spec: RoutineSpec, arguments: dict[str, Binding]) -> Result:
        """Run a procedure's body and return what it returns: one cell, or a table.

        *arguments* are of their declared types, and hold the last values afterwards. *nested* runs
        statements with the rights that the procedure has.
        """
        ...


Languages = Mapping[str, Language]
"""Languages by the upper-case name that LANGUAGE gives them."""


def find_language(languages: Languages, name: str) -> Language:
    """Return the language called *name*, or raise Unsupported."""
    found = languages.get(name)
    if found is None:
        raise Unsupported(f"LANGUAGE {name}")
    return found
