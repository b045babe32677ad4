"""What simulations share, one after the other: it takes long to be made."""

from functools import cache

from tests.simulation.database import Database
from tests.simulation.fibers import Fibers
from tests.simulation.templates import Template


class Machinery:
    """Threads, the database, and a template for each shape."""

    def __init__(self) -> None:
        self.fibers = Fibers()
        self.database = Database()
        self._templates: dict[int, Template] = {}

    def template(self, number: int) -> Template:
        if number not in self._templates:
            self._templates[number] = Template(self.database, number)
        return self._templates[number]


@cache
def machinery() -> Machinery:
    """Return the machinery of this process: its parts take long to be made."""
    return Machinery()
