"""Functions that need OVER."""

from typing import Final

from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.rewrites import FROM_LAST
from clockmill.engine.duckdb.translate.functions.rules import Aggregate, AggregateRule, Call
from clockmill.engine.duckdb.translate.operators import number, unified, widened
from clockmill.engine.duckdb.types import fixed, unify
from clockmill.engine.result import Kind

_ROWS: Final = fixed(18)


def _rank(word: str) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        call.expect(0, 0)
        return Aggregate(f"{word}()", _ROWS, is_wide=False)

    return rule


def _share(word: str) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        call.expect(0, 0)
        return Aggregate(f"{word}()", types.FLOAT)

    return rule


def _ntile(call: Call) -> Aggregate:
    call.expect(1, 1)
    return Aggregate(f"ntile({call.integer(0)})", _ROWS, is_wide=False)


def _neighbour(word: str) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        call.expect(1, 3)
        value = call.value(0)
        offset = call.integer(1) if len(call) > 1 else "1"
        nulls = " IGNORE NULLS" if call.ignores_nulls else ""
        if len(call) < 3:
            return Aggregate(f"{word}({widened(value)}, {offset}{nulls})", value.type)
        other = call.value(2)
        kind = unify([value.type, other.type])
        cells = unified(call.scope, value, kind), unified(call.scope, other, kind)
        return Aggregate(f"{word}({cells[0]}, {offset}, {cells[1]}{nulls})", kind)

    return rule


def _place(word: str) -> AggregateRule:
    def rule(call: Call) -> Aggregate:
        if word == "nth_value":
            call.expect(2, 2)
        call.expect(1, 2)
        value = call.value(0)
        nulls = " IGNORE NULLS" if call.ignores_nulls else ""
        nth = f", {call.integer(1)}" if word == "nth_value" else ""
        return Aggregate(f"{word}({widened(value)}{nth}{nulls})", value.type)

    return rule


def _ratio(call: Call) -> Aggregate:
    call.expect(1, 1)
    value = number(call.scope, call.value(0))
    if value.type.kind is Kind.REAL:
        return Aggregate(f"sum({value.sql})", types.FLOAT, f"({value.sql} / nullif({{}}, 0))")
    scale = max(value.type.scale or 0, min((value.type.scale or 0) + 6, 12))
    quotient = f"CAST({value.sql} AS DOUBLE) / nullif(CAST({{}} AS DOUBLE), 0)"
    return Aggregate(f"sum({value.sql})", fixed(38, scale), f"CAST({quotient} AS DECIMAL(38,{scale}))")


def _filled(word: str) -> AggregateRule:
    """INTERPOLATE_FFILL and _BFILL: the nearest value before or after that is there."""

    def rule(call: Call) -> Aggregate:
        call.expect(1, 1)
        value = call.value(0)
        return Aggregate(f"{word}({widened(value)} IGNORE NULLS)", value.type)

    return rule


def _true_event(call: Call) -> Aggregate:
    call.expect(1, 1)
    return Aggregate(f"count(*) FILTER (WHERE {call.boolean(0)})", _ROWS, is_wide=False)


FUNCTIONS: Final[dict[str, AggregateRule]] = {
    "CONDITIONAL_TRUE_EVENT": _true_event,
    "CUME_DIST": _share("cume_dist"),
    "DENSE_RANK": _rank("dense_rank"),
    "FIRST_VALUE": _place("first_value"),
    "INTERPOLATE_BFILL": _filled("first_value"),
    "INTERPOLATE_FFILL": _filled("last_value"),
    "LAG": _neighbour("lag"),
    "LAST_VALUE": _place("last_value"),
    "LEAD": _neighbour("lead"),
    "NTH_VALUE": _place("nth_value"),
    "NTH_VALUE" + FROM_LAST: _place("nth_value"),
    "NTILE": _ntile,
    "PERCENT_RANK": _share("percent_rank"),
    "RANK": _rank("rank"),
    "RATIO_TO_REPORT": _ratio,
    "ROW_NUMBER": _rank("row_number"),
}
