"""The figures of docs/performance.md, measured through a running server."""
