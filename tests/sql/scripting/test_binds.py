"""Variables written as bind values, for an engine."""

import pytest

from clockmill.core.errors import Unsupported
from clockmill.sql.scripting.ast import Expression, Return
from clockmill.sql.scripting.binds import bind_names
from clockmill.sql.scripting.parser import parse_block


def _expression(written: str) -> Expression:
    (found,) = parse_block(f"begin return {written}; end").statements
    assert isinstance(found, Return)
    assert found.value is not None
    return found.value


def test_each_variable_becomes_a_bind_value_and_nothing_else_does() -> None:
    found = _expression('x + "MIXED" + other + r.col + (select x from t where y = :x)')

    text, keys = bind_names(found.text, found.names, lambda parts: parts[0] in ("X", "MIXED", "R"))

    assert text == ":X + :MIXED + other + :R$COL + (select x from t where y = :X)"
    assert keys == {"X": ("X",), "MIXED": ("MIXED",), "R$COL": ("R", "COL")}


def test_a_name_that_cannot_follow_a_colon_is_refused() -> None:
    found = _expression('"my variable" + 1')

    with pytest.raises(Unsupported, match="my variable"):
        bind_names(found.text, found.names, lambda _: True)
