"""Snowflake SQL as a language: text to values. Knows no engine and no store."""
