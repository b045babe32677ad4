"""SQL functions of our own in DuckDB, for conversions that no single function of its makes."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from typing import Final

from clockmill.engine.duckdb.faults import MARK
from clockmill.engine.duckdb.names import PRIVATE

_OFFSET: Final = r"(Z|[ ]?[+-]\d{1,2}:?\d{2}|[ ]?[+-]\d{2})$"
_STAMP_FORMATS: Final = (
    "['%a, %d %b %Y %H:%M:%S', '%a, %d %b %Y %H:%M:%S.%f', '%d-%b-%Y %H:%M:%S', '%d-%b-%Y %H:%M', '%d-%b-%Y', '%d-%B-%Y', "
    "'%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y', '%a %b %d %H:%M:%S %Y', '%Y-%m-%dT%H', '%Y-%m-%d %H', "
    "'%a, %d %b %Y %I:%M:%S %p', '%a, %d %b %Y %I:%M:%S.%f %p', '%a, %d %b %Y %H:%M', '%Y-%m-%dT%H:%M:%S.%n', '%Y-%m-%d %H:%M:%S.%n']"
)

MACROS: Final[dict[str, str]] = {
    # An epoch in the unit that its size says: seconds, milli-, micro- or nanoseconds.
    "epoch_stamp(n)": """make_timestamp(CAST(CASE
        WHEN abs(n) < 31536000000 THEN n * 1000000
        WHEN abs(n) < 31536000000000 THEN n * 1000
        WHEN abs(n) < 31536000000000000 THEN n
        ELSE n // 1000 END AS BIGINT))""",
    # A text's own offset from UTC in minutes, or NULL.
    # «Mon Jul 08 18:09:51 +0000 2013», with the offset at the end.
    "offset_last(x)": r"""CASE WHEN contains(x, ':') AND regexp_full_match(x, '[A-Za-z]{3} .* [+-]\d{4} \d{4}')
        THEN regexp_replace(x, '^(.*) ([+-]\d{4}) (\d{4})$', '\1 \3 \2') ELSE x END""",
    "last_offset(x)": rf"""CASE WHEN contains(x, ':') AND regexp_matches(x, '{_OFFSET}') THEN
        CASE WHEN x LIKE '%Z' THEN 0 ELSE
          (CASE WHEN regexp_extract(x, '[ ]?([+-])\d{{1,2}}:?\d*$', 1) = '-' THEN -1 ELSE 1 END) *
          (CAST(regexp_extract(x, '[+-](\d{{1,2}}):?(\d{{2}})?$', 1) AS INTEGER) * 60 +
           COALESCE(TRY_CAST(regexp_extract(x, '[+-](\d{{1,2}}):?(\d{{2}})?$', 2) AS INTEGER), 0)) END END""",
    "text_offset(x)": f"{PRIVATE}.last_offset({PRIVATE}.offset_last(x))",
    "text_wall(x)": rf"CASE WHEN contains(x, ':') THEN regexp_replace(x, '{_OFFSET}', '') ELSE x END",
    "try_wall_stamp(x)": f"""COALESCE(CASE WHEN regexp_matches(x, '^[0-9]{{4,}}-[0-9]+-[0-9]+([ T][0-9:.]*)?$') THEN TRY_CAST(x AS TIMESTAMP) END,
        CASE WHEN regexp_matches(x, '[0-9]') THEN CAST(try_strptime(x, {_STAMP_FORMATS}) AS TIMESTAMP) END)""",
    # The wall-clock time that a text shows, whatever its offset.
    "try_stamp(x)": rf"""CASE WHEN regexp_full_match(trim(x), '-?\d+(\.\d+)?') AND NOT regexp_full_match(trim(x), '\d{{4}}-.*')
        THEN {PRIVATE}.epoch_stamp(TRY_CAST(x AS HUGEINT)) ELSE {PRIVATE}.try_wall_stamp({PRIVATE}.text_wall({PRIVATE}.offset_last(trim(x)))) END""",
    "try_date(x)": rf"""CAST({PRIVATE}.try_stamp(x) AS DATE)""",
    "try_time(x)": r"""COALESCE(TRY_CAST(x AS TIME), CAST(try_strptime(x, ['%I:%M:%S %p', '%I:%M %p', '%H:%M:%S.%n', '%H:%M', '%H']) AS TIME),
        CASE WHEN regexp_full_match(x, '\d+') THEN CAST(_clockmill.epoch_stamp(TRY_CAST(x AS HUGEINT)) AS TIME) END)""",
    "try_boolean(x)": """CASE WHEN lower(trim(x)) IN ('true', 't', 'yes', 'y', 'on', '1') THEN true
        WHEN lower(trim(x)) IN ('false', 'f', 'no', 'n', 'off', '0') THEN false END""",
    # Floats show without a trailing fraction of zero.
    "float_text(x)": """CASE WHEN isfinite(x) AND x = trunc(x) AND abs(x) < 1e15
        THEN CAST(CAST(x AS BIGINT) AS VARCHAR) WHEN isnan(x) THEN 'NaN' WHEN isinf(x) AND x > 0 THEN 'inf'
        WHEN isinf(x) THEN '-inf' ELSE CAST(x AS VARCHAR) END""",
    "float_json(x)": """CASE WHEN isfinite(x) AND x = trunc(x) AND abs(x) < 1e15
        THEN to_json(CAST(x AS BIGINT)) WHEN isfinite(x) AND NOT contains(CAST(x AS VARCHAR), 'e')
        THEN CAST(CAST(x AS VARCHAR) || 'e0' AS JSON) ELSE to_json(x) END""",
    # JSON as the language takes it, made standard outside of its strings: bare keys, words in any case,
    # undefined, elements left out, a comma at the end.
    "loose_words(p)": r"""regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(regexp_replace(p, '\btrue\b', 'true', 'gi'), '\bfalse\b', 'false', 'gi'),
        '\b(null|undefined)\b', 'null', 'gi'), '([\{,]\s*)([A-Za-z_][\w$]*)(\s*:)', '\1"\2"\3', 'g'),
        '(\[\s*),', '\1null,', 'g'), ',(\s*[,\]])', ',null\1', 'g'), ',(\s*,)', ',null\1', 'g'),
        ',(\s*\})', '\1', 'g')""",
    "loose_json(x)": rf"""array_to_string(list_transform(
        regexp_extract_all(x, '(?s)"(?:[^"\\]|\\.)*"|''(?:[^''\\]|\\.)*''|[^"'']+|.'),
        lambda p: CASE p[1] WHEN '"' THEN p
          WHEN '''' THEN '"' || replace(replace(p[2:-2], '\''', ''''), '"', '\"') || '"'
          ELSE {PRIVATE}.loose_words(p) END), '')""",
    # Only of an object itself, not of those in it: json_tree would take a subquery for each value.
    "has_duplicates(j)": """(json_type(j) = 'OBJECT' AND len(json_keys(j)) <> len(list_distinct(json_keys(j))))""",
    # An object in which of several members of one name the last one stays.
    "last_of_each(j)": """CASE json_type(j) WHEN 'OBJECT' THEN CAST('{' || array_to_string(list_transform(
        list_filter(range(1, len(json_keys(j)) + 1), lambda i: NOT list_contains((json_keys(j))[i + 1:], (json_keys(j))[i])),
        lambda i: to_json((json_keys(j))[i]) || ':' || CAST((json_extract(j, '$.*'))[i] AS VARCHAR)), ',') || '}' AS JSON)
        ELSE j END""",
    # An object's members in the order of their names; what is inside of them stays as it is.
    "in_order(j)": """CASE WHEN json_keys(j) = list_sort(json_keys(j)) THEN CAST(j AS VARCHAR)
        ELSE '{' || array_to_string(list_transform(list_sort(json_keys(j)),
          lambda k: CAST(to_json(k) AS VARCHAR) || ':' || CAST(json_extract(j, '$."' || k || '"') AS VARCHAR)), ',') || '}' END""",
    "json_text(j)": f"""CASE json_type(j) WHEN 'OBJECT' THEN {PRIVATE}.in_order(j) WHEN 'ARRAY' THEN CAST(j AS VARCHAR)
        ELSE j->>'$' END""",
    "type_name(j)": """CASE json_type(j) WHEN 'NULL' THEN 'NULL_VALUE' WHEN 'UBIGINT' THEN 'INTEGER'
        WHEN 'BIGINT' THEN 'INTEGER' WHEN 'HUGEINT' THEN 'INTEGER' WHEN 'DOUBLE' THEN
          CASE WHEN contains(lower(CAST(j AS VARCHAR)), 'e') THEN 'DOUBLE' ELSE 'DECIMAL' END
        ELSE json_type(j) END""",
    # Words begin behind white space and these marks; neither behind an apostrophe nor behind others.
    "initcap(x)": r"""CASE WHEN x = '' THEN x ELSE list_reduce(list_transform(
        regexp_extract_all(x, '[^\s!?@"^#$&~_,.:;+\-*%/|\\\[\](){}<>]+|[\s!?@"^#$&~_,.:;+\-*%/|\\\[\](){}<>]+'),
        lambda w: upper(w[1]) || lower(w[2:])), lambda a, b: a || b) END""",
    # DuckDB compares bytes: letters beyond ASCII become control characters, the same ones in both texts.
    "is_ascii(x)": r"regexp_full_match(x, '[\x00-\x7f]*')",
    "foreign_letters(x)": r"list_distinct(regexp_extract_all(x, '[^\x00-\x7f]'))",
    "narrowed(x, all_of_them)": rf"""translate(x, array_to_string({PRIVATE}.foreign_letters(all_of_them), ''),
        CASE WHEN len({PRIVATE}.foreign_letters(all_of_them)) <= 29
          THEN array_to_string(list_transform([1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
            28, 29, 30, 31, 127], lambda n: chr(n)), '')
          ELSE error('{MARK}000002~0A000~Unsupported feature ''comparison of texts with so many letters beyond ASCII''.') END)""",
    "edit_distance(x, y)": rf"""CASE WHEN {PRIVATE}.is_ascii(x || y) THEN levenshtein(x, y)
        ELSE levenshtein({PRIVATE}.narrowed(x, x || y), {PRIVATE}.narrowed(y, x || y)) END""",
    "similarity(x, y)": rf"""CAST(floor(100 * CASE WHEN {PRIVATE}.is_ascii(x || y) THEN jaro_winkler_similarity(x, y)
        ELSE jaro_winkler_similarity({PRIVATE}.narrowed(x, x || y), {PRIVATE}.narrowed(y, x || y)) END) AS BIGINT)""",
    # Version 5 of RFC 9562.
    "uuid_of(h)": """h[1:8] || '-' || h[9:12] || '-5' || h[14:16] || '-' ||
        '89ab'[(CAST('0x' || h[17] AS INTEGER) & 3) + 1] || h[18:20] || '-' || h[21:32]""",
    "named_uuid(space, name)": f"{PRIVATE}.uuid_of(sha1(unhex(replace(space, '-', '')) || encode(name)))",
    # The codes of a word's letters: vowels part equal codes, H and W do not.
    "soundex_codes(w)": """regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        translate(regexp_replace(w, '[HW]', '', 'g'), 'BFPVCGJKQSXZDTLMNRAEIOUY', '111122222222334556000000'),
        '1+', '1', 'g'), '2+', '2', 'g'), '3+', '3', 'g'), '4+', '4', 'g'), '5+', '5', 'g'), '6+', '6', 'g')""",
    "soundex_of(w)": f"""CASE WHEN w = '' THEN '' WHEN w[1] IN ('H', 'W') THEN w[1] || left(replace({PRIVATE}.soundex_codes(w), '0', '') || '000', 3)
        ELSE w[1] || left(replace(substr({PRIVATE}.soundex_codes(w), 2), '0', '') || '000', 3) END""",
    "soundex(x)": f"{PRIVATE}.soundex_of(regexp_replace(upper(x), '[^A-Z]', '', 'g'))",
    "soundex_p123_of(w)": f"""CASE WHEN w = '' THEN '' ELSE
        w[1] || left(replace({PRIVATE}.soundex_codes(w[2:]), '0', '') || '000', 3) END""",
    "soundex_p123(x)": f"{PRIVATE}.soundex_p123_of(regexp_replace(upper(x), '[^A-Z]', '', 'g'))",
    # Each part of a URL, null where it is not there.
    "parse_url(x)": r"""json_object(
        'fragment', nullif(regexp_extract(x, '#(.*)$', 1), ''),
        'host', nullif(regexp_extract(x, '^[^:/?#]+://((?:[^@/?#]*@)?[^:/?#]*)', 1), ''),
        'parameters', CASE WHEN regexp_extract(x, '^[^?#]*\?([^#]*)', 1) = '' THEN NULL ELSE
          CAST('{' || array_to_string(list_transform(string_split(regexp_extract(x, '^[^?#]*\?([^#]*)', 1), '&'),
            lambda p: CAST(to_json(split_part(p, '=', 1)) AS VARCHAR) || ':' || CASE WHEN contains(p, '=')
              THEN CAST(to_json(substr(p, strpos(p, '=') + 1)) AS VARCHAR) ELSE '""' END), ',') || '}' AS JSON) END,
        'path', regexp_extract(x, '^[^:/?#]+:(?://[^/?#]*)?/?([^?#]*)', 1),
        'port', nullif(regexp_extract(x, '^[^:/?#]+://(?:[^@/?#]*@)?[^:/?#]*:(\d+)', 1), ''),
        'query', nullif(regexp_extract(x, '^[^?#]*\?([^#]*)', 1), ''),
        'scheme', lower(regexp_extract(x, '^([^:/?#]+):', 1)))""",
    # Without a lambda: DuckDB cannot have an aggregate in one whose argument holds another.
    "json_items(j)": "json_extract(j, '$[*]')",
    # Without the blanks between its parts, as an object or array is kept.
    "tidy(j)": r"""CASE WHEN json_type(j) IN ('OBJECT', 'ARRAY') AND regexp_matches(CAST(j AS VARCHAR), '\s')
        THEN CAST(regexp_replace(CAST(j AS VARCHAR), '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') AS JSON)
        WHEN regexp_matches(CAST(j AS VARCHAR), '^\s|\s$') THEN CAST(regexp_replace(CAST(j AS VARCHAR), '^\s+|\s+$', '', 'g') AS JSON) ELSE j END""",
    # What two elements have in common that count as equal: a number's value, an object's members.
    "item_key(j)": f"""CASE json_type(j) WHEN 'OBJECT' THEN {PRIVATE}.in_order(j) WHEN 'DOUBLE' THEN
        CASE WHEN contains(lower(CAST(j AS VARCHAR)), 'e') THEN {PRIVATE}.float_text(TRY_CAST(CAST(j AS VARCHAR) AS DOUBLE))
          ELSE regexp_replace(CAST(j AS VARCHAR), '\\.?0+$', '') END
        ELSE CAST(j AS VARCHAR) END""",
    # What values are compared by: numbers as such, and before texts, which equal nothing but texts.
    "variant_key(j)": f"""CASE WHEN j IS NOT NULL THEN {{'n': CASE WHEN json_type(j) IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE')
        THEN TRY_CAST(CAST(j AS VARCHAR) AS DOUBLE) END, 's': json_type(j) = 'VARCHAR',
        't': CASE WHEN json_type(j) = 'VARCHAR' THEN j->>'$' ELSE {PRIVATE}.item_key(j) END}} END""",
    "item_keys(j)": f"list_transform({PRIVATE}.json_items(j), lambda x: {PRIVATE}.item_key(x))",
    # Each element with a number before it: the first of its like is 1, the second 2.
    "numbered_items(j)": f"""list_transform(list_filter({PRIVATE}.item_keys(j), lambda k: k <> 'null'), lambda k, i:
        len(list_filter((list_filter({PRIVATE}.item_keys(j), lambda k: k <> 'null'))[:i], lambda y: y = k)) || '#' || k)""",
    # The elements of the arrays in a list, each as often as the array has it that has it most often.
    "array_union(l)": f"""list_transform(list_sort(list_distinct(flatten(list_transform(l, lambda a: {PRIVATE}.numbered_items(a))))),
        lambda k: CAST(substr(k, strpos(k, '#') + 1) AS JSON))""",
}
