"""The example pipeline, statement by statement as the client splits it; then what its graph has done."""

import os
from pathlib import Path

from client import connect, run, scratch_schema, wait_until

script = Path(os.environ["CLOCKMILL_SCRIPT"]).read_text(encoding="utf-8")

with connect(warehouse="compute_wh") as connection, scratch_schema(connection):
    for cursor in connection.execute_string(script):
        cursor.fetchall()
    wait_until(lambda: len(run(connection, "select * from journal")) == 2, "both entries of the journal")

    entries = [entry for (entry,) in run(connection, "select entry from journal order by entry")]
    assert entries == ["TAKE_IN: SUCCEEDED, 4 scans taken in", "not seen for a week: 1, 2"], entries
    assert run(connection, "select parcel, last_place, scans from parcels order by 1") == [
        (1, "Hannover", 2),
        (2, "Bremen", 1),
        (3, "Kiel", 1),
    ]
    assert run(connection, "select system$stream_has_data('new_scans')") == [(False,)]
    weights = "select distinct weight_class(details:grams) from scans order by 1"
    assert run(connection, weights) == [("heavy",), ("light",), ("medium",)]
    history = run(
        connection,
        "select name, state from table(information_schema.task_history()) "
        "where schema_name = 'DELIVERIES' and database_name = current_database() "
        "and state <> 'SCHEDULED' order by query_start_time",
    )
    assert [name for name, _ in history] == ["TAKE_IN", "NOTE_LOST_PARCELS", "WRITE_JOURNAL"], history
    run(connection, "alter task take_in suspend")
    run(connection, "use schema work")
