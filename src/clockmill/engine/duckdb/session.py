"""A session: translates statements, takes their locks, runs them, and keeps its transaction."""

# ruff: noqa: S101
# S101: narrows a type that the syntax tree leaves open.

import contextlib
import re
from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import InternalFault, StatementCancelled
from clockmill.engine.duckdb import parse
from clockmill.engine.duckdb.connection import Connection
from clockmill.engine.duckdb.counts import columns_of, result_of
from clockmill.engine.duckdb.faults import Conflict
from clockmill.engine.duckdb.host_rows import rows_as_json
from clockmill.engine.duckdb.markers import Mark
from clockmill.engine.duckdb.objects import Object
from clockmill.engine.duckdb.relations import temporary_relations
from clockmill.engine.duckdb.results import convert_rows
from clockmill.engine.duckdb.shared import Shared
from clockmill.engine.duckdb.streams.commits import NOTHING, done_by, settled
from clockmill.engine.duckdb.streams.definitions import compile_change
from clockmill.engine.duckdb.transaction import Transaction
from clockmill.engine.duckdb.translate.plan import Form, Plan, Step, renumber
from clockmill.engine.duckdb.translate.statements import compile_statement, new_unit
from clockmill.engine.duckdb.translate.unit import Answers, Parameter, Unit
from clockmill.engine.protocol import Binding, Relation, StatementContext, StreamChange
from clockmill.engine.result import Kind, Result, StatementType, status

_ATTEMPTS: Final = 20
"""How often a statement is tried whose rows somebody else was changing."""
_TRANSLATIONS: Final = 1000
"""How often a statement is translated anew because of DDL that came between. Each time is another's gain."""
_TRANSACTION: Final = re.compile(
    r"\s*(?:(BEGIN|START)(?:\s+(?:WORK|TRANSACTION))?(?:\s+NAME\s+\S+)?|(COMMIT|ROLLBACK)(?:\s+WORK)?)\s*;?\s*\Z",
    re.IGNORECASE,
)
_SETTINGS: Final = (
    "TIMEZONE", "DATE_INPUT_FORMAT", "DATE_OUTPUT_FORMAT", "TIME_INPUT_FORMAT", "TIME_OUTPUT_FORMAT",
    "TIMESTAMP_INPUT_FORMAT", "TIMESTAMP_OUTPUT_FORMAT", "TIMESTAMP_NTZ_OUTPUT_FORMAT",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT", "TIMESTAMP_TZ_OUTPUT_FORMAT", "WEEK_START", "WEEK_OF_YEAR_POLICY",
    "BINARY_INPUT_FORMAT", "BINARY_OUTPUT_FORMAT", "TIMESTAMP_TYPE_MAPPING",
)  # fmt: skip
"""The parameters that change what a statement means."""


