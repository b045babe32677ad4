"""CALL of a stored procedure, and of one that is defined in the same statement."""

from typing import ClassVar

import msgspec

from clockmill.core.errors import SyntaxFault, Unsupported
from clockmill.core.routine import RoutineKind, RoutineSpec
from clockmill.sql.lexer import Kind
from clockmill.sql.parser import Parser, Reference
from clockmill.sql.routines import expression_text, read_definition
from clockmill.sql.statement import Statement, Verb


class CallArgument(msgspec.Struct, frozen=True):
    """One argument as it stands: an expression, and its name if it is given by name."""

    text: str
    name: str | None = None


class CallProcedure(Statement, frozen=True, kw_only=True):
    """CALL name(arguments): a procedure that is stored."""

    needs_slot: ClassVar[bool] = True
    verb: ClassVar[Verb] = Verb.CALL
    name: Reference
    arguments: tuple[CallArgument, ...] = ()


class CallAnonymous(Statement, frozen=True, kw_only=True):
    """WITH name AS PROCEDURE … CALL name(arguments): one that lives as long as the statement."""

    needs_slot: ClassVar[bool] = True
    verb: ClassVar[Verb] = Verb.CALL
    name: str
    spec: RoutineSpec
    arguments: tuple[CallArgument, ...] = ()


def read_call_procedure(parser: Parser) -> CallProcedure:
    """Read what follows CALL."""
    name = parser.reference()
    arguments = _arguments(parser)
    parser.finish()
    return CallProcedure(name=name, arguments=arguments)


def read_anonymous_call(parser: Parser) -> CallAnonymous:
    """Read WITH name AS PROCEDURE … CALL name(…)."""
    parser.expect("WITH")
    name = parser.identifier()
    parser.expect("AS", "PROCEDURE")
    spec = read_definition(parser, RoutineKind.PROCEDURE)
    if parser.at(","):
        raise Unsupported("a query beside an anonymous procedure")
    parser.accept(";")
    parser.expect("CALL")
    if parser.reference().parts != (name,):
        raise SyntaxFault(f"SQL compilation error:\nOnly the procedure '{name}' can be called here.")
    arguments = _arguments(parser)
    parser.finish()
    return CallAnonymous(name=name, spec=spec, arguments=arguments)


def _arguments(parser: Parser) -> tuple[CallArgument, ...]:
    """Take «(expression, …)» or «(name => expression, …)»."""
    parser.expect("(")
    found: list[CallArgument] = []
    while not parser.accept(")"):
        if found:
            parser.expect(",")
        name = None
        if parser.token.kind in (Kind.WORD, Kind.QUOTED) and parser.ahead(1).upper == "=>":
            name = parser.identifier()
            parser.expect("=>")
        found.append(CallArgument(expression_text(parser), name))
    names = [each.name for each in found if each.name is not None]
    if len(names) != len(set(names)):
        raise SyntaxFault("SQL compilation error:\nAn argument of the CALL is given twice.")
    return tuple(found)
