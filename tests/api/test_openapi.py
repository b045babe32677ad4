"""The description of the API against the official one, against the routes, and against the code."""

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.api.structure import Flat, Reader, differences, load, operations

from clockmill.api.openapi.beyond import BEYOND
from clockmill.api.openapi.document import describe
from clockmill.api.openapi.properties import IDENTIFIER
from clockmill.api.rest.routes import OPERATIONS
from clockmill.api.rest.schemas.runs import TaskRunOut
from clockmill.api.rest.schemas.tasks import TaskIn, TaskOut
from clockmill.core.errors import InvalidIdentifier
from clockmill.core.names import fold

COMPLETE = ("task", "result", "sqlapi")
PARTIAL = ("database", "schema", "warehouse")
DIFFERENCES = Path(__file__).parents[2] / "docs" / "reference" / "differences.md"


def flat_operations(document: dict[str, Any], reader: Reader) -> dict[tuple[str, str], Flat]:
    return {
        (method, path): reader.flat_operation(path, method, operation)
        for path, method, operation in operations(document)
    }


def found_differences() -> set[str]:
    """Return all differences: both ways for task and result, of what is served for the others."""
    common, ours = load("common"), describe()
    reader = Reader(ours)
    served = flat_operations(ours, reader)
    schemas = ours["components"]["schemas"]
    found: set[str] = set()
    for name in (*COMPLETE, *PARTIAL):
        document = load(name)
        official = Reader(document, common)
        for key, flat in flat_operations(document, official).items():
            mine = served.pop(key, None)
            if mine is not None:
                found |= differences(flat, mine)
            elif name in COMPLETE:
                found |= differences(flat, {})
        for component, schema in document["components"].get("schemas", {}).items():
            if component in schemas or name in COMPLETE:
                mine = reader.flat_schema(component, schemas.get(component, {}))
                found |= differences(official.flat_schema(component, schema), mine)
    for component, schema in common["components"]["schemas"].items():
        if component in schemas:
            mine = reader.flat_schema(component, schemas[component])
            found |= differences(Reader(common).flat_schema(component, schema), mine)
    official = Reader(load("task"), common)
    found |= differences(official.flat_security(), reader.flat_security())
    for flat in served.values():
        found |= differences({}, flat)
    return found


def matches(difference: str) -> list[str]:
    return [pattern for pattern in BEYOND if fnmatchcase(difference, pattern)]


def test_every_difference_from_the_official_description_is_listed() -> None:
    assert sorted(each for each in found_differences() if not matches(each)) == []


def test_every_listed_difference_is_there() -> None:
    used = {pattern for difference in found_differences() for pattern in matches(difference)}

    assert sorted(BEYOND.keys() - used) == []


def test_routes_carry_the_official_operation_ids() -> None:
    official = {
        (method, path): operation["operationId"]
        for name in (*COMPLETE, *PARTIAL)
        for path, method, operation in operations(load(name))
    }

    assert {(each.method, each.path): each.name for each in OPERATIONS}.items() <= official.items()


def test_operation_ids_are_unique() -> None:
    names = [each.name for each in OPERATIONS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", PARTIAL)
def test_official_operations_that_are_not_served_are_documented(name: str) -> None:
    served = {(each.method, each.path) for each in OPERATIONS}
    unserved = [
        f"{method} {path}" for path, method, _ in operations(load(name)) if (method, path) not in served
    ]
    documented = DIFFERENCES.read_text()

    assert [each for each in unserved if f"`{each}`" not in documented] == []


def test_tasks_are_written_with_every_described_property() -> None:
    described = describe()["components"]["schemas"]["Task"]["properties"]

    assert set(TaskOut.__struct_fields__) == set(described)


def test_tasks_are_read_with_every_described_property_that_is_not_read_only() -> None:
    described = describe()["components"]["schemas"]["Task"]["properties"]
    writable = {name for name, schema in described.items() if not schema.get("readOnly")}

    assert set(TaskIn.__struct_fields__) == writable


def test_graph_runs_are_written_with_every_described_property() -> None:
    described = describe()["components"]["schemas"]["TaskRun"]["properties"]

    assert set(TaskRunOut.__struct_fields__) == set(described)


def patterns(node: Any) -> set[str]:
    """Return every pattern in *node*."""
    if isinstance(node, dict):
        own = {node["pattern"]} if isinstance(node.get("pattern"), str) else set()
        return own.union(*map(patterns, node.values()))
    return set().union(*map(patterns, node)) if isinstance(node, list) else set()


def test_the_only_pattern_is_that_of_identifiers() -> None:
    assert patterns(describe()) == {IDENTIFIER}


@pytest.mark.parametrize(
    "text",
    [
        *("a", "A_1$", '"a b"', '"a""b"', '"é/:"'),
        *("", '""', "1a", "$a", "a b", "a-b", 'a"', '"a', '"a"b"', '"a"b', "é", "a\nb", '"a\0"'),
    ],
)
def test_the_pattern_of_identifiers_is_what_is_taken_for_one(text: str) -> None:
    try:
        fold(text)
    except InvalidIdentifier:
        assert not re.search(IDENTIFIER, text)
    else:
        assert re.search(IDENTIFIER, text)


def test_every_reference_leads_somewhere() -> None:
    document = describe()
    for reference in re.findall(r'"#/components/(\w+)/(\w+)"', msgspec.json.encode(document).decode()):
        kind, name = reference
        assert name in document["components"][kind]