class DuckDBSession:
    """One user's session. One thread uses it at a time."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._connection = Connection(shared.connect(), shared.loss)
        self._temporary: dict[tuple[str, str], Object] = {}
        self._temporary_version = 0
        self._transaction: Transaction | None = None
        self._is_closed = False

    @property
    def in_transaction(self) -> bool:
        return self._transaction is not None

    @property
    def is_clean(self) -> bool:
        """True if whoever got it next would find nothing left: no transaction, no temporary table."""
        return self._transaction is None and not self._temporary and not self._is_closed

    def temporary_relations(self, namespace: str) -> list[Relation]:
        """Return the session's temporary tables in *namespace*, by name; their rows are not counted."""
        found = [thing for thing in list(self._temporary.values()) if thing.namespace == namespace]
        return temporary_relations(self._shared, found)

    def execute(self, sql: str, context: StatementContext) -> Result:
        """Run one statement; see :class:`clockmill.engine.protocol.EngineSession`."""
        if context.cancel.reason is not None:
            raise StatementCancelled
        control = _TRANSACTION.match(sql)
        if control is not None:
            word = (control[1] or control[2]).upper()
            return self._control("BEGIN" if word == "START" else word, context)
        answers = Answers(context.functions, context.tables)
        return self._attempts(lambda version: self._plan(sql, context, version, answers), context, answers)

    def change_stream(self, change: StreamChange, context: StatementContext) -> Result:
        """Make, change or drop a stream; as other DDL it is a transaction of its own."""
        answers = Answers(context.functions, context.tables)
        return self._attempts(
            lambda _: compile_change(change, self._unit(context, answers)), context, answers
        )

    def _attempts(
        self, planned: Callable[[int], Plan], context: StatementContext, answers: Answers
    ) -> Result:
        for _ in range(_TRANSLATIONS):
            result = self._attempt(planned, context, answers)
            if result is not None:
                return result
            if context.cancel.reason is not None:
                raise StatementCancelled
        raise InternalFault

    def close(self) -> None:
        """End the session; an open transaction is rolled back and its locks are freed."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._transaction is not None:
            self._transaction.roll_back()
            self._transaction = None
        self._connection.close()
        self._shared.drop_doomed()

    # -- transactions

    def _control(self, word: str, context: StatementContext) -> Result:
        done = status("Statement executed successfully.", StatementType.TCL)
        if context.describe_only:
            return done
        if word == "BEGIN":
            if self._transaction is None:
                self._begin()
        elif self._transaction is not None:
            transaction, self._transaction = self._transaction, None
            if word == "COMMIT":
                self._commit(transaction, context)
            else:
                transaction.roll_back()
            self._shared.drop_doomed()
        return done

    def _commit(self, transaction: Transaction, context: StatementContext) -> None:
        self._shared.streams.committed(transaction.commit(context.cancel, self._mark(context)))
        self._shared.checkpoints.consider()

    def _mark(self, context: StatementContext) -> Mark | None:
        """Return the marker that the next commit has to write: None of what is no body, or has one."""
        completion = context.completion
        if completion is None or completion.is_written:
            return None
        return Mark(self._shared.markers, completion)

    def _begin(self) -> Transaction:
        self._transaction = Transaction(self._connection, self._shared.locks, self._shared.positions)
        return self._transaction

    # -- one statement

    def _attempt(
        self, planned: Callable[[int], Plan], context: StatementContext, answers: Answers
    ) -> Result | None:
        """Run the statement, or return None where somebody's DDL came between: translate again."""
        version = self._shared.objects.version
        plan = planned(version)
        if context.describe_only:
            return Result(columns=columns_of(plan), rows=[], statement_type=plan.type)
        if context.completion is not None and plan.form is not Form.ROWS:
            context.completion.check()
        if plan.is_ddl and self._transaction is not None:
            # DDL is a transaction of its own and ends the open one.
            transaction, self._transaction = self._transaction, None
            self._commit(transaction, context)
        values = [_value(parameter, context, answers) for parameter in plan.parameters]
        if plan.form is Form.ROWS:
            return self._read(plan, values, context, version)
        if self._transaction is None and not plan.is_ddl and _is_manual(context):
            self._begin()
        if self._transaction is not None:
            return self._write_in_transaction(plan, values, context, version)
        return self._write(plan, values, context, version)

    def _read(self, plan: Plan, values: list[Any], context: StatementContext, version: int) -> Result | None:
        try:
            if self._transaction is not None:
                rows = self._transaction.read(plan, values, context.cancel)
            else:
                rows = self._read_alone(plan, values, context.cancel)
        except (Conflict, InternalFault) as error:
            if self._shared.objects.settled_version() != version:
                return None
            raise InternalFault from error
        return Result(
            columns=columns_of(plan), rows=convert_rows(rows, plan.columns), statement_type=plan.type
        )

    def _read_alone(self, plan: Plan, values: list[Any], cancel: CancelToken) -> list[tuple[Any, ...]]:
        positions = self._shared.positions
        with contextlib.closing(positions.begin()) as reading:
            return self._connection.query(plan.steps[0], settled(plan, values, positions, reading), cancel)

    def _write(self, plan: Plan, values: list[Any], context: StatementContext, version: int) -> Result | None:
        shared = self._shared
        names = [name for name, _ in plan.locks]
        shared.locks.acquire(self, plan.locks, context.cancel, waiting=context.waiting)
        written = False
        commit = NOTHING
        reading = shared.positions.begin()
        try:
            if shared.objects.version != version:
                return None
            values = settled(plan, values, shared.positions, reading)
            counts = self._run_alone(plan, values, context, version)
            written = counts is not None
            if counts is not None:
                commit = done_by(plan, values, counts, reading)
                if commit:
                    shared.positions.publish(commit.logged, commit.moved)
        finally:
            reading.close()
            shared.locks.release(self, names, written=written)
            shared.drop_doomed()
        shared.streams.committed(commit)
        shared.streams.tell(thing for thing in plan.added if thing.stream is not None)
        shared.checkpoints.consider()
        return result_of(plan, counts) if counts is not None else None

    def _run_alone(
        self, plan: Plan, values: list[Any], context: StatementContext, version: int
    ) -> list[list[tuple[Any, ...]]] | None:
        """Run the statement in a transaction of its own; return None where it must be translated anew."""
        mark = self._mark(context)

        def commit(done: Callable[[], None]) -> None:
            with self._shared.objects.committing:
                done()
                self._made_known(plan)

        for _ in range(_ATTEMPTS):
            try:
                if not plan.is_ddl:
                    return self._connection.run(plan.steps, values, context.cancel, mark=mark)
                counts = self._connection.run(plan.steps, values, context.cancel, commit, mark)
                if len(plan.steps) < 2 and mark is None:  # no transaction was needed, and none committed
                    self._made_known(plan)
            except Conflict as error:
                conflict = error
                if self._shared.objects.settled_version() != version:
                    return None
            else:
                return counts
        raise InternalFault from conflict

    def _write_in_transaction(
        self, plan: Plan, values: list[Any], context: StatementContext, version: int
    ) -> Result | None:
        transaction = self._transaction
        assert transaction is not None
        transaction.lock(plan.locks, context.cancel, context.waiting)
        if self._shared.objects.version != version:
            return None
        return result_of(plan, transaction.write(plan, values, context.cancel))

    def _made_known(self, plan: Plan) -> None:
        for thing in plan.dropped:
            if thing.is_temporary:
                self._temporary.pop(thing.key, None)
        for thing in plan.added:
            if thing.is_temporary:
                self._temporary[thing.key] = thing
        self._temporary_version += 1
        lasting = (
            [t for t in plan.added if not t.is_temporary],
            [t for t in plan.dropped if not t.is_temporary],
        )
        if any(lasting):
            self._shared.streams.settle(*lasting)
            self._shared.objects.committed(*lasting)

    # -- translation

    def _plan(self, sql: str, context: StatementContext, version: int, answers: Answers) -> Plan:
        key = self._key(sql, context)
        cached = self._shared.plans.get(key)
        if cached is not None:
            plan: Plan = cached[0]
            if (
                cached[1] == version
                and all(context.catalog.namespace(schema) == namespace for schema, namespace in cached[2])
                and all(context.catalog.functions(name) == found for name, found in cached[3])
            ):
                return plan
        tree = self._shared.trees.get(sql)
        if tree is None:
            tree = parse.parse(sql)
            self._shared.trees.put(sql, tree, sql)
        unit = self._unit(context, answers)
        plan = compile_statement(tree, sql, unit)
        if plan.is_cacheable:
            kept = (plan, version, tuple(unit.schemas.items()), tuple(unit.functions.items()))
            self._shared.plans.put(key, kept, sql)
        return plan

    def _unit(self, context: StatementContext, answers: Answers) -> Unit:
        evaluate = self._evaluate(context, answers)
        return new_unit(context, self._shared.objects, self._temporary, evaluate, answers)

    def _key(self, sql: str, context: StatementContext) -> tuple[Any, ...]:
        parameters = context.parameters
        return (
            sql,
            context.home,
            tuple(map(parameters.get, _SETTINGS)) if parameters else (),
            tuple((name, b.type) for name, b in context.bindings.items()) if context.bindings else (),
            tuple((name, b.type) for name, b in context.variables.items()) if context.variables else (),
            context.describe_only,
            (id(self), self._temporary_version) if self._temporary else None,
        )

    def _evaluate(self, context: StatementContext, answers: Answers) -> Any:
        def evaluate(sql: str, parameters: list[Parameter]) -> Any:
            """Return the value of an expression that depends on no row."""
            text, uses = renumber(f"SELECT {sql}")
            values = [
                _value(parameter, context, answers) if place in uses else None
                for place, parameter in enumerate(parameters)
            ]
            rows = self._connection.query(Step(text, (), True, uses=uses), values, context.cancel)
            return rows[0][0]

        return evaluate


