"""A simulated account: nodes, what goes wrong with them, clients, and the checker that sees it all."""

from collections import Counter
from datetime import timedelta
from functools import partial
from random import Random
from typing import Final

from tests.service.task_world import ADMIN, HOME, START
from tests.simulation.checker import OPEN, PROMISES
from tests.simulation.database import Change
from tests.simulation.history import Batch, History, Writer
from tests.simulation.ledger import Execution, Key, Ledger
from tests.simulation.machinery import Machinery
from tests.simulation.node import LEASE, Life, Node
from tests.simulation.plan import ASKED, Deed, Plan, What
from tests.simulation.shapes import GraphShape, Kind
from tests.simulation.timeline import Timeline
from tests.simulation.troubles import Troubles

from clockmill.core.errors import ClockmillError
from clockmill.wake import Topic

CALM_MS: Final = 15_000
"""How long everything works at the end before nothing is due any more."""

ENDING_MS: Final = 120_000
"""How long what is open then may take to come to an end."""

BACK_MS: Final = 700
"""How long a process takes to be started again."""

RECOVERY_MS: Final = round(LEASE.total_seconds() * 1000) + 1_000
"""Within this time somebody has taken up what a process has left, unless there is more trouble."""

_SPREAD_MS: Final = (1, 5, 40, 400)
"""How long a wake-up is on its way to another node."""

_LATE_MS: Final = 40


