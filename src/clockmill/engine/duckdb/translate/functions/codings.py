"""Hashes and codings: text and binaries written as other text and binaries."""

# E501: generated SQL is not broken at will.

import hashlib
from typing import Final

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.translate.functions.rules import Call, Scalar
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.duckdb.types import fixed
from clockmill.engine.result import TEXT, Kind

_HEX: Final = "([0-9A-Fa-f]{2})*"
BASE64: Final = "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
"""What base64 looks like, as a regular expression."""
_UPPER64: Final = "(CAST('0x' || left(md5({0}), 16) AS UBIGINT))"
_LOWER64: Final = "(CAST('0x' || right(md5({0}), 16) AS UBIGINT))"


def _sha2(template: str, kind: Kind) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 2)
        size = call.whole(1) if len(call) > 1 else 256
        if size not in (0, 224, 256, 384, 512):
            raise CompilationFault(f"Invalid digest size {size}", code="001015", sqlstate="22023")
        if size not in (0, 256):
            return _constant_digest(call, size, kind)
        result = types.text(64) if kind is Kind.TEXT else types.BINARY
        return Typed(template.format(_bytes_or_text(call)), result)

    return rule


def _constant_digest(call: Call, size: int, kind: Kind) -> Typed:
    """Work out a digest of a size that DuckDB does not have, of a text that depends on no row."""
    value = call.value(0)
    if types.is_null(value.type):
        result = types.text(size // 4) if kind is Kind.TEXT else types.BINARY
        return Typed(f"CAST(NULL AS {types.physical(result)})", result)
    if not value.is_constant or not isinstance(value.constant, str):
        raise Unsupported(f"{call.name} with {size} bits of what depends on rows")
    digest = hashlib.new(f"sha{size}", value.constant.encode()).hexdigest()
    if kind is Kind.TEXT:
        return Typed(literal(digest), types.text(size // 4), digest, True)
    return Typed(f"unhex('{digest}')", types.BINARY)


def _bytes_or_text(call: Call) -> str:
    value = call.value(0)
    return value.sql if value.type.kind is Kind.BINARY else call.text(0)


def _hash(template: str, kind: str) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 1)
        result = {"binary": types.BINARY, "number": fixed(20)}.get(kind) or types.text(int(kind))
        return Typed(template.format(_bytes_or_text(call)), result, is_wide=kind != "number")

    return rule


def _encode_base64(call: Call) -> Typed:
    """BASE64_ENCODE(value [, longest line [, alphabet]])"""
    call.expect(1, 3)
    longest = call.whole(1) if len(call) > 1 else 0
    value = call.value(0)
    binary = value.sql if value.type.kind is Kind.BINARY else f"encode({call.text(0)})"
    encoded = f"to_base64({binary})"
    if len(call) == 3:
        usual, wanted = _marks(call, 2)
        encoded = f"translate({encoded}, {literal(usual)}, {literal(wanted)})"
    if longest > 0:
        encoded = f"rtrim(regexp_replace({encoded}, '(.{{{longest}}})', '\\1' || chr(10), 'g'), chr(10))"
    return Typed(encoded, TEXT)


def _marks(call: Call, place: int) -> tuple[str, str]:
    """Return the usual marks of base64, and those that an argument puts in their places."""
    wanted = str(call.constant(place))
    if len(wanted) > 3 or any(mark.isalnum() for mark in wanted) or len(set(wanted)) < len(wanted):
        raise CompilationFault(f"Invalid alphabet '{wanted}'", code="001015", sqlstate="22023")
    return "+/="[: len(wanted)], wanted


def _encode_hex(call: Call) -> Typed:
    """HEX_ENCODE(value [, 1 for upper case, 0 for lower])"""
    call.expect(1, 2)
    value = call.value(0)
    binary = value.sql if value.type.kind is Kind.BINARY else f"encode({call.text(0)})"
    is_lower = len(call) == 2 and not call.whole(1)
    return Typed(f"lower(hex({binary}))" if is_lower else f"hex({binary})", TEXT)


def _decode(read: str, shape: str, *, is_text: bool, is_try: bool) -> Scalar:
    """Return a rule that reads a coded text; what is none is an error, or NULL for a TRY_ function."""

    def rule(call: Call) -> Typed:
        call.expect(1, 1 if read.startswith("unhex") else 2)
        text = call.text(0)
        if len(call) == 2:
            usual, wanted = _marks(call, 1)
            text = f"translate({text}, {literal(wanted)}, {literal(usual)})"
        valid = f"regexp_full_match({text}, '{shape}')"
        binary = read.replace("{}", text)
        sql = f"decode({binary})" if is_text else binary
        kind = "VARCHAR" if is_text else "BLOB"
        failure = (
            "NULL" if is_try else f"error('~fault~100115~22000~The input is not well coded: ' || {text})"
        )
        return Typed(
            f"CASE WHEN {text} IS NULL THEN NULL WHEN {valid} THEN {sql} ELSE CAST({failure} AS {kind}) END",
            TEXT if is_text else types.BINARY,
        )

    return rule


def _decoders(prefix: str, *, is_try: bool) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for coding, read, shape in (("BASE64", "from_base64({})", BASE64), ("HEX", "unhex({})", _HEX)):
        for what in ("STRING", "BINARY"):
            name = f"{prefix}{coding}_DECODE_{what}"
            found[name] = _decode(read, shape, is_text=what == "STRING", is_try=is_try)
    return found


FUNCTIONS: Final[dict[str, Scalar]] = {
    "BASE64_ENCODE": _encode_base64,
    "HEX_ENCODE": _encode_hex,
    "MD5": _hash("md5({0})", "32"),
    "MD5_BINARY": _hash("unhex(md5({0}))", "binary"),
    "MD5_HEX": _hash("md5({0})", "32"),
    "MD5_NUMBER_LOWER64": _hash(_LOWER64, "number"),
    "MD5_NUMBER_UPPER64": _hash(_UPPER64, "number"),
    "SHA1": _hash("sha1({0})", "40"),
    "SHA1_BINARY": _hash("unhex(sha1({0}))", "binary"),
    "SHA1_HEX": _hash("sha1({0})", "40"),
    "SHA2": _sha2("sha256({0})", Kind.TEXT),
    "SHA2_BINARY": _sha2("unhex(sha256({0}))", Kind.BINARY),
    "SHA2_HEX": _sha2("sha256({0})", Kind.TEXT),
    **_decoders("", is_try=False),
    **_decoders("TRY_", is_try=True),
}
