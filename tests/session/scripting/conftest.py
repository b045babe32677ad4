"""What tests of scripts start from: a session, and a table with some rows."""

import pytest
from tests.session.house import House


@pytest.fixture
def prices(house: House) -> House:
    """A house whose schema has a table INVOICES (id, price) with three rows."""
    house.run("create table invoices (id integer, price number(12, 2))")
    house.run("insert into invoices values (1, 11.11), (2, 22.22), (3, 33.33)")
    return house
