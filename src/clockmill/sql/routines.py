"""CREATE, ALTER, DROP and DESCRIBE of procedures and functions."""

from typing import ClassVar, Final

import msgspec

from clockmill.core.errors import Unsupported
from clockmill.core.routine import (
    SQL,
    Argument,
    Rights,
    RoutineKind,
    RoutineSpec,
    TableColumn,
    check_arguments,
    type_word,
)
from clockmill.core.task import CreateMode
from clockmill.core.types import ColumnType
from clockmill.sql.catalog import Creation
from clockmill.sql.lexer import Kind
from clockmill.sql.parser import Parser, Reference
from clockmill.sql.scripting.opening import is_block
from clockmill.sql.split import block_length
from clockmill.sql.statement import Statement, Verb
from clockmill.sql.types import read_type

ROUTINES: Final = frozenset(RoutineKind)


class RoutineReference(msgspec.Struct, frozen=True):
    """A routine by its name and the types of its arguments, without their sizes."""

    kind: RoutineKind
    name: Reference
    types: tuple[str, ...]


class CreateRoutine(Statement, frozen=True, kw_only=True):
    """CREATE [OR REPLACE] PROCEDURE | FUNCTION [IF NOT EXISTS] name(arguments) RETURNS … AS body.

    With *or_alter* one that is there gets these properties, and keeps its owner.
    """

    verb: ClassVar[Verb] = Verb.CREATE
    kind: RoutineKind
    name: Reference
    mode: CreateMode
    spec: RoutineSpec
    or_alter: bool = False


class DropRoutine(Statement, frozen=True, kw_only=True):
    """DROP PROCEDURE | FUNCTION [IF EXISTS] name(types)."""

    verb: ClassVar[Verb] = Verb.DROP
    routine: RoutineReference
    if_exists: bool = False


class AlterRoutine(Statement, frozen=True, kw_only=True):
    """ALTER PROCEDURE | FUNCTION [IF EXISTS] name(types) and one change; None is «not changed».

    A *comment* of "" takes the comment away.
    """

    verb: ClassVar[Verb] = Verb.ALTER
    routine: RoutineReference
    if_exists: bool
    new_name: Reference | None = None
    comment: str | None = None
    rights: Rights | None = None
    is_secure: bool | None = None


class TagRoutine(Statement, frozen=True, kw_only=True):
    """ALTER PROCEDURE | FUNCTION … SET TAG t = 'v', … (*assignments*) or UNSET TAG t, … (*removed*)."""

    verb: ClassVar[Verb] = Verb.ALTER
    routine: RoutineReference
    if_exists: bool
    assignments: tuple[tuple[Reference, str], ...] = ()
    removed: tuple[Reference, ...] = ()


class DescribeRoutine(Statement, frozen=True, kw_only=True):
    """DESCRIBE PROCEDURE | FUNCTION name(types)."""

    verb: ClassVar[Verb] = Verb.DESCRIBE
    routine: RoutineReference


# --- CREATE ----------------------------------------------------------------------------------


def read_create_routine(
    parser: Parser, kind: RoutineKind, creation: Creation, modifiers: frozenset[str]
) -> CreateRoutine:
    """Read what follows CREATE … PROCEDURE or FUNCTION."""
    mode = creation.mode(parser)
    name = parser.reference()
    spec = read_definition(parser, kind)
    for word in sorted(modifiers - {"SECURE"}):
        # Of a language that we do not have, that is what there is to say.
        if spec.language == SQL:
            raise Unsupported(f"CREATE {word} {kind}")
    if "SECURE" in modifiers:
        spec = msgspec.structs.replace(spec, is_secure=True)
    parser.finish()
    return CreateRoutine(kind=kind, name=name, mode=mode, spec=spec, or_alter=creation.or_alter)


def read_definition(parser: Parser, kind: RoutineKind) -> RoutineSpec:
    """Read «(arguments) RETURNS …» up to the end of the body."""
    arguments = _arguments(parser)
    check_arguments(arguments)
    for each in arguments:
        if each.is_output and kind is RoutineKind.FUNCTION:
            raise Unsupported(f"the output argument {each.name} of a {kind}")
    parser.accept("COPY", "GRANTS")
    parser.expect("RETURNS")
    given: dict[str, object] = {"arguments": arguments}
    if parser.at("TABLE", "("):
        given["columns"] = _columns(parser)
    else:
        given["returns"] = _returned(parser)
    options: dict[str, object] = {}
    while not parser.at("AS"):
        _clause(parser, kind, given, options)
    parser.expect("AS")
    return RoutineSpec(**given, body=_body(parser), options=options)  # type: ignore[arg-type]


