"""Statements that the engine runs: queries, changes of tables, transactions."""

from collections.abc import Mapping, Sequence
from typing import Final

from clockmill.core.errors import ClockmillError
from clockmill.core.sentences import DONE
from clockmill.engine.protocol import Binding, EngineSession
from clockmill.engine.result import Result, StatementType, status
from clockmill.session.execution import Execution
from clockmill.sql.statement import EngineStatement, TransactionStatement, Verb

_BEGIN: Final = "BEGIN"
_COMMIT: Final = "COMMIT"
_ROLLBACK: Final = "ROLLBACK"
_TEXTS: Final = {Verb.BEGIN: _BEGIN, Verb.COMMIT: _COMMIT, Verb.ROLLBACK: _ROLLBACK}
_DDL: Final = frozenset({Verb.CREATE, Verb.ALTER, Verb.DROP})
"""Statements that end an open transaction."""


def run_in_engine(run: Execution, statement: EngineStatement) -> Result:
    """Run a query, or a change of tables, views or sequences."""
    if statement.kind in _DDL:
        return _run_ddl(run, statement)
    with run.whole_turn() as session:
        return session.execute(run.sql, run.context())


def _run_ddl(run: Execution, statement: EngineStatement) -> Result:
    """Run a statement that ends an open transaction, as COMMIT does."""
    run.link.before(statement.kind)
    try:
        with run.whole_turn() as session:
            return session.execute(run.sql, run.context())
    finally:
        run.link.after()


def run_transaction_statement(run: Execution, statement: TransactionStatement) -> Result:
    """Begin, commit or roll back. A second BEGIN, and COMMIT or ROLLBACK without it, do nothing."""
    if statement.kind is Verb.ROLLBACK:
        run.link.forget_lost_transaction()
    run.link.before(statement.kind)
    with run.whole_turn() as session:
        if session.in_transaction is not (statement.kind is Verb.BEGIN):
            session.execute(_TEXTS[statement.kind], run.context())
    run.link.after()
    return status(DONE, StatementType.TCL)


def in_transaction_of_its_own(run: Execution, rows: Sequence[Mapping[str, Binding]]) -> Result:
    """Run the statement once for each entry of *rows*, all or none, and add up what it says."""
    with run.whole_turn() as session:
        opened = not session.in_transaction
        if opened:
            session.execute(_BEGIN, run.context())
        try:
            results = [_run_row(run, session, bindings) for bindings in rows]
        except ClockmillError:
            if opened:
                session.execute(_ROLLBACK, run.context())
            raise
        if opened and run.parameters["AUTOCOMMIT"]:
            session.execute(_COMMIT, run.context())
    return _sum(results)


def _run_row(run: Execution, session: EngineSession, bindings: Mapping[str, Binding]) -> Result:
    run.bindings = bindings
    return session.execute(run.sql, run.context())


def _sum(results: list[Result]) -> Result:
    """Return the counts of *results*, each one row of numbers, added up column by column."""
    first = results[0]
    counts = [sum(column) for column in zip(*(result.rows[0] for result in results), strict=True)]
    return Result(
        columns=first.columns,
        rows=[tuple(counts)],
        statement_type=first.statement_type,
        affected=sum(result.affected or 0 for result in results),
    )
