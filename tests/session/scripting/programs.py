"""Small programs and what they return, as the tests of each subject list them."""

from typing import Any

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError


def returned(house: House, block: str, **options: Any) -> Any:
    """Return the one value that *block* gives."""
    (row,) = house.rows(block, **options)
    (value,) = row
    return value


def refusal(house: House, block: str) -> ClockmillError:
    """Return the error that *block* ends with."""
    with pytest.raises(ClockmillError) as caught:
        house.run(block)
    return caught.value
