"""GTFS import: a zip read into one draft timetable, or into several where the feed holds one after the other.

A draft holds the regular service; a remark names each trip and date on which the feed differs from its drafts. So an import adds no
service and loses none in silence.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo

from shuttle.domain.basics.errors import Fault, Invalid, Refused
from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.service_days import WEEKDAYS
from shuttle.domain.timetable.trips import Timetable, Trip
from shuttle.feeds.gtfs.feed_reader import DatedTrip, FeedReader, read_feed, refusal
from shuttle.feeds.gtfs.periods import Deviation, Period, timetable_periods

FEW_DATES = 5
"""Dates that a remark names one by one; of more it names weekdays where they are all the dates of these."""


@dataclass(frozen=True)
class ImportedFeed:
    """The drafts in order of their dates, and remarks on the reading of the feed."""

    timetables: tuple[Timetable, ...]
    remarks: tuple[str, ...]


def read_gtfs(content: bytes, schedule: Schedule, identifier: str, zone: tzinfo, name: str = "") -> ImportedFeed:
    """Draft timetables of the network and calendar of `schedule`, whose times are those of `zone`.

    The first has the identifier, the others `<identifier>-2` and so on. Raises Invalid (`bad-gtfs`) with every fault: file, line,
    what was given and what is allowed.
    """
    reader = read_feed(content, schedule, zone)
    periods, deviations = timetable_periods([trip.dates for trip in reader.trips], schedule.calendar)
    drafts = list(_drafts(reader, periods, schedule))
    if reader.faults:
        raise refusal(reader.faults)
    if not drafts:
        what = "no trip runs on every weekday of a day type"
        raise refusal([Fault(what=what, where="trips.txt", allowed="regular trips")])
    provenance = Provenance(source=f"GTFS: {reader.publisher}" if reader.publisher else "GTFS")
    numbers = [""] + [f"-{number}" for number in range(2, len(drafts) + 1)]
    timetables = tuple(
        replace(draft, id=identifier + number, name=(name or identifier) + number, provenance=provenance)
        for draft, number in zip(drafts, numbers, strict=True)
    )
    return ImportedFeed(timetables, (*reader.remarks, *_remarks(timetables, reader.trips, deviations)))


def _drafts(reader: FeedReader, periods: Iterable[Period], schedule: Schedule) -> Iterator[Timetable]:
    """A draft for each period; periods of the same trips that follow each other are one."""
    latest: Timetable | None = None
    for period in periods:
        trips = tuple(_trips(reader, period, schedule))
        if latest is not None and latest.trips == trips and latest.intended.last == period.first - timedelta(days=1):
            latest = replace(latest, intended=Validity(latest.intended.first, period.last))
            continue
        if latest is not None:
            yield latest
        latest = Timetable(id="draft", name="draft", trips=trips, intended=Validity(period.first, period.last))
    if latest is not None:
        yield latest


def _trips(reader: FeedReader, period: Period, schedule: Schedule) -> list[Trip]:
    trips: dict[str, Trip] = {}
    for day_type, numbers in period.trips.items():
        for number in numbers:
            dated = reader.trips[number]
            trip = _trip(reader, dated, day_type, _as_derived(dated, period, schedule))
            if trip is not None and trip.id in trips:
                where = f"stop_times.txt, {dated.name}"
                what = f"another trip leaves at the same time on {day_type}, with other times after that"
                reader.faults.append(Fault(what=what, where=where, allowed="each pattern, day type and time once"))
            elif trip is not None:
                trips[trip.id] = trip
    return sorted(trips.values(), key=lambda trip: (trip.day_type, trip.departs, trip.pattern))


def _trip(reader: FeedReader, dated: DatedTrip, day_type: str, calls: tuple[Call, ...] | None) -> Trip | None:
    try:
        return Trip(dated.pattern.id, day_type, dated.calls[0].departs, calls)
    except Invalid as problem:
        where = f"stop_times.txt, {dated.name}"
        reader.faults.append(Fault(what=problem.detail, where=where, given=problem.given, allowed=problem.allowed))
        return None


def _as_derived(dated: DatedTrip, period: Period, schedule: Schedule) -> tuple[Call, ...] | None:
    """The calls, or None where the running times give them throughout the period: they would look set by hand."""
    first, last = dated.calls[0], dated.calls[-1]
    calls = (
        replace(first, arrives=first.departs),
        *dated.calls[1:-1],
        replace(last, departs=last.arrives),
    )
    turns = [turn for turn in schedule.network.turning_dates if period.first < turn <= period.last]
    try:
        derived = {schedule.network.on(day).calls(dated.pattern, first.departs) for day in (period.first, *turns)}
    except Refused:
        return calls
    return None if derived == {calls} else calls


def _remarks(
    timetables: tuple[Timetable, ...], trips: list[DatedTrip], deviations: Iterable[Deviation]
) -> Iterator[str]:
    if len(timetables) > 1:
        spans = (f"{each.id} from {each.intended.first} to {each.intended.last}" for each in timetables)
        yield f"the feed holds {len(timetables)} timetables: {', '.join(spans)}"
    for deviation in deviations:
        name = trips[deviation.trip].name
        if deviation.added:
            yield f"{name} also runs {dates_text(deviation.added)} and is no regular trip then: enter it as a change"
        if deviation.removed:
            yield f"{name} does not run {dates_text(deviation.removed)}: enter it as a change"


def dates_text(days: tuple[date, ...]) -> str:
    """Dates in order, as `on 2026-12-24, 2026-12-31`, or `on mondays and fridays from ... to ... (30 dates)`."""
    if len(days) <= FEW_DATES:
        return f"on {', '.join(map(str, days))}"
    weekdays = sorted({day.weekday() for day in days})
    span = (days[-1] - days[0]).days + 1
    every = sum((days[0] + timedelta(days=step)).weekday() in weekdays for step in range(span))
    if every == len(days):
        names = ", ".join(f"{WEEKDAYS[weekday]}s" for weekday in weekdays)
        return f"on {names} from {days[0]} to {days[-1]} ({len(days)} dates)"
    return f"on {len(days)} dates: {', '.join(map(str, days))}"
