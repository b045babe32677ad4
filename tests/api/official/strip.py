"""Keeps the structure of OpenAPI files, and none of their prose, as JSON beside this file."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

_PROSE = {"description", "summary", "example", "externalDocs", "info", "servers", "tags"}
_FILES = ("common", "database", "result", "schema", "sqlapi", "task", "warehouse")


def structure(node: Any, *, names: bool = False) -> Any:
    """Return *node* without prose. The keys of a mapping of *names* are never prose."""
    if isinstance(node, list):
        return [structure(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: structure(value, names=key in {"properties", "schemas", "parameters", "headers"})
        for key, value in node.items()
        if names or key not in _PROSE
    }


def main(folder: Path) -> None:
    for name in _FILES:
        document = yaml.safe_load((folder / f"{name}.yaml").read_text())
        target = Path(__file__).with_name(f"{name}.json")
        target.write_text(json.dumps(structure(document), indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
