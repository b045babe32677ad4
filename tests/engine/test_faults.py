"""What DuckDB's errors become for the user."""

import duckdb
import pytest

from clockmill.engine.duckdb.faults import Conflict, map_error


@pytest.mark.parametrize(
    "text",
    [
        "TransactionContext Error: Conflict on update!",
        'TransactionContext Error: Catalog write-write conflict on alter with "T"',
        'Failed to commit: Could not commit creation of dependency, subject "T" has been deleted',
        'Failed to commit: Could not commit DROP of "N" because a dependency was created',
    ],
)
def test_what_others_changed_at_the_same_time_is_tried_again(text: str) -> None:
    """So that whoever makes a table in a schema that is being dropped is told that it is gone."""
    assert isinstance(map_error(duckdb.TransactionException(text)), Conflict)
