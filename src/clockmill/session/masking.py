"""Statement texts as they may be kept: without the secrets that some of them hold."""

import re
from typing import Final

_HINT: Final = re.compile(r"password|secret|token|private_key|credentials|\bpwd\b", re.IGNORECASE)
_SECRET: Final = re.compile(
    r"""
    (?P<name> \b \w* (?:password|secret|token|private_key|passphrase|api_key|\bpwd) \w* )
    (?P<between> ["']? \s* (?: => | = | : )? \s* )
    (?P<value> '(?:[^'\\]|\\.|'')*+'? | \$\$(?:[^$]|\$(?!\$))*+(?:\$\$)? )
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_LONGEST_KEPT: Final = 100_000
"""Characters of a statement's text that the history keeps."""


def mask(text: str) -> str:
    """Return *text* with the values of passwords, tokens and secrets replaced by stars, and cut.

    >>> mask("ALTER USER u SET PASSWORD = 'p4ss'")
    "ALTER USER u SET PASSWORD = '***'"
    """
    if _HINT.search(text):
        text = _SECRET.sub(r"\g<name>\g<between>'***'", text)
    return text[:_LONGEST_KEPT]
