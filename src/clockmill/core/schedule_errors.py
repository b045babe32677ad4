"""What can be wrong with a schedule, in the texts of the reference's error catalogue."""

from clockmill.core.errors import InvalidRequest


class MalformedSchedule(InvalidRequest):
    """Text that is neither an interval nor a cron schedule."""

    def __init__(self) -> None:
        super().__init__(
            "Invalid schedule was specified. Please refer to the docs on what constitutes a valid schedule."
        )


class UnknownTimeZone(InvalidRequest):
    """A cron schedule ends in something that is no zone of the tz database."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f'Invalid schedule was specified. "{text}" is not a recognized time zone. '
            "Please specify time zones accepted by the TIMEZONE parameter."
        )


class NeverFires(InvalidRequest):
    """A cron schedule that no instant ever matches, such as 31 February."""

    def __init__(self) -> None:
        super().__init__("No valid time could be found under the schedule and/or interval specified")


class IntervalTooShort(InvalidRequest):
    """An interval of less than ten seconds."""

    def __init__(self) -> None:
        super().__init__("Cannot set schedule less than 10 seconds.")


class IntervalTooLong(InvalidRequest):
    """An interval of more than eight days."""

    def __init__(self) -> None:
        super().__init__("Cannot set schedule greater than 11,520 minutes.")
