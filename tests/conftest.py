"""What holds for every test."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from clockmill.service import passwords


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash with the least that argon2 takes: hundreds of tests sign in, and none is about that cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield
