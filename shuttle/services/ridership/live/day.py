"""Today's departures as drivers report them: expected times of all departures in service, and a number that rises with every report.

Passings do not raise the schedule's version. Whoever caches what rests on them takes `reports` into the key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from shuttle.domain.basics.service_time import minute_at
from shuttle.domain.ridership.expectations import Expectation, Reported, expectations
from shuttle.domain.ridership.passings import Passing
from shuttle.domain.timetable.departures import Schedule
from shuttle.services.app_context import AppContext
from shuttle.store.ridership.passings import last_passing, passings_on


@dataclass(frozen=True)
class LiveDay:
    """`expectations` and `passings` by departure, of all service days that run now; `reports`: number of the latest report."""

    reports: int = 0
    expectations: Mapping[str, Expectation] = field(default_factory=dict)
    passings: Mapping[str, Sequence[Passing]] = field(default_factory=dict)


def live_day(context: AppContext, schedule: Schedule, now: datetime) -> LiveDay:
    """The live day at a moment."""
    with context.reading() as session:
        return read_live_day(session, context, schedule, now)


def read_live_day(session: Session, context: AppContext, schedule: Schedule, now: datetime) -> LiveDay:
    """The live day as the session sees it."""
    expected: dict[str, Expectation] = {}
    passings: dict[str, list[Passing]] = {}
    reports = last_passing(session)
    for day in schedule.days_in_service(now, context.zone):
        for passing in passings_on(session, day):
            passings.setdefault(passing.departure, []).append(passing)
        expected |= _of_day(context, schedule, day, now, passings)
    return LiveDay(reports, expected, passings)


def _of_day(
    context: AppContext, schedule: Schedule, day: date, now: datetime, passings: Mapping[str, Sequence[Passing]]
) -> dict[str, Expectation]:
    network, zone = schedule.network.on(day), context.zone
    reported = {
        departure: [
            Reported(each.stop, each.kind, minute_at(each.at, day, zone)) for each in several if each.at is not None
        ]
        for departure, several in passings.items()
    }

    def back(here: str, there: str) -> int | None:
        running = network.running_times.get((here, there))
        return running.minutes(minute_at(now, day, zone)) if running else None

    departures = schedule.departures_on(day).departures
    return expectations(departures, reported, minute_at(now, day, zone), back, len(network.vehicles))
