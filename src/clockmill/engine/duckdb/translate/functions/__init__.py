"""The functions we know, by name. A name that is in none of these tables never reaches DuckDB."""

from typing import Final

from clockmill.engine.duckdb.translate.functions import (
    aggregates,
    arrays,
    bits,
    codings,
    conditional,
    context,
    conversion,
    dates,
    numbers,
    regular,
    strings,
    variants,
    windows,
)
from clockmill.engine.duckdb.translate.functions.rules import AggregateRule, Scalar

SCALARS: Final[dict[str, Scalar]] = {
    **strings.FUNCTIONS,
    **regular.FUNCTIONS,
    **codings.FUNCTIONS,
    **numbers.FUNCTIONS,
    **bits.FUNCTIONS,
    **dates.FUNCTIONS,
    **conversion.FUNCTIONS,
    **conditional.FUNCTIONS,
    **variants.FUNCTIONS,
    **arrays.FUNCTIONS,
    **context.FUNCTIONS,
}
AGGREGATES: Final[dict[str, AggregateRule]] = aggregates.FUNCTIONS
WINDOWS: Final[dict[str, AggregateRule]] = windows.FUNCTIONS
