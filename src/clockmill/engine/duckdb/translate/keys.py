"""Keys of tables: kept as what is said of the columns, and not enforced, as documented."""

import msgspec
from sqlglot import exp

from clockmill.engine.duckdb.objects import Column
from clockmill.engine.duckdb.translate.unit import fold_identifier


def with_key(columns: list[Column], item: exp.Expr) -> list[Column]:
    """Return *columns* as they are under the constraint *item* of their table."""
    if isinstance(item, exp.Constraint):
        for inner in item.expressions:
            columns = with_key(columns, inner)
        return columns
    if isinstance(item, exp.PrimaryKey):
        names = _names(item.expressions)
        return [as_primary_key(column) if column.name in names else column for column in columns]
    if isinstance(item, exp.UniqueColumnConstraint) and isinstance(item.this, exp.Schema):
        names = _names(item.this.expressions)
        return [
            msgspec.structs.replace(column, is_unique=True) if column.name in names else column
            for column in columns
        ]
    return columns


def as_primary_key(column: Column) -> Column:
    """Return *column* as a part of the primary key, in which nothing can be NULL."""
    kind = msgspec.structs.replace(column.type, is_nullable=False)
    return msgspec.structs.replace(column, type=kind, is_primary_key=True)


def _names(items: list[exp.Expr]) -> set[str]:
    return {fold_identifier(each) for each in items if isinstance(each, exp.Identifier)}
