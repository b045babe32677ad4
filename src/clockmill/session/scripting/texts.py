"""A statement of a script as it is sent on: its text, and the values of the variables in it."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from clockmill.core.errors import SyntaxFault, Unsupported
from clockmill.core.types import Kind
from clockmill.engine.protocol import Binding
from clockmill.session.handlers.types import type_name
from clockmill.session.scripting.values import NOTHING, Frame
from clockmill.sql.calls import CallAnonymous, CallProcedure
from clockmill.sql.classify import read_statement
from clockmill.sql.functions import CallFunctions, ResultScan
from clockmill.sql.lexer import tokens
from clockmill.sql.scripting.ast import NameUse
from clockmill.sql.scripting.binds import bind_names
from clockmill.sql.settings import SetVariables
from clockmill.sql.statement import EngineStatement

_GIVEN: Final = (EngineStatement, CallFunctions, SetVariables, ResultScan, CallProcedure, CallAnonymous)
"""Statements that ask for bind values when they run."""


class Text(msgspec.Struct, frozen=True):
    """A statement and the values for what stands open in it."""

    sql: str
    bindings: Mapping[str, Binding] = {}
    variables: Mapping[str, tuple[str, ...]] = {}
    """The variables whose values the bind values are."""

    def given(self, values: Sequence[Binding]) -> "Text":
        """Return the same with *values* for «?» and «:1», in order."""
        if not values:
            return self
        by_place = {str(place): value for place, value in enumerate(values, start=1)}
        return Text(self.sql, {**self.bindings, **by_place})


def bound_text(text: str, names: tuple[NameUse, ...], frame: Frame) -> Text:
    """Return *text* with the variables that it names with a colon.

    They go along as bind values, except in statements whose properties are read as literals.
    """
    if not names:
        return Text(text)
    bound, keys = bind_names(text, names, frame.is_variable)
    if takes_values(bound):
        return Text(bound, {key: frame.value(parts) or NOTHING for key, parts in keys.items()}, keys)
    return Text(_written_out(text, names, frame))


def takes_values(text: str) -> bool:
    """Say whether a statement can be given values apart from its text."""
    try:
        statement = read_statement(text)
    except (SyntaxFault, Unsupported):
        return False
    return isinstance(statement, _GIVEN)


def _written_out(text: str, names: tuple[NameUse, ...], frame: Frame) -> str:
    """Return *text* with the values in place of the variables, up to the body of what is created."""
    end = _body(text)
    pieces, position = [], 0
    for use in names:
        value = frame.value(use.parts)
        if value is None or use.start >= end:
            continue
        pieces += [text[position : use.start], literal(value)]
        position = use.end
    return "".join([*pieces, text[position:]])


def _body(text: str) -> int:
    """Return where the body of a task or routine begins, whose variables are its own."""
    found = tokens(text)
    opening = {token.upper for token, _ in zip(found, range(6), strict=False)}
    if not opening & {"CREATE", "ALTER"} or not opening & {"TASK", "PROCEDURE", "FUNCTION"}:
        return len(text)
    depth = 0
    for token in tokens(text):
        depth += {"(": 1, ")": -1}.get(token.upper, 0)
        if token.upper == "AS" and not depth:
            return token.start
    return len(text)


def literal(value: Binding) -> str:
    """Write a value as SQL has it."""
    found, of = value.value, value.type
    if found is None:
        return "NULL"
    if isinstance(found, bool):
        return str(found).upper()
    if of.kind in (Kind.FIXED, Kind.REAL):
        return str(found)
    if of.kind is Kind.TEXT:
        return _quoted(found)
    return f"CAST({_quoted(str(found))} AS {type_name(of)})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
