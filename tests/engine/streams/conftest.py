"""What the tests of streams share: making one, reading one, and what happened to a table."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.engine.sessions import Client

from clockmill.core.names import QualifiedName
from clockmill.engine.protocol import GoneStream, NewStream


class Streams:
    """Streams of the schema DB.PUBLIC, in one session."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def create(self, name: str, on: str | None = None, **fields: Any) -> None:
        """Make the stream *name* on the table *on*."""
        if on is not None:
            fields["source"] = full(on)
        for key in ("clone", "at"):
            if key in fields:
                fields[key] = full(fields[key])
        self.client.session.change_stream(NewStream(name=full(name), **fields), self.client.context())

    def drop(self, name: str) -> None:
        self.client.session.change_stream(GoneStream(name=full(name)), self.client.context())

    def read(self, name: str) -> list[tuple[Any, ...]]:
        """Return what a stream shows, sorted: the columns, the action, whether it is half of an update."""
        return sorted(self.client.rows(f"select * exclude metadata$row_id from {name}"), key=repr)


def full(name: str) -> QualifiedName:
    return QualifiedName("DB", "PUBLIC", name.upper())


@pytest.fixture
def streams(client: Client) -> Streams:
    """A table T with the rows 1, 2, 3, and the stream S on it."""
    client.run("create table t (a int, b varchar)")
    client.run("insert into t values (1, 'one'), (2, 'two'), (3, 'three')")
    found = Streams(client)
    found.create("s", "t")
    return found


@pytest.fixture
def streams_of() -> Callable[[Client], Streams]:
    return Streams
