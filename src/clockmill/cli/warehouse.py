"""``clockmill warehouse``: where warehouses run."""

from typing import Annotated

from cyclopts import App, Parameter

from clockmill.cli.data_folder import DEFAULT_DATA_DIR, DataDirFlag, StoreFlag, folded, open_store, table
from clockmill.clock import SystemClock
from clockmill.core.errors import ClockmillError
from clockmill.service.warehouse_nodes import WarehouseNodes

app = App(
    name="warehouse",
    help="Say on which nodes warehouses run. All else about them is said in SQL or by REST.\n\n"
    "Name the store by --store or CLOCKMILL_STORE; without either it is the one in the data folder.",
)


@app.command(name="list")
def list_(*, store: StoreFlag = None, data_dir: DataDirFlag = DEFAULT_DATA_DIR) -> None:
    """Show the warehouses and the nodes that run their tasks."""
    with open_store(data_dir, store) as opened:
        found = WarehouseNodes(store=opened, clock=SystemClock()).list_nodes()
    rows: list[tuple[str, ...]] = [
        (name, "any" if nodes is None else ", ".join(sorted(nodes))) for name, nodes in found.items()
    ]
    print(table(("WAREHOUSE", "NODES"), rows))


@app.command
def nodes(
    name: Annotated[str, Parameter(help="Name of the warehouse; case does not matter unless quoted.")],
    /,
    *node: Annotated[str, Parameter(help="Names of nodes, as 'node list' shows them.")],
    anywhere: Annotated[
        bool, Parameter(name="--any", negative=(), help="Let it run on every node again.")
    ] = False,
    store: StoreFlag = None,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Let the tasks of a warehouse run on the named nodes only, or on any.

    A graph run is one node's: it goes to one on which the warehouses of all its tasks run, and the
    tables are if it needs any. Runs that wait are placed anew.
    """
    if anywhere == bool(node):
        raise ClockmillError("Name one node or more, or give --any to let the warehouse run on every node.")
    with open_store(data_dir, store) as opened:
        placed = WarehouseNodes(store=opened, clock=SystemClock())
        placed.place(folded(name), None if anywhere else frozenset(node))
    print(f"Warehouse {folded(name)} runs on {'any node' if anywhere else ', '.join(sorted(set(node)))}.")