_INCOMING: Final = frozenset({"IN", "INPUT"})
_OUTGOING: Final = frozenset({"OUT", "OUTPUT"})


def _arguments(parser: Parser) -> tuple[Argument, ...]:
    parser.expect("(")
    found: list[Argument] = []
    while not parser.accept(")"):
        if found:
            parser.expect(",")
        name = parser.identifier()
        is_output = parser.accept_one(_OUTGOING) is not None
        if not is_output:
            parser.accept_one(_INCOMING)
        kind = read_type(parser)
        default = None
        if not is_output and parser.accept("DEFAULT"):
            default = expression_text(parser)
        found.append(Argument(name=name, type=kind, default=default, is_output=is_output))
    return tuple(found)


def expression_text(parser: Parser) -> str:
    """Take an expression up to a comma or closing parenthesis that is not its own; return its text."""
    start, end, depth = parser.token.start, parser.token.start, 0
    while parser.token.kind is not Kind.END:
        sign = parser.token.upper
        if depth == 0 and sign in (",", ")", ";"):
            break
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(sign, 0)
        end = parser.token.end
        parser.skip()
    if end == start:
        parser.fail()
    return parser.text[start:end]


def _columns(parser: Parser) -> tuple[TableColumn, ...]:
    parser.expect("TABLE", "(")
    found: list[TableColumn] = []
    while not parser.accept(")"):
        if found:
            parser.expect(",")
        found.append(TableColumn(name=parser.identifier(), type=read_type(parser)))
    return tuple(found)


def _returned(parser: Parser) -> ColumnType:
    """Take the type that is returned. NOT NULL is kept, and as the service does, not enforced."""
    kind = read_type(parser)
    if parser.accept("NOT", "NULL"):
        return msgspec.structs.replace(kind, is_nullable=False)
    parser.accept("NULL")
    return kind


_FLAGS: Final[tuple[tuple[tuple[str, ...], str, bool], ...]] = (
    (("CALLED", "ON", "NULL", "INPUT"), "is_strict", False),
    (("RETURNS", "NULL", "ON", "NULL", "INPUT"), "is_strict", True),
    (("STRICT",), "is_strict", True),
    (("VOLATILE",), "is_immutable", False),
    (("IMMUTABLE",), "is_immutable", True),
    (("MEMOIZABLE",), "is_memoizable", True),
)


def _clause(parser: Parser, kind: RoutineKind, given: dict[str, object], options: dict[str, object]) -> None:
    """Take one clause between the return type and the body."""
    for words, field, value in _FLAGS:
        if parser.accept(*words):
            given[field] = value
            return
    if parser.accept("COPY", "GRANTS"):
        return
    if parser.accept("LANGUAGE"):
        given["language"] = parser.identifier()
    elif parser.accept("COMMENT"):
        parser.accept("=")
        given["comment"] = parser.string()
    elif kind is RoutineKind.PROCEDURE and parser.accept("EXECUTE", "AS"):
        given["rights"] = _rights(parser)
    else:
        _option(parser, options)


def _rights(parser: Parser) -> Rights:
    if parser.at("RESTRICTED"):
        raise Unsupported("EXECUTE AS RESTRICTED CALLER")
    word = parser.accept_one(frozenset(Rights))
    if word is None:
        parser.fail()
    return Rights(word)


def _option(parser: Parser, options: dict[str, object]) -> None:
    """Take «NAME = value» or «NAME = (value, …)»: what other languages say of themselves."""
    if parser.token.kind is not Kind.WORD or parser.ahead(1).upper != "=":
        parser.fail()
    name = parser.advance().upper
    parser.expect("=")
    if not parser.accept("("):
        value = parser.value()
        options[name] = value
        while parser.accept("."):
            options[name] = f"{options[name]}.{parser.value()}"
        return
    values: list[str] = []
    while not parser.accept(")"):
        if values:
            parser.expect(",")
        values.append(_listed_option(parser))
    options[name] = values


def _listed_option(parser: Parser) -> str:
    """Take a value, a dotted name, or «'name' = value»."""
    said = str(parser.value())
    while parser.token.upper in (".", "="):
        said += parser.advance().upper + str(parser.value())
    return said


