"""Revisions: a file made by the migrations is what the tables say, and others are refused."""

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from tests.postgresql import PostgreSQL

from clockmill.core.errors import Unavailable
from clockmill.core.names import QualifiedName
from clockmill.core.routine import RoutineKind
from clockmill.store.database import Store
from clockmill.store.migrations import HEAD, REVISIONS, NotAStore, StoreTooNew, StoreTooOld, prepare
from clockmill.store.migrations.apply import BrokenReference, apply_migrations, migration_config
from clockmill.store.postgresql import PostgreSQLDatabase
from clockmill.store.routines import list_routines
from clockmill.store.sqlite import SQLiteFile
from clockmill.store.tables import metadata
from clockmill.store.tasks import find_task

# The inspector passes over indexes of expressions; they are compared by their text.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "clockmill.db"
    Store.open(path).close()
    return path


def set_revision(path: Path, revision: str) -> None:
    driver = SQLiteFile(path).connect_driver()
    driver.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    driver.close()


def columns(engine: Engine, table: str) -> list[str]:
    """Return the columns of *table* in their order, as comparable text."""
    return [_text({**column, "type": str(column["type"])}) for column in inspect(engine).get_columns(table)]


def aspects(engine: Engine, table: str) -> dict[str, list[str]]:
    """Return what the database itself says of *table*, as comparable text."""
    inspector = inspect(engine)
    found: dict[str, Sequence[object]] = {
        "checks": inspector.get_check_constraints(table),
        "indexes": _indexes(engine, table),
        "unique": inspector.get_unique_constraints(table),
        "foreign": inspector.get_foreign_keys(table),
    }
    return {aspect: sorted(_text(each) for each in each_of) for aspect, each_of in found.items()}


_INDEXES = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL",
    "postgresql": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = :name",
}


def _indexes(engine: Engine, table: str) -> list[str]:
    """Return the text of each index."""
    with engine.connect() as connection:
        return list(connection.execute(text(_INDEXES[engine.name]), {"name": table}).scalars())


def _text(value: object) -> str:
    if isinstance(value, dict):
        return str({key: _text(each) for key, each in sorted(value.items())})
    return str(value)


@pytest.fixture
def migrated(tmp_path: Path) -> Path:
    """A store that was made by the migrations, as those of earlier versions once were."""
    path = tmp_path / "migrated.db"
    file = SQLiteFile(path)
    apply_migrations(file)
    file.close()
    return path