def _is_manual(context: StatementContext) -> bool:
    setting = context.parameters.get("AUTOCOMMIT", True)
    return setting is False or str(setting).lower() == "false"


def _value(parameter: Parameter, context: StatementContext, answers: Answers) -> Any:
    """Return what a prepared parameter stands for in this execution."""
    if parameter.source == "now":
        return context.now.replace(tzinfo=None)
    if parameter.source == "wall":
        return context.now.astimezone(ZoneInfo(parameter.name)).replace(tzinfo=None)
    if parameter.source in ("batch", "stream"):
        return None  # known once the locks are held
    if parameter.source == "host":
        return answers.ask(parameter)[0]
    if parameter.source == "table":
        table, kinds = parameter.arguments
        return rows_as_json(answers.read(table), kinds)
    source = context.bindings if parameter.source == "bind" else context.variables
    found = source.get(parameter.name) or source[parameter.name.upper()]
    return _for_duckdb(found)


def _for_duckdb(binding: Binding) -> Any:
    value = binding.value
    if value is None:
        return None
    if binding.type.kind is Kind.TIMESTAMP_LTZ and value.tzinfo is not None:
        return (value - value.utcoffset()).replace(tzinfo=None)
    if binding.type.kind is Kind.TIMESTAMP_TZ and value.tzinfo is not None:
        offset = value.utcoffset()
        return {"u": (value - offset).replace(tzinfo=None), "o": int(offset.total_seconds() // 60)}
    return value