def _body(parser: Parser) -> str:
    """Take the body: what a string says, or a block that stands there as it is."""
    if parser.token.kind is Kind.STRING:
        return parser.string()
    if not is_block([parser.token, parser.ahead(1), parser.ahead(2)]):
        parser.fail()
    return take_block(parser)


def take_block(parser: Parser) -> str:
    """Take a scripting block to its END, and return its text."""
    start = parser.token.start
    end = start + block_length(parser.text, start)
    while parser.token.start < end:
        parser.skip()
    return parser.text[start:end]


# --- naming one that is there ----------------------------------------------------------------


def read_routine_reference(parser: Parser, kind: RoutineKind) -> RoutineReference:
    """Read «name(types)»; names of arguments may stand before the types."""
    name = parser.reference()
    parser.expect("(")
    types: list[str] = []
    while not parser.accept(")"):
        if types:
            parser.expect(",")
        if parser.ahead(1).upper not in (",", ")", "(", "PRECISION", "VARYING"):
            parser.identifier()
        types.append(type_word(read_type(parser)))
    return RoutineReference(kind, name, tuple(types))


def read_drop_routine(parser: Parser, kind: RoutineKind) -> DropRoutine:
    """Read what follows DROP PROCEDURE or FUNCTION."""
    if_exists = parser.if_exists()
    routine = read_routine_reference(parser, kind)
    parser.finish()
    return DropRoutine(routine=routine, if_exists=if_exists)


def read_describe_routine(parser: Parser, kind: RoutineKind) -> DescribeRoutine:
    """Read what follows DESCRIBE PROCEDURE or FUNCTION."""
    routine = read_routine_reference(parser, kind)
    parser.finish()
    return DescribeRoutine(routine=routine)


def read_alter_routine(parser: Parser, kind: RoutineKind) -> AlterRoutine | TagRoutine:
    """Read what follows ALTER PROCEDURE or FUNCTION."""
    if_exists = parser.if_exists()
    routine = read_routine_reference(parser, kind)
    change: AlterRoutine | TagRoutine
    if parser.at("SET", "TAG") or parser.at("UNSET", "TAG"):
        change = _tags(parser, routine, if_exists=if_exists)
    else:
        given = _change(parser, kind)
        change = AlterRoutine(routine=routine, if_exists=if_exists, **given)  # type: ignore[arg-type]
    parser.finish()
    return change


def _change(parser: Parser, kind: RoutineKind) -> dict[str, object]:
    if parser.accept("RENAME", "TO"):
        return {"new_name": parser.reference()}
    if kind is RoutineKind.PROCEDURE and parser.accept("EXECUTE", "AS"):
        return {"rights": _rights(parser)}
    if parser.accept("UNSET", "COMMENT"):
        return {"comment": ""}
    if parser.accept("SET", "COMMENT"):
        parser.accept("=")
        return {"comment": parser.string()}
    if parser.at("SET", "SECURE") or parser.at("UNSET", "SECURE"):
        is_secure = parser.advance().upper == "SET"
        parser.expect("SECURE")
        return {"is_secure": is_secure}
    words = " ".join(word for word in (parser.token.upper, parser.ahead(1).upper) if word)
    raise Unsupported(f"ALTER {kind} … {words}")


def read_comment_on_routine(parser: Parser, kind: RoutineKind, *, if_exists: bool) -> AlterRoutine:
    """Read what follows COMMENT [IF EXISTS] ON PROCEDURE or FUNCTION."""
    routine = read_routine_reference(parser, kind)
    parser.expect("IS")
    comment = parser.string()
    parser.finish()
    return AlterRoutine(routine=routine, if_exists=if_exists, comment=comment)


def _tags(parser: Parser, routine: RoutineReference, *, if_exists: bool) -> TagRoutine:
    if parser.accept("UNSET", "TAG"):
        removed = [parser.reference()]
        while parser.accept(","):
            removed.append(parser.reference())
        return TagRoutine(routine=routine, if_exists=if_exists, removed=tuple(removed))
    parser.expect("SET", "TAG")
    assignments: list[tuple[Reference, str]] = []
    while not assignments or parser.accept(","):
        tag = parser.reference()
        parser.expect("=")
        assignments.append((tag, parser.string()))
    return TagRoutine(routine=routine, if_exists=if_exists, assignments=tuple(assignments))
