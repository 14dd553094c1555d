"""Fact edits: an edited fact of the schedule, the dates that it concerns, and the moment of the edit.

A fact (a stop's name, a running time, opening hours) is replaced when it is edited, and its old value is gone. A calendar program
must still be told that an event changed (RFC 5545, 3.8.7.3 and 3.8.7.4). So an edit is kept: its `version` of the schedule rises
with every edit, and the last edit that touches an event is part of the event's SEQUENCE and LAST-MODIFIED.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from shuttle.domain.basics.provenance import ALWAYS, Validity
from shuttle.domain.basics.service_time import LATEST, Minute, days_after
from shuttle.domain.timetable.network import RunningTime
from shuttle.domain.timetable.service_days import Calendar

if TYPE_CHECKING:
    from shuttle.domain.timetable.departures import Schedule

DAYS_COMPARED = (-7, 400)
"""From today: the days whose day type is compared. No feed has others."""

Versions = Sequence[tuple[Validity, Hashable]]
"""What a fact is, by the dates on which it is."""


class FactKind(StrEnum):
    """Kind of the edited fact. The key is a stop, a leg (`a b`), a pattern, a trip, or a centre (with its day type after a blank)."""

    EVERYTHING = "everything"
    STOP = "stop"
    POSITION_ASSUMED = "position_assumed"
    RUNNING_TIME = "running_time"
    PATTERN = "pattern"
    TRIP = "trip"
    SERVICE_DAY = "service_day"
    OPENING_HOURS = "opening_hours"


Fact = tuple[FactKind, str]


@dataclass(frozen=True, kw_only=True)
class FactEdit:
    """One edit. `starts`: first and last minute at which a trip must start to be touched by an edited running time."""

    version: int
    at: datetime
    kind: FactKind
    key: str = ""
    dates: Validity = ALWAYS
    starts: tuple[Minute, Minute] | None = None

    def touches(self, day: date, starts: Minute | None) -> bool:
        if not self.dates.covers(day):
            return False
        return self.starts is None or starts is None or self.starts[0] <= starts <= self.starts[1]


class FactEdits:
    """The edits of a schedule, looked up by fact."""

    def __init__(self, edits: Iterable[FactEdit]) -> None:
        self._by_fact: dict[Fact, list[FactEdit]] = {}
        for edit in edits:
            self._by_fact.setdefault((edit.kind, edit.key), []).append(edit)

    def last(self, facts: Iterable[Fact], day: date, starts: Minute | None = None) -> FactEdit | None:
        """The last edit that touches what rests on these facts on a date; None where there is none."""
        if not self._by_fact:
            return None
        always = ((FactKind.EVERYTHING, ""), (FactKind.SERVICE_DAY, ""))
        edits = (edit for fact in (*always, *facts) for edit in self._by_fact.get(fact, ()))
        touching = (edit for edit in edits if edit.touches(day, starts))
        return max(touching, key=lambda edit: edit.version, default=None)


def edits_between(before: "Schedule", after: "Schedule", version: int, at: datetime, today: date) -> list[FactEdit]:
    """Differences between the facts of two schedules, as edits of `version`."""
    edits = [
        FactEdit(version=version, at=at, kind=kind, key=key, dates=dates, starts=starts)
        for kind, key, dates, starts in _differences(before, after)
    ]
    spans = _changed_days(before.calendar, after.calendar, today)
    return edits + [FactEdit(version=version, at=at, kind=FactKind.SERVICE_DAY, dates=dates) for dates in spans]


def _differences(
    before: "Schedule", after: "Schedule"
) -> Iterator[tuple[FactKind, str, Validity, tuple[Minute, Minute] | None]]:
    for kind, facts in (
        (FactKind.STOP, _stops),
        (FactKind.POSITION_ASSUMED, _assumed_positions),
        (FactKind.PATTERN, _patterns),
        (FactKind.TRIP, _trips),
        (FactKind.OPENING_HOURS, _opening_hours),
    ):
        for key, span, _, _ in _changed(facts(before), facts(after)):
            yield kind, key, span, None
    for key, span, old, new in _changed(_running_times(before), _running_times(after)):
        yield FactKind.RUNNING_TIME, key, span, _changed_minutes(old, new)


def _stops(schedule: "Schedule") -> Mapping[str, Versions]:
    return _grouped(
        (stop.id, stop.validity, (stop.name, stop.name_nn, stop.name_en, stop.lat, stop.lon))
        for stop in schedule.network.stops
    )


def _assumed_positions(schedule: "Schedule") -> Mapping[str, Versions]:
    return _grouped((stop.id, stop.validity, stop.provenance.assumed) for stop in schedule.network.stops)


def _running_times(schedule: "Schedule") -> Mapping[str, Versions]:
    return _grouped(
        (f"{leg.origin} {leg.destination}", leg.validity, (leg.bands, leg.provenance.assumed))
        for leg in schedule.network.running_times
    )


def _patterns(schedule: "Schedule") -> Mapping[str, Versions]:
    return _grouped((each.id, ALWAYS, (each.stops, each.direction)) for each in schedule.network.patterns)


def _trips(schedule: "Schedule") -> Mapping[str, Versions]:
    return _grouped(
        (trip.id, publication.valid, (trip.calls,))
        for publication in schedule.periods
        if publication.timetable in schedule.timetable_by_id
        for trip in schedule.timetable_by_id[publication.timetable].trips
    )


def _opening_hours(schedule: "Schedule") -> Mapping[str, Versions]:
    times = schedule.opening_times
    regular = (
        (f"{hours.stop} {hours.day_type}", hours.validity, (hours.windows, hours.provenance.assumed))
        for hours in times.regular
    )
    hours_of = {(hours.stop, hours.date): (hours.windows, hours.reason) for hours in times.special}
    closes_at = {(closing.stop, closing.date): closing.closes for closing in times.closings}
    special = (
        (stop, Validity(day, day), (hours_of.get((stop, day)), closes_at.get((stop, day))))
        for stop, day in {**hours_of, **closes_at}
    )
    return _grouped([*regular, *special])


def _grouped(facts: Iterable[tuple[str, Validity, Hashable]]) -> Mapping[str, Versions]:
    versions: dict[str, list[tuple[Validity, Hashable]]] = {}
    for key, validity, content in facts:
        versions.setdefault(key, []).append((validity, content))
    return versions


def _changed(
    before: Mapping[str, Versions], after: Mapping[str, Versions]
) -> Iterator[tuple[str, Validity, Hashable, Hashable]]:
    """Each fact, and the dates between which it is not what it was, with what it was and is (None: nothing)."""
    for key in sorted({*before, *after}):
        old_versions, new_versions = before.get(key, ()), after.get(key, ())
        if old_versions == new_versions:
            continue
        for span in _spans([validity for validity, _ in (*old_versions, *new_versions)]):
            day = span.first or span.last or date.min
            old, new = _on(old_versions, day), _on(new_versions, day)
            if old != new:
                yield key, span, old, new


def _spans(periods: Sequence[Validity]) -> Iterator[Validity]:
    """All dates, cut where one of the periods begins or ends."""
    turns = {period.first for period in periods if period.first}
    turns |= {days_after(period.last, 1) for period in periods if period.last}
    first: date | None = None
    for turn in sorted(turns - {date.min}):
        yield Validity(first, days_after(turn, -1))
        first = turn
    yield Validity(first, None)


def _on(versions: Versions, day: date) -> Hashable:
    return next((content for validity, content in versions if validity.covers(day)), None)


def _changed_minutes(old: Hashable, new: Hashable) -> tuple[Minute, Minute] | None:
    """First and last minute at which a trip starts that takes another time now; None: any, for more than the time changed."""
    if not isinstance(old, tuple) or not isinstance(new, tuple) or old[1] != new[1]:
        return None
    before, after = (RunningTime(origin="", destination="", bands=bands) for bands in (old[0], new[0]))
    differing = [minute for minute in range(LATEST + 1) if before.minutes(minute) != after.minutes(minute)]
    return (differing[0], differing[-1]) if differing else None


def _changed_days(before: Calendar, after: Calendar, today: date) -> Iterator[Validity]:
    """Dates near today that have another day type, another reason for it, or another name of it, in spans."""
    if before == after:
        return
    first: date | None = None
    last = days_after(today, DAYS_COMPARED[1])
    day = days_after(today, DAYS_COMPARED[0])
    while day <= last:
        if _day(before, day) != _day(after, day):
            first = first or day
        elif first is not None:
            yield Validity(first, day - timedelta(days=1))
            first = None
        day += timedelta(days=1)
    if first is not None:
        yield Validity(first, last)


def _day(calendar: Calendar, day: date) -> Hashable:
    service_day = calendar.service_day(day)
    return service_day.day_type, service_day.runs, service_day.reasons, calendar.names_of(service_day.day_type)
