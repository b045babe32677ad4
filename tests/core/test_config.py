"""The configuration of a graph: reading, merging, writing, and looking things up in it."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockmill.core.config import InvalidConfig, InvalidPath, look_up, merge_texts, read_config
from clockmill.core.errors import ClockmillError

CONFIG = """
{"b": {"list": [10, {"x": 1.50}, null], "Text": "hé\\"llo", "empty": {}}, "a": true,
 "odd name": 1e5, "a.b": "dotted", "nothing": null, "it's": 1}
"""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "1",
        "null",
        '"x"',
        "{",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": 1,}',
        '{"a": "\\ud800"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        read_config(text)
    assert str(refused.value) == "Invalid config. Must be a string representation of a valid JSON Object."


def test_one_run_lays_its_own_values_over_the_default() -> None:
    default = '{"env": {"name": "prod", "deep": {"a": 1, "b": [1, 2]}}, "keep": 1}'
    given = '{"env": {"deep": {"b": [3]}, "new": null}, "keep": {"now": "an object"}}'

    assert merge_texts(default, given) == (
        '{"env":{"deep":{"a":1,"b":[3]},"name":"prod","new":null},"keep":{"now":"an object"}}'
    )


def test_nothing_merged_with_nothing_is_nothing() -> None:
    assert merge_texts(None, None) is None
    assert merge_texts('{ "a" : 1 }', None) == '{"a":1}'
    assert merge_texts(None, '{ "a" : 1 }') == '{"a":1}'


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", "true"),
        ("A", None),
        ("b.Text", 'hé"llo'),
        ("b.list[0]", "10"),
        ("b.list[1].x", "1.50"),
        ("b.list[1]", '{"x":1.50}'),
        ("b.list[2]", None),
        ("b.list[3]", None),
        ("b.list", '[10,{"x":1.50},null]'),
        ("b.empty", "{}"),
        ("b['Text']", 'hé"llo'),
        ('["b"]["Text"]', 'hé"llo'),
        ('b."Text"', 'hé"llo'),
        ('"odd name"', "1e5"),
        ("['it''s']", "1"),
        ('"a.b"', "dotted"),
        ("a.b", None),
        ("a[0]", None),
        ("b[0]", None),
        ("nothing", None),
        ("missing.deeper[4]", None),
    ],
)
def test_a_path_finds_what_stands_there(path: str, found: str | None) -> None:
    assert look_up(CONFIG, path) == found


@pytest.mark.parametrize(
    "path", ["", ".", ".a", "a.", "a..b", "a[", "a[x]", "a[-1]", "a b", "[]", "a['b]", '""']
)
def test_a_path_that_is_none_is_refused_by_name(path: str) -> None:
    with pytest.raises(InvalidPath) as refused:
        look_up(CONFIG, path)
    assert str(refused.value) == f"Invalid extraction path '{path}'"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text(max_size=3), JSON, max_size=4)


@given(OBJECTS)
def test_compact_text_means_the_same_and_is_settled(config: dict[str, Any]) -> None:
    text = merge_texts(json.dumps(config), None)

    assert text is not None
    assert json.loads(text) == config
    assert merge_texts(text, None) == text


@given(OBJECTS, OBJECTS)
def test_every_leaf_of_the_upper_object_wins(default: dict[str, Any], upper: dict[str, Any]) -> None:
    text = merge_texts(json.dumps(default), json.dumps(upper))

    assert text is not None
    assert merge_texts(text, json.dumps(upper)) == text
    assert json.loads(text).keys() == default.keys() | upper.keys()


@given(st.text(max_size=20))
def test_no_path_raises_anything_but_our_own_errors(path: str) -> None:
    with suppress(ClockmillError):
        look_up(CONFIG, path)
