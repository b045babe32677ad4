"""A short campaign against one server; `make chaos` is a long one, against several too."""

from pathlib import Path

import pytest
from chaos.campaign import on_one_node

pytestmark = pytest.mark.acceptance


def test_a_server_that_is_killed_at_random_keeps_every_promise(tmp_path: Path) -> None:
    """Every fire is accounted for, every body has done its work once, nothing acknowledged is lost."""
    verdict = on_one_node(tmp_path, seconds=12, seed=3)

    assert verdict.blows.keys() & {"kill", "kill_at_start"}
    assert verdict.broken == []
