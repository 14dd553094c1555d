"""`shuttle demo`: fills an empty database with a year of made-up data.

The data is marked as an example on every page, and is written only into a database without counts and accounts.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.basics.service_time import dates
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.ridership.trials import Measure, Trial
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.opening_hours import OpeningHours, OpeningTimes
from shuttle.domain.timetable.trips import Timetable, Trip
from shuttle.services.app_context import AppContext
from shuttle.services.operation.demo_year import SEED, demo_departures
from shuttle.services.ridership.releases import freeze_due
from shuttle.services.ridership.trials import plan_trial
from shuttle.services.timetable.changes import ChangeRequest, change_departures
from shuttle.services.timetable.publishing import findings_of_publishing, publish
from shuttle.services.timetable.reference_data import import_reference_data
from shuttle.services.timetable.service_details import save_details
from shuttle.services.timetable.timetables import add_draft
from shuttle.store.access.people import has_accounts
from shuttle.store.ridership import boardings, passings

DAYS = 365
PER_STATEMENT = 500
"""Counts per statement; databases limit the number of bind parameters."""
CLOSES_AT = 21 * 60
EVENING = (17 * 60, 19 * 60, 20 * 60)
"""Departures of the planned evening extension."""
WEEKS_AHEAD = 5
REASONS = (ReasonCode.NO_DRIVER, ReasonCode.VEHICLE_FAULT, ReasonCode.WEATHER, ReasonCode.ROAD_CLOSED)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """Numbers of rows written."""

    counts: int
    changes: int
    evening_from: date | None


def fill_demo(context: AppContext, person: Person, threshold: int, anchor: date, texts: Callable[[str], str]) -> Filled:
    """Fill the database. `texts`: the words of the language in which names and reasons are written.

    Raises Refused (`not-empty`) where an account exists or a departure has a count.
    """
    with context.reading() as session:
        if has_accounts(session) or boardings.first_counted_date(session) is not None:
            raise Refused(
                "not-empty",
                "this database is in use; the demo fills an empty one",
                allowed="another SHUTTLE_DATA_DIR or SHUTTLE_DATABASE_URL",
            )
    schedule, now = context.schedule(), context.now()
    begin = context.today() - timedelta(days=DAYS)
    with context.transaction() as session:
        save_details(session, person, replace(schedule.details, is_example=True), now)
    changes = _change(context, person, begin)
    counts = _count(context, begin)
    _try(context, person, texts)
    evening = _extend(context, person, texts)
    freeze_due(context, person, threshold, anchor)
    return Filled(counts=counts, changes=changes, evening_from=evening)


@contextmanager
def _at(context: AppContext, day: date) -> Iterator[None]:
    """The context with seven in the morning of that day as its present."""
    present = context.now
    moment = datetime.combine(day, time(7), context.zone).astimezone(UTC)
    context.now = lambda: moment
    try:
        yield
    finally:
        context.now = present


def _departures(schedule: Schedule, begin: date, end: date) -> list[Departure]:
    return [departure for day in dates(begin, end) for departure in schedule.departures_on(day).departures]


def _change(context: AppContext, person: Person, begin: date) -> int:
    """About one departure of ninety is cancelled on its day, and a dozen are added."""
    random = Random(SEED)
    every = _departures(context.schedule(), begin, context.today() - timedelta(days=1))
    cancelled = [departure for departure in every if random.random() < 1 / 90]
    busy = random.sample(every, min(12, len(every)))
    for departure in cancelled:
        _apply(
            context,
            person,
            ChangeRequest(
                kind=ChangeKind.CANCEL,
                first=departure.date,
                last=departure.date,
                reason=random.choice(REASONS),
                trip=departure.trip,
            ),
        )
    starts = {(departure.date, departure.departs) for departure in every}
    extras = [departure for departure in busy if (departure.date, departure.departs + 45) not in starts]
    for departure in extras:
        _apply(
            context,
            person,
            ChangeRequest(
                kind=ChangeKind.EXTRA,
                first=departure.date,
                last=departure.date,
                reason=ReasonCode.DEMAND,
                pattern=departure.pattern,
                departs=departure.departs + 45,
            ),
        )
    return len(cancelled) + len(extras)


def _apply(context: AppContext, person: Person, request: ChangeRequest) -> None:
    with _at(context, request.first), context.transaction() as session:
        change_departures(session, person, request, context.now())


def _count(context: AppContext, begin: date) -> int:
    schedule, now = context.schedule(), context.now()
    seats = max((vehicle.seats for vehicle in schedule.network.on(context.today()).vehicles.values()), default=8)
    every = _departures(schedule, begin, context.today())
    days = list(demo_departures(every, seats, begin, context.zone, now))
    arrivals = [arrival for day in days for arrival in day.arrivals]
    with context.transaction() as session:
        for start in range(0, len(arrivals), PER_STATEMENT):
            boardings.store_arrivals(session.connection(), arrivals[start : start + PER_STATEMENT])
        passings.add_passings(session, [passing for day in days for passing in day.passings])
    return len(arrivals)


def _try(context: AppContext, person: Person, texts: Callable[[str], str]) -> None:
    """A trial that began ten weeks ago, written down the day before."""
    starts = context.today() - timedelta(weeks=10)
    trial = Trial(
        id="trial",
        question=texts("demo.question"),
        measure=Measure.BOARDINGS_PER_DEPARTURE,
        baseline=Span(starts - timedelta(weeks=10), starts - timedelta(days=1)),
        starts=starts,
        weeks=8,
        goal=3.5,
        stop_rule=texts("demo.stop_rule"),
    )
    with _at(context, starts - timedelta(days=1)):
        plan_trial(context, person, trial)


def _extend(context: AppContext, person: Person, texts: Callable[[str], str]) -> date | None:
    """The centre that closes first stays open in the evening from a Monday ahead, with a timetable that reaches it."""
    schedule, today = context.schedule(), context.today()
    day_type = schedule.calendar.week[0]
    current = schedule.timetable_on(today)
    centre = _early_centre(schedule, day_type, today)
    pattern = next((each.id for each in schedule.network.patterns if centre and each.stops[-1] == centre.stop), None)
    if current is None or centre is None or pattern is None:
        return None
    begins = today + timedelta(days=7 * WEEKS_AHEAD - today.weekday())
    with context.transaction() as session:
        hours = _longer(schedule.opening_times, centre, begins, texts("demo.assumed"))
        import_reference_data(session, person, replace(schedule, opening_times=hours), context.now(), today)
    taken = {trip.departs for trip in current.trips_on(day_type)}
    evening = [Trip(pattern, day_type, departs) for departs in EVENING if departs not in taken]
    draft = Timetable(
        id=f"evening-{begins.isoformat()}",
        name=texts("demo.evening"),
        trips=(*current.trips, *evening),
        provenance=Provenance(assumed=True, reason=texts("demo.assumed")),
    )
    valid = Validity(begins)
    with context.transaction() as session:
        add_draft(session, person, draft, context.now())
        codes = [finding.code for finding in findings_of_publishing(session, draft.id, valid, today)]
        publish(session, person, draft.id, valid, context.now(), today, accepted=codes)
    return begins


def _early_centre(schedule: Schedule, day_type: str, today: date) -> OpeningHours | None:
    hours = [
        each
        for stop in sorted(schedule.opening_times.stops)
        if (each := schedule.opening_times.regular_on(stop, day_type, today)) is not None and each.windows
    ]
    return min(hours, key=lambda each: each.windows[-1][1], default=None)


def _longer(times: OpeningTimes, hours: OpeningHours, begins: date, reason: str) -> OpeningTimes:
    """The opening times, with those of one centre until nine in the evening from a date on."""
    ends = begins - timedelta(days=1)
    opens = hours.windows[-1][0]
    longer = replace(
        hours,
        windows=(*hours.windows[:-1], (opens, CLOSES_AT)),
        validity=Validity(begins, hours.validity.last),
        provenance=Provenance(assumed=True, reason=reason),
    )
    before = replace(hours, validity=Validity(hours.validity.first, ends))
    others = tuple(each for each in times.regular if each is not hours)
    return OpeningTimes(regular=(*others, before, longer), special=times.special)
