"""Random changes of a table beside a dict: streams show what the model says, after rollbacks too."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.engine.sessions import Client
from tests.engine.streams.conftest import Streams

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb import DuckDBEngine

KEYS = st.integers(0, 5)
VALUES = st.integers(0, 3)
Rows = dict[int, tuple[int, int]]
"""What a table holds: key and value by a number that a row keeps for life."""


class Offset:
    """Where a stream of the model stands: the rows as they were then, and whatever was touched since."""

    def __init__(self, rows: Rows) -> None:
        self.before = dict(rows)
        self.touched: dict[int, bool] = {}
        self.inserted: list[tuple[int, int]] = []

    def copy(self) -> "Offset":
        other = Offset(self.before)
        other.touched, other.inserted = dict(self.touched), list(self.inserted)
        return other

    def note(self, old: Rows, new: Rows, updated: set[int]) -> None:
        """Take down one statement, which made *new* of *old* and wrote the rows *updated*."""
        for number in updated | (old.keys() ^ new.keys()):
            self.touched[number] = True
        self.inserted += [new[number] for number in new.keys() - old.keys()]

    def shown(self, rows: Rows) -> list[tuple[Any, ...]]:
        found = []
        for number in self.touched:
            is_update = number in self.before and number in rows
            if number in self.before:
                found.append((*self.before[number], "DELETE", is_update))
            if number in rows:
                found.append((*rows[number], "INSERT", is_update))
        return sorted(found)


class Model:
    """A table and its streams."""

    def __init__(self) -> None:
        self.rows: Rows = {}
        self.offsets: dict[str, Offset] = {}
        self.fresh = Offset({})
        """Where a stream stands that is consumed by the open transaction: at its beginning."""
        self.only: list[tuple[int, int]] = []
        self.number = 0

    def copy(self) -> "Model":
        other = Model()
        other.rows, other.only, other.number = dict(self.rows), list(self.only), self.number
        other.offsets = {name: offset.copy() for name, offset in self.offsets.items()}
        return other

    def change(self, new: Rows, updated: set[int]) -> None:
        self.only += [new[number] for number in new.keys() - self.rows.keys()]
        for offset in (*self.offsets.values(), self.fresh):
            offset.note(self.rows, new, updated)
        self.rows = new

    def insert(self, *rows: tuple[int, int]) -> None:
        new = dict(self.rows)
        for row in rows:
            self.number += 1
            new[self.number] = row
        self.change(new, set())


class Machine(RuleBasedStateMachine):
    """Drives the engine and the model through the same statements."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = DuckDBEngine()
        self.client = Client(self.engine.open_session())
        self.other = Client(self.engine.open_session())
        self.model = Model()
        self.committed: Model | None = None
        """The model as it was when the open transaction began."""
        self.consumed: set[str] = set()

    def teardown(self) -> None:
        self.engine.close()

    @initialize(rows=st.lists(st.tuples(KEYS, VALUES), max_size=3))
    def begin_with(self, rows: list[tuple[int, int]]) -> None:
        self.client.run("create table t (k int, v int)")
        self.client.run("create table sink (k int, v int)")
        for row in rows:
            self.client.run(f"insert into t values {row}")
        self.model.insert(*rows)
        streams = Streams(self.client)
        for name in ("one", "two"):
            streams.create(name, "t")
            self.model.offsets[name] = Offset(self.model.rows)
        streams.create("only", "t", is_append_only=True)
        self.model.only = []

    # -- statements

    @rule(rows=st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=3))
    def insert(self, rows: list[tuple[int, int]]) -> None:
        self.client.run(f"insert into t values {', '.join(map(str, rows))}")
        self.model.insert(*rows)

    @rule(key=KEYS)
    def insert_from_itself(self, key: int) -> None:
        self.client.run(f"insert into t select k, v from t where k = {key}")
        self.model.insert(*[row for row in self.model.rows.values() if row[0] == key])

    @rule(key=KEYS, value=VALUES)
    def update(self, key: int, value: int) -> None:
        self.client.run(f"update t set v = {value} where k = {key}")
        self._update({number for number, row in self.model.rows.items() if row[0] == key}, value)

    @rule(key=KEYS, value=VALUES)
    def update_from(self, key: int, value: int) -> None:
        self.client.run(f"update t set v = {value} from (select {key} as k union select 9) u where t.k = u.k")
        self._update({number for number, row in self.model.rows.items() if row[0] == key}, value)

    @rule(key=KEYS)
    def delete(self, key: int) -> None:
        self.client.run(f"delete from t where k = {key}")
        self.model.change({n: row for n, row in self.model.rows.items() if row[0] != key}, set())

    @rule(key=KEYS, value=VALUES)
    def merge(self, key: int, value: int) -> None:
        """A zero takes rows away, anything else changes them, or is new."""
        self.client.run(
            f"merge into t using (select {key} as k, {value} as v) u on t.k = u.k "
            "when matched and u.v = 0 then delete when matched and t.v <> 3 then update set v = u.v "
            "when not matched then insert (k, v) values (u.k, u.v)"
        )
        met = {number for number, row in self.model.rows.items() if row[0] == key}
        if not met:
            self.model.insert((key, value))
        elif value == 0:
            self.model.change({n: row for n, row in self.model.rows.items() if n not in met}, set())
        else:
            self._update({number for number in met if self.model.rows[number][1] != 3}, value)

    @rule(rows=st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=2))
    def overwrite(self, rows: list[tuple[int, int]]) -> None:
        self.client.run(f"insert overwrite into t values {', '.join(map(str, rows))}")
        self.model.change({}, set())
        self.model.insert(*rows)

    @rule(row=st.tuples(KEYS, VALUES))
    def insert_into_several(self, row: tuple[int, int]) -> None:
        key, value = row
        self.client.run(
            "insert all when v > 1 then into t values (k, 0) when true then into t values (k, v) "
            f"select {key} as k, {value} as v"
        )
        self.model.insert(*([(key, 0)] if value > 1 else []), row)

    @rule()
    def fail(self) -> None:
        with pytest.raises(ClockmillError):
            self.client.run("insert into t select 1, 1 / 0")

    def _update(self, numbers: set[int], value: int) -> None:
        new = {n: (row[0], value) if n in numbers else row for n, row in self.model.rows.items()}
        self.model.change(new, numbers)

    # -- transactions and consumers

    @precondition(lambda self: self.committed is None)
    @rule()
    def truncate(self) -> None:
        self.client.run("truncate table t")
        self.model.change({}, set())

    @precondition(lambda self: self.committed is None)
    @rule()
    def begin(self) -> None:
        self.client.run("begin")
        self.committed = self.model.copy()
        self.model.fresh = Offset(self.model.rows)
        self.consumed = set()

    @precondition(lambda self: self.committed is not None)
    @rule()
    def commit(self) -> None:
        self.client.run("commit")
        assert self.committed is not None
        for name in self.consumed - {"only"}:
            self.model.offsets[name] = self.model.fresh.copy()
        if "only" in self.consumed:
            self.model.only = self.model.only[len(self.committed.only) :]
        self.committed = None

    @precondition(lambda self: self.committed is not None)
    @rule()
    def roll_back(self) -> None:
        self.client.run("rollback")
        assert self.committed is not None
        self.model, self.committed = self.committed, None

    @rule(name=st.sampled_from(["one", "two", "only"]))
    def consume(self, name: str) -> None:
        """In a transaction the stream moves to where that began; what was done in it is left to be seen."""
        self.client.run(f"insert into sink select k, v from {name}")
        if self.committed is not None:
            self.consumed.add(name)
        elif name == "only":
            self.model.only = []
        else:
            self.model.offsets[name] = Offset(self.model.rows)

    # -- what is seen

    @invariant()
    def streams_show_what_the_model_says(self) -> None:
        """In the transaction as outside: what is not committed is in no stream."""
        seen = self.committed or self.model
        for name, offset in seen.offsets.items():
            query = f"select k, v, metadata$action, metadata$isupdate from {name}"
            assert sorted(self.client.rows(query)) == offset.shown(seen.rows)
            assert sorted(self.other.rows(query)) == offset.shown(seen.rows)
        if seen.offsets:
            assert sorted(self.client.rows("select k, v from only")) == sorted(seen.only)
            assert sorted(self.client.rows("select k, v from t")) == sorted(self.model.rows.values())


TestStreamsBesideAModel = Machine.TestCase
TestStreamsBesideAModel.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
