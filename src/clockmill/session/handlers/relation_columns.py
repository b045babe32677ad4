"""The columns of one table or view, with all that is kept of them."""

from collections.abc import Sequence

from clockmill.core.errors import NotFound
from clockmill.core.names import QualifiedName
from clockmill.engine.protocol import Relation, RelationColumn
from clockmill.engine.result import ResultColumn
from clockmill.session.execution import Execution


def columns_of(run: Execution, name: QualifiedName) -> Sequence[RelationColumn]:
    """Return the columns of a table or view: those of a query of all, with what is kept of them besides."""
    described = run.ask_engine(f"SELECT * FROM {name}", describe_only=True)
    if not described.columns:
        raise NotFound("Object", name)
    found = _kept(run, name)
    kept = {(column.name, column.type): column for column in found.columns} if found is not None else {}
    # A temporary table may hide the one that is kept under its name.
    return [kept.get((column.name, column.type), plain(column)) for column in described.columns]


def _kept(run: Execution, name: QualifiedName) -> Relation | None:
    try:
        namespace = run.services.namespaces.namespace(name.parent)
    except NotFound:
        return None
    relations = run.services.engine.relations(namespace, counted=False)
    return next((each for each in relations if each.name == name.name and each.columns), None)


def plain(column: ResultColumn) -> RelationColumn:
    """Return a column of which only its name and type are known."""
    return RelationColumn(name=column.name, type=column.type)


def default_of(column: RelationColumn) -> str | None:
    """Return what fills the column, as DESCRIBE and SHOW write it."""
    if column.identity is not None:
        start, increment = column.identity
        return f"IDENTITY START {start} INCREMENT {increment} NOORDER"
    return column.default
