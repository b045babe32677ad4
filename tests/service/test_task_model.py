"""A model beside the real service: a few dictionaries that know the rules of tasks by heart.

Hypothesis makes up what users do, in any order; after each step the store must hold what the
model says, and what the model refuses must have been refused and have changed nothing.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select
from tests.service.task_world import ADMIN, HOME, TaskWorld, named

from clockmill.core import task_errors as errors
from clockmill.core.errors import AlreadyExists, ClockmillError, NotFound
from clockmill.core.graph import GraphHasCycle, GraphHasManyRoots
from clockmill.core.task import CreateMode, SuspendReason
from clockmill.store.database import Store
from clockmill.store.tables import roots

NAMES = ("A", "B", "C", "D", "E")
INTERVAL = timedelta(minutes=10)


@dataclass(frozen=True)
class Wish:
    """What a statement says of a task."""

    after: frozenset[str] = frozenset()
    finalize: str | None = None
    scheduled: bool = False
    comment: str = ""

    @property
    def is_root(self) -> bool:
        return not self.after and self.finalize is None


@dataclass(frozen=True)
class Model:
    """A task as the model knows it."""

    serial: int
    wish: Wish
    started: bool = False
    suspended_on: datetime | None = None
    reason: SuspendReason | None = None
    committed_on: datetime | None = None


Snapshot = frozenset[tuple[int, Wish, bool]]


@dataclass
class Account:
    """The rules, said once more and in another way than the service says them."""

    tasks: dict[str, Model] = field(default_factory=dict)
    versions: dict[int, list[Snapshot]] = field(default_factory=dict)
    due: dict[int, datetime] = field(default_factory=dict)
    serial: int = 0

    def children(self, name: str) -> set[str]:
        return {each for each, task in self.tasks.items() if name in task.wish.after}

    def finalizer(self, name: str) -> str | None:
        return next((each for each, task in self.tasks.items() if task.wish.finalize == name), None)

    def above(self, names: set[str]) -> set[str]:
        """Return *names* and everything they follow from or finalize."""
        seen: set[str] = set()
        waiting = set(names)
        while waiting:
            name = waiting.pop()
            seen.add(name)
            wish = self.tasks[name].wish
            waiting |= (wish.after | ({wish.finalize} if wish.finalize else set())) - seen
        return seen

    def below(self, name: str) -> set[str]:
        seen: set[str] = set()
        waiting = {name}
        while waiting:
            seen.add(each := waiting.pop())
            waiting |= self.children(each) - seen
        return seen

    def members(self, root: str) -> set[str]:
        finalizer = self.finalizer(root)
        return self.below(root) | ({finalizer} if finalizer else set())

    def in_started_graph(self, *names: str) -> bool:
        above = self.above({name for name in names if name in self.tasks})
        return any(self.tasks[name].started and self.tasks[name].wish.is_root for name in above)

    # --- what is refused: the first error that applies, or None ----------------------------

    def wrong_in_itself(self, name: str, wish: Wish) -> type[ClockmillError] | None:
        checks = {
            errors.OwnPredecessor: name in wish.after,
            errors.ScheduleAndPredecessor: bool(wish.after) and wish.scheduled,
            errors.FinalizesItself: wish.finalize == name,
            errors.ScheduledFinalizer: wish.finalize is not None and wish.scheduled,
            errors.FinalizerWithPredecessors: wish.finalize is not None and bool(wish.after),
        }
        return next((error for error, applies in checks.items() if applies), None)

    def wrong_ties(self, name: str, wish: Wish) -> type[ClockmillError] | None:
        for predecessor in sorted(wish.after):
            if predecessor not in self.tasks:
                return errors.InvalidPredecessor
            if self.tasks[predecessor].wish.finalize is not None:
                return errors.FinalizerWithChildren
        if wish.finalize is None:
            return None
        if wish.finalize not in self.tasks:
            return errors.InvalidFinalizedRoot
        if not self.tasks[wish.finalize].wish.is_root:
            return errors.FinalizesNonRoot
        return errors.SecondFinalizer if self.finalizer(wish.finalize) not in (None, name) else None

    def wrong_beside_others(
        self, name: str, wish: Wish, becomes_child: type[ClockmillError]
    ) -> type[ClockmillError] | None:
        if name in self.tasks and self.in_started_graph(name):
            return errors.RootNotSuspended
        if self.finalizer(name) is not None and not wish.is_root:
            return becomes_child
        if self.children(name) and wish.finalize is not None:
            return errors.FinalizerWithChildren
        if (wrong := self.wrong_ties(name, wish)) is not None:
            return wrong
        tied = (*wish.after, *((wish.finalize,) if wish.finalize else ()))
        return errors.RootNotSuspended if self.in_started_graph(*tied) else None

    def wrong_graph(self, root: str) -> type[ClockmillError] | None:
        members = self.members(root)
        if any(not self.tasks[name].wish.after <= members for name in members):
            return GraphHasManyRoots
        settled: set[str] = set()
        while ready := {n for n in members - settled if self.tasks[n].wish.after <= settled}:
            settled |= ready
        return GraphHasCycle if settled != members else None

    # --- what changes ----------------------------------------------------------------------

    def put_new(self, name: str, wish: Wish) -> None:
        if name in self.tasks:
            self.due.pop(self.tasks[name].serial, None)
        self.serial += 1
        self.tasks[name] = Model(self.serial, wish)

    def suspend(self, name: str, reason: SuspendReason, now: datetime) -> None:
        task = self.tasks[name]
        self.tasks[name] = replace(task, started=False, suspended_on=now, reason=reason)
        self.due.pop(task.serial, None)

    def alter(self, name: str, wish: Wish, now: datetime) -> None:
        before = self.tasks[name]
        self.tasks[name] = replace(before, wish=wish)
        if wish.is_root and not before.wish.is_root:
            was_child = bool(before.wish.after)
            reason = SuspendReason.CHILD_BECAME_ROOT if was_child else SuspendReason.FINALIZER_BECAME_ROOT
            self.suspend(name, reason, now)

    def drop(self, name: str, now: datetime) -> None:
        children, finalizer = self.children(name), self.finalizer(name)
        self.due.pop(self.tasks.pop(name).serial, None)
        for child in children:
            task = self.tasks[child]
            left = replace(task.wish, after=task.wish.after - {name})
            self.tasks[child] = replace(task, wish=left)
            if not left.after:
                self.suspend(child, SuspendReason.CHILD_BECAME_ROOT, now)
        if finalizer is not None:
            task = self.tasks[finalizer]
            self.tasks[finalizer] = replace(task, wish=replace(task.wish, finalize=None))
            self.suspend(finalizer, SuspendReason.FINALIZER_BECAME_ROOT, now)

    def start_root(self, name: str, now: datetime) -> None:
        members = self.members(name)
        snapshot = frozenset(
            (task.serial, task.wish, task.started or each == name)
            for each, task in ((each, self.tasks[each]) for each in members)
        )
        root = self.tasks[name]
        kept = self.versions.setdefault(root.serial, [])
        is_new = not kept or kept[-1] != snapshot
        if is_new:
            kept.append(snapshot)
        for each in members if is_new else {name}:
            self.tasks[each] = replace(self.tasks[each], committed_on=now)
        self.tasks[name] = replace(self.tasks[name], started=True)
        if root.wish.scheduled:
            self.due[root.serial] = now + INTERVAL


some_name = st.sampled_from(NAMES)
some_wish = st.builds(
    Wish,
    after=st.frozensets(some_name, max_size=2),
    finalize=st.one_of(st.none(), st.none(), some_name),
    scheduled=st.booleans(),
    comment=st.sampled_from(["", "x"]),
)
# Left to chance, most wishes would be refused: here are some that seldom are.
some_child = st.builds(Wish, after=st.frozensets(some_name, min_size=1, max_size=2))
some_finalizer = st.builds(Wish, finalize=some_name)
wishes = st.one_of(some_wish, some_child, some_finalizer, st.builds(Wish, scheduled=st.booleans()))


class TaskMachine(RuleBasedStateMachine):
    """Users at work on five names."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store.temporary()
        self.world = TaskWorld(self.store)
        self.model = Account()
        self.serials: dict[str, int] = {}

    def teardown(self) -> None:
        self.store.close()

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def expect(self, error: type[ClockmillError] | None, act: str, *args: object, **kwargs: object) -> bool:
        """Do it for real, and return whether it was done; it is refused if *error* says so."""
        do = getattr(self.world, act)
        if error is None:
            do(*args, **kwargs)
            return True
        with pytest.raises(ClockmillError) as refused:
            do(*args, **kwargs)
        assert refused.type is error
        return False

    def define(
        self, act: str, name: str, wish: Wish, error: type[ClockmillError] | None, **kwargs: object
    ) -> bool:
        return self.expect(
            error,
            act,
            name,
            *sorted(wish.after),
            finalize=wish.finalize,
            schedule="10 MINUTES" if wish.scheduled else None,
            comment=wish.comment,
            **kwargs,
        )

    @rule(name=some_name, wish=wishes, mode=st.sampled_from(CreateMode))
    def create(self, name: str, wish: Wish, mode: CreateMode) -> None:
        model = self.model
        exists = name in model.tasks
        if exists and mode is CreateMode.IF_NOT_EXISTS:
            assert self.define("create", name, wish, None, mode=mode)
            return
        error: type[ClockmillError] | None = AlreadyExists
        if not exists or mode is CreateMode.OR_REPLACE:
            error = model.wrong_in_itself(name, wish) or model.wrong_beside_others(
                name, wish, errors.FinalizedReplacedByNonRoot
            )
        if self.define("create", name, wish, error, mode=mode):
            model.put_new(name, wish)

    @rule(name=some_name, wish=wishes)
    def alter(self, name: str, wish: Wish) -> None:
        model = self.model
        error = model.wrong_in_itself(name, wish) or model.wrong_beside_others(
            name, wish, errors.FinalizedBecomesChild
        )
        if self.define("alter", name, wish, error):
            if name in model.tasks:
                model.alter(name, wish, self.now)
            else:
                model.put_new(name, wish)

    @rule(name=some_name)
    def drop(self, name: str) -> None:
        model = self.model
        error: type[ClockmillError] | None = None
        if name not in model.tasks:
            error = NotFound
        elif model.in_started_graph(name) and model.members(name) | model.above({name}) != {name}:
            error = errors.RootNotSuspended
        if self.expect(error, "drop", name):
            model.drop(name, self.now)

    @rule(name=some_name)
    def resume(self, name: str) -> None:
        model = self.model
        task = model.tasks.get(name)
        error: type[ClockmillError] | None = None
        if task is None:
            error = NotFound
        elif task.wish.is_root and not task.started:
            error = model.wrong_graph(name)
        elif not task.wish.is_root and model.in_started_graph(name):
            error = errors.RootNotSuspended
        if not self.expect(error, "resume", name) or task is None or task.started:
            return
        if task.wish.is_root:
            model.start_root(name, self.now)
        else:
            model.tasks[name] = replace(task, started=True)

    @rule(name=some_name)
    def resume_all(self, name: str) -> None:
        model = self.model
        task = model.tasks.get(name)
        if task is None:
            return
        waiting = {each for each in model.members(name) if not model.tasks[each].started}
        error: type[ClockmillError] | None = None
        if waiting and model.in_started_graph(name):
            error = errors.RootNotSuspended
        elif waiting and task.wish.is_root:
            error = model.wrong_graph(name)
        if not self.expect(error, "resume_all", name) or not waiting:
            return
        for each in waiting - {name}:
            model.tasks[each] = replace(model.tasks[each], started=True)
        if task.wish.is_root:
            model.start_root(name, self.now)
        else:
            model.tasks[name] = replace(model.tasks[name], started=True)

    @rule(name=some_name)
    def suspend(self, name: str) -> None:
        model = self.model
        task = model.tasks.get(name)
        error: type[ClockmillError] | None = None
        if task is None:
            error = NotFound
        elif not task.wish.is_root and model.in_started_graph(name):
            error = errors.RootNotSuspended
        if self.expect(error, "suspend", name) and task is not None and task.started:
            model.suspend(name, SuspendReason.USER_SUSPENDED, self.now)

    @rule(minutes=st.integers(1, 30))
    def wait(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)

    @invariant()
    def the_store_holds_what_the_model_says(self) -> None:
        real = self.world.all()
        assert list(real) == sorted(self.model.tasks)
        for name, expected in self.model.tasks.items():
            task = real[name]
            assert self.serials.setdefault(task.id, expected.serial) == expected.serial
            assert task.is_started == expected.started
            assert task.last_suspended_on == expected.suspended_on
            assert task.last_suspended_reason == expected.reason
            assert task.last_committed_on == expected.committed_on
            assert task.finalizer == self.model.finalizer(name)
            assert task.spec.predecessors == tuple(sorted(expected.wish.after))
            assert task.spec.finalize == expected.wish.finalize
            assert task.spec.comment == expected.wish.comment
            assert (task.spec.schedule is not None) == expected.wish.scheduled

    @invariant()
    def the_ids_say_the_same_as_the_names(self) -> None:
        for name in self.model.tasks:
            found = self.world.service.list_dependents(ADMIN, named(name))
            assert found[0].name.name == name
            assert {each.name.name for each in found} == self.model.members(name)
            assert len(found) == len(self.model.members(name))

    @invariant()
    def the_scheduler_finds_what_is_due(self) -> None:
        with self.store.read() as tx:
            rows = tx.execute(select(roots.c.task_id, roots.c.next_fire_at, roots.c.graph_version)).all()
        due = {self.serials[row.task_id]: row.next_fire_at for row in rows if row.next_fire_at}
        assert due == self.model.due
        for row in rows:
            assert row.graph_version == len(self.model.versions[self.serials[row.task_id]])

    @invariant()
    def roots_are_what_no_task_comes_before(self) -> None:
        listed = self.world.service.list_tasks(ADMIN, HOME, root_only=True)
        assert [each.name.name for each in listed] == sorted(
            name for name, task in self.model.tasks.items() if task.wish.is_root
        )


TestTaskModel = TaskMachine.TestCase
TestTaskModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
