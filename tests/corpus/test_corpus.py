"""Every entry of the corpus, through the door."""

from collections.abc import Iterator

import pytest
from tests.corpus.account import Account, open_account
from tests.corpus.entries import Entry, areas

ENTRIES = [pytest.param(entry, id=f"{area}: {entry.title}") for area, entries in areas() for entry in entries]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with open_account(tmp_path_factory.mktemp("corpus")) as opened:
        yield opened


@pytest.mark.parametrize("entry", ENTRIES)
def test_statements_give_what_the_language_says(account: Account, entry: Entry) -> None:

    assert account.give(entry) == entry.expected


def test_every_entry_names_the_page_whose_rule_it_shows() -> None:
    assert [entry.title for _, entries in areas() for entry in entries if not entry.page] == []


def test_no_two_entries_of_an_area_have_one_title() -> None:
    """A title is how a failing entry is found."""
    for area, entries in areas():
        titles = [entry.title for entry in entries]
        assert sorted(titles) == sorted(set(titles)), area
