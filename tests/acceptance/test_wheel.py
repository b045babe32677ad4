"""The built wheel serves with no step beyond installing it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.acceptance
def test_the_wheel_alone_runs_the_demo(tmp_path: Path) -> None:
    """The demo needs the migrations, the example and every module: all must be inside the wheel."""
    built = tmp_path / "dist"
    installed = tmp_path / "installed"
    python = [sys.executable, "-W", "ignore", "-m"]
    subprocess.run([*python, "hatchling", "build", "-t", "wheel", "-d", str(built)], cwd=ROOT, check=True)
    [wheel] = built.glob("clockmill-*.whl")
    subprocess.run(
        [*python, "pip", "install", "--quiet", "--no-deps", "--target", str(installed), str(wheel)],
        check=True,
    )

    done = subprocess.run(
        [sys.executable, "-m", "clockmill", "demo", "--once"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "100051: Division by zero" in done.stdout
    assert "The finalizer reports: observed 31 days up to 2012-01-31" in done.stdout
