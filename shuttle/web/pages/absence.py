"""Absence of service in words for the public: the days on which no bus runs, and the one on which it runs again.

An absence is shown on each of its days, and a fortnight before one of several days begins. Days on which the timetable never
runs (a service that rests at weekends) are no absence: it is longer than what every week has.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.service_time import LAST_DATE, days_after
from shuttle.domain.timetable.departures import Schedule

TOLD_BEFORE = 14
"""Days before an absence begins at which it is told."""

LONG = 3
"""Days from which an absence is told before it begins: more than a weekend."""

SEARCHED = 400
"""Days in which the next departure is searched."""


@dataclass(frozen=True)
class Absence:
    """No departure runs from `first` to `last`; `last` None: none within the days searched."""

    first: date
    last: date | None

    @property
    def returns(self) -> date | None:
        return days_after(self.last, 1) if self.last else None


def absence_near(schedule: Schedule, day: date) -> Absence | None:
    """The absence that covers the day, else a long one that begins soon after; None without either."""
    if not _runs(schedule, day):
        return _absence(schedule, day)
    for ahead in range(1, TOLD_BEFORE + 1):
        begins = day + timedelta(days=ahead)
        if begins <= LAST_DATE and not _runs(schedule, begins):
            absence = _absence(schedule, begins)
            if absence.last is None or (absence.last - absence.first).days + 1 >= LONG:
                return absence
    return None


def _absence(schedule: Schedule, day: date) -> Absence:
    for ahead in range(1, SEARCHED + 1):
        following = days_after(day, ahead)
        if _runs(schedule, following):
            return Absence(day, days_after(following, -1))
    return Absence(day, None)


def _runs(schedule: Schedule, day: date) -> bool:
    try:
        return any(departure.runs for departure in schedule.departures_on(day).departures)
    except Refused:
        return False  # a missing running time: nothing can be told to run
