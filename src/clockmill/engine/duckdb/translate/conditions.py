"""Conditions: comparison, logic, membership, patterns."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from typing import Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.operators import comparable, describe, like_sql, plain, text_of
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.result import BOOLEAN, Kind


def comparison(node: exp.Binary, scope: Scope) -> Typed:
    sign = COMPARISONS[type(node)]
    if isinstance(node.expression, exp.Any | exp.All):
        return _quantified(node, sign, scope)
    if isinstance(node.this, exp.Tuple) and isinstance(node.expression, exp.Tuple):
        pairs = zip(node.this.expressions, node.expression.expressions, strict=True)
        same = " AND ".join(compare(a, b, "=", scope) for a, b in pairs)
        return Typed(f"({same})" if sign == "=" else f"(NOT ({same}))", BOOLEAN)
    return Typed(f"({compare(node.this, node.expression, sign, scope)})", BOOLEAN)


def compare(a: exp.Expr, b: exp.Expr, sign: str, scope: Scope) -> str:
    left, right = comparable(scope, scope.expression(a), scope.expression(b))
    return f"{left} {sign} {right}"


COMPARISONS: Final[dict[type, str]] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM", exp.NullSafeNEQ: "IS DISTINCT FROM",
}  # fmt: skip


def _quantified(node: exp.Binary, sign: str, scope: Scope) -> Typed:
    word = "ANY" if isinstance(node.expression, exp.Any) else "ALL"
    inner = node.expression.this
    inner = inner.this if isinstance(inner, exp.Subquery) else inner
    if not isinstance(inner, exp.Query):
        raise Unsupported(f"{word} of a list")
    query = scope.query(inner)
    return Typed(f"({scope.expression(node.this).sql} {sign} {word} ({query.sql}))", BOOLEAN)


def truth(scope: Scope, node: exp.Expr) -> str:
    """Return *node* as a condition."""
    value = scope.expression(node)
    if value.type.kind is Kind.BOOLEAN:
        return value.sql
    return casts.cast(scope.unit, value, BOOLEAN).sql


def logic(node: exp.Connector, scope: Scope) -> Typed:
    word = "AND" if isinstance(node, exp.And) else "OR"
    # A long chain of conditions is a deep tree: flatten it rather than recurse.
    return Typed("(" + f" {word} ".join(truth(scope, part) for part in node.flatten()) + ")", BOOLEAN)


def negation(node: exp.Not, scope: Scope) -> Typed:
    return Typed(f"(NOT {truth(scope, node.this)})", BOOLEAN)


def is_test(node: exp.Is, scope: Scope) -> Typed:
    value = scope.expression(node.this)
    what = node.expression
    negated = isinstance(what, exp.Not)
    if negated:
        what = what.this
    if isinstance(what, exp.Null):
        return Typed(f"({value.sql} IS {'NOT ' if negated else ''}NULL)", BOOLEAN)
    if isinstance(what, exp.Boolean):
        word = "true" if what.this else "false"
        condition = casts.cast(scope.unit, value, BOOLEAN).sql
        return Typed(f"({condition} IS {'NOT ' if negated else ''}{word})", BOOLEAN)
    raise Unsupported(describe(node))


def between(node: exp.Between, scope: Scope) -> Typed:
    low = compare(node.this, node.args["low"], ">=", scope)
    high = compare(node.this, node.args["high"], "<=", scope)
    return Typed(f"({low} AND {high})", BOOLEAN)


def membership(node: exp.In, scope: Scope) -> Typed:
    query = node.args.get("query")
    if query is not None:
        inner = query.this if isinstance(query, exp.Subquery) else query
        return _in_query(node.this, inner, scope)
    if node.args.get("unnest") is not None or node.args.get("field") is not None:
        raise Unsupported(describe(node))
    items = node.expressions
    if len(items) == 1 and isinstance(items[0], exp.Subquery | exp.Select):
        return _in_query(node.this, items[0].this if isinstance(items[0], exp.Subquery) else items[0], scope)
    if isinstance(node.this, exp.Tuple):
        same = [
            comparison(exp.EQ(this=node.this.copy(), expression=item.copy()), scope).sql for item in items
        ]
        return Typed("(" + " OR ".join(same) + ")", BOOLEAN)
    value = scope.expression(node.this)
    others = [scope.expression(item) for item in items]
    target = types.unify([value.type, *(o.type for o in others)])
    if all(o.type.kind is value.type.kind for o in others) and value.type.kind is not Kind.TIMESTAMP_TZ:
        return Typed(f"({value.sql} IN ({', '.join(o.sql for o in others)}))", BOOLEAN)
    if value.type.kind in types.SEMI:
        target = types.unify(o.type for o in others)
    cells = [plain(casts.cast(scope.unit, v, target)) for v in (value, *others)]
    return Typed(f"({cells[0]} IN ({', '.join(cells[1:])}))", BOOLEAN)


def _in_query(left: exp.Expr, inner: exp.Expr, scope: Scope) -> Typed:
    query = scope.query(inner)
    if isinstance(left, exp.Tuple):
        cells = [scope.expression(item) for item in left.expressions]
        pairs = [comparable(scope, c, Typed(f"c{i}", query.columns[i][1])) for i, c in enumerate(cells)]
        return Typed(
            f"(({', '.join(a for a, _ in pairs)}) IN (SELECT {', '.join(b for _, b in pairs)} FROM ({query.sql})))",
            BOOLEAN,
        )
    one, other = comparable(scope, scope.expression(left), Typed("c0", query.columns[0][1]))
    return Typed(f"({one} IN (SELECT {other} FROM ({query.sql})))", BOOLEAN)


def existence(node: exp.Exists, scope: Scope) -> Typed:
    inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
    return Typed(f"EXISTS ({scope.query(inner).sql})", BOOLEAN)


def like(node: exp.Expr, scope: Scope) -> Typed:
    escape = None
    if isinstance(node, exp.Escape):
        escape = scope.expression(node.expression).sql
        node = node.this
    word = "ILIKE" if isinstance(node, exp.ILike) else "LIKE"
    value = text_of(scope, scope.expression(node.this))
    patterns = node.expression
    if isinstance(patterns, exp.Any | exp.All):
        inner = patterns.this
        items = (
            inner.expressions
            if isinstance(inner, exp.Tuple)
            else [inner.this if isinstance(inner, exp.Paren) else inner]
        )
        joined = (" OR " if isinstance(patterns, exp.Any) else " AND ").join(
            like_sql(value, scope.expression(item), word, escape, scope) for item in items
        )
        return Typed(f"({joined})", BOOLEAN)
    return Typed(like_sql(value, scope.expression(patterns), word, escape, scope), BOOLEAN)


def regexp_like(node: exp.RegexpLike, scope: Scope) -> Typed:
    value = text_of(scope, scope.expression(node.this))
    pattern = text_of(scope, scope.expression(node.expression))
    return Typed(f"regexp_full_match({value}, {pattern})", BOOLEAN)
