"""Today's departures as drivers report them: expected times of all departures in service, and a number that rises with every report.

Passings and incidents do not raise the schedule's version. Whoever caches what rests on them takes `reports` into the key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from shuttle.domain.basics.service_time import minute_at
from shuttle.domain.ridership.expectations import Expectation, Reported, expectations
from shuttle.domain.ridership.incidents import Standing, standing_incidents
from shuttle.domain.ridership.passings import Passing
from shuttle.domain.timetable.departures import Departure, Schedule, split_departure_id
from shuttle.services.app_context import AppContext
from shuttle.store.ridership.incidents import incidents_on, last_incident
from shuttle.store.ridership.passings import last_passing, passings_on


@dataclass(frozen=True)
class LiveDay:
    """`expectations`, `passings` and `incidents` by departure, of all service days that run now; `reports` rises with every report.

    `incidents` has every departure of which one was ever said today, so that what no longer holds is seen, too.
    """

    reports: int = 0
    expectations: Mapping[str, Expectation] = field(default_factory=dict)
    passings: Mapping[str, Sequence[Passing]] = field(default_factory=dict)
    incidents: Mapping[str, Standing] = field(default_factory=dict)

    def told_of(self, departure: Departure) -> str:
        """The kind of incident that passengers are told of; empty for none, and for a departure that does not run."""
        told = self.incidents.get(departure.id, Standing()).told
        return told.kind.value if departure.runs and told is not None else ""


def live_day(context: AppContext, schedule: Schedule, now: datetime) -> LiveDay:
    """The live day at a moment."""
    with context.reading() as session:
        return read_live_day(session, context, schedule, now)


def read_live_day(
    session: Session, context: AppContext, schedule: Schedule, now: datetime, days: Sequence[date] | None = None
) -> LiveDay:
    """The live day as the session sees it, or what became of other `days`."""
    expected: dict[str, Expectation] = {}
    passings: dict[str, list[Passing]] = {}
    reports = last_report(session)
    days = schedule.days_in_service(now, context.zone) if days is None else days
    for day in days:
        for passing in passings_on(session, day):
            passings.setdefault(passing.departure, []).append(passing)
    incidents = _standing(session, schedule, days, passings)
    for day in days:
        expected |= _of_day(context, schedule, day, now, passings, incidents)
    return LiveDay(reports, expected, passings, incidents)


def last_report(session: Session) -> int:
    """A number that rises with every passing and every incident."""
    return last_passing(session) + last_incident(session)


def _standing(
    session: Session, schedule: Schedule, days: Sequence[date], passings: Mapping[str, Sequence[Passing]]
) -> dict[str, Standing]:
    every = [passing for several in passings.values() for passing in several]
    standing = {}
    for departure, several in incidents_on(session, days).items():
        day, _ = split_departure_id(departure)
        of_its_bus = every if len(schedule.network.on(day).vehicles) == 1 else []
        standing[departure] = standing_incidents(several, passings.get(departure, ()), of_its_bus)
    return standing


def _of_day(
    context: AppContext,
    schedule: Schedule,
    day: date,
    now: datetime,
    passings: Mapping[str, Sequence[Passing]],
    incidents: Mapping[str, Standing],
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
    told = {key: each.told for key, each in incidents.items() if each.told is not None}
    return expectations(departures, reported, minute_at(now, day, zone), back, len(network.vehicles), told)
