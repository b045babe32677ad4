"""The clauses of a task's definition, as CREATE TASK and ALTER TASK … SET have them."""

from collections.abc import Mapping
from typing import Final

import msgspec

from clockmill.core.errors import SyntaxFault, Unsupported
from clockmill.sql.lexer import Kind
from clockmill.sql.parser import Argument, Parser, Reference, read_name

Setting = Argument | Reference
"""What a property is set to: a literal, a stand-in for one, or the name of an object."""


class TaskClauses(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement says a task shall be; None and empty where it says nothing.

    *settings* are properties and parameters by upper-case name, FINALIZE among them; which of
    them there are, and what they may hold, the task's rules know. *condition* and *body* are texts
    as written.
    """

    settings: Mapping[str, Setting] = {}
    tags: tuple[tuple[Reference, str], ...] = ()
    after: tuple[Reference, ...] = ()
    execute_as: Reference | None = None
    condition: str | None = None
    body: str | None = None


def read_clauses(parser: Parser) -> TaskClauses:
    """Read the clauses of CREATE TASK, in any order, to the end of its body if there is one."""
    reader = _Clauses(parser)
    while not parser.at_end:
        reader.read_clause()
    return reader.result()


def read_settings(parser: Parser) -> TaskClauses:
    """Read what follows ALTER TASK … SET."""
    reader = _Clauses(parser)
    while not parser.at_end:
        reader.read_setting()
    return reader.result()


def read_names(parser: Parser) -> tuple[Reference, ...]:
    """Read the names of tasks, which may be strings, with commas between."""
    names = [_name(parser)]
    while parser.accept(","):
        names.append(_name(parser))
    return tuple(names)


def read_condition(parser: Parser) -> str:
    """Read the text of a WHEN up to the next clause, or to the end."""
    start = end = parser.token.start
    depth, before = 0, ""
    while not parser.at_end and (depth or not _begins_clause(parser, before)):
        before = parser.token.upper
        depth += {"(": 1, ")": -1}.get(before, 0)
        end = parser.token.end
        parser.skip()
    if end == start:
        parser.fail()
    return parser.text[start:end]


def _begins_clause(parser: Parser, before: str) -> bool:
    """Say whether a clause comes next and not more of a condition, in which no word is compared.

    Only the type of a cast is a word that may have an equals sign after it.
    """
    token = parser.token
    if token.upper in _AFTER_CONDITION:
        return True
    is_word = token.kind is Kind.WORD and token.upper not in _CONSTANTS and before != "::"
    return is_word and parser.ahead(1).upper == "="


_AFTER_CONDITION: Final = frozenset({"AS", "AFTER", "WITH", "EXECUTE"})


def read_body(parser: Parser) -> str:
    """Read AS and the rest of the text, which is what the task runs, as it is written.

    The semicolon that ends the statement is not part of it.
    """
    start = parser.token.end
    parser.expect("AS")
    if parser.at_end:
        parser.fail()
    end: int | None = None
    while parser.token.kind is not Kind.END:
        token = parser.advance()
        if token.upper != ";":
            end = None
        elif end is None:
            end = token.start
    return parser.text[start:end].strip()


def property_name(parser: Parser, spelled: list[str]) -> str:
    """Take the name of a property and return it in upper case.

    Raises SyntaxFault for one that stands in *spelled* already, in the same spelling: so the
    service compares them.
    """
    if parser.token.kind is not Kind.WORD:
        parser.fail()
    token = parser.advance()
    if token.text in spelled:
        raise SyntaxFault(f"SQL compilation error:\nduplicate property '{token.text}';")
    spelled.append(token.text)
    return token.upper


class _Clauses:
    """Collects clauses as they come."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._spelled: list[str] = []
        self._settings: dict[str, Setting] = {}
        self._tags: tuple[tuple[Reference, str], ...] = ()
        self._after: tuple[Reference, ...] = ()
        self._execute_as: Reference | None = None
        self._condition: str | None = None
        self._body: str | None = None

    def read_clause(self) -> None:
        parser = self._parser
        if parser.accept("WITH") or parser.at("TAG", "(") or parser.at("CONTACT", "("):
            self._read_with()
        elif not self._after and parser.accept("AFTER"):
            self._after = read_names(parser)
        elif self._condition is None and parser.accept("WHEN"):
            self._condition = read_condition(parser)
        elif parser.at("AS"):
            self._body = read_body(parser)
        elif parser.accept("COPY", "GRANTS"):
            return  # there are no grants on tasks yet: whoever may replace one keeps what there is
        else:
            self.read_setting()

    def read_setting(self) -> None:
        parser = self._parser
        if self._execute_as is None and parser.accept("EXECUTE", "AS", "USER"):
            self._execute_as = _name(parser)
        else:
            name = property_name(parser, self._spelled)
            parser.expect("=")
            self._settings[name] = _setting(parser, name)
        parser.accept(",")

    def result(self) -> TaskClauses:
        return TaskClauses(
            settings=self._settings,
            tags=self._tags,
            after=self._after,
            execute_as=self._execute_as,
            condition=self._condition,
            body=self._body,
        )

    def _read_with(self) -> None:
        parser = self._parser
        if parser.at("CONTACT"):
            raise Unsupported("CREATE TASK … WITH CONTACT")
        parser.expect("TAG", "(")
        tags = [_tag(parser)]
        while parser.accept(","):
            tags.append(_tag(parser))
        parser.expect(")")
        self._tags = (*self._tags, *tags)


def _tag(parser: Parser) -> tuple[Reference, str]:
    tag = parser.reference()
    parser.expect("=")
    return tag, parser.string()


NAMES: Final = frozenset({"WAREHOUSE", "ERROR_INTEGRATION", "SUCCESS_INTEGRATION", "FINALIZE"})
"""The properties whose values are names of objects."""


def _setting(parser: Parser, name: str) -> Setting:
    """Take what the property *name* is set to. A bare word stands for itself in upper case."""
    token = parser.token
    if name in NAMES and token.kind in (Kind.WORD, Kind.QUOTED, Kind.STRING):
        return _name(parser)
    if token.kind is Kind.QUOTED:
        return parser.advance().name
    if token.kind is Kind.WORD and token.upper not in _CONSTANTS:
        return parser.advance().upper
    return parser.argument()


_CONSTANTS: Final = frozenset({"TRUE", "FALSE", "NULL"})


def _name(parser: Parser) -> Reference:
    """Take the name of an object, which may be written as a string."""
    if parser.token.kind is Kind.STRING:
        return read_name(parser.string())
    return parser.reference()
