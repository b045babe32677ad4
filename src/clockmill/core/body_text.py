"""Whether a task's definition is complete: it says something, and closes what it opens.

This is all that is checked when a task is created. What the text means is for the SQL door to
find out when the task runs, as on the service whose tasks these are.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from clockmill.core.task_errors import UnfinishedDefinition

_TOKEN: Final = re.compile(
    r"""
    (?P<blank>   \s+ | (?:--|//)[^\n]* | /\*.*?\*/ )
  | (?P<quoted>  '(?:[^'\\]++|''|\\.)*+' | "(?:[^"]++|"")*+" | \$\$.*?\$\$ )
  | (?P<open>    /\* | ['"] | \$\$ )
  | (?P<word>    [^\W\d][\w$]* )
  | (?P<sign>    . )
    """,
    re.VERBOSE | re.DOTALL,
)

_UNCLOSED: Final = {
    "/*": "The comment that begins here is not closed.",
    "'": "The string that begins here is not closed.",
    '"': "The quoted identifier that begins here is not closed.",
    "$$": "The string that begins here is not closed.",
}

# BEGIN before one of these (or at the very end) starts a transaction, not a block.
_TRANSACTION: Final = frozenset({"", ";", "TRANSACTION", "WORK", "NAME"})
_LOOPS: Final = frozenset({"FOR", "WHILE", "LOOP", "REPEAT"})
_ENDED_BY_NAME: Final = _LOOPS | {"IF"}
# After one of these a new statement begins.
_BEFORE_STATEMENT: Final = frozenset({";", "THEN", "ELSE", "DO", "LOOP", "REPEAT", "BEGIN", "AS"})


class _Token(NamedTuple):
    text: str
    start: int


class _Opener(NamedTuple):
    word: str
    is_statement: bool


def check_definition(text: str) -> None:
    """Raise :class:`UnfinishedDefinition` if *text* is empty or leaves something open."""
    tokens = list(_tokens(text))
    if all(token.text == ";" for token in tokens):
        raise _unfinished(text, len(text), "The definition of a task cannot be empty.")
    if tokens[0].text in ("BEGIN", "DECLARE"):
        _check_block(text, tokens)


def _tokens(text: str) -> Iterator[_Token]:
    """Yield words in upper case, signs as they are, and anything quoted as one empty sign."""
    for match in _TOKEN.finditer(text):
        match match.lastgroup:
            case "open":
                raise _unfinished(text, match.start(), _UNCLOSED[match[0]])
            case "quoted":
                yield _Token("'", match.start())
            case "word":
                yield _Token(match[0].upper(), match.start())
            case "sign":
                yield _Token(match[0], match.start())


def _check_block(text: str, tokens: list[_Token]) -> None:
    """Follow what a scripting block opens and closes.

    It errs on the side of taking the text: whatever this does not understand is left to the run.
    """
    opened: list[_Opener] = []
    is_block = tokens[0].text == "DECLARE"
    before = ";"
    for token, after in zip(tokens, [*(each.text for each in tokens[1:]), ""], strict=True):
        word = token.text
        if word == "END" and before != ".":
            _close(opened, after, text, token)
        elif before not in (".", "END") and _opens(word, before, after, opened):
            opened.append(_Opener(word, _begins_statement(before, opened)))
            is_block = is_block or word == "BEGIN"
        before = word
    if opened or (is_block and before == ";" and all(token.text != "END" for token in tokens)):
        raise _unclosed_block(text, len(text), opened[-1].word if opened else tokens[0].text)


def _begins_statement(before: str, opened: list[_Opener]) -> bool:
    in_expression = bool(opened) and opened[-1].word == "CASE" and not opened[-1].is_statement
    return before in _BEFORE_STATEMENT and not in_expression


def _opens(word: str, before: str, after: str, opened: list[_Opener]) -> bool:
    if word == "CASE":
        return True
    if word not in _ENDED_BY_NAME and word != "BEGIN":
        return False
    # Elsewhere they are something else: DROP TABLE IF EXISTS, CURSOR FOR, WHILE … LOOP.
    return _begins_statement(before, opened) and not (word == "BEGIN" and after in _TRANSACTION)


def _close(opened: list[_Opener], after: str, text: str, token: _Token) -> None:
    """Take the innermost opener off, if it is one that END, followed by *after*, closes."""
    if not opened:
        return
    top = opened[-1].word
    if after in _LOOPS:
        closes = top in _LOOPS
    elif after in ("IF", "CASE"):
        closes = top == after
    else:
        closes = top in ("BEGIN", "CASE")
        if not closes and after in (";", ""):
            raise _unclosed_block(text, token.start, top)
    if closes:
        opened.pop()


def _unclosed_block(text: str, position: int, word: str) -> UnfinishedDefinition:
    return _unfinished(text, position, f"A block that begins with {word} is not closed.")


def _unfinished(text: str, position: int, hint: str) -> UnfinishedDefinition:
    line_start = text.rfind("\n", 0, position) + 1
    return UnfinishedDefinition(text.count("\n", 0, position) + 1, position - line_start, hint)
