"""What a statement answers: the columns of its plan, and the counts of rows that its steps have given."""

from typing import Any, Final

from clockmill.engine.duckdb.results import settle_columns
from clockmill.engine.duckdb.translate.plan import Form, Plan
from clockmill.engine.result import Result, ResultColumn, status


def columns_of(plan: Plan) -> tuple[ResultColumn, ...]:
    """Return the columns that clients see."""
    if plan.form is Form.STATUS:
        return status("").columns
    return settle_columns(plan.columns)


def result_of(plan: Plan, counts: list[list[tuple[Any, ...]]]) -> Result:
    """Return the answer of a statement that changes something; *counts* has the rows of each step."""
    if plan.form is Form.STATUS:
        return status(plan.status, plan.type)
    if plan.form is Form.MERGE:
        return _merge_result(plan, _counted(plan, counts)[0])
    if plan.form is Form.COUNTS:
        return _tallied(plan, counts)
    affected = sum(rows[0][0] for step, rows in zip(plan.steps, counts, strict=True) if step.counts and rows)
    row = (affected, *(_multi_joined(plan, counts) for _ in plan.columns[1:]))
    return Result(columns=plan.columns, rows=[row], statement_type=plan.type, affected=affected)


def _tallied(plan: Plan, counts: list[list[tuple[Any, ...]]]) -> Result:
    """Return the rows of a statement that writes several tables, a column for each of them."""
    sums = [0] * len(plan.columns)
    counted = [rows[0][0] for rows in _counted(plan, counts)]
    for place, count in zip(plan.tallies, counted, strict=True):
        sums[place] += count
    return Result(columns=plan.columns, rows=[tuple(sums)], statement_type=plan.type, affected=sum(sums))


def _counted(plan: Plan, counts: list[list[tuple[Any, ...]]]) -> list[list[tuple[Any, ...]]]:
    """Return what the steps have said whose counts are the statement's."""
    return [rows for step, rows in zip(plan.steps, counts, strict=True) if step.counts]


def _multi_joined(plan: Plan, counts: list[list[tuple[Any, ...]]]) -> int:
    """Return what the step before an UPDATE … FROM has counted."""
    return int(counts[0][0][0]) if plan.is_multi_joined else 0


_MERGED: Final = {"inserted": "INSERT", "updated": "UPDATE", "deleted": "DELETE"}


def _merge_result(plan: Plan, actions: list[tuple[Any, ...]]) -> Result:
    row = tuple(
        sum(1 for (action,) in actions if action == _MERGED[column.name.rsplit(" ", 1)[1]])
        for column in plan.columns
    )
    return Result(columns=plan.columns, rows=[row], statement_type=plan.type, affected=sum(row))
