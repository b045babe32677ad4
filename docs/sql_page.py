"""The page that says which statements, query forms and functions of the language run here."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sql_forms import CHANGES, HOST, OBJECTS, QUERIES, SETUP, Form

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import Unsupported
from clockmill.core.names import SchemaName
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.engine.duckdb.rewrites import FROM_LAST
from clockmill.engine.duckdb.translate.functions import (
    aggregates,
    arrays,
    bits,
    codings,
    conditional,
    context,
    conversion,
    dates,
    numbers,
    regular,
    strings,
    variants,
    windows,
)
from clockmill.engine.duckdb.translate.functions.documented import DIFFERS, REFUSED
from clockmill.engine.protocol import StatementContext
from clockmill.session import host
from clockmill.session.information import tables
from clockmill.sql.classify import read_statement
from clockmill.sql.statement import EngineStatement

_SUBJECTS: dict[str, Iterable[str]] = {
    "Text": strings.FUNCTIONS,
    "Regular expressions": regular.FUNCTIONS,
    "Hashes and codings": codings.FUNCTIONS,
    "Numbers": {**numbers.FUNCTIONS, **bits.FUNCTIONS},
    "Dates and times": dates.FUNCTIONS,
    "Conversion": conversion.FUNCTIONS,
    "Choice": conditional.FUNCTIONS,
    "Semi-structured values": variants.FUNCTIONS,
    "Arrays": arrays.FUNCTIONS,
    "Aggregates (with OVER too)": aggregates.FUNCTIONS,
    "Windows": {**windows.FUNCTIONS, "CONDITIONAL_CHANGE_EVENT": None},
    "Tables": {
        **dict.fromkeys(("FLATTEN", "GENERATOR", "GETNEXTVAL", "RESULT_SCAN", "SPLIT_TO_TABLE")),
        **dict.fromkeys(("STRTOK_SPLIT_TO_TABLE", *tables.FUNCTIONS)),
    },
    "The moment, the session and the system": {
        **context.FUNCTIONS,
        **host.FUNCTIONS,
        **dict.fromkeys(host.ONLY_IN_TASKS),
    },
}


def sql_page() -> str:
    """Return the page."""
    lines = [
        "# SQL",
        "",
        "Made from the code by `python docs/generate.py`; each example has been run.",
        "What is neither here nor in [differences](differences.md) is refused by name, with error 000002.",
        "",
        "## Queries",
        *_forms(QUERIES),
        "## Changes of data",
        *_forms(CHANGES),
        "## Tables, views, sequences",
        *_forms(OBJECTS),
        "## Other statements",
        *_forms(HOST),
        "## Functions",
        "",
        "Those that are not marked work as documented.",
        "",
    ]
    for subject, functions in _SUBJECTS.items():
        lines += [f"### {subject}", "", *_functions(functions), ""]
    return "\n".join([*lines, *_refused()]) + "\n"


def _functions(names: Iterable[str]) -> list[str]:
    known = sorted(name for name in names if not name.endswith(FROM_LAST))
    plain = ", ".join(f"`{name}`" for name in known if name not in DIFFERS)
    marked = [f"| `{name}` | {DIFFERS[name]} |" for name in known if name in DIFFERS]
    return [plain, *(["", "| differs | how |", "|---|---|", *marked] if marked else [])]


def _refused() -> list[str]:
    lines = ["## Functions that are refused", "", "| why | functions |", "|---|---|"]
    for why in dict.fromkeys(REFUSED.values()):
        names = ", ".join(f"`{name}`" for name, reason in REFUSED.items() if reason == why)
        lines.append(f"| {why} | {names} |")
    return lines


# -- statements


def _forms(forms: Iterable[Form]) -> list[str]:
    rows = [f"| {form.title} | `{_shown(form.example)}` | {_found(form)} |" for form in forms]
    return ["", "| | example | here |", "|---|---|---|", *rows, ""]


def _shown(example: str) -> str:
    return example.replace("|", "\\|")


def _found(form: Form) -> str:
    if form.is_refused or not _runs(form.example):
        return "refused"
    return f"differs: {form.how}" if form.how else "works"


def _runs(example: str) -> bool:
    """Say whether *example* runs; any other error than a refusal is a mistake in the example."""
    try:
        if isinstance(read_statement(example), EngineStatement):
            _run(example)
    except Unsupported:
        return False
    return True


class _Catalog:
    def namespace(self, _: SchemaName) -> str:
        return "page"


class _Functions:
    def knows(self, _: str) -> bool:
        return False


def _run(example: str) -> None:
    engine = DuckDBEngine()
    session = engine.open_session()
    try:
        for place, statement in enumerate((*SETUP, example)):
            session.execute(statement, _context(place))
    finally:
        session.close()
        engine.close()


def _context(place: int) -> StatementContext:
    return StatementContext(
        home=SchemaName("DB", "PUBLIC"),
        role="ACCOUNTADMIN",
        user="ADMIN",
        catalog=_Catalog(),  # type: ignore[arg-type]
        functions=_Functions(),  # type: ignore[arg-type]
        now=datetime(2026, 1, 1, tzinfo=UTC),
        cancel=CancelToken(),
        query_id=str(place),
    )