def test_the_migrations_make_the_tables_that_the_queries_use(migrated: Path) -> None:
    engine = create_engine(f"sqlite:///{migrated}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_a_new_store_is_as_the_migrations_make_it(migrated: Path, path: Path) -> None:
    """Checks and partial indexes too: the rules of runs rest on them."""
    made, wanted = create_engine(f"sqlite:///{migrated}"), create_engine(f"sqlite:///{path}")
    for table in (*metadata.tables, "alembic_version"):
        assert columns(made, table) == columns(wanted, table)
        assert aspects(made, table) == aspects(wanted, table)
    with made.connect() as one, wanted.connect() as other:
        versions = [each.exec_driver_sql("SELECT * FROM alembic_version").all() for each in (one, other)]
    assert versions == [[(HEAD,)], [(HEAD,)]]
    made.dispose()
    wanted.dispose()


def test_on_postgresql_the_migrations_make_the_same_as_a_new_store(postgresql: PostgreSQL) -> None:
    """None of them has run there yet: it is there from revision 5 on. The next one will."""
    urls = postgresql.new_database(), postgresql.new_database()
    apply_migrations(PostgreSQLDatabase(urls[0]))
    Store.open(urls[1]).close()
    made, wanted = (create_engine(url.replace("postgresql", "postgresql+psycopg", 1)) for url in urls)
    for table in metadata.tables:
        assert sorted(columns(made, table)) == sorted(columns(wanted, table))
        assert aspects(made, table) == aspects(wanted, table)
    made.dispose()
    wanted.dispose()


@pytest.fixture
def of_revision_1(tmp_path: Path) -> Path:
    """A store as the first version left it, with a schema and a task in it."""
    path = tmp_path / "old" / "clockmill.db"
    path.parent.mkdir()
    file = SQLiteFile(path)
    config = migration_config()
    with file.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in (
            "INSERT INTO databases VALUES ('d1', 'DB', 'R', NULL, '{}', 0)",
            "INSERT INTO schemas VALUES ('s1', 'd1', 'S', 'R', NULL, '{}', 0)",
            """INSERT INTO tasks (id, schema_id, name, owner, state, spec, created_on)
            VALUES ('t1', 's1', 'T', 'R', 'suspended', '{"definition": "select 1"}', 0)""",
        ):
            connection.exec_driver_sql(statement)
        connection.commit()
    file.close()
    return path


def test_a_store_of_the_first_revision_is_upgraded_with_what_is_in_it(of_revision_1: Path) -> None:
    """This is what every update of a server does to the data of its users."""
    with pytest.raises(StoreTooOld):
        Store.open(of_revision_1)
    with Store.open(of_revision_1, upgrade=True) as store, store.read() as tx:
        assert find_task(tx, QualifiedName("DB", "S", "T")) is not None
        assert list_routines(tx, RoutineKind.PROCEDURE) == []
    Store.open(of_revision_1).close()


def test_an_upgraded_store_has_the_tables_of_a_new_one(of_revision_1: Path, path: Path) -> None:
    Store.open(of_revision_1, upgrade=True).close()
    upgraded, new = create_engine(f"sqlite:///{of_revision_1}"), create_engine(f"sqlite:///{path}")
    for table in metadata.tables:
        assert sorted(columns(upgraded, table)) == sorted(columns(new, table))
        assert aspects(upgraded, table) == aspects(new, table)
    upgraded.dispose()
    new.dispose()


def test_the_list_of_revisions_is_that_of_the_scripts() -> None:
    scripts = ScriptDirectory.from_config(migration_config())
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(REVISIONS)
    assert scripts.get_current_head() == HEAD


@pytest.mark.parametrize("name", ["clockmill.db", "new.db"])
def test_a_store_that_is_new_or_of_this_revision_opens_without_alembic(path: Path, name: str) -> None:
    """Its import takes longer than the rest of a start."""
    script = "import sys; from clockmill.store.database import Store; Store.open(sys.argv[1]).close();"
    script += "assert not any(name.startswith('alembic') for name in sys.modules)"
    subprocess.run([sys.executable, "-c", script, str(path.parent / name)], check=True)


def test_a_newer_store_is_always_refused(path: Path) -> None:
    set_revision(path, "9999")
    for upgrade in (False, True):
        with pytest.raises(StoreTooNew, match="newer clockmill"):
            Store.open(path, upgrade=upgrade)


def test_an_older_store_is_refused_with_the_command_to_run(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_revision(path, "0000")
    monkeypatch.setattr("clockmill.store.migrations.REVISIONS", ("0000", *REVISIONS))
    with pytest.raises(StoreTooOld, match=f"clockmill db upgrade --data-dir {path.parent}"):
        Store.open(path)


def test_an_interrupted_setup_leaves_an_empty_file_that_the_next_start_sets_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SQLiteFile(tmp_path / "clockmill.db")
    with monkeypatch.context() as patched:
        patched.setattr("clockmill.store.migrations.insert", _fail_half_way)
        with pytest.raises(ZeroDivisionError):
            prepare(file, upgrade=False)
    Store.open(tmp_path / "clockmill.db").close()


def test_an_upgrade_that_would_break_references_is_undone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_revision(path, "0000")
    monkeypatch.setattr("clockmill.store.migrations.REVISIONS", ("0000", *REVISIONS))
    monkeypatch.setattr("clockmill.store.migrations.apply.command.upgrade", _lose_a_user)
    with pytest.raises(BrokenReference, match="role_grants"):
        Store.open(path, upgrade=True)
    driver = SQLiteFile(path).connect_driver()
    assert driver.execute("SELECT count(*) FROM role_grants").fetchone() == (0,)
    driver.close()


def _lose_a_user(config: Config, revision: str) -> None:
    connection = config.attributes["connection"]
    connection.exec_driver_sql("INSERT INTO role_grants VALUES ('NOBODY', 'NOTHING')")


def _fail_half_way(_: object) -> None:
    raise ZeroDivisionError


def test_two_that_set_up_one_file_at_once_make_one_store(tmp_path: Path) -> None:
    path = tmp_path / "clockmill.db"
    files = [SQLiteFile(path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda file: prepare(file, upgrade=False), files))
    Store.open(path).close()


def test_a_store_that_another_process_holds_is_not_taken_for_something_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clockmill.store.sqlite.BUSY_TIMEOUT_MS", 1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable, match="locked"):
        Store.open(path)
    other.close()
    Store.open(path).close()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="another program's database"),
        pytest.param(b"Dear diary, " * 1000, id="not a database"),
    ],
)
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "clockmill.db"
    if content is None:
        driver = SQLiteFile(path).connect_driver()
        driver.execute("CREATE TABLE bookmarks (url TEXT)")
        driver.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(NotAStore):
        Store.open(path)
    assert path.read_bytes() == before
