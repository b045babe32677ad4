"""The corpus of statements through the door, counted by area."""

from collections.abc import Iterator
from pathlib import Path

from tests.corpus.account import Account, open_account
from tests.corpus.entries import Entry, areas

from clockmill.core.errors import ClockmillError


def count_by_area(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Yield each area with how many of its entries give what they should, and how many there are."""
    with open_account(folder / "corpus") as account:
        for area, entries in areas():
            yield area, sum(_holds(account, entry) for entry in entries), len(entries)


def _holds(account: Account, entry: Entry) -> bool:
    try:
        return account.give(entry) == entry.expected
    except ClockmillError:
        return False
