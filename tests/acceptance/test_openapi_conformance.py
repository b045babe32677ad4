"""Generated requests for every operation of /openapi.json: does the server keep what it describes?"""

import subprocess
from pathlib import Path
from typing import Final

import pytest
from tests.acceptance.harness import RunningServer, environment

pytestmark = pytest.mark.acceptance

CONFIGURATION: Final = Path(__file__).with_name("schemathesis.toml")
TIME_LIMIT_S: Final = 300
EXAMPLES: Final = 8


@pytest.mark.timeout(TIME_LIMIT_S + 20)
def test_every_operation_keeps_what_the_specification_says(
    fuzzed_server: RunningServer, tmp_path: Path
) -> None:
    """No path is left out, and no check; the configuration says what else two of them may meet.

    The seed is fixed, so that a failure comes again.
    """
    token = fuzzed_server.command("token", "create", "--quiet", "--user", "ADMIN", "fuzz")
    ran = subprocess.run(
        [
            environment("schemathesis").with_name("schemathesis"),
            f"--config-file={CONFIGURATION}",
            "run",
            f"{fuzzed_server.address}/openapi.json",
            f"--header=Authorization: Bearer {token}",
            "--checks=all",
            f"--max-examples={EXAMPLES}",
            "--seed=1",
            "--workers=1",
            "--continue-on-failure",
            "--warnings=off",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr
