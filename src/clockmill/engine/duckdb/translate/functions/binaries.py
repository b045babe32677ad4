"""Functions of text as they are for binaries: counted and searched by bytes, which are written as hex."""

from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.translate.functions.rules import Call, natural
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.result import BOOLEAN, Kind


def is_binary(value: Typed) -> bool:
    return value.type.kind is Kind.BINARY


def size(value: Typed) -> str:
    return f"octet_length({value.sql})"


def ends(call: Call, word: str) -> Typed:
    """Return the first or last bytes, as *word* says: ``left`` or ``right``."""
    return _from_hex(f"{word}({_hex(call, 0)}, {natural(call.integer(1))} * 2)")


def middle(call: Call) -> Typed:
    """Return the bytes from a place on, at most as many as a third argument says."""
    start = call.integer(1)
    first = f"CASE WHEN {start} < 0 THEN {start} * 2 WHEN {start} = 0 THEN 1 ELSE {start} * 2 - 1 END"
    count = f", {natural(call.integer(2))} * 2" if len(call) == 3 else ""
    return _from_hex(f"substr({_hex(call, 0)}, {first}{count})")


def padded(call: Call, word: str) -> Typed:
    call.expect(3, 3)
    count = f"CAST({natural(call.integer(1))} * 2 AS INTEGER)"
    own, fill = _hex(call, 0), _hex(call, 2)
    return _from_hex(
        f"CASE WHEN {fill} = '' THEN left({own}, {count}) ELSE {word}({own}, {count}, {fill}) END"
    )


def backwards(call: Call) -> Typed:
    return _from_hex(f"array_to_string(list_reverse(regexp_extract_all({_hex(call, 0)}, '..')), '')")


def joined(separator: Typed | None, parts: list[Typed]) -> Typed:
    """Return the bytes of all *parts*, with *separator* between them."""
    between = f" || {separator.sql} || " if separator else " || "
    return Typed(f"({between.join(part.sql for part in parts)})", types.BINARY)


def place(call: Call, needle: int, hay: int, start: str = "1") -> str:
    """Return where a binary begins in another one, counted from 1; 0 if nowhere."""
    wanted, rest = _hex(call, needle), f"substr({_hex(call, hay)}, {start} * 2 - 1)"
    before = f"regexp_extract({rest}, '^((?:..)*?)' || {wanted}, 1)"
    found = f"regexp_matches({rest}, '^(?:..)*?' || {wanted})"
    return f"CASE WHEN {found} THEN length({before}) // 2 + {start} WHEN NOT {found} THEN 0 END"


def contains(call: Call) -> Typed:
    return Typed(f"({place(call, 1, 0)} > 0)", BOOLEAN)


def _hex(call: Call, position: int) -> str:
    value = call.value(position)
    return f"hex({value.sql})" if is_binary(value) else f"hex(encode({call.text(position)}))"


def _from_hex(sql: str) -> Typed:
    return Typed(f"unhex({sql})", types.BINARY)
