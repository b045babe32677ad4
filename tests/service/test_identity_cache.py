"""What is remembered of identities, and when it is not."""

from functools import partial

from tests.service.doorway import Doorway

from clockmill.service.identity_cache import IdentityCache
from clockmill.store.account import identity_version, touch_identities
from clockmill.store.database import Store, Transaction


def _constant(value: int, _: Transaction) -> int:
    return value


def touch(store: Store) -> None:
    store.write(touch_identities)


def test_a_value_is_loaded_once_while_no_identity_changes(doorway: Doorway) -> None:
    cache: IdentityCache[str, int] = IdentityCache(doorway.store)
    first = cache.get("a", identity_version)
    doorway.store.write(lambda _: None)
    assert cache.get("a", lambda _: -1) == first


def test_a_change_of_an_identity_forgets_everything(doorway: Doorway) -> None:
    cache: IdentityCache[str, int] = IdentityCache(doorway.store)
    first = cache.get("a", identity_version)
    touch(doorway.store)
    assert cache.get("a", identity_version) == first + 1


def test_what_was_read_before_a_change_is_not_remembered_after_it(doorway: Doorway) -> None:
    """A revocation that falls between reading and remembering must not be undone by it."""
    cache: IdentityCache[str, str] = IdentityCache(doorway.store)

    def load(_: Transaction) -> str:
        touch(doorway.store)
        cache.get("another", lambda _: "look")
        return "old"

    assert cache.get("a", load) == "old"
    assert cache.get("a", lambda _: "new") == "new"


def test_the_least_used_is_dropped_when_there_are_too_many(doorway: Doorway) -> None:
    cache: IdentityCache[str, int] = IdentityCache(doorway.store, limit=2)
    for key, value in (("a", 0), ("b", 1), ("a", 2), ("c", 3)):
        cache.get(key, partial(_constant, value))
    assert [cache.get(key, lambda _: -1) for key in "ac"] == [0, 3]
    assert cache.get("b", lambda _: -1) == -1


def test_a_value_is_replaced_only_if_it_is_still_the_one(doorway: Doorway) -> None:
    cache: IdentityCache[str, str] = IdentityCache(doorway.store)
    old = cache.get("a", lambda _: "old")
    assert cache.replace("a", old, "new")
    assert not cache.replace("a", old, "newer")
    assert cache.get("a", lambda _: "loaded") == "new"
