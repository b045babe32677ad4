"""Reading branches, loops and what leaves them."""

from typing import Final

from clockmill.core.errors import Unsupported
from clockmill.sql.lexer import Kind
from clockmill.sql.scripting.ast import (
    Branch,
    Break,
    Case,
    Continue,
    Expression,
    ForCounter,
    ForCursor,
    If,
    Instruction,
    Loop,
    Raise,
    Repeat,
    Return,
    While,
)
from clockmill.sql.scripting.reader import Reader

_OPEN_LOOP: Final = frozenset({"DO", "LOOP"})


def read_if(reader: Reader) -> If:
    start = reader.token.start
    branches: list[Branch] = []
    while reader.accept_one(frozenset({"ELSEIF"} if branches else {"IF"})):
        branches.append(_branch(reader, "ELSEIF", "ELSE", "END"))
    otherwise = reader.instructions("END") if reader.accept("ELSE") else ()
    reader.expect("END", "IF", ";")
    return If(start=start, branches=tuple(branches), otherwise=otherwise)


def _branch(reader: Reader, *ends: str) -> Branch:
    condition = reader.expression("THEN")
    reader.expect("THEN")
    return Branch(start=condition.start, condition=condition, statements=reader.instructions(*ends))


def read_case(reader: Reader) -> Case:
    start = reader.token.start
    reader.expect("CASE")
    operand = None if reader.at("WHEN") else reader.expression("WHEN")
    branches = []
    while reader.accept("WHEN"):
        branches.append(_branch(reader, "WHEN", "ELSE", "END"))
    otherwise = reader.instructions("END") if reader.accept("ELSE") else None
    reader.expect("END")
    reader.accept("CASE")
    reader.expect(";")
    return Case(start=start, operand=operand, branches=tuple(branches), otherwise=otherwise)


def read_for(reader: Reader) -> ForCounter | ForCursor:
    start = reader.token.start
    reader.expect("FOR")
    name = reader.identifier()
    reader.expect("IN")
    is_source = reader.token.kind in (Kind.WORD, Kind.QUOTED) and reader.ahead(1).upper in _OPEN_LOOP
    if is_source:
        source = reader.identifier()
        statements, label = _turns(reader, "FOR")
        return ForCursor(start=start, row=name, source=source, statements=statements, label=label)
    is_reverse = reader.accept("REVERSE")
    first = reader.expression("TO", *_OPEN_LOOP)
    reader.expect("TO")
    last = reader.expression(*_OPEN_LOOP)
    statements, label = _turns(reader, "FOR")
    return ForCounter(
        start=start,
        counter=name,
        first=first,
        last=last,
        is_reverse=is_reverse,
        statements=statements,
        label=label,
    )


def _turns(reader: Reader, word: str) -> tuple[tuple[Instruction, ...], str | None]:
    """Take DO … END «word» or LOOP … END LOOP, and the label."""
    if reader.accept_one(_OPEN_LOOP) is None:
        reader.fail()
    statements = reader.turns("END")
    label = reader.end_of_loop(word, "LOOP")
    reader.expect(";")
    return statements, label


def read_while(reader: Reader) -> While:
    start = reader.token.start
    reader.expect("WHILE")
    condition = reader.expression(*_OPEN_LOOP)
    statements, label = _turns(reader, "WHILE")
    return While(start=start, condition=condition, statements=statements, label=label)


def read_repeat(reader: Reader) -> Repeat:
    start = reader.token.start
    reader.expect("REPEAT")
    statements = reader.turns("UNTIL")
    reader.expect("UNTIL")
    condition = reader.expression("END")
    label = reader.end_of_loop("REPEAT")
    reader.expect(";")
    return Repeat(start=start, condition=condition, statements=statements, label=label)


def read_loop(reader: Reader) -> Loop:
    start = reader.token.start
    reader.expect("LOOP")
    statements = reader.turns("END")
    label = reader.end_of_loop("LOOP")
    reader.expect(";")
    return Loop(start=start, statements=statements, label=label)


def read_break(reader: Reader) -> Break:
    start = reader.advance().start
    label = reader.label_of_jump()
    reader.expect(";")
    return Break(start=start, label=label)


def read_continue(reader: Reader) -> Continue:
    start = reader.advance().start
    label = reader.label_of_jump()
    reader.expect(";")
    return Continue(start=start, label=label)


def read_return(reader: Reader) -> Return:
    start = reader.token.start
    reader.expect("RETURN")
    value: Expression | None = None
    table = cursor = None
    if reader.accept("TABLE", "(", "RESULTSET_FROM_CURSOR", "("):
        cursor = reader.target()
        reader.expect(")", ")")
    elif reader.accept("TABLE", "("):
        table = _result_set(reader)
    elif not reader.at(";"):
        value = reader.expression(";")
    reader.expect(";")
    return Return(start=start, value=value, table=table, cursor=cursor)


def _result_set(reader: Reader) -> str:
    if reader.ahead(1).upper != ")" and reader.token.upper != ":":
        raise Unsupported("RETURN TABLE of anything but a result set")
    name = reader.target()
    reader.expect(")")
    return name


def read_raise(reader: Reader) -> Raise:
    start = reader.token.start
    reader.expect("RAISE")
    name = None if reader.at(";") else reader.identifier()
    reader.expect(";")
    return Raise(start=start, name=name)
