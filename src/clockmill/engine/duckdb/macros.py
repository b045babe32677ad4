"""SQL functions of our own in DuckDB, for conversions that no single function of its makes."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from typing import Final

from clockmill.engine.duckdb.names import PRIVATE

_OFFSET: Final = r"(Z|[ ]?[+-]\d{1,2}:?\d{2}|[ ]?[+-]\d{2})$"
_STAMP_FORMATS: Final = (
    "['%a, %d %b %Y %H:%M:%S', '%a, %d %b %Y %H:%M:%S.%f', '%d-%b-%Y %H:%M:%S', '%d-%b-%Y %H:%M', '%d-%b-%Y', "
    "'%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y', '%a %b %d %H:%M:%S %Y', '%Y-%m-%dT%H', '%Y-%m-%d %H', "
    "'%a, %d %b %Y %I:%M:%S %p', '%a, %d %b %Y %H:%M', '%Y-%m-%dT%H:%M:%S.%n', '%Y-%m-%d %H:%M:%S.%n']"
)

MACROS: Final[dict[str, str]] = {
    # An epoch in the unit that its size says: seconds, milli-, micro- or nanoseconds.
    "epoch_stamp(n)": """make_timestamp(CAST(CASE
        WHEN abs(n) < 31536000000 THEN n * 1000000
        WHEN abs(n) < 31536000000000 THEN n * 1000
        WHEN abs(n) < 31536000000000000 THEN n
        ELSE n // 1000 END AS BIGINT))""",
    # A text's own offset from UTC in minutes, or NULL.
    "text_offset(x)": rf"""CASE WHEN contains(x, ':') AND regexp_matches(x, '{_OFFSET}') THEN
        CASE WHEN x LIKE '%Z' THEN 0 ELSE
          (CASE WHEN regexp_extract(x, '[ ]?([+-])\d{{1,2}}:?\d*$', 1) = '-' THEN -1 ELSE 1 END) *
          (CAST(regexp_extract(x, '[+-](\d{{1,2}}):?(\d{{2}})?$', 1) AS INTEGER) * 60 +
           COALESCE(TRY_CAST(regexp_extract(x, '[+-](\d{{1,2}}):?(\d{{2}})?$', 2) AS INTEGER), 0)) END END""",
    "text_wall(x)": rf"CASE WHEN contains(x, ':') THEN regexp_replace(x, '{_OFFSET}', '') ELSE x END",
    "try_wall_stamp(x)": f"COALESCE(TRY_CAST(x AS TIMESTAMP), try_strptime(x, {_STAMP_FORMATS}))",
    # The wall-clock time that a text shows, whatever its offset.
    "try_stamp(x)": rf"""CASE WHEN regexp_full_match(trim(x), '-?\d+(\.\d+)?') AND NOT regexp_full_match(trim(x), '\d{{4}}-.*')
        THEN {PRIVATE}.epoch_stamp(TRY_CAST(x AS HUGEINT)) ELSE {PRIVATE}.try_wall_stamp({PRIVATE}.text_wall(trim(x))) END""",
    "try_date(x)": rf"""CAST({PRIVATE}.try_stamp(x) AS DATE)""",
    "try_time(x)": r"""COALESCE(TRY_CAST(x AS TIME), CAST(try_strptime(x, ['%I:%M:%S %p', '%I:%M %p', '%H:%M:%S.%n', '%H:%M', '%H']) AS TIME),
        CASE WHEN regexp_full_match(x, '\d+') THEN CAST(make_timestamp((CAST(x AS BIGINT) % 86400) * 1000000) AS TIME) END)""",
    "try_boolean(x)": """CASE WHEN lower(trim(x)) IN ('true', 't', 'yes', 'y', 'on', '1') THEN true
        WHEN lower(trim(x)) IN ('false', 'f', 'no', 'n', 'off', '0') THEN false END""",
    # Floats show without a trailing fraction of zero.
    "float_text(x)": """CASE WHEN isfinite(x) AND x = trunc(x) AND abs(x) < 1e15
        THEN CAST(CAST(x AS BIGINT) AS VARCHAR) WHEN isnan(x) THEN 'NaN' WHEN isinf(x) AND x > 0 THEN 'inf'
        WHEN isinf(x) THEN '-inf' ELSE CAST(x AS VARCHAR) END""",
    "float_json(x)": """CASE WHEN isfinite(x) AND x = trunc(x) AND abs(x) < 1e15
        THEN to_json(CAST(x AS BIGINT)) ELSE to_json(x) END""",
    "json_text(j)": "CASE WHEN json_type(j) IN ('OBJECT', 'ARRAY') THEN CAST(j AS VARCHAR) ELSE j->>'$' END",
    "type_name(j)": """CASE json_type(j) WHEN 'NULL' THEN 'NULL_VALUE' WHEN 'UBIGINT' THEN 'INTEGER'
        WHEN 'BIGINT' THEN 'INTEGER' WHEN 'HUGEINT' THEN 'INTEGER' WHEN 'DOUBLE' THEN
          CASE WHEN contains(lower(CAST(j AS VARCHAR)), 'e') THEN 'DOUBLE' ELSE 'DECIMAL' END
        ELSE json_type(j) END""",
    "initcap(x)": r"""CASE WHEN x = '' THEN x ELSE list_reduce(list_transform(regexp_extract_all(x, '[\p{L}\p{N}]+|[^\p{L}\p{N}]+'),
        lambda w: upper(w[1]) || lower(w[2:])), lambda a, b: a || b) END""",
    "json_items(j)": """list_transform(range(CAST(json_array_length(j) AS BIGINT)), lambda i: json_extract(j, '$[' || i || ']'))""",
}
