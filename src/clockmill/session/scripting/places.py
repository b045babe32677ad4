"""Where in a script an error stands that an engine tells of a piece of it.

Such an error is one of the script as a whole: the service finds it before it runs anything, and so
no handler takes it.
"""

import re
from collections.abc import Callable
from typing import Final

import msgspec

from clockmill.core.errors import ClockmillError, SyntaxFault
from clockmill.session.scripting.faults import ScriptFault, unknown_name
from clockmill.sql.lexer import offset_at, place
from clockmill.sql.scripting.ast import Expression, Sql
from clockmill.sql.scripting.binds import bind_key

_SYNTAX: Final = re.compile(r"syntax error line (\d+) at position (\d+) unexpected '(.*)'\.\Z", re.DOTALL)
_IDENTIFIER: Final = re.compile(r"error line (\d+) at position (\d+)\ninvalid identifier '")


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the script *source*, and the text that an engine was given of it.

    In *sent* stand *before* characters ahead of the piece, whose names are bind values there.
    """

    source: str
    node: Expression | Sql
    sent: str
    before: int = 0
    is_variable: Callable[[tuple[str, ...]], bool]

    def syntax_fault(self, error: ClockmillError) -> SyntaxFault | None:
        """Return *error* with its place in the script if it says that the piece does not parse."""
        found = _SYNTAX.search(error.message) if isinstance(error, SyntaxFault) else None
        if found is None:
            return None
        offset = self._offset(found)
        word = found[3].removesuffix("...")
        if word != "<EOF>" and not self.sent.startswith(word, offset):
            return None  # it is about another text, that of a procedure
        line, column = place(self.source, self.node.start + self._unbound(offset - self.before))
        return SyntaxFault(
            f"SQL compilation error:\nsyntax error line {line} at position {column} unexpected '{found[3]}'."
        )

    def identifier_fault(self, error: ClockmillError) -> ScriptFault | None:
        """Return the error that a name, which could only be a variable's, is nobody's, if it is that."""
        found = _IDENTIFIER.search(error.message)
        if found is None:
            return None
        start = self._unbound(self._offset(found) - self.before)
        use = next((each for each in self.node.names if each.start == start and len(each.parts) == 1), None)
        return None if use is None else unknown_name(self.source, self.node.start + start, use.parts[0])

    def _offset(self, found: re.Match[str]) -> int:
        return offset_at(self.sent, int(found[1]), int(found[2]))

    def _unbound(self, offset: int) -> int:
        """Return where in the piece stands what is at *offset* once its variables are bind values."""
        grown = 0
        for use in self.node.names:
            if not self.is_variable(use.parts):
                continue
            if use.start + grown >= offset:
                break
            grown += len(bind_key(use.parts)) + 1 - (use.end - use.start)
        return offset - grown
