"""Whatever a statement holds: a result, or an error of ours, in words of the language and not of DuckDB."""

import re
import zlib

import pytest
from tests.engine.sessions import Client

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb.translate.functions import AGGREGATES, SCALARS, WINDOWS

_ARGUMENTS = """
    i n f s b d ti ts tl tz bi v o a null 0 -1 2 1.5 '' 'abc' 'day' '2024-01-01' true current_date
    99999999999999999999999999999999999999 1e300 'YYYY-MM-DD' [1,2] {'a':1} day
"""
ARGUMENTS = _ARGUMENTS.split()
ENGINES_WORDS = re.compile(
    r"ns_db|_clockmill|Binder|Catalog|Parser Error|Conversion Error|Invalid Input|BIGINT|HUGEINT|STRUCT|"
    r"DOUBLE|Candidate|No function|macro|~fault|\bc0\b|\b_t1\b|BLOB|INTEGER\[|try_cast|type JSON|"
    r"Could not convert"
)


@pytest.fixture
def table(client: Client) -> Client:
    client.run(
        "create table t (i int, n number(12,3), f float, s varchar, b boolean, d date, ti time, "
        "ts timestamp_ntz, tl timestamp_ltz, tz timestamp_tz, bi binary, v variant, o object, a array)"
    )
    client.run(
        "insert into t select 1, 2.5, 1.5, 'abc', true, '2024-02-29', '12:34:56', '2024-02-29 12:34:56', "
        "'2024-02-29 12:34:56', '2024-02-29 12:34:56 +0200', to_binary('FF00'), "
        "parse_json('{\"a\":[1,{\"b\":\"x\"}]}'), object_construct('k',1), array_construct(1,'x',null)"
    )
    client.run("insert into t (i) values (null)")
    client.run("insert into t (i, n, s) values (-99999999999999999999999999999999999999, 999999999.999, '')")
    return client


def _calls(name: str) -> list[str]:
    """Return calls with none to three arguments, other ones for each name and the same every time."""
    start = zlib.crc32(name.encode())
    singles = [(ARGUMENTS[(start + 5 * i) % len(ARGUMENTS)],) for i in range(12)]
    pairs = [(one[0], ARGUMENTS[(start + 7 * i) % len(ARGUMENTS)]) for i, one in enumerate(singles[:4])]
    triples = [(*pair, ARGUMENTS[(start + 11 * i) % len(ARGUMENTS)]) for i, pair in enumerate(pairs)]
    return [f"{name}({', '.join(each)})" for each in ((), *singles, *pairs, *triples)]


def _check(client: Client, statement: str, name: str) -> None:
    try:
        client.run(statement)
    except ClockmillError as error:
        refusal = error
    else:
        return
    assert refusal.code not in (None, "000603"), statement
    assert not ENGINES_WORDS.search(str(refusal).replace(name, "")), (statement, str(refusal))


@pytest.mark.parametrize("letter", sorted({name[0] for name in [*SCALARS, *AGGREGATES]}))
def test_every_function_takes_or_refuses_whatever_it_is_given(table: Client, letter: str) -> None:
    for name in sorted({*SCALARS, *AGGREGATES}):
        if name.startswith(letter):
            for call in _calls(name):
                _check(table, f"select {call} from t", name)


def test_every_window_function_takes_or_refuses_whatever_it_is_given(table: Client) -> None:
    for name in sorted(WINDOWS):
        for call in _calls(name):
            _check(table, f"select {call} over (partition by b order by i) from t", name)
