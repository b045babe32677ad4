"""What holds for every test."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from tests.postgresql import NoPostgreSQL, PostgreSQL

from clockmill.service import passwords
from clockmill.store.database import Store


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash with the least that argon2 takes: hundreds of tests sign in, and none is about that cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server of PostgreSQL that lives as long as the tests; whoever restarts it hurts nobody else."""
    try:
        server = PostgreSQL()
    except NoPostgreSQL as error:
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """An empty store's database on PostgreSQL."""
    with postgresql.database(lambda url: Store.open(url).close()) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A fresh store in each database; what stands on it must not depend on which it is."""
    target = ":memory:" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    with Store.open(target) as store:
        yield store
