"""What the documents and the frame of the project promise."""

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from clockmill.config import Settings
from clockmill.core.misfire import SkipReason

ROOT = Path(__file__).parents[1]


def _generate() -> object:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_what_the_code_says() -> None:
    pages = _generate().PAGES  # type: ignore[attr-defined]
    for name, page in pages.items():
        assert (ROOT / "docs/reference" / name).read_text() == page(), "run python docs/generate.py"


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()
    assert [f.name for f in msgspec.structs.fields(Settings) if f"`{f.name}`" not in page] == []


def test_every_reason_for_a_skipped_fire_is_documented() -> None:
    page = (ROOT / "docs/how-to/fires-and-history.md").read_text()
    assert [reason for reason in SkipReason if f"| `{reason}` |" not in page] == []


def test_every_runtime_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = [re.split(r"[\[<>=]", line)[0] for line in project["project"]["dependencies"]]
    reasons = "\n".join(page.read_text().lower() for page in (ROOT / "docs/decisions").glob("*.md"))
    assert [name for name in names if name not in reasons] == []


@pytest.mark.parametrize("file", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda file: file.name)
def test_requirements_are_pinned_with_hashes_and_name_no_index(file: Path) -> None:
    text = file.read_text()
    assert "://" not in text
    assert "--index" not in text
    pinned = re.findall(r"^[a-z0-9._\[\]-]+==", text, re.MULTILINE | re.IGNORECASE)
    assert pinned
    assert len(re.findall("--hash=", text)) >= len(pinned)


def test_every_command_is_in_the_help() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "clockmill", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(
        command in shown for command in ("serve", "demo", "user", "token", "db", "fires", "node", "warehouse")
    )


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_path_that_a_page_names_exists(page: str) -> None:
    """Paths are from the root, or from the package; the tree of the package is read as well."""
    text = (ROOT / page).read_text()
    tree = re.findall(r"^[├└]── (\S+)", text, re.MULTILINE)
    quoted = re.findall(r"`([^`\s]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    paths = {*tree, *(each for each in quoted if "/" in each or each.endswith((".py", ".md", ".toml")))}
    assert paths
    homes = (ROOT, ROOT / "src/clockmill")
    assert sorted(path for path in paths if not any((home / path).exists() for home in homes)) == []


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_links_between_documents_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_promise_names_tests_that_exist() -> None:
    """A guard is a file and a test, or only a test where it is in the file named before."""
    page = (ROOT / "docs/explanation/guarantees.md").read_text()
    for promise in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        head, guards = promise.splitlines()[0], promise.partition("\nGuarded by")[2]
        named = re.findall(r"`(tests/\S+\.py)?(?:::(\w+))?`", guards)
        assert any(test for _, test in named), head
        place = ""
        for file, test in named:
            place = file or place
            assert not test or test in _tests_in(place), f"{head}: {place}::{test}"


def _tests_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
