"""Snowflake Scripting as a language: from the text of a block to a tree of values."""
