"""Which rows a listing shows."""

import pytest

from clockmill.core.listing import select_named

ROWS = ["A", "B1", "B2", "B_3", "a1", "b%", "c"]


def names(**options: object) -> list[str]:
    return select_named(ROWS, str, **options)  # type: ignore[arg-type]


def test_without_options_every_row_is_shown() -> None:
    assert names() == ROWS


@pytest.mark.parametrize(
    ("like", "shown"),
    [
        ("b%", ["B1", "B2", "B_3", "b%"]),
        ("b_", ["B1", "B2", "b%"]),
        ("%%", ROWS),
        ("B\\_%", ["B_3"]),
        ("b\\%", ["b%"]),
        ("a", ["A"]),
        ("", []),
        ("b.", []),
        ("b\\", []),
    ],
)
def test_like_ignores_case_and_knows_two_wild_signs(like: str, shown: list[str]) -> None:
    assert names(like=like) == shown


def test_starts_with_does_not_ignore_case() -> None:
    assert names(starts_with="B") == ["B1", "B2", "B_3"]


def test_a_listing_goes_on_after_the_first_name_that_begins_so() -> None:
    assert names(from_name="B", limit=2) == ["B2", "B_3"]
    assert names(from_name="B2") == ["B_3", "a1", "b%", "c"]
    assert names(from_name="c") == []


def test_a_listing_goes_on_where_a_row_was_that_is_gone() -> None:
    assert names(from_name="B3") == ["B_3", "a1", "b%", "c"]
    assert names(from_name="z") == []


def test_options_go_together() -> None:
    assert names(like="b%", starts_with="B", from_name="B1", limit=1) == ["B2"]
