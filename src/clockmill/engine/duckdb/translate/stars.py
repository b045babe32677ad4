"""What «*» stands for, with EXCLUDE, REPLACE, RENAME and ILIKE."""

import re

from sqlglot import exp

from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import Typed, fold_identifier


def expand_star(star: exp.Star, item: exp.Expr, scope: Scope) -> list[tuple[str, Typed]]:
    """Return the columns that «*» or «t.*» stands for."""
    qualifier = []
    if isinstance(item, exp.Column):
        qualifier = [
            fold_identifier(item.args[key])
            for key in ("catalog", "db", "table")
            if item.args.get(key) is not None
        ]
    sources = [s for s in scope.sources if not qualifier or s.answers_to(qualifier)]
    if not sources:
        raise CompilationFault(
            f"Object '{'.'.join(qualifier)}' does not exist or not authorized."
            if qualifier
            else "SELECT * without FROM",
            code="002003",
            sqlstate="42S02",
        )
    found: list[tuple[str, Typed]] = []
    seen: set[str] = set()
    if not qualifier:
        found = [(name, Typed(column.sql, column.type)) for name, column in scope.merged.items()]
        seen = set(scope.merged)
    found += [
        (column.name, Typed(column.sql, column.type))
        for source in sources
        for column in source.columns
        if column.name not in seen
    ]
    return _changed_star(star, found, scope)


def _changed_star(star: exp.Star, found: list[tuple[str, Typed]], scope: Scope) -> list[tuple[str, Typed]]:
    names = {
        fold_identifier(n.this if isinstance(n, exp.Column) else n) for n in star.args.get("except_") or []
    }
    missing = names - {name for name, _ in found}
    if missing:
        raise CompilationFault(f"invalid identifier '{min(missing)}'")
    found = [(name, value) for name, value in found if name not in names]
    pattern = star.args.get("ilike")
    if pattern is not None:
        found = [(name, value) for name, value in found if _is_like(name, pattern.name)]
    for change in star.args.get("replace") or []:
        name = fold_identifier(change.args["alias"])
        found = [(n, scope.expression(change.this) if n == name else v) for n, v in found]
    for change in star.args.get("rename") or []:
        old = fold_identifier(change.this.this if isinstance(change.this, exp.Column) else change.this)
        found = [(fold_identifier(change.args["alias"]) if n == old else n, v) for n, v in found]
    return found


def _is_like(name: str, pattern: str) -> bool:
    regex = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    return re.fullmatch(regex, name, re.IGNORECASE | re.DOTALL) is not None
