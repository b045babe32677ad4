"""A session token that runs out is renewed by the client, and the statement is sent again."""

import time

from client import IS_OLD, connect, run
from snowflake.core import Root

with connect() as connection:
    first = connection.rest.token if hasattr(connection.rest, "token") else None
    assert run(connection, "select 1") == [(1,)]
    run(connection, "set kept = 'by the session'")
    time.sleep(1.5)
    assert run(connection, "select $kept") == [("by the session",)]
    if first is not None:
        assert connection.rest.token != first
    if IS_OLD:
        # The newer client cannot renew from a REST answer.
        time.sleep(1.5)
        assert Root(connection).databases["clockmill"].fetch().name == "CLOCKMILL"
