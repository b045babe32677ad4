"""Tokens: what is read, where it ends, and that nothing ever hangs or breaks."""

import contextlib
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockmill.core.errors import SyntaxFault
from clockmill.sql.lexer import Kind, tokens

_SNIPPETS = st.sampled_from(
    [
        *[
            "'",
            '"',
            "$$",
            "/*",
            "*/",
            "--",
            "//",
            "\n",
            "\\",
            "''",
            '""',
            "$",
            ":",
            "::",
            ";",
            "a",
            "1",
            ".",
            " ",
        ],
        *["select", "BEGIN", "end", "é", "\0", "$x", "@stage", "1e5", "{", "}"],
    ]
)


def _read(text: str) -> list[tuple[Kind, str]]:
    return [(token.kind, token.text) for token in tokens(text)][:-1]


def test_words_signs_and_literals_are_told_apart() -> None:
    """Everything after is built on this."""
    assert _read("SELECT a.b, 'x', 1.5e3 FROM \"t\" WHERE $v >= ?") == [
        (Kind.WORD, "SELECT"),
        (Kind.WORD, "a"),
        (Kind.SIGN, "."),
        (Kind.WORD, "b"),
        (Kind.SIGN, ","),
        (Kind.STRING, "'x'"),
        (Kind.SIGN, ","),
        (Kind.NUMBER, "1.5e3"),
        (Kind.WORD, "FROM"),
        (Kind.QUOTED, '"t"'),
        (Kind.WORD, "WHERE"),
        (Kind.VARIABLE, "$v"),
        (Kind.SIGN, ">="),
        (Kind.SIGN, "?"),
    ]


@pytest.mark.parametrize("text", ["-- one\n", "// two\n", "/* three ; ' */", "/***/", "/* a * b */", "--"])
def test_comments_leave_no_token(text: str) -> None:
    assert _read(text) == []


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("'it''s'", "it's"),
        (r"'it\'s'", "it's"),
        (r"'a\nb\tc'", "a\nb\tc"),
        (r"'\x41\u00e9\101'", "AéA"),
        (r"'\q'", "q"),
        ("$$it's $1$$", "it's $1"),
        ("$$a\\n$$", "a\\n"),
        ("''", ""),
    ],
)
def test_a_string_says_what_its_escapes_stand_for(literal: str, value: str) -> None:
    """The page on string constants lists them."""
    (token, _) = list(tokens(literal))
    assert token.value == value


@pytest.mark.parametrize("text", ["select 'x", 'select "x', "select $$x", "select /* x", r"select 'x\'"])
def test_what_has_no_end_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(SyntaxFault, match=r"line 1 at position 7 .* has no end"):
        list(tokens(text))


def test_a_literal_is_never_taken_for_a_keyword() -> None:
    """Else a string could change what a statement is."""
    assert [token.upper for token in tokens("'DROP' \"DROP\" 1")] == ["", "", "", ""]


@given(st.lists(_SNIPPETS, max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused_and_nothing_is_lost(text: str) -> None:
    """Whatever comes in: tokens in order of their places, or our own error."""
    try:
        found = list(tokens(text))
    except SyntaxFault:
        return
    assert found[-1].kind is Kind.END
    assert all(text[token.start : token.end] == token.text for token in found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))


@pytest.mark.parametrize("piece", ["'", '"', "$", "/*", "''", "\\'", "$$ $", "*", "-", "'\\\\"])
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    """A hostile text of a megabyte must not hold a thread for minutes."""
    began = time.perf_counter()
    with contextlib.suppress(SyntaxFault):
        for _ in tokens("select " + piece * 200_000):
            pass
    assert time.perf_counter() - began < 10


def test_a_byte_order_mark_in_front_is_blank() -> None:
    """Files of some editors begin with one; anywhere else it is a mistake."""
    assert _read("\ufeff// so\r\nselect") == [(Kind.WORD, "select")]
    assert _read("select \ufeff") == [(Kind.WORD, "select"), (Kind.SIGN, "\ufeff")]
