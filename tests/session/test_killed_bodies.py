"""A server that is killed while a body runs: what is committed is recognised, what is not is done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.session.killed_bodies import BODIES, SCRIPTS

ROOT = Path(__file__).parents[2]


def _killed_at_every_point(folder: Path, body: str) -> list[tuple[str, str]]:
    """Return what is recalled of *body* after each kill, and what is in the tables in the end."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.session.killed_bodies", str(folder), body],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    )
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return [(remains, tables) for remains, tables in lines]


@pytest.mark.parametrize("body", BODIES)
def test_wherever_the_server_is_killed_a_body_is_done_once(tmp_path: Path, body: str) -> None:
    seen = _killed_at_every_point(tmp_path, body)

    remains = [each for each, _ in seen]
    assert remains == ["NOTHING"] * (len(seen) - 1) + ["COMPLETE"]
    assert len(seen) > len(("begin", "marker", "statement", "commit"))
    assert len({tables for _, tables in seen}) == 1


@pytest.mark.parametrize("body", SCRIPTS)
def test_of_a_body_of_several_transactions_it_is_known_whether_it_has_begun(
    tmp_path: Path, body: str
) -> None:
    seen = _killed_at_every_point(tmp_path, body)

    told = [each for each in seen if each[0] != "UNKNOWN"]
    order = list(dict.fromkeys(remains for remains, _ in seen))
    assert order in (["NOTHING", "UNKNOWN", "COMPLETE"], ["UNKNOWN", "COMPLETE"])
    assert len({tables for _, tables in told}) == 1
