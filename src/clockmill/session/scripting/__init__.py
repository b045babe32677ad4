"""Running Snowflake Scripting: an interpreter over the tree of a block, which knows no engine."""
