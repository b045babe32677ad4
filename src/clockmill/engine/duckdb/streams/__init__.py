"""Streams: the changes of a table, logged by whoever makes them, and read from where a stream stands."""
