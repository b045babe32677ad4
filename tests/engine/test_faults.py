"""What DuckDB's errors become for the user."""

from pathlib import Path

import duckdb
import pytest

from clockmill.engine.duckdb import DuckDBEngine
from clockmill.engine.duckdb.faults import (
    Conflict,
    EngineLost,
    EngineUnopened,
    EngineUnwritable,
    map_error,
)


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


@pytest.mark.parametrize(
    "error",
    [
        duckdb.TransactionException(
            'TransactionContext Error: Failed to commit: Could not write file "/d/engine.duckdb.wal": '
            "No space left on device"
        ),
        duckdb.IOException('IO Error: Could not write file "/d/engine.duckdb": No space left on device'),
        duckdb.IOException('IO Error: Could not truncate file "/d/tmp/x": Read-only file system'),
    ],
)
def test_a_disk_that_refuses_is_named_and_nothing_is_tried_again(error: duckdb.Error) -> None:
    mapped = map_error(error)

    assert isinstance(mapped, EngineUnwritable)
    assert "/d/" not in mapped.message
    assert str(error).rpartition(": ")[2] in mapped.message


def test_an_engine_that_has_given_up_leaves_open_what_was_done() -> None:
    text = "FATAL Error: Failed: database has been invalidated because of a previous fatal error."

    mapped = map_error(duckdb.FatalException(text))

    assert isinstance(mapped, EngineLost)
    assert "may be there or not" in mapped.message


def test_a_file_that_cannot_be_opened_is_named_with_the_reason(tmp_path: Path) -> None:
    """A start that fails tells the person who started the server what to mend."""
    path = tmp_path / "engine.duckdb"
    path.write_bytes(b"something else" * 1000)

    with pytest.raises(EngineUnopened) as raised:
        DuckDBEngine(path)

    assert str(path) in raised.value.message
    assert "not a valid DuckDB database file" in raised.value.message
