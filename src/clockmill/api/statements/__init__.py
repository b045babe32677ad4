"""The SQL API: statements over plain HTTP, each request a session of its own."""
