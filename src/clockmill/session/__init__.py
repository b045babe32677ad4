"""A statement in a session: the one door for SQL."""
