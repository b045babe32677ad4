"""Log lines: an event, and its facts."""

import logging

from clockmill.logs import FactsFormatter


def line(message: str, **facts: object) -> str:
    record = logging.makeLogRecord({"msg": message, "levelname": "INFO", "name": "clockmill.x", **facts})
    return FactsFormatter("%(levelname)s %(message)s").format(record)


def test_facts_follow_the_event() -> None:
    """An error answer sends people to the log with a request id: it must be there."""
    assert line("request failed", request_id="1-2", times=3) == "INFO request failed request_id='1-2' times=3"


def test_an_event_without_facts_stands_alone() -> None:
    assert line("started") == "INFO started"


def test_a_fact_cannot_begin_a_line_of_its_own() -> None:
    assert "\n" not in line("refused", name="x\n2026 INFO all is well")
