"""Whether BEGIN begins a scripting block or a transaction."""

from collections.abc import Sequence
from typing import Final

from clockmill.sql.lexer import Kind, Token

_TRANSACTION: Final = frozenset({"WORK", "TRANSACTION", "NAME", ";", ""})


def is_block(words: Sequence[Token]) -> bool:
    """Say whether what begins with these tokens, two at least and better three, is a scripting block.

    «BEGIN name := 1» is one, although «BEGIN NAME t» is a transaction.
    """
    if words[0].upper == "DECLARE":
        return True
    return words[0].upper == "BEGIN" and not begins_transaction(*words[1:3])


def begins_transaction(first: Token, second: Token | None = None) -> bool:
    """Say whether a BEGIN before these tokens begins a transaction."""
    if first.kind not in (Kind.WORD, Kind.SIGN, Kind.END):
        return False
    return first.upper in _TRANSACTION and (second is None or second.upper != ":=")
