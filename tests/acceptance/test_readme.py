"""What the README shows works as it stands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.acceptance.harness import ROOT, RunningServer, environment

pytestmark = pytest.mark.acceptance

README = (ROOT / "README.md").read_text()


def block(language: str, containing: str) -> str:
    """Return the README's one block of *language* that holds *containing*."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    [found] = [text for text in blocks if containing in text]
    return str(found)


def test_the_python_example_deploys_and_runs_a_graph(server: RunningServer, tmp_path: Path) -> None:
    """Only the password and the port are put in."""
    example = block("python", "DAGOperation")
    example = example.replace('password="..."', f'password="{server.password}"')
    example = example.replace("port=8700", f"port={server.port}")

    done = subprocess.run(
        [environment("client-core"), "-I", "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "DAGRun" in done.stdout or "visits" in done.stdout


def test_the_shell_example_lists_tasks_with_a_token(server: RunningServer, tmp_path: Path) -> None:
    example = block("sh", "clockmill token create")
    example = example.replace("clockmill token", f"{sys.executable} -m clockmill token", 1)
    example = example.replace("--data-dir clockmill-data", f"--data-dir {server.data_dir}")
    example = example.replace("http://127.0.0.1:8700", server.address).replace("curl", "curl --fail --silent")

    done = subprocess.run(
        ["bash", "-ec", example], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("[")
