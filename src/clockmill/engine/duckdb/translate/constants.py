"""Python values as SQL."""

from typing import Any

from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.duckdb.types import physical
from clockmill.engine.result import ColumnType, Kind


def constant_sql(value: Any, kind: ColumnType) -> Typed:
    """Return a Python value as SQL."""
    if value is None:
        return Typed(f"CAST(NULL AS {physical(kind)})", kind)
    if kind.kind is Kind.BOOLEAN:
        return Typed("true" if value else "false", kind, bool(value), True)
    if kind.kind in (Kind.TIMESTAMP_LTZ, Kind.TIMESTAMP_TZ) and value.tzinfo is not None:
        value = (value - value.utcoffset()).replace(tzinfo=None)
        if kind.kind is Kind.TIMESTAMP_TZ:
            kind = types.LTZ
    if kind.kind is Kind.BINARY:
        return Typed(f"unhex('{bytes(value).hex()}')", kind)
    text = str(value)
    constant = text if kind.kind is Kind.TEXT else None
    return Typed(f"CAST({literal(text)} AS {physical(kind)})", kind, constant, constant is not None)
