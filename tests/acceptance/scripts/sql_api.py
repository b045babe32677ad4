"""The example pipeline in one request of the SQL API, then its rows."""

import json
import os
import urllib.request
import uuid
from pathlib import Path

from client import HOST, PORT, wait_until

DATABASE = f"OVER_HTTP_{uuid.uuid4().hex[:8]}".upper()


def statement(text, **fields):
    """Send *text* and return the answer once it is done."""
    request = urllib.request.Request(
        f"http://{HOST}:{PORT}/api/v2/statements",
        json.dumps({"statement": text, "warehouse": "COMPUTE_WH", **fields}).encode(),
        {
            "Authorization": f"Bearer {os.environ['CLOCKMILL_TOKEN']}",
            "Content-Type": "application/json",
            "User-Agent": "pipeline/1",
        },
    )
    with urllib.request.urlopen(request, timeout=100) as response:
        assert response.status == 200, response.status
        return json.load(response)


script = Path(os.environ["CLOCKMILL_SCRIPT"]).read_text(encoding="utf-8")
statement(f"create database {DATABASE}")
answer = statement(script, database=DATABASE, parameters={"MULTI_STATEMENT_COUNT": "0"})
assert len(answer["statementHandles"]) > 10, answer


def entries():
    asked = "select entry from journal order by entry"
    return [entry for (entry,) in statement(asked, database=DATABASE, schema="DELIVERIES")["data"]]


wait_until(lambda: len(entries()) == 2, "both entries of the journal")
assert entries() == ["TAKE_IN: SUCCEEDED, 4 scans taken in", "not seen for a week: 1, 2"], entries()
counted = statement(
    "select count(*) from deliveries.parcels where scans >= ?",
    database=DATABASE,
    bindings={"1": {"type": "FIXED", "value": "1"}},
)
assert counted["data"] == [["3"]], counted
statement(f"drop database {DATABASE}")
