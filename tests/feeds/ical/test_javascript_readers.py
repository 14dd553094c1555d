"""What engines of another family see: ical.js is Thunderbird's, node-ical is what many servers use."""

import json
import subprocess
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest

from shuttle.domain.basics.service_time import dates, instant
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.ical.calendars import departures_calendar
from tests.builders import (
    a_cancellation,
    a_retiming,
    a_schedule,
    a_timetable,
    an_extra,
    the_real_schedule,
    trips,
    with_changes,
)
from tests.conftest import MODULES, OSLO, node

SCRIPT = Path(__file__).with_name("readers.mjs")
TODAY = date(2026, 1, 1)
YEAR = dates(TODAY, TODAY + timedelta(days=399))
Seen = set[tuple[str, str, str]]


def seen(schedule: Schedule, days: list[date]) -> dict[str, Seen]:
    """Reader -> what it shows."""
    content = departures_calendar(schedule, TODAY, OSLO, "nb", days)
    command = [node("ical.js", "node-ical"), str(SCRIPT), str(MODULES / "node-ical" / "package.json")]
    answer = subprocess.run(command, input=content, capture_output=True, timeout=60, check=True)
    events_by_reader: dict[str, list[list[str]]] = json.loads(answer.stdout)
    return {
        reader: {(uid, starts, ends) for uid, starts, ends in events} for reader, events in events_by_reader.items()
    }


def expected(schedule: Schedule, days: list[date]) -> Seen:
    def written(day: date, minute: int) -> str:
        return instant(day, minute, OSLO).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    return {
        (f"{departure.id}@shuttle", written(day, departure.departs), written(day, departure.calls[-1].arrives))
        for day in days
        for departure in schedule.departures_on(day).departures
    }


@pytest.mark.slow
@pytest.mark.parametrize("reader", ["ical.js", "node-ical"])
def test_an_engine_shows_each_of_400_days_as_the_resolver_has_it(reader: str) -> None:
    schedule = with_changes(
        the_real_schedule(),
        a_cancellation("gyldenpris-weekday-1000", date(2026, 3, 30)),
        a_retiming("gyldenpris-weekday-1200", date(2026, 10, 26), "12:30"),
        an_extra("nesttun", date(2026, 6, 1), "24:30"),
    )
    assert seen(schedule, YEAR)[reader] == expected(schedule, YEAR)


@pytest.mark.parametrize("reader", ["ical.js", "node-ical"])
def test_an_engine_keeps_wall_time_on_both_sides_of_a_clock_change(reader: str) -> None:
    schedule = a_schedule(
        a_timetable(several=trips("gyldenpris", "holiday", "0:30", "3:30", "11:00", "26:30", "27:30"))
    )
    days = [date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 10, 25)]
    assert seen(schedule, days)[reader] == expected(schedule, days)
