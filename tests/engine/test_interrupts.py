"""An interrupt is meant for one statement, and leaves nothing behind for the next."""

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import duckdb
import pytest

from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.errors import ClockmillError, StatementCancelled
from clockmill.engine.duckdb.connection import Connection
from clockmill.engine.duckdb.loss import Loss
from clockmill.engine.duckdb.translate.plan import Step

TWO = [Step("SELECT 1"), Step("SELECT 2")]


class LateInterrupt:
    """A connection of DuckDB's on which an interrupt lands on the first ROLLBACK."""

    def __init__(self, raw: duckdb.DuckDBPyConnection) -> None:
        self._raw = raw
        self.landed = False

    def execute(self, sql: str, *values: Any) -> Any:
        if sql == "ROLLBACK" and not self.landed:
            self.landed = True
            raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")
        return self._raw.execute(sql, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


@pytest.fixture
def raw() -> Iterator[Any]:
    with closing(duckdb.connect()) as raw:
        yield LateInterrupt(raw)


def test_a_rollback_that_is_interrupted_is_a_rollback_all_the_same(raw: Any) -> None:
    """Else the transaction stays open, and whoever gets the connection next can do nothing with it."""
    connection = Connection(raw, Loss())

    with pytest.raises(ClockmillError):
        connection.run([Step("SELECT 1"), Step("SELECT error('nothing')")], [], CancelToken())

    assert raw.landed
    assert connection.run(TWO, [], CancelToken()) == [[(1,)], [(2,)]]


def test_a_connection_that_was_stopped_serves_the_next(raw: Any) -> None:
    connection = Connection(raw, Loss())
    endless = Step("SELECT max(a.range * b.range) FROM range(1000000) a, range(1000000) b")
    for _ in range(20):
        cancel = CancelToken()
        stopping = threading.Timer(0.01, cancel.cancel, (CancelReason.USER,))
        stopping.start()
        with pytest.raises(StatementCancelled):
            connection.run([Step("SELECT 1"), endless], [], cancel)
        stopping.join()

        assert connection.run(TWO, [], CancelToken()) == [[(1,)], [(2,)]]
