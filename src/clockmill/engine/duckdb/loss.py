"""What is to be done when DuckDB has given up the file until it is opened anew."""

from collections.abc import Callable

import duckdb

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb.faults import Conflict, EngineLost, map_error


class Loss:
    """Tells of it in the thread that meets it, before anybody else can make something of the error.

    What was being written then may be there or not: only who opens the file anew can know. So
    *on_lost* does best not to return.
    """

    def __init__(self) -> None:
        self.on_lost: Callable[[], None] = lambda: None

    def map_error(self, error: duckdb.Error) -> ClockmillError | Conflict:
        """Return what *error* is to the user, as :func:`clockmill.engine.duckdb.faults.map_error`."""
        fault = map_error(error)
        if isinstance(fault, EngineLost):
            self.on_lost()
        return fault
