"""Reach of a centre on a day type: departures that arrive while it is open or closed, and the covered open minutes.

An open minute is covered when somebody who is ready at the base stop then arrives within `COVERED_WITHIN` minutes, while the
centre is open: the measure of the planner's proposals (`domain/planning/passenger_cost.py`), of regular departures alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.service_time import LAST_DATE, Minute
from shuttle.domain.timetable.departures import Connection, Schedule
from shuttle.domain.timetable.opening_hours import Window
from shuttle.domain.timetable.publishing.findings import EARLY_MINUTES

COVERED_WITHIN: Minute = 60

LOOK_AHEAD = 400
"""Days within which a day of the type is looked for: every day type that is in use has one in a year."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Reach of a stop on the first date of a day type; `windows` None: always open. `reaching`, `closed`: by departure time.

    `covered`: share of the open minutes, 0 to 1; None where it is closed all day or always open.
    """

    day: date
    timetable: str | None
    windows: tuple[Window, ...] | None
    reaching: tuple[Connection, ...]
    closed: tuple[Connection, ...]
    covered: float | None


def reach(schedule: Schedule, stop: str, day_type: str, first: date) -> Reach | None:
    """The reach on the first date of the day type from `first` on, by regular hours; None: no such date is near.

    Raises Refused (`missing-running-time`) where a departure cannot be timed.
    """
    day = next(_days_of(schedule, day_type, first), None)
    if day is None:
        return None
    regular = schedule.opening_times.regular_on(stop, day_type, day)
    windows = None if stop not in schedule.opening_times.stops else regular.windows if regular else ()
    timetable = schedule.timetable_on(day)
    pair = (schedule.network.base_stop, stop)
    arriving = schedule.regular_connections(timetable, day_type, day).get(pair, ()) if timetable else ()
    reaching = tuple(each for each in arriving if windows is None or _is_open(windows, each.arrives))
    return Reach(
        day=day,
        timetable=timetable.name if timetable else None,
        windows=windows,
        reaching=reaching,
        closed=tuple(each for each in arriving if each not in reaching),
        covered=_covered(windows, reaching) if windows else None,
    )


def _days_of(schedule: Schedule, day_type: str, first: date) -> Iterator[date]:
    for ahead in range(LOOK_AHEAD):
        day = first + timedelta(days=ahead)
        if day > LAST_DATE:
            return
        if schedule.calendar.service_day(day).day_type == day_type:
            yield day


def _is_open(windows: tuple[Window, ...], arrives: Minute) -> bool:
    return any(opens - EARLY_MINUTES <= arrives < closes for opens, closes in windows)


def _covered(windows: tuple[Window, ...], reaching: tuple[Connection, ...]) -> float:
    open_minutes = [minute for opens, closes in windows for minute in range(opens, closes)]
    covered = sum(
        any(ride.departs >= ready and ride.arrives - ready <= COVERED_WITHIN for ride in reaching)
        for ready in open_minutes
    )
    return covered / len(open_minutes)
