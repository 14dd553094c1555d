"""Consequences of a change of publications: what gets worse for passengers and drivers, from the schedules before and after.

"Worse" compares both on the same date. What was wrong before and stays so is no consequence; `quality_checks` tells it. Dates
are compared as far as timetables reach: a year of each span that gets another timetable has every weekday and holiday.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import LAST_DATE, dates, days_after
from shuttle.domain.timetable.departures import DayOfService, DepartureStatus, Schedule
from shuttle.domain.timetable.publishing.finding import PublishingFinding, PublishingSeverity
from shuttle.domain.timetable.publishing.vehicle_blocks import vehicles_needed
from shuttle.domain.timetable.trips import Publication, Timetable, layer_for

YEAR = timedelta(days=366)


@dataclass(frozen=True)
class Change:
    """The schedules before and after a change of publications, and the first date that it may touch."""

    before: Schedule
    after: Schedule
    first: date

    @property
    def days(self) -> list[date]:
        """The dates that are compared, in order: of each span with another timetable than before the first year, and decided dates."""
        periods = (*self.before.periods, *self.after.periods)
        turns = {period.valid.first for period in periods if period.valid.first}
        turns |= {days_after(period.valid.last, 1) for period in periods if period.valid.last}
        begins = [self.first, *sorted(turn for turn in turns if self.first < turn <= LAST_DATE)]
        days: list[date] = []
        for begin, following in zip(begins, [*begins[1:], days_after(LAST_DATE, 1)], strict=True):
            if self.before.timetable_on(begin) is not self.after.timetable_on(begin):
                ends = days_after(following, -1)
                days += dates(begin, min(ends, days_after(begin, YEAR.days)))
                overrides = (override.date for override in self.after.calendar.overrides)
                days += sorted(day for day in overrides if days_after(begin, YEAR.days) < day <= ends)
        return days


def as_published_over(schedule: Schedule, timetable: Timetable, valid: Validity) -> Schedule:
    """The schedule once the timetable is published for the dates, above what is published now. Nothing is stored."""
    publication = Publication(timetable.id, valid, layer=layer_for(schedule.publications, valid))
    others = tuple(each for each in schedule.timetables if each.id != timetable.id)
    return replace(
        schedule, timetables=(*others, timetable), publications=(*schedule.publications, publication), edits=()
    )


def as_withdrawn(schedule: Schedule, timetable: str, today: date) -> Schedule:
    """The schedule once a timetable is withdrawn from today: what has begun ends yesterday. Nothing is stored."""
    publications = []
    for each in schedule.publications:
        begins, ends = each.valid.first, each.valid.last
        if each.timetable != timetable or (ends is not None and ends < today):
            publications.append(each)
        elif begins is not None and begins < today:
            publications.append(replace(each, valid=Validity(begins, days_after(today, -1))))
    return replace(schedule, publications=tuple(publications), edits=())


def hiding(schedule: Schedule, timetable: str, today: date) -> tuple[str, ...]:
    """Ids of the timetables that apply on dates from today on for which `timetable` is published below them."""
    own = [
        replace(each, valid=Validity(max(each.valid.first or today, today), each.valid.last))
        for each in schedule.publications
        if each.timetable == timetable and (each.valid.last is None or each.valid.last >= today)
    ]
    return tuple(
        dict.fromkeys(
            other.timetable
            for other in schedule.publications
            for each in own
            if other.timetable != timetable and other.layer > each.layer and other.valid.overlaps(each.valid)
        )
    )


def as_rolled_back(schedule: Schedule, timetable: str, today: date) -> Schedule:
    """The schedule once everything that hides a timetable is withdrawn from today. Nothing is stored."""
    for each in hiding(schedule, timetable, today):
        schedule = as_withdrawn(schedule, each, today)
    return schedule


def worse(change: Change) -> list[PublishingFinding]:
    """What the change makes worse, each to be accepted by name."""
    return [*_without_timetable(change), *_day_by_day(change), *_duties(change)]


def uncovered(schedule: Schedule, first: date) -> tuple[Validity, ...]:
    """Spans of dates from `first` on without a timetable; the last one is open-ended where the last timetable ends."""
    spans: list[Validity] = []
    free: date | None = first
    for period in schedule.periods:
        begins, ends = period.valid.first, period.valid.last
        if free is None or begins is None or (ends is not None and ends < free):
            continue
        if begins > free:
            spans.append(Validity(free, days_after(begins, -1)))
        free = None if ends is None else days_after(ends, 1)
    return (*spans, Validity(free, None)) if free else tuple(spans)


def _without_timetable(change: Change) -> Iterator[PublishingFinding]:
    covered_before = uncovered(change.before, change.first)
    for span in uncovered(change.after, change.first):
        if span in covered_before:
            continue
        end = f"to {span.last}" if span.last else "on"
        lost = [period for period in change.before.periods if period.valid.overlaps(span)]
        if lost:
            yield PublishingFinding(
                code="no-timetable",
                severity=PublishingSeverity.ACCEPTABLE,
                subject=str(span.first),
                message=f"no timetable applies from {span.first} {end}; {lost[0].timetable} does now",
                span=span,
            )


def _day_by_day(change: Change) -> Iterator[PublishingFinding]:
    """Dates that lose their last departure, and dates that need more vehicles than there are, by day type."""
    empty: dict[str, list[date]] = {}
    short: dict[str, tuple[int, int, list[date]]] = {}
    needs: dict[tuple[object, ...], int] = {}
    for day in change.days:
        before, after = _resolved(change.before, day), _resolved(change.after, day)
        if before is None or after is None or _regular(before) == _regular(after):
            continue
        day_type = after.service_day.day_type
        if after.timetable and _regular(before) and not _regular(after):
            empty.setdefault(day_type, []).append(day)
        there = len(change.after.network.on(day).vehicles)
        needed = _needed(change.after, after, needs)
        if there and needed > there and needed > _needed(change.before, before, needs):
            short.setdefault(day_type, (needed, there, []))[2].append(day)
    for day_type, several in empty.items():
        yield PublishingFinding(
            code="no-departures",
            severity=PublishingSeverity.ACCEPTABLE,
            subject=day_type,
            message=f"no departure runs on {len(several)} dates of {day_type} that have departures now, first on {several[0]}",
            dates=tuple(several),
        )
    for day_type, (needed, there, several) in short.items():
        yield PublishingFinding(
            code="too-few-vehicles",
            severity=PublishingSeverity.ACCEPTABLE,
            subject=day_type,
            message=f"the departures of {day_type} need {needed} vehicles and there are {there}, first on {several[0]}",
            dates=tuple(several),
            numbers={"needed": needed, "there": there},
        )


def _needed(schedule: Schedule, day: DayOfService, cache: dict[tuple[object, ...], int]) -> int:
    key = (_regular(day), id(schedule.network.on(day.date)))
    if key not in cache:
        cache[key] = vehicles_needed(schedule, day.departures)
    return cache[key]


def _regular(day: DayOfService) -> tuple[tuple[str, int], ...]:
    """(pattern, departure) of all but extra departures."""
    return tuple((each.pattern, each.departs) for each in day.departures if each.status is not DepartureStatus.EXTRA)


def _resolved(schedule: Schedule, day: date) -> DayOfService | None:
    try:
        return schedule.departures_on(day)
    except Refused:
        return None  # a missing running time is a finding of its own


def _duties(change: Change) -> Iterator[PublishingFinding]:
    """Day types whose planned duties no longer fit the departures, of timetables that begin to apply."""
    applied = {period.timetable for period in change.before.periods}
    for timetable_id in dict.fromkeys(period.timetable for period in change.after.periods):
        timetable = change.after.timetable_by_id[timetable_id]
        for day_type in () if timetable_id in applied else timetable.day_types_without_their_duties:
            yield PublishingFinding(
                code="duties-do-not-fit",
                severity=PublishingSeverity.ACCEPTABLE,
                subject=day_type,
                message=f"the departures of {day_type} are no longer those that its duties were planned for; they are left out",
            )
