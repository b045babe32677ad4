"""``clockmill node``: the servers that share a store."""

import contextlib
from datetime import datetime
from typing import Annotated

from cyclopts import App, Parameter

from clockmill.cli.data_folder import DEFAULT_DATA_DIR, DataDirFlag, StoreFlag, open_store, table
from clockmill.clock import SystemClock
from clockmill.core.node import Node, NodeState
from clockmill.embedded import engine_places
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.service.nodes import NodeService
from clockmill.store.data_dir import DataDir
from clockmill.store.database import Store

app = App(
    name="node",
    help="Look after the servers that share a store.\n\n"
    "Name the store by --store or CLOCKMILL_STORE; without either it is the one in the data folder.",
)

Name = Annotated[str, Parameter(help="Name of the node, as 'node list' shows it.")]


@app.command(name="list")
def list_(*, store: StoreFlag = None, data_dir: DataDirFlag = DEFAULT_DATA_DIR) -> None:
    """Show the nodes: whether they are at work, what they own, and who has the tables."""
    with open_store(data_dir, store) as opened:
        overview = NodeService(store=opened, clock=SystemClock()).list_nodes()
    rows: list[tuple[str, ...]] = [
        (
            each.node.name,
            _state(each.node, overview.at),
            str(each.runs),
            "yes" if each.node.name == overview.engine_node else "",
            each.node.address or "",
            each.node.version,
            each.node.started_on.isoformat(sep=" ", timespec="seconds"),
        )
        for each in overview.nodes
    ]
    print(table(("NODE", "STATE", "RUNS", "TABLES", "ADDRESS", "VERSION", "STARTED"), rows))


@app.command
def drain(name: Name, /, *, store: StoreFlag = None, data_dir: DataDirFlag = DEFAULT_DATA_DIR) -> None:
    """Let a node take up no more runs. What it runs goes on; the other nodes take the rest.

    Statements on tables still go to the node that has them.
    """
    with open_store(data_dir, store) as opened:
        NodeService(store=opened, clock=SystemClock()).drain(name)
    print(f"Node '{name}' takes up nothing more. 'clockmill node list' shows when it has no runs left.")


@app.command
def undrain(name: Name, /, *, store: StoreFlag = None, data_dir: DataDirFlag = DEFAULT_DATA_DIR) -> None:
    """Let a node that was drained take up runs again."""
    with open_store(data_dir, store) as opened:
        NodeService(store=opened, clock=SystemClock()).undrain(name)
    print(f"Node '{name}' takes up runs again.")


@app.command
def take_engine(
    *,
    node: Annotated[str | None, Parameter(help="Name of the node on this folder, as for 'serve'.")] = None,
    discard: Annotated[
        bool,
        Parameter(
            name="--discard", negative=(), help="Give up the tables in the file that the store knows of."
        ),
    ] = False,
    store: StoreFlag = None,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Let the account's tables belong to the node on this data folder, after their file was moved there.

    No node may be at work with them, and no server on this folder. With --discard the file that is
    in the folder, or a new and empty one, takes the place of one that is lost for good.
    """
    with contextlib.ExitStack() as ends:
        folder = ends.enter_context(DataDir.claim(data_dir))
        opened = ends.enter_context(Store.open(store or folder.store_file, make=False))
        places = engine_places(opened, folder, node)
        places.check_takeable(discard=discard)
        engine = ends.enter_context(contextlib.closing(DuckDBEngine(folder.engine_file)))
        places.take(engine.file_id(), discard=discard)
        print(f"The tables of the account are in {folder.engine_file}, for a server on this folder.")


def _state(node: Node, at: datetime) -> str:
    if node.state is NodeState.STOPPED or node.is_alive(at):
        return node.state.value
    return "GONE"
