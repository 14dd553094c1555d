"""Builders of complete domain objects for tests: every part has a default, and a test sets only what it is about."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.basics.service_time import Minute, parse_time_of_day, time_of_day_text
from shuttle.domain.duties.duty import Duty, TripWork
from shuttle.domain.timetable.changes import Change, ChangeKind, ReasonCode
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Network, Pattern, RunningTime, Stop
from shuttle.domain.timetable.opening_hours import OpeningHours, OpeningTimes
from shuttle.domain.timetable.planned_duties import PlannedDuty
from shuttle.domain.timetable.service_days import Calendar, DayType, Names
from shuttle.domain.timetable.trips import Publication, Timetable, TimetableStatus, Trip
from shuttle.feeds.public_holidays import HOLIDAYS, special_days
from shuttle.feeds.schedule_files.folder import read_schedules

SCHEDULES = Path(__file__).parent.parent / "schedules"
PUBLISHED_AT = datetime(2024, 9, 16, 12, tzinfo=UTC)

PUBLISHER = Publisher(
    id="bergen-kommune",
    name="Bergen kommune",
    url="https://www.bergen.kommune.no",
    language="nb",
    time_zone="Europe/Oslo",
)

WEEKDAY_TIMES = ("10:00", "12:00", "15:00", "17:00", "18:30")
HOLIDAY_TIMES = ("11:00", "13:30", "15:30")


@cache
def the_real_schedule() -> Schedule:
    """The schedule in `schedules/`, with which a new database is filled."""
    return read_schedules(SCHEDULES)


def a_network(running_minutes: int = 10) -> Network:
    """Three stops and patterns: `gyldenpris` and `nesttun` one way, `round` over both and back. Each link: 2 km."""
    stops = (
        Stop(id="vagsbunnen", name="Vågsbunnen", lat=60.3945, lon=5.327),
        Stop(id="mo-gyldenpris", name="MO Gyldenpris", lat=60.381, lon=5.320),
        Stop(id="mo-nesttun", name="MO Nesttun", lat=60.318, lon=5.353),
    )
    patterns = (
        Pattern(id="gyldenpris", stops=("vagsbunnen", "mo-gyldenpris"), headsign="MO Gyldenpris"),
        Pattern(id="nesttun", stops=("vagsbunnen", "mo-nesttun"), headsign="MO Nesttun"),
        Pattern(id="round", stops=("vagsbunnen", "mo-gyldenpris", "mo-nesttun", "vagsbunnen"), headsign="MO Nesttun"),
    )
    links = ((here, there) for here in stops for there in stops if here is not there)
    running_times = tuple(
        RunningTime(origin=a.id, destination=b.id, bands=((0, running_minutes),), km=2.0) for a, b in links
    )
    return Network(base_stop="vagsbunnen", stops=stops, patterns=patterns, running_times=running_times)


def a_calendar() -> Calendar:
    """Weekdays, and weekends with all public holidays and high days; eves undecided."""
    day_types = (
        DayType("weekday", Names("Hverdag", "Kvardag", "Weekday")),
        DayType("holiday", Names("Helg og helligdag", "Helg og heilagdag", "Weekend and holiday")),
    )
    week = ("weekday",) * 5 + ("holiday",) * 2
    return Calendar(
        day_types=day_types, week=week, special_days=special_days(dict.fromkeys(HOLIDAYS, "holiday"), 2023, 2033)
    )


def trips(pattern: str, day_type: str, *times: str) -> tuple[Trip, ...]:
    return tuple(Trip(pattern, day_type, parse_time_of_day(time)) for time in times)


def a_timetable(identifier: str = "2024-10", several: tuple[Trip, ...] | None = None) -> Timetable:
    if several is None:
        several = trips("gyldenpris", "weekday", *WEEKDAY_TIMES) + trips("gyldenpris", "holiday", *HOLIDAY_TIMES)
    return Timetable(id=identifier, name=f"Rutetabell {identifier}", trips=several, status=TimetableStatus.PUBLISHED)


def a_planned_duty(
    day_type: str, number: int, starts: str, ends: str, *times: str, taken: tuple[tuple[str, str], ...] = ()
) -> PlannedDuty:
    """A duty that drives to MO Gyldenpris at the times, with the breaks `taken`."""
    driven = tuple(trip.id for trip in trips("gyldenpris", day_type, *times))
    breaks = tuple((parse_time_of_day(begins), parse_time_of_day(over)) for begins, over in taken)
    return PlannedDuty(
        day_type=day_type,
        number=number,
        starts=parse_time_of_day(starts),
        ends=parse_time_of_day(ends),
        trips=driven,
        breaks=breaks,
    )


DUTIES = (
    a_planned_duty("weekday", 1, "09:45", "15:40", "10:00", "12:00", "15:00", taken=(("13:00", "13:30"),)),
    a_planned_duty("weekday", 2, "16:45", "19:00", "17:00", "18:30"),
    a_planned_duty("holiday", 1, "10:45", "16:00", "11:00", "13:30", "15:30"),
)
"""Two drivers on weekdays and one at weekends, for the times of `a_timetable`."""


def a_timetable_with_duties(identifier: str = "2024-10") -> Timetable:
    return replace(a_timetable(identifier), planned_duties=DUTIES)


def a_schedule(*timetables: Timetable, first: date = date(2024, 10, 1), last: date | None = None) -> Schedule:
    """A schedule with the timetables, of which only the first is published, from `first` to `last`."""
    timetables = timetables or (a_timetable(),)
    publication = Publication(timetables[0].id, Validity(first, last), PUBLISHED_AT)
    return Schedule(network=a_network(), calendar=a_calendar(), timetables=timetables, publications=(publication,))


def two_centres() -> Schedule:
    """Round trips to both centres: first to MO Gyldenpris at 10.00 and 15.00, first to MO Nesttun at 12.00 and 17.00.

    10 minutes between town and MO Gyldenpris, 15 between the centres, 20 between MO Nesttun and town. On weekends one of
    each, at 11.00 and 13.30.
    """
    schedule = a_schedule(
        a_timetable(
            several=trips("round", "weekday", "10:00", "15:00")
            + trips("other-way", "weekday", "12:00", "17:00")
            + trips("round", "holiday", "11:00")
            + trips("other-way", "holiday", "13:30")
        )
    )
    network, minutes = schedule.network, {"vagsbunnen mo-gyldenpris": 10, "mo-gyldenpris mo-nesttun": 15}
    other_way = Pattern(
        id="other-way", stops=("vagsbunnen", "mo-nesttun", "mo-gyldenpris", "vagsbunnen"), headsign="MO Gyldenpris"
    )

    def timed(running: RunningTime) -> RunningTime:
        here, there = running.origin, running.destination
        return replace(running, bands=((0, minutes.get(f"{here} {there}") or minutes.get(f"{there} {here}") or 20),))

    running_times = tuple(map(timed, network.running_times))
    patterns = (*network.patterns, other_way)
    return replace(schedule, network=replace(network, patterns=patterns, running_times=running_times))


def with_changes(schedule: Schedule, *changes: Change) -> Schedule:
    return replace(schedule, changes=(*schedule.changes, *changes))


def with_hours(schedule: Schedule, stop: str, opens: Minute, closes: Minute) -> Schedule:
    """Open from `opens` to `closes` on every day type."""
    hours = tuple(
        OpeningHours(stop=stop, day_type=day_type.id, windows=((opens, closes),))
        for day_type in schedule.calendar.day_types
    )
    return replace(schedule, opening_times=OpeningTimes((*schedule.opening_times.regular, *hours)))


def a_cancellation(trip: str, first: date, last: date | None = None, **fields: object) -> Change:
    return a_change(ChangeKind.CANCEL, first, last, trip=trip, **fields)


def a_retiming(trip: str, first: date, departs: str, last: date | None = None, **fields: object) -> Change:
    return a_change(ChangeKind.RETIME, first, last, trip=trip, departs=parse_time_of_day(departs), **fields)


def an_extra(pattern: str, first: date, departs: str, last: date | None = None, **fields: object) -> Change:
    return a_change(ChangeKind.EXTRA, first, last, pattern=pattern, departs=parse_time_of_day(departs), **fields)


def a_change(kind: ChangeKind, first: date, last: date | None = None, **fields: object) -> Change:
    """A change on one date by default, made at 06:00 UTC of its first date."""
    defaults: dict[str, object] = {
        "id": f"{kind}-{first.isoformat()}-{fields.get('trip') or fields.get('pattern')}-{fields.get('departs', 0)}",
        "reason": ReasonCode.VEHICLE_FAULT,
        "made_at": datetime(first.year, first.month, first.day, 6, tzinfo=UTC),
        "made_by": "planner",
    }
    return Change(kind=kind, dates=Validity(first, last or first), **{**defaults, **fields})  # type: ignore[arg-type]


def trip_works(*times: str, minutes: int = 20, turnaround: int = 5) -> tuple[TripWork, ...]:
    """Trip works at these times, each `minutes` long, named by their time."""
    starts = [parse_time_of_day(time) for time in times]
    return tuple(
        TripWork(at, at + max(minutes, 1), at + max(minutes, 1) + turnaround, time_of_day_text(at)) for at in starts
    )


def a_duty(starts: str, ends: str, several: tuple[TripWork, ...] = (), driver: int = 1) -> Duty:
    return Duty(driver=driver, starts=parse_time_of_day(starts), ends=parse_time_of_day(ends), trips=several)
