"""The timetable as a poster has it: the regular tables first, the dates with other times beneath.

Special dates are those on which something else runs than the day of the week would have: a holiday on a weekday, an override,
a change. They are found by asking the resolver, never worked out again here.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.clock import Minute
from shuttle.domain.departures import Schedule
from shuttle.domain.timetable import Timetable, applying
from shuttle.language import Words
from shuttle.language.days import day_reason

AHEAD = 120
"""Days ahead for which special dates are listed."""


@dataclass(frozen=True)
class Line:
    """One destination on a day type: its times, and how long the way there takes."""

    there: str
    times: tuple[Minute, ...]
    minutes: int
    assumed: bool


@dataclass(frozen=True)
class Part:
    """A day type with its lines."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class SpecialDate:
    """A date on which other times hold: they are all listed."""

    day: date
    why: str
    times: tuple[Minute, ...]


@dataclass(frozen=True)
class TimetableView:
    """What a poster says."""

    day: date
    name: str
    first: date | None
    last: date | None
    source: str
    here: str
    parts: tuple[Part, ...]
    special: tuple[SpecialDate, ...]


def timetable_view(schedule: Schedule, day: date, words: Words) -> TimetableView:
    """The timetable in force on a date; without parts when none is."""
    network = schedule.network.on(day)
    here = network.stops[schedule.network.base_stop].name if schedule.network.base_stop in network.stops else ""
    publication = applying(schedule.publications, day)
    timetable = schedule.timetable_on(day)
    if publication is None or timetable is None:
        return TimetableView(day, "", None, None, "", here, (), ())
    last = min(day + timedelta(days=AHEAD), publication.valid.last or date.max)
    return TimetableView(
        day=day,
        name=timetable.name,
        first=publication.valid.first,
        last=publication.valid.last,
        source=timetable.provenance.source,
        here=here,
        parts=tuple(
            Part(day_type.names.of(words.language), _lines(schedule, timetable, day_type.id, day))
            for day_type in schedule.calendar.day_types
            if timetable.trips_on(day_type.id)
        ),
        special=_special(schedule, day, last, words),
    )


def _lines(schedule: Schedule, timetable: Timetable, day_type: str, day: date) -> tuple[Line, ...]:
    network = schedule.network.on(day)
    lines = []
    for pattern_id in dict.fromkeys(trip.pattern for trip in timetable.trips_on(day_type)):
        pattern = schedule.network.pattern(pattern_id)
        trips = [trip for trip in timetable.trips_on(day_type) if trip.pattern == pattern_id]
        calls = trips[0].calls or network.calls(pattern, trips[0].departs)
        assumed = trips[0].calls is None and any(
            network.running_times[leg].provenance.assumed for leg in pattern.legs if leg in network.running_times
        )
        last = calls[-1] if calls[-1].stop != calls[0].stop else calls[-2]
        there = network.stops[last.stop].name if last.stop in network.stops else pattern.headsign
        lines.append(Line(there, tuple(trip.departs for trip in trips), last.arrives - calls[0].departs, assumed))
    return tuple(lines)


def _special(schedule: Schedule, first: date, last: date, words: Words) -> tuple[SpecialDate, ...]:
    found = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        resolved = schedule.departures_on(day)
        usual = schedule.calendar.week[day.weekday()]
        changed = any(departure.change for departure in resolved.departures)
        if resolved.service_day.day_type != usual or changed:
            times = tuple(departure.departs for departure in resolved.departures if departure.runs)
            found.append(SpecialDate(day, day_reason(resolved.service_day, words), times))
    return tuple(found)
