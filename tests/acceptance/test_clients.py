"""The unmodified clients against the running server; each script holds its own assertions."""

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from tests.acceptance.harness import SCRIPTS, RunningServer, run_script, run_tool

pytestmark = pytest.mark.acceptance


def test_databases_schemas_and_warehouses(generation: str, server: RunningServer, tmp_path: Path) -> None:
    run_script("resources.py", generation, server, tmp_path)


def test_every_task_operation(generation: str, server: RunningServer, tmp_path: Path) -> None:
    run_script("tasks.py", generation, server, tmp_path)


def test_a_graph_is_deployed_run_retried_and_dropped(
    generation: str, server: RunningServer, tmp_path: Path
) -> None:
    run_script("dag.py", generation, server, tmp_path)


def test_a_graph_where_every_answer_is_deferred(deferring_server: RunningServer, tmp_path: Path) -> None:
    """The client waits a second for each deferred answer, so once, and briefly."""
    run_script("dag.py", "5.x", deferring_server, tmp_path, CLOCKMILL_BRIEF="1")


def test_statements(generation: str, server: RunningServer, tmp_path: Path) -> None:
    run_script("statements.py", generation, server, tmp_path)


def test_sqlalchemy(server: RunningServer, tmp_path: Path) -> None:
    run_script("alchemy.py", "5.x", server, tmp_path)


def test_snowpark(server: RunningServer, tmp_path: Path) -> None:
    run_tool("python", "client-cli", "-I", str(SCRIPTS / "snowpark.py"), server=server, home=tmp_path)


def test_a_session_that_runs_out_is_renewed(
    generation: str, forgetful_server: RunningServer, tmp_path: Path
) -> None:
    run_script("renewal.py", generation, forgetful_server, tmp_path)


def test_every_way_to_sign_in(generation: str, server: RunningServer, tmp_path: Path) -> None:
    robot = _make_robot(server, tmp_path, f"ROBOT_{generation[0]}X")

    run_script(
        "signin.py",
        generation,
        server,
        tmp_path,
        CLOCKMILL_ROBOT=robot.name,
        CLOCKMILL_PRIVATE_KEY=str(robot.private_key),
        CLOCKMILL_ACCESS_TOKEN=robot.access_token,
        CLOCKMILL_RESTRICTED_TOKEN=robot.restricted_token,
    )


class Robot(msgspec.Struct, frozen=True, kw_only=True):
    """A user without a password, made by the command line while the server runs."""

    name: str
    private_key: Path
    access_token: str
    restricted_token: str


def _make_robot(server: RunningServer, folder: Path, name: str) -> Robot:
    private_key, public_key = _write_key_pair(folder)
    server.command("user", "add", name, "--role", "SYSADMIN", "--role", "ACCOUNTADMIN", "--no-password")
    server.command("user", "key", name, "--public-key", str(public_key))
    token = ("token", "create", "--quiet", "--user", name)
    return Robot(
        name=name,
        private_key=private_key,
        access_token=server.command(*token, "any_role"),
        restricted_token=server.command(*token, "one_role", "--role", "SYSADMIN"),
    )


def _write_key_pair(folder: Path) -> tuple[Path, Path]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private, public = folder / "robot.p8", folder / "robot.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public
