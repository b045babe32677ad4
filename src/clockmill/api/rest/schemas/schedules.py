"""Schedules on the wire: MINUTES_TYPE and CRON_TYPE, between them and SQL text."""

from functools import lru_cache

import msgspec

from clockmill.api.errors import InvalidEntity
from clockmill.core.schedule import cron_text, interval_text, minutes_and_seconds, parse_interval_s
from clockmill.core.schedule_errors import UnknownTimeZone


class ScheduleIn(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule as sent. Which properties count is said by *schedule_type*."""

    schedule_type: str | None = None
    minutes: int | None = None
    seconds: int | None = None
    cron_expr: str | None = None
    timezone: str | None = None


class MinutesSchedule(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="schedule_type", tag="MINUTES_TYPE"
):
    """An interval. *seconds* is what is left over whole minutes, sent only if anything is."""

    minutes: int
    seconds: int = 0


class CronSchedule(msgspec.Struct, frozen=True, tag_field="schedule_type", tag="CRON_TYPE"):
    """A cron expression of five fields in a time zone."""

    cron_expr: str
    timezone: str


def schedule_text(given: ScheduleIn | None) -> str | None:
    """Return the SQL text of a schedule; whether it is a valid one is not looked at."""
    match given:
        case None:
            return None
        case ScheduleIn(schedule_type="MINUTES_TYPE"):
            return _interval_text(given, "schedule")
        case ScheduleIn(schedule_type="CRON_TYPE"):
            return _cron_text(given)
    raise InvalidEntity(
        "The request entity had the following errors: schedule_type must be CRON_TYPE or MINUTES_TYPE "
        f"(was '{given.schedule_type or ''}') - at `$.schedule`"
    )


def target_interval_text(given: ScheduleIn | None) -> str | None:
    """Return the SQL text of a target completion interval, which is always one of minutes."""
    if given is None:
        return None
    if given.schedule_type not in {None, "MINUTES_TYPE"}:
        raise InvalidEntity(
            "The request entity had the following errors: schedule_type must be MINUTES_TYPE "
            f"(was '{given.schedule_type}') - at `$.target_completion_interval`"
        )
    return _interval_text(given, "target_completion_interval")


def _interval_text(given: ScheduleIn, place: str) -> str:
    if given.minutes is None:
        raise InvalidEntity(
            f"The request entity had the following errors: minutes cannot be null - at `$.{place}`"
        )
    seconds = given.seconds or 0
    if given.minutes < 0 or not 0 <= seconds < 60:
        raise InvalidEntity(
            "The request entity had the following errors: minutes must be at least 0 and seconds from "
            f"0 to 59 - at `$.{place}`"
        )
    return interval_text(60 * given.minutes + seconds)


def _cron_text(given: ScheduleIn) -> str:
    if given.cron_expr is None or given.timezone is None:
        missing = "cron_expr" if given.cron_expr is None else "timezone"
        raise InvalidEntity(
            f"The request entity had the following errors: {missing} cannot be null - at `$.schedule`"
        )
    if len(given.timezone.split()) != 1:
        # As text, the zone would change places with the last field of the expression.
        raise UnknownTimeZone(given.timezone)
    return cron_text(given.cron_expr, given.timezone)


@lru_cache(maxsize=1_024)
def schedule_out(text: str | None) -> MinutesSchedule | CronSchedule | None:
    """Return a stored schedule as it is sent: any interval in minutes and seconds."""
    if text is None:
        return None
    words = text.split()
    if len(words) > 2:
        _, _, *fields, zone = words
        return CronSchedule(" ".join(fields), zone)
    return MinutesSchedule(*minutes_and_seconds(parse_interval_s(text)))
