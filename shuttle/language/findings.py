"""Findings of quality checks as text: numbers and times unchanged, dates in the language's format, and names in place of ids."""

from collections.abc import Callable, Mapping
from datetime import date

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.quality_checks import QualityFinding
from shuttle.language import Words


def finding_text(finding: QualityFinding, words: Words, schedule: Schedule | None = None) -> str:
    """The sentence of a finding: `Den siste rutetabellen slutter 28. februar 2027, om 97 dager.`

    With a `schedule` its stops, trips, patterns and kinds of day have their names; without one they keep their ids.
    """
    day = finding.dates[0] if finding.dates else date.min
    values = {
        name: words.date_short(value) if isinstance(value, date) else _named(name, value, day, words, schedule)
        for name, value in finding.values.items()
    }
    return words.say(f"control.{finding.control}", **values)


def _named(name: str, value: str, day: date, words: Words, schedule: Schedule | None) -> str:
    if schedule is None or name not in _NAMES:
        return value
    try:
        return _NAMES[name](schedule, value, day, words)
    except ShuttleError:
        return value


def stop_text(schedule: Schedule, stop: str, day: date, _words: Words) -> str:
    """A stop's name on a date."""
    return schedule.network.stop_name(stop, day)


def trip_text(schedule: Schedule, trip_id: str, _day: date, words: Words) -> str:
    """A trip by its time and where it goes, as `Avgangen 15.00 til MO Gyldenpris`; its id where no timetable has it."""
    for timetable in schedule.timetables:
        for trip in timetable.trips:
            if trip.id == trip_id:
                headsign = schedule.network.pattern(trip.pattern).headsign
                return words.say("control.trip", time=words.clock_text(trip.departs), stop=headsign)
    return trip_id


def pattern_text(schedule: Schedule, pattern: str, day: date, _words: Words) -> str:
    """A pattern by its stops: `Vågsbunnen – MO Gyldenpris`."""
    return " – ".join(schedule.network.stop_name(stop, day) for stop in schedule.network.pattern(pattern).stops)


def day_type_text(schedule: Schedule, day_type: str, _day: date, words: Words) -> str:
    """A day type's name."""
    return schedule.calendar.names_of(day_type).of(words.language)


def _timetable_text(schedule: Schedule, timetable: str, _day: date, _words: Words) -> str:
    named = schedule.timetable_by_id.get(timetable)
    return named.name if named else timetable


_NAMES: Mapping[str, Callable[[Schedule, str, date, Words], str]] = {
    "stop": stop_text,
    "origin": stop_text,
    "destination": stop_text,
    "trip": trip_text,
    "pattern": pattern_text,
    "day_type": day_type_text,
    "timetable": _timetable_text,
}
"""What a value of a finding names -> its name for people."""
