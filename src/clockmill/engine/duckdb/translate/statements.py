"""Statements: which kinds we know, and who translates each."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import parse
from clockmill.engine.duckdb.objects import Object, Objects
from clockmill.engine.duckdb.streams.commits import consuming
from clockmill.engine.duckdb.translate import alter, ddl, dml, inserts
from clockmill.engine.duckdb.translate.calls import UNFORESEEN
from clockmill.engine.duckdb.translate.expressions import compile_expression
from clockmill.engine.duckdb.translate.plan import Form, Plan, Step, with_places
from clockmill.engine.duckdb.translate.queries import compile_query
from clockmill.engine.duckdb.translate.unit import Answers, Unit
from clockmill.engine.protocol import StatementContext
from clockmill.engine.result import ResultColumn, StatementType

log: Final = logging.getLogger(__name__)


def new_unit(
    context: StatementContext,
    objects: Objects,
    temporary: Mapping[tuple[str, str], Object],
    evaluate: Callable[[str, list[Any]], Any],
    answers: Answers,
) -> Unit:
    """Return the state of a new translation."""
    return Unit(context, objects, temporary, evaluate, compile_expression, compile_query, answers)


def compile_statement(tree: exp.Expr, sql: str, unit: Unit) -> Plan:
    """Translate a statement; raise Unsupported for a kind that we do not know."""
    try:
        plan = _compile(tree, sql, unit)
        if _consumes(tree):
            plan = consuming(plan, unit)
        return with_places(plan)
    except UNFORESEEN as error:
        # The parser takes more forms than our rules foresee. Such a one is refused; the log says where.
        log.warning("statement could not be translated", exc_info=error)
        raise Unsupported(f"this form of {tree.key.upper()}") from error


def _consumes(tree: exp.Expr) -> bool:
    """Say whether a stream that the statement reads has been consumed once it is committed."""
    if isinstance(tree, exp.Create):
        return str(tree.args.get("kind")).upper() == "TABLE"
    return isinstance(tree, exp.Insert | exp.MultitableInserts | exp.Update | exp.Delete | exp.Merge)


_RULES: Final[dict[type, Callable[[Any, Unit], Plan]]] = {
    exp.Insert: inserts.compile_insert,
    exp.Update: dml.compile_update,
    exp.Delete: dml.compile_delete,
    exp.Merge: dml.compile_merge,
    exp.TruncateTable: dml.compile_truncate,
    exp.Drop: ddl.compile_drop,
    exp.Alter: alter.compile_alter,
    exp.Comment: alter.compile_comment,
}


def _compile(tree: exp.Expr, sql: str, unit: Unit) -> Plan:
    match tree:
        case exp.Query():
            return _query(tree, sql, unit)
        case exp.Values():
            return _query(_selected(tree), sql, unit)
        case exp.MultitableInserts():
            return inserts.compile_multi_insert(tree, parse.is_overwrite(sql), unit)
        case exp.Create():
            return ddl.compile_create(tree, unit, sql)
    rule = _RULES.get(type(tree))
    if rule is not None:
        return rule(tree, unit)
    raise Unsupported(f"statement {' '.join(sql.split()[:2]).upper()[:60]}")


def _selected(values: exp.Values) -> exp.Select:
    """Return VALUES that stand alone as the SELECT that they are short for."""
    bare = values.copy()
    select = exp.select("*")
    for part in ("order", "limit", "offset"):
        select.set(part, bare.args.get(part))
        bare.set(part, None)
    return select.from_(bare)


def _query(tree: exp.Query, sql: str, unit: Unit) -> Plan:
    query = compile_query(tree, None, unit)
    names = [name for name, _ in query.columns]
    inner: exp.Expr = tree
    while isinstance(inner, exp.SetOperation | exp.Subquery):
        inner = inner.this
    if (
        isinstance(inner, exp.Select)
        and len(inner.expressions) == len(names)
        and isinstance(tree, exp.Select)
    ):
        texts = parse.projection_texts(sql)
        if len(texts) == len(names):
            for place, item in enumerate(inner.expressions):
                is_named = isinstance(item, exp.Alias | exp.Star | exp.Column) and not (
                    isinstance(item, exp.Column) and isinstance(item.this, exp.Parameter)
                )
                if not is_named and texts[place]:
                    names[place] = texts[place].upper()
    columns = tuple(ResultColumn(name, kind) for name, (_, kind) in zip(names, query.columns, strict=True))
    return Plan(
        form=Form.ROWS,
        steps=(Step(query.sql, (), True),),
        type=StatementType.SELECT,
        columns=columns,
        parameters=tuple(unit.parameters),
        reads=frozenset(unit.reads),
        is_cacheable=unit.is_cacheable,
        is_deterministic=unit.is_deterministic,
    )
