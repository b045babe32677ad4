"""ALTER TABLE … ALTER | MODIFY of several columns, taken apart: the parser reads one at a time."""

from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

_VERBS: Final = frozenset({"ALTER", "MODIFY"})
_NOT_COLUMNS: Final = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN"})


def one_by_one(tokens: list[Token]) -> list[list[Token]]:
    """Return the statements, of one change each, that *tokens* are short for."""
    verb = _verb(tokens)
    if verb is None:
        return [tokens]
    items = tokens[verb + 1 :]
    if items and items[-1].token_type is TokenType.SEMICOLON:
        items.pop()
    if len(items) > 1 and items[0].token_type is TokenType.L_PAREN:
        items = items[1:-1] if items[-1].token_type is TokenType.R_PAREN else items
    parts = _parted(items)
    if not all(parts) or parts[0][0].text.upper() in _NOT_COLUMNS:
        return [tokens]
    opening = tokens[: verb + 1]
    return [[*opening, *_known(_without_verb(part))] for part in parts]


def as_one(trees: list[exp.Expr]) -> list[exp.Expr]:
    """Return the changes in *trees* as those of one statement; what is none stands for all."""
    for tree in trees:
        if not isinstance(tree, exp.Alter):
            return [tree]
    first = trees[0]
    actions = [action for tree in trees for action in tree.args.get("actions") or []]
    first.set("actions", actions)
    return [first]


def _verb(tokens: list[Token]) -> int | None:
    """Return where ALTER or MODIFY stands behind ALTER TABLE and a name; None in another statement."""
    words = [token.text.upper() for token in tokens[:2]]
    if words != ["ALTER", "TABLE"]:
        return None
    # The name has at most three parts, and IF EXISTS may stand before it.
    for place in range(3, min(len(tokens), 12)):
        is_quoted = tokens[place].token_type in (TokenType.IDENTIFIER, TokenType.STRING)
        if not is_quoted and tokens[place].text.upper() in _VERBS:
            return place if tokens[place - 1].token_type is not TokenType.DOT else None
    return None


def _parted(tokens: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += token.token_type is TokenType.L_PAREN
        depth -= token.token_type is TokenType.R_PAREN
        if token.token_type is TokenType.COMMA and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _without_verb(part: list[Token]) -> list[Token]:
    return part[1:] if len(part) > 1 and part[0].text.upper() in _VERBS else part


def _known(part: list[Token]) -> list[Token]:
    """Write a change of a column in the form that the parser knows."""
    name = 1 if part and part[0].token_type is TokenType.COLUMN else 0
    behind = [token.text.upper() for token in part[name + 1 :]]
    if behind == ["NOT", "NULL"]:
        return [*part[: name + 1], _word(part[name + 1], TokenType.SET, "SET"), *part[name + 1 :]]
    if behind == ["UNSET", "COMMENT"]:
        nothing = _word(part[-1], TokenType.STRING, "")
        return [*part[: name + 1], part[-1], nothing]
    return part


def _word(near: Token, kind: TokenType, text: str) -> Token:
    return Token(kind, text, near.line, near.col, near.start, near.end, [])
