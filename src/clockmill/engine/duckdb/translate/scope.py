"""Where column names are looked up."""

import msgspec
from sqlglot import exp

from clockmill.core.names import QualifiedName, render
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.translate.unit import Typed, Unit, fold_identifier
from clockmill.engine.result import ColumnType


class SourceColumn(msgspec.Struct, frozen=True):
    """A column that a source offers: its name and how DuckDB's SQL refers to it."""

    name: str
    sql: str
    type: ColumnType


class Source(msgspec.Struct, frozen=True):
    """Something after FROM: a table, a query, a table function."""

    alias: str | None
    columns: tuple[SourceColumn, ...]
    full: QualifiedName | None = None
    row: str | None = None
    """How SQL says the number of a row (from 0), where the source counts its rows."""

    def answers_to(self, qualifier: list[str]) -> bool:
        if len(qualifier) == 1:
            return self.alias == qualifier[0]
        if self.full is None:
            return False
        parts = [self.full.database, self.full.schema, self.full.name]
        return parts[-len(qualifier) :] == qualifier


class Query(msgspec.Struct, frozen=True):
    """A translated query. Its columns are called ``c0``, ``c1`` … in DuckDB; here are their names."""

    sql: str
    columns: tuple[tuple[str, ColumnType], ...]

    def source(self, alias: str | None, stored: str, names: list[str] | None = None) -> Source:
        """Return this query as a source that stands under *stored* in DuckDB's SQL."""
        given = names or []
        return Source(
            alias,
            tuple(
                SourceColumn(given[i] if i < len(given) else name, f"{stored}.c{i}", kind)
                for i, (name, kind) in enumerate(self.columns)
            ),
        )


class Scope:
    """The names that expressions of one SELECT (or DML statement) may use."""

    def __init__(self, unit: Unit, parent: "Scope | None" = None) -> None:
        self.unit = unit
        self.parent = parent
        self.sources: list[Source] = []
        self.merged: dict[str, SourceColumn] = {}
        """Columns of USING and NATURAL joins, which stand for two."""
        self.aliases: dict[str, exp.Expr] = {}
        self.ctes: dict[str, tuple[str, Query]] = {}
        self.lambdas: dict[str, Typed] = {}
        self.windows: dict[str, exp.Expr] = {}
        self.drawn: dict[str, Typed] = {}
        """The values of sequences that GETNEXTVAL has drawn for each row, by its alias."""
        self.drawn_for = 0
        """How many of the sources stood before the last of them."""
        self.before: list[str] = []
        """What is to be computed for each row before the windows are, as ``w.x0``, ``w.x1`` …"""
        self._busy: set[str] = set()
        self._known: dict[str, Typed] = {}

    def child(self) -> "Scope":
        return Scope(self.unit, self)

    def expression(self, node: exp.Expr) -> Typed:
        """Translate an expression that may use these names."""
        return self.unit.compile_expression(node, self)

    def query(self, node: exp.Expr) -> Query:
        """Translate a query inside, which may use these names."""
        query: Query = self.unit.compile_query(node, self)
        return query

    def find_cte(self, name: str) -> tuple[str, Query] | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.ctes:
                return scope.ctes[name]
            scope = scope.parent
        return None

    def column(self, node: exp.Column) -> Typed:
        """Return the column or alias that *node* names, or raise that there is none."""
        name = fold_identifier(node.this)
        qualifier = [
            fold_identifier(part)
            for part in (node.args.get("catalog"), node.args.get("db"), node.args.get("table"))
            if part is not None
        ]
        scope: Scope | None = self
        while scope is not None:
            found = scope.find_here(name, qualifier, node)
            if found is not None:
                return found
            scope = scope.parent
        shown = ".".join(render(part) for part in [*qualifier, name])
        raise CompilationFault(f"invalid identifier '{shown}'", position(node))

    def find_here(self, name: str, qualifier: list[str], node: exp.Expr) -> Typed | None:
        """Return what *name* is in this scope alone, or None."""
        if not qualifier and name in self.lambdas:
            return self.lambdas[name]
        if not qualifier and name in self.merged:
            column = self.merged[name]
            return Typed(column.sql, column.type)
        sources = [s for s in self.sources if s.answers_to(qualifier)] if qualifier else self.sources
        found = [column for source in sources for column in source.columns if column.name == name]
        if len(found) > 1:
            raise CompilationFault(
                f"ambiguous column name '{render(name)}'", position(node), code="002028", sqlstate="42601"
            )
        if found:
            return Typed(found[0].sql, found[0].type)
        if not qualifier and name in self.aliases:
            return self._alias(name)
        return None

    def _alias(self, name: str) -> Typed | None:
        """Return the select item called *name*: its expression, written out again."""
        if name in self._known:
            return self._known[name]
        if name in self._busy:
            return None
        self._busy.add(name)
        try:
            self._known[name] = self.expression(self.aliases[name])
        finally:
            self._busy.discard(name)
        return self._known[name]


def position(node: exp.Expr) -> tuple[int, int] | None:
    """Return line and position (from 0) of the first identifier in *node*, where the parser kept it."""
    for part in node.find_all(exp.Identifier):
        meta = part.meta
        if "line" in meta:
            return int(meta["line"]), max(0, int(meta["col"]) - (int(meta["end"]) - int(meta["start"]) + 1))
    return None