class World:
    """One simulation. :meth:`run` returns the promises that were broken, at most one batch of them."""

    def __init__(self, plan: Plan, machinery: Machinery, life: type[Life] = Life) -> None:
        self.plan = plan
        self.database = machinery.database
        self.template = machinery.template(plan.shape)
        self.ledger = Ledger()
        self.timeline = Timeline(machinery.fibers, self.complain)
        self.complaints: list[str] = []
        self.trace: list[str] = []
        self.commits = 0
        self.happened: Counter[str] = Counter()
        self._life = life
        self._gone: set[str] = set()
        self._last_death_ms = 0
        self._nodes = [Node("abc"[number]) for number in range(plan.nodes)]
        self._graphs: dict[str, GraphShape] = {
            self.template.ids[graph.root]: graph for graph in self.template.graphs
        }
        self._troubles = Troubles(self._nodes, self.timeline, self.database, self.died, self.happened)
        self.database.restore(self.template.image)
        self.history = History(
            graphs=self._graphs,
            ledger=self.ledger,
            is_gone=self._is_gone,
            reruns_interrupted=plan.reruns_interrupted,
        )
        self.history.begin(self.database.standing())

    def run(self) -> list[str]:
        for node in self._nodes:
            self._boot(node)
        for deed in self.plan.deeds:
            self.timeline.at(deed.at_ms, None, partial(self._do, deed))
        self.timeline.at(self.plan.lasts_ms, None, self._mend)
        self.timeline.at(self.plan.lasts_ms + CALM_MS, None, self._suspend_all)
        self.timeline.run(self.plan.lasts_ms + CALM_MS + ENDING_MS)
        if not self.complaints:
            self._judge_the_end()
        self.timeline.close()
        return self.complaints

    # --- what the parts of nodes tell --------------------------------------------------------

    def chance(self, key: Key, execution: int) -> Random:
        """Return what decides about an execution of a body, whatever else happens."""
        return Random(f"{self.plan.seed} {key} {execution}")

    def committed(self, life: Life) -> None:
        changes = self.database.take_changes()
        if not changes:
            return
        self.commits += 1
        writer = Writer(process=life.name, node=life.node.name)
        batch = Batch(at_ms=self.timeline.now_ms, writer=writer, changes=changes)
        self.happened["runs taken up from another process"] += sum(map(_is_taken_up, batch.of("graph_runs")))
        self.trace.extend(f"{batch.at_ms} {life.name} {change.said()}" for change in changes)
        self.history.apply(batch)
        for promise in PROMISES:
            for sentence in promise(self.history, batch):
                self.complain(f"{promise.__name__}: {sentence}")

    def body_began(self, key: Key, execution: Execution) -> None:
        self.trace.append(f"{self.timeline.now_ms} {execution.process} begins {key}")
        self.happened["bodies begun"] += 1
        self.happened["bodies begun again"] += int(self.ledger.begun[key] > 1)
        found = self.history.run_of(key, execution.query_id)
        if found is None or found[1]["state"] != "EXECUTING":
            self.complain(f"nothing begins before that is durable: {key} in {execution.process}")
        for other in self.ledger.running[key]:
            if (
                other.process not in self._gone
                and other.cancel.reason is None
                and not self._is_held(other.process)
            ):
                self.complain(f"a body runs once at a time: {key} in {other.process} and {execution.process}")

    def body_committed(self, key: Key, kind: Kind) -> None:
        self.trace.append(f"{self.timeline.now_ms} {self.ledger.commits[key][-1]}")
        steps = [commit.step for commit in self.ledger.commits[key]]
        may_repeat = self.plan.reruns_interrupted and kind is not Kind.ATOMIC
        if len(steps) > len(set(steps)) and not may_repeat:
            self.complain(f"a body commits once: {key} in {self.ledger.commits[key]}")

    def died(self, life: Life) -> None:
        """Take note of a process that ends; its node starts another one."""
        self._gone.add(life.name)
        self.trace.append(f"{self.timeline.now_ms} {life.name} is gone")
        if life.node.life is life:
            life.node.life = None
        self._last_death_ms = now_ms = self.timeline.now_ms
        self.timeline.at(now_ms + BACK_MS, None, lambda: self._boot(life.node))
        self.timeline.at(now_ms + RECOVERY_MS, None, partial(self._judge_recovery, life, now_ms))

    def spread(self, life: Life, topic: Topic) -> None:
        for node in self._nodes:
            if node is life.node or (other := node.life) is None:
                continue
            if node.is_deaf or life.node.is_deaf:
                self.happened["wake-ups lost"] += 1
            else:
                delay = life.random.choice(_SPREAD_MS)
                self.happened["wake-ups late"] += int(delay >= _LATE_MS)
                self.timeline.at(self.timeline.now_ms + delay, other, partial(other.wakeups.hear, topic))

    def mistaken(self, life: Life, error: BaseException) -> None:
        if not life.is_stopping:
            self.complain(f"{life.name} made a mistake: {type(error).__name__}: {error}")

    def complain(self, sentence: str) -> None:
        """Note a promise that is broken, and let the simulation be over."""
        self.complaints.append(f"{self.timeline.now_ms / 1000:.3f} s: {sentence}")
        self.timeline.is_over = True

    # --- what happens ------------------------------------------------------------------------

    def _boot(self, node: Node) -> None:
        if node.life is None:
            node.lives += 1
            self.happened["nodes come back"] += int(node.lives > 1)
            node.life = life = self._life(self, node, node.lives)
            life.spawn(life.run, delay_ms=0)

    def _is_gone(self, process: str, node: str) -> bool:
        """Say whether a process has no claim any more to what it owns: it or its lease has ended."""
        row = self.history.nodes.get(node)
        now = START + timedelta(milliseconds=self.timeline.now_ms)
        return process in self._gone or row is None or row["lease_until"] <= now.timestamp() * 1_000_000

    def _is_held(self, process: str) -> bool:
        return any(node.life and node.life.name == process and node.life.is_paused for node in self._nodes)

    def _do(self, deed: Deed) -> None:
        self.trace.append(f"{self.timeline.now_ms} {deed.what.name} {deed.node}")
        if deed.what in ASKED:
            self.happened["requests of clients"] += 1
            self._ask(deed)
        else:
            self._troubles.cause(deed)

    # --- clients -----------------------------------------------------------------------------

    def _ask(self, deed: Deed) -> None:
        lives = [
            node.life for node in self._nodes if node.life and not node.life.is_paused and not node.is_away
        ]
        if not lives:
            return
        life = lives[deed.node % len(lives)]
        graph = self.template.graphs[deed.chance % len(self.template.graphs)]
        life.spawn(lambda: self._request(life, deed, graph))

    def _request(self, life: Life, deed: Deed, graph: GraphShape) -> None:
        root = HOME.object(graph.root)
        try:
            match deed.what:
                case What.EXECUTE:
                    group_id = life.new_id()
                    life.runs(group_id).execute_task(ADMIN, root)
                    if group_id not in self.history.attempts:
                        self.complain(f"what was acknowledged is gone: a run of {graph.root}")
                case What.RETRY:
                    life.runs("").execute_task(ADMIN, root, retry_last=True)
                case What.CANCEL:
                    name = graph.tasks[deed.chance // 7 % len(graph.tasks)]
                    life.runs("").cancel_ongoing(ADMIN, HOME.object(name))
                case What.SUSPEND:
                    life.tasks.suspend_task(ADMIN, root)
                case What.RESUME:
                    life.tasks.resume_task(ADMIN, root)
        except ClockmillError as error:
            self.trace.append(f"{self.timeline.now_ms} refused: {error}")
        except Exception as error:  # noqa: BLE001 - which a client would see as a mistake of ours
            self.complain(f"{life.name} answers with {type(error).__name__}: {str(error)[:200]}")

    # --- recovery ----------------------------------------------------------------------------

    def _judge_recovery(self, life: Life, since_ms: int) -> None:
        if self._troubles.last_until > since_ms or self._last_death_ms > since_ms:
            return
        for run_id, holder in self.history.owners.items():
            run = self.history.runs[run_id]
            if run["state"] == "EXECUTING" and holder.process == life.name:
                self.complain(f"recovery is bounded: graph run {run_id} is still with {life.name}")

    # --- the end -----------------------------------------------------------------------------

    def _mend(self) -> None:
        self._troubles.mend()
        for node in self._nodes:
            self._boot(node)

    def _suspend_all(self) -> None:
        """Let nothing more be due, so that what is open comes to its end."""
        life = next((node.life for node in self._nodes if node.life is not None), None)
        if life is None:
            self.complain("no node came back")
            return
        for graph in self.template.graphs:
            life.spawn(partial(self._suspend, life, graph))
        self._look_for_the_end()

    def _suspend(self, life: Life, graph: GraphShape) -> None:
        life.tasks.suspend_task(ADMIN, HOME.object(graph.root))

    def _look_for_the_end(self) -> None:
        if any(run["state"] in OPEN for run in self.history.runs.values()):
            self.timeline.at(self.timeline.now_ms + 2_000, None, self._look_for_the_end)
        else:
            self.timeline.is_over = True

    def _judge_the_end(self) -> None:
        for run in self.history.runs.values():
            if run["state"] in OPEN:
                tasks = {name: row["state"] for name, row in self.history.tasks[run["id"]].items()}
                self.complain(
                    f"every run comes to an end: graph run {run['id']} of {run['root_name']} is still "
                    f"{run['state']} with {run['owner_node']}: {tasks}"
                )


def _is_taken_up(change: Change) -> bool:
    """Say whether a run that was under way has got an owner again."""
    before, after = change.before, change.after
    return (
        before is not None
        and after is not None
        and before["state"] == after["state"] == "EXECUTING"
        and before["owner_node"] is None
        and after["owner_node"] is not None
    )
