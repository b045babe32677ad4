"""Whether all that a block commits is one transaction, as its text tells.

Then what it leaves behind when it is cut off is all or nothing. What cannot be told counts as no:
a statement that is put together, a procedure that is called, a handler that goes on after a mistake.
"""

import enum
from collections.abc import Iterable, Sequence
from typing import Final

from clockmill.core.errors import InvalidRequest
from clockmill.sql.classify import read_statement
from clockmill.sql.effects import Effect, calls_acting, effect_of
from clockmill.sql.scripting import ast
from clockmill.sql.scripting.formula import Binary, Formula, Literal, Name
from clockmill.sql.statement import EngineStatement, TransactionStatement, Verb


class _Place(enum.Enum):
    """How far a block has come."""

    BEFORE = "nothing is written"
    WITHIN = "its transaction is open"
    AFTER = "its transaction is committed"


class _NotWhole(Exception):
    """It is more than one transaction, or may be."""


_DML: Final = frozenset({Verb.INSERT, Verb.UPDATE, Verb.DELETE, Verb.MERGE, Verb.TRUNCATE})
_LOOPS: Final = (ast.ForCounter, ast.ForCursor, ast.While, ast.Repeat, ast.Loop)
_STEPS: Final = (ast.Raise, ast.Open, ast.Fetch, ast.Close, ast.Null, ast.Break, ast.Continue, ast.Evaluate)


def is_one_transaction(block: ast.Block) -> bool:
    """Say whether *block*, where it comes to its end, has committed one transaction, or none.

    After the commit it does nothing that could fail.

    >>> from clockmill.sql.scripting.parser import parse_block
    >>> is_one_transaction(parse_block("BEGIN LET n := 1; INSERT INTO t VALUES (:n); RETURN n; END"))
    True
    >>> is_one_transaction(parse_block("BEGIN INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); END"))
    False
    """
    if calls_acting(block.source):
        return False
    try:
        return _block(block, _Place.BEFORE) is not _Place.WITHIN
    except (_NotWhole, InvalidRequest):
        return False


def _block(node: ast.Block, place: _Place) -> _Place:
    if node.handlers:
        raise _NotWhole
    for declaration in node.declarations:
        place = _declaration(declaration, place)
    return _all_of(node.statements, place)


def _all_of(instructions: Iterable[ast.Instruction], place: _Place) -> _Place:
    for each in instructions:
        place = _after(each, place)
    return place


def _after(node: ast.Instruction, place: _Place) -> _Place:
    if place is _Place.AFTER:
        return _at_the_end(node)
    match node:
        case ast.Sql():
            return _statement(node, place)
        case ast.Block():
            return _block(node, place)
        case ast.Let(declaration=declaration):
            return _declaration(declaration, place)
        case ast.Assign(query=query, is_async=is_async):
            return _query(query, place, is_async=is_async)
        case ast.If(branches=branches, otherwise=otherwise):
            return _one_of([*(each.statements for each in branches), otherwise], place)
        case ast.Case(branches=branches, otherwise=otherwise):
            return _one_of([*(each.statements for each in branches), otherwise or ()], place)
        case ast.Return(table=None, cursor=None):
            return place
    if isinstance(node, _LOOPS):
        return _loop(node.statements, place)
    if isinstance(node, _STEPS):
        return place
    raise _NotWhole


def _at_the_end(node: ast.Instruction) -> _Place:
    match node:
        case ast.Null() | ast.Return(value=None, table=None, cursor=None):
            return _Place.AFTER
        case ast.Return(value=ast.Expression(formula=formula), table=None, cursor=None) if _is_plain(formula):
            return _Place.AFTER
    raise _NotWhole


def _is_plain(formula: Formula | None) -> bool:
    """Say whether *formula* cannot fail: values, and texts put together."""
    match formula:
        case Literal() | Name():
            return True
        case Binary(operator="||", left=left, right=right):
            return _is_plain(left) and _is_plain(right)
    return False


def _loop(statements: Sequence[ast.Instruction], place: _Place) -> _Place:
    """Return *place* for a loop that changes it in no turn."""
    if _all_of(statements, place) is not place:
        raise _NotWhole
    return place


def _one_of(branches: Iterable[Sequence[ast.Instruction]], place: _Place) -> _Place:
    """Return where a choice ends: committed, if any branch may have; none ends within what it began."""
    ends = {_all_of(branch, place) for branch in branches}
    if ends == {place}:
        return place
    if _Place.WITHIN in ends or place is _Place.WITHIN:
        raise _NotWhole
    return _Place.AFTER


def _declaration(declaration: ast.Declaration, place: _Place) -> _Place:
    match declaration:
        case ast.VariableDeclaration(query=query) | ast.CursorDeclaration(query=query):
            return _query(query, place)
        case ast.ResultSetDeclaration(query=query, is_async=is_async):
            return _query(query, place, is_async=is_async)
    return place


def _query(query: ast.Query | None, place: _Place, *, is_async: bool = False) -> _Place:
    if query is None:
        return place
    if is_async or not isinstance(query, ast.Sql):
        raise _NotWhole
    return _statement(query, place)


def _statement(node: ast.Sql, place: _Place) -> _Place:
    statement = read_statement(node.text)
    if isinstance(statement, TransactionStatement):
        return _TRANSACTIONS[statement.kind, place]
    match effect_of(statement, node.text):
        case Effect.NONE:
            return place
        case Effect.ONE_TRANSACTION if place is _Place.BEFORE:
            return _Place.AFTER
        case Effect.ONE_TRANSACTION if isinstance(statement, EngineStatement) and statement.kind in _DML:
            return place
    raise _NotWhole


class _Transactions(dict[tuple[Verb, _Place], _Place]):
    def __missing__(self, key: tuple[Verb, _Place]) -> _Place:
        raise _NotWhole


_TRANSACTIONS: Final = _Transactions(
    {(Verb.BEGIN, _Place.BEFORE): _Place.WITHIN, (Verb.COMMIT, _Place.WITHIN): _Place.AFTER}
)
