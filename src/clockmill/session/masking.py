"""Statement texts as they may be kept: without the secrets that some of them hold."""

import re
from typing import Final

_HINT: Final = re.compile(
    r"password|secret|token|private_key|credentials|passphrase|api_key|identified|pwd", re.IGNORECASE
)
# Every piece is possessive or bounded: a text made for it must not keep the search busy.
_SPACE: Final = r"(?: \s | /\*.{0,200}?\*/ | (?:--|//)[^\n]{0,200}\n )*+"
_NAME: Final = r"\b (?= \w*(?: password|secret|token|private_key|passphrase|api_key|pwd ) ) \w++"
_SINGLE: Final = r"'(?: [^'\\] | \\. | '' )*+'?"
_DOUBLE: Final = r'"(?: [^"\\] | \\. | "" )*+"?'
_DOLLARS: Final = r"\$\$ (?: [^$] | \$(?!\$) )*+ (?:\$\$)?"
_SECRET: Final = re.compile(
    rf"""
    (?P<before>
        {_NAME} ' {_SPACE} , {_SPACE} (?= ['$] )
        | (?: {_NAME} | \b identified {_SPACE} by \b ) ["']? {_SPACE} (?: => | = | : )? {_SPACE} (?= ['$] )
        | {_NAME} ["']? {_SPACE} (?: => | = | : ) {_SPACE} (?= ["] )
    )
    (?: {_SINGLE} | {_DOUBLE} | {_DOLLARS} )
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_DEFINITION: Final = re.compile(r"\s*(?:create|alter)\b", re.IGNORECASE)
_BARE_SECRET: Final = re.compile(
    rf"(?P<before> {_NAME} {_SPACE} = {_SPACE} ) [^\s'\"$,;()]+", re.IGNORECASE | re.DOTALL | re.VERBOSE
)
_LONGEST_KEPT: Final = 100_000
"""Characters of a statement's text that the history keeps."""


def mask(text: str) -> str:
    """Return *text* with the values of passwords, tokens and secrets replaced by stars, and cut.

    >>> mask("ALTER USER u SET PASSWORD = 'p4ss'")
    "ALTER USER u SET PASSWORD = '***'"
    """
    text = text[:_LONGEST_KEPT]
    if _HINT.search(text):
        text = _SECRET.sub(r"\g<before>'***'", text)
        if _DEFINITION.match(text):
            # Without its quotes it is a mistake, and a secret all the same.
            text = _BARE_SECRET.sub(r"\g<before>'***'", text)
    return text[:_LONGEST_KEPT]
