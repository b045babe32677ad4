"""SAMPLE: some rows of a source, by chance."""

from decimal import Decimal
from typing import Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.translate.unit import Unit

_METHODS: Final = {"BERNOULLI": "bernoulli", "ROW": "bernoulli", "SYSTEM": "system", "BLOCK": "system"}
_MOST_ROWS: Final = 1_000_000


def compile_sample(node: exp.TableSample, unit: Unit) -> str:
    """Return what follows a source in DuckDB's SQL, with a space before."""
    unit.is_deterministic = False
    known = ("method", "percent", "size", "seed")
    strange = next((key for key, value in node.args.items() if value and key not in known), None)
    if strange is not None:
        raise Unsupported(f"SAMPLE … {strange.upper()}")
    named = node.args.get("method")
    method = named.name.removeprefix("F$").upper() if named is not None else "BERNOULLI"
    if method not in _METHODS:
        raise Unsupported(f"SAMPLE {method}")
    size, seed = node.args.get("size"), node.args.get("seed")
    if size is None:
        share = _number(node.args["percent"], 100)
        again = f" REPEATABLE ({int(_number(seed, 2**31 - 1))})" if seed is not None else ""
        return f" TABLESAMPLE {_METHODS[method]}({share} PERCENT){again}"
    if seed is not None or _METHODS[method] == "system":
        raise CompilationFault("SAMPLE of a number of rows takes neither SEED nor SYSTEM", code="001003")
    return f" TABLESAMPLE reservoir({int(_number(size, _MOST_ROWS))} ROWS)"


def _number(node: exp.Expr, most: int) -> Decimal:
    if not isinstance(node, exp.Literal) or node.is_string:
        raise Unsupported("SAMPLE by anything but a number")
    value = Decimal(node.name)
    if not 0 <= value <= most:
        raise CompilationFault(f"Invalid sample size {node.name}: it goes from 0 to {most}", code="001003")
    return value
