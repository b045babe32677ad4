"""Procedures that a block declares: they are called as anonymous ones are, with their definition."""

import msgspec

from clockmill.core.names import render
from clockmill.session.scripting.texts import Text
from clockmill.session.scripting.values import Frame
from clockmill.sql.calls import read_anonymous_call
from clockmill.sql.parser import Parser
from clockmill.sql.scripting import ast


class NestedProcedure(msgspec.Struct, frozen=True):
    """A procedure that a block has for itself: what stands between WITH and CALL when it is called."""

    definition: str


def nested_procedure(declaration: ast.ProcedureDeclaration) -> NestedProcedure:
    """Return what a block declares. Raises what is wrong with its head."""
    name = render(declaration.name)
    definition = f"{name} AS {declaration.text}"
    read_anonymous_call(Parser(f"WITH {definition} CALL {name}()"))
    return NestedProcedure(definition)


def called(query: ast.Sql, text: Text, frame: Frame) -> Text:
    """Return *text*, which *query* says, with the definition of the procedure that it calls, if need be."""
    found = None if query.called is None else frame.find(query.called)
    if not isinstance(found, NestedProcedure):
        return text
    return msgspec.structs.replace(text, sql=f"WITH {found.definition} {text.sql}")
