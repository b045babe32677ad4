"""Snowflake SQL on DuckDB."""

from clockmill.engine.duckdb.engine import DuckDBEngine
from clockmill.engine.duckdb.session import DuckDBSession

__all__ = ["DuckDBEngine", "DuckDBSession"]
