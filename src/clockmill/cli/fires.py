"""``clockmill fires``: when a schedule fires next, and which fires began nothing."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from clockmill.cli.data_folder import DEFAULT_DATA_DIR, OPERATOR, DataDirFlag, StoreFlag, open_store, table
from clockmill.clock import SystemClock
from clockmill.core.errors import ClockmillError
from clockmill.core.names import QualifiedName
from clockmill.core.preview import Missing, Showing, Upcoming, preview
from clockmill.core.schedule import parse_schedule
from clockmill.service.history import HistoryService
from clockmill.service.schedules import find_schedule
from clockmill.sql.parser import read_name

app = App(
    name="fires",
    help="Show when a schedule fires next, with the nights on which clocks are changed.\n\n"
    "Intervals count from --from; those of a started task from when it was resumed.",
)

TaskFlag = Annotated[
    str | None, Parameter(name="--task", help="Name of a root task, as DATABASE.SCHEMA.NAME.")
]
Count = Annotated[int, Parameter(help="How many to show.", validator=Number(gte=1, lte=10_000))]


@app.default
def upcoming(
    schedule: Annotated[
        str | None, Parameter(help="Such as '5 MINUTES' or 'USING CRON 0 2 * * * Europe/Berlin'.")
    ] = None,
    /,
    *,
    task: TaskFlag = None,
    count: Count = 10,
    since: Annotated[
        datetime | None, Parameter(name="--from", help="Show what is later than this; UTC unless it says.")
    ] = None,
    store: StoreFlag = None,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Show the next fires of a schedule, or of the one that a task has."""
    if (schedule is None) == (task is None):
        raise ClockmillError("Name a schedule, or a task with --task: one of the two.")
    after = _instant(since) if since else SystemClock().now()
    text, base = schedule, after
    if task is not None:
        with open_store(data_dir, store) as opened:
            found = find_schedule(opened, OPERATOR, _qualified(task))
        text, base = found.text, found.base or after
        if found.base is None:
            print(f"{task} is suspended. If it were resumed at {_text(after)}:")
    rows = [_row(each) for each in preview(parse_schedule(text or ""), base, after, count)]
    print(table(("UTC", "LOCAL", "NOTE"), rows))


@app.command
def skipped(
    *,
    task: Annotated[str | None, Parameter(name="--task", help="Only those of roots of this name.")] = None,
    count: Count = 100,
    store: StoreFlag = None,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Show the fires of started roots that began no run, in a row and with the reason, latest first."""
    with open_store(data_dir, store) as opened:
        history = HistoryService(store=opened, clock=SystemClock())
        name = None if task is None else read_name(task).parts[-1]
        found = history.skipped_fires(OPERATOR, root_name=name, limit=count)
    rows: list[tuple[str, ...]] = [
        (
            str(each.home.object(each.root_name)),
            _text(each.first),
            _text(each.last),
            str(each.fires),
            each.reason.value,
        )
        for each, _ in found
    ]
    print(table(("TASK", "FIRST", "LAST", "FIRES", "REASON"), rows))


def _row(each: Upcoming | Missing) -> tuple[str, ...]:
    match each:
        case Upcoming():
            return _text(each.at), each.local.isoformat(sep=" ", timespec="seconds"), _NOTES[each.showing]
        case Missing():
            return "-", f"{each.first:%Y-%m-%d %H:%M:%S}", _missing_note(each)


_NOTES = {
    Showing.ONCE: "",
    Showing.FIRST: "repeated: the first of two",
    Showing.SECOND: "repeated: the second of two",
}


def _missing_note(missing: Missing) -> str:
    others = f" with {missing.times - 1} more" if missing.times > 1 else ""
    # A zone that changes sides of the date line leaves out a whole day.
    form = "%H:%M" if missing.before.date() == missing.after.date() else "%Y-%m-%d %H:%M"
    jump = f"from {missing.before:{form}} to {missing.after:{form}}"
    return f"missing{others}: the clock jumps {jump}"


def _qualified(text: str) -> QualifiedName:
    parts = read_name(text).parts
    if len(parts) != 3:
        raise ClockmillError(f"'{text}' does not name a task in full: DATABASE.SCHEMA.NAME.")
    return QualifiedName(*parts)


def _instant(given: datetime) -> datetime:
    return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)


def _text(instant: datetime) -> str:
    # Fires are whole seconds, but for intervals of a task that was resumed within one.
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat(sep=" ")
