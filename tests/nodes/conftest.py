"""Nodes that share a store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.nodes.pair import ServedNode, served_node


@pytest.fixture
def with_tables(postgresql_url: str, tmp_path: Path) -> Iterator[ServedNode]:
    """The node a, which is the first and therefore has the tables."""
    with served_node(postgresql_url, tmp_path / "a", "a") as node:
        yield node


@pytest.fixture
def without_tables(with_tables: ServedNode, postgresql_url: str, tmp_path: Path) -> Iterator[ServedNode]:
    """The node b beside a."""
    with served_node(postgresql_url, tmp_path / "b", "b") as node:
        yield node
