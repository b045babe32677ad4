"""The engine of one node follows what other nodes write in the store."""

import threading

from tests.nodes.pair import PATIENCE_S, ServedNode

from clockmill.core.placement import EMBEDDED
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.store import engines
from clockmill.store.engines import EnginePlace
from clockmill.wake import Topic

_SCHEMAS = "/api/v2/databases/CLOCKMILL/schemas"


def test_what_another_node_drops_is_dropped_in_the_engine(
    with_tables: ServedNode, without_tables: ServedNode
) -> None:
    token = with_tables.sign_in()
    engine = with_tables.instance.engine
    assert isinstance(engine, DuckDBEngine)
    with_tables.query(token, "CREATE SCHEMA doomed")
    assert with_tables.query(token, "CREATE TABLE doomed.t (a INT)")["success"]
    before = engine.namespaces()

    assert without_tables.rest(token, "DELETE", f"{_SCHEMAS}/doomed").status_code == 200

    gone = threading.Event()
    for _ in range(round(PATIENCE_S / 0.05)):
        if len(engine.namespaces()) < len(before) or gone.wait(0.05):
            break
    assert len(engine.namespaces()) == len(before) - 1


def test_a_node_whose_engine_was_given_away_says_that_it_has_to_stop(with_tables: ServedNode) -> None:
    """It was taken for dead, as a machine that slept: two processes would write two copies."""
    taken = threading.Event()
    instance = with_tables.instance
    instance.keeper.on_taken = taken.set
    other = EnginePlace(EMBEDDED, "b", "file", "/b/engine.duckdb")

    instance.store.write(lambda tx: engines.put_place(tx, other, instance.clock.now()))
    instance.wakeups.raise_(Topic.NODES)

    assert taken.wait(PATIENCE_S)
