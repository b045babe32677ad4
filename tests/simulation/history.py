"""The history of a simulation: the rows of the store as they stand, and what has been, by its journal.

Like the promises that are asked of it (:mod:`tests.simulation.checker`) it knows nothing of clockmill:
graphs are shapes (:mod:`tests.simulation.shapes`), and what bodies have really done is in the
ledger (:mod:`tests.simulation.ledger`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from tests.simulation.database import Change
from tests.simulation.ledger import Key, Ledger
from tests.simulation.shapes import GraphShape

Row = dict[str, Any]

STANDS: Final = {"SUCCEEDED", "SKIPPED"}
"""The states in which a task of an earlier attempt is not repeated, and in which children may begin."""


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """Who committed a batch: a process, and the node it is one of."""

    process: str
    node: str


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one commit has changed, in its order."""

    at_ms: int
    writer: Writer
    changes: Sequence[Change]

    def of(self, table: str) -> Iterator[Change]:
        return (change for change in self.changes if change.table == table)


class History:
    """The rows as they stand after the last batch, and what has been since the beginning."""

    def __init__(
        self,
        *,
        graphs: Mapping[str, GraphShape],
        ledger: Ledger,
        is_gone: Callable[[str, str], bool],
        reruns_interrupted: bool,
    ) -> None:
        """*graphs* are by the id of their root; *is_gone* says whether a process of a node is no more
        entitled to its runs: it has ended, or its lease has."""
        self.graphs = graphs
        self.ledger = ledger
        self.is_gone = is_gone
        self.reruns_interrupted = reruns_interrupted
        self.runs: dict[int, Row] = {}
        self.tasks: defaultdict[int, dict[str, Row]] = defaultdict(dict)
        self.started: set[str] = set()
        self.roots: dict[str, Row] = {}
        self.fired: dict[tuple[str, int], int] = {}
        self.skipped: dict[int, Row] = {}
        self.nodes: dict[str, Row] = {}
        self.owners: dict[int, Writer] = {}
        self.attempts: defaultdict[str, dict[int, int]] = defaultdict(dict)

    def begin(self, rows: Sequence[tuple[str, Row]]) -> None:
        """Take over rows that are there from the beginning."""
        for table, row in rows:
            self._apply(Change(table=table, before=None, after=row))

    def apply(self, batch: Batch) -> None:
        for change in batch.changes:
            self._apply(change)

    def _apply(self, change: Change) -> None:
        row = change.after or change.before
        assert row is not None
        match change.table:
            case "graph_runs":
                _keep(self.runs, row["id"], change)
                self.attempts[row["group_id"]][row["attempt"]] = row["id"]
            case "task_runs":
                _keep(self.tasks[row["graph_run_id"]], row["task_name"], change)
            case "roots":
                _keep(self.roots, row["task_id"], change)
            case "skipped_fires":
                _keep(self.skipped, row["id"], change)
            case "nodes":
                _keep(self.nodes, row["name"], change)
            case "tasks":
                (self.started.add if row["state"] == "started" else self.started.discard)(row["id"])

    # --- asked by promises -------------------------------------------------------------------

    def graph_of(self, run_id: int) -> GraphShape:
        return self.graphs[self.runs[run_id]["root_id"]]

    def key(self, row: Row) -> Key:
        """Return the key of a task run in the ledger."""
        run = self.runs[row["graph_run_id"]]
        return (run["group_id"], run["attempt"], row["task_id"])

    def standing(self, run_id: int) -> dict[str, str]:
        """Return by name the state of each task in the run, or how an earlier attempt left it."""
        run = self.runs[run_id]
        found: dict[str, str] = {}
        for attempt, other in sorted(self.attempts[run["group_id"]].items()):
            if attempt > run["attempt"]:
                break
            for name, row in self.tasks[other].items():
                carries = row["state"] in STANDS and name != self.graph_of(run_id).finalizer
                if other == run_id or carries:
                    found[name] = row["state"]
                else:
                    found.pop(name, None)
        return found

    def run_of(self, key: Key, query_id: str) -> tuple[int, Row] | None:
        """Return the graph run and the task run that a body is executed for, if they are stored."""
        run_id = self.attempts[key[0]].get(key[1])
        if run_id is None:
            return None
        rows = (row for row in self.tasks[run_id].values() if row["task_id"] == key[2])
        row = next(rows, None)
        return None if row is None or row["query_id"] != query_id else (run_id, row)

    def covering(self, root_id: str, instant: int) -> list[Row]:
        """Return the records of skipped fires that cover *instant*."""
        return [
            row
            for row in self.skipped.values()
            if row["root_id"] == root_id and row["first_due_at"] <= instant <= row["last_due_at"]
        ]


def _keep(rows: dict[Any, Row], key: Any, change: Change) -> None:
    if change.after is None:
        rows.pop(key, None)
    else:
        rows[key] = change.after
