"""Quality checks of a schedule, on its resolved days.

A schedule can be valid in every part and wrong as a whole: a day without departures, an arrival after closing, a timetable
that ends unnoticed. The checks read resolved days, which are what passengers get. Equal findings of several dates are
one finding with those dates.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import Minute, dates, time_of_day_text
from shuttle.domain.timetable.departures import DayOfService, Departure, Schedule
from shuttle.domain.timetable.network import Network
from shuttle.domain.timetable.publishing.vehicle_blocks import vehicles_needed
from shuttle.domain.timetable.trips import Timetable


class FindingSeverity(StrEnum):
    """An error is wrong for passengers or stops the service; a warning may be intended."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class QualityFinding:
    """One finding. `control` is the stable key of the check; `values` fill its text in any language; `detail` is English."""

    control: str
    severity: FindingSeverity
    detail: str
    dates: tuple[date, ...] = ()
    values: Mapping[str, str | date] = field(default_factory=dict)

    def __str__(self) -> str:
        when = f" ({date_list_text(self.dates)})" if self.dates else ""
        return f"{self.severity}: {self.detail}{when}"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of the usual: departures a day, minutes between two departures, days before a timetable ends."""

    fewest_departures: int = 1
    most_departures: int = 24
    longest_gap: int = 240
    days_before_end: int = 120
    days_before_undecided: int = 60


DEFAULT_LIMITS = Limits()


def check(schedule: Schedule, first: date, last: date, limits: Limits = DEFAULT_LIMITS) -> tuple[QualityFinding, ...]:
    """Every finding for the dates from `first` (today) to `last`, both included; errors first."""
    days = _resolved(schedule, dates(first, last))
    findings = [
        *_faulty_timetables(schedule, first),
        *check_tables(schedule, first, limits),
        *_unusual_numbers(days, limits, schedule),
        *_days_of_rest(days, schedule),
        *_unlike_their_like(days),
        *_outside_opening_hours(schedule, days),
        *_invalid_stops(schedule, days),
        *_too_few_vehicles(schedule, days),
        *_long_gaps(days, limits),
        *_undecided(schedule, first, limits),
    ]
    return tuple(sorted(findings, key=lambda finding: (finding.severity, finding.control, finding.dates)))


def check_tables(schedule: Schedule, today: date, limits: Limits = DEFAULT_LIMITS) -> tuple[QualityFinding, ...]:
    """Findings about dates without a timetable from today on: holes between two timetables, and an end that is near."""
    return (*_holes(schedule, today), *_ends_soon(schedule, today, limits))


def missing_running_times(
    network: Network, timetable: Timetable, validity: Validity
) -> tuple[tuple[str, tuple[str, str], date], ...]:
    """(pattern, link, first date) of each link without a running time while the timetable applies.

    Checks the first date and each date on which the network changes. Trips with times set by hand need no running times.
    """
    begins = validity.first or date.min
    turns = [begins, *(turn for turn in network.turning_dates if turn > begins and validity.covers(turn))]
    missing: dict[tuple[str, tuple[str, str]], date] = {}
    for pattern_id in sorted({trip.pattern for trip in timetable.trips if trip.calls is None}):
        for link in network.pattern(pattern_id).legs:
            for turn in turns:
                if link not in network.on(turn).running_times:
                    missing.setdefault((pattern_id, link), turn)
    return tuple((pattern_id, link, day) for (pattern_id, link), day in missing.items())


def trips_off_their_pattern(network: Network, timetable: Timetable) -> tuple[str, ...]:
    """Ids of trips whose calls, set by hand, are not the stops of their pattern in order."""
    return tuple(
        trip.id
        for trip in timetable.trips
        if trip.calls is not None and tuple(call.stop for call in trip.calls) != network.pattern(trip.pattern).stops
    )


def holes(schedule: Schedule) -> tuple[Validity, ...]:
    """Spans of dates without a timetable, between two publications."""
    ordered = sorted((publication.valid for publication in schedule.periods), key=lambda valid: str(valid.first))
    return tuple(
        Validity(earlier.last + timedelta(days=1), later.first - timedelta(days=1))
        for earlier, later in itertools.pairwise(ordered)
        if earlier.last and later.first and (later.first - earlier.last).days > 1
    )


def date_list_text(several: tuple[date, ...]) -> str:
    """The first three dates and the number of others: `2026-01-01, 2026-01-02, 2026-01-03 and 4 more`."""
    shown = ", ".join(day.isoformat() for day in several[:3])
    return shown if len(several) <= 3 else f"{shown} and {len(several) - 3} more"


def _resolved(schedule: Schedule, days: Iterable[date]) -> list[DayOfService]:
    """The days that resolve; a day that does not lacks a running time, which is a finding of its own."""
    resolved = []
    for day in days:
        try:
            resolved.append(schedule.departures_on(day))
        except Refused:
            continue
    return resolved


def _faulty_timetables(schedule: Schedule, first: date) -> Iterable[QualityFinding]:
    for publication in schedule.periods:
        if publication.valid.last and publication.valid.last < first:
            continue
        timetable = schedule.timetable_by_id[publication.timetable]
        for pattern, (origin, destination), day in missing_running_times(
            schedule.network, timetable, publication.valid
        ):
            yield QualityFinding(
                control="missing-running-time",
                severity=FindingSeverity.ERROR,
                detail=f"timetable {timetable.id}: "
                f"pattern {pattern} has no running time from {origin} to {destination} on {day}",
                dates=(max(day, first),),
                values={"timetable": timetable.id, "pattern": pattern, "origin": origin, "destination": destination},
            )
        for trip in trips_off_their_pattern(schedule.network, timetable):
            yield QualityFinding(
                control="calls-off-pattern",
                severity=FindingSeverity.ERROR,
                detail=f"timetable {timetable.id}: the times set by hand for {trip} are not for the stops of its pattern",
                values={"timetable": timetable.id, "trip": trip},
            )


def _holes(schedule: Schedule, first: date) -> Iterable[QualityFinding]:
    for hole in holes(schedule):
        if hole.first and hole.last and hole.last >= first:
            yield QualityFinding(
                control="no-timetable-between",
                severity=FindingSeverity.ERROR,
                detail=f"no timetable applies from {hole.first} to {hole.last}",
                dates=(hole.first, hole.last),
                values={"first": hole.first, "last": hole.last},
            )


def _ends_soon(schedule: Schedule, today: date, limits: Limits) -> Iterable[QualityFinding]:
    ends = [publication.valid.last for publication in schedule.periods]
    last = max((end for end in ends if end), default=None)
    if None in ends or (last and last > today + timedelta(days=limits.days_before_end)):
        return
    if last is None or last < today:
        yield QualityFinding(
            control="no-timetable",
            severity=FindingSeverity.ERROR,
            detail=f"no timetable applies on {today} or later",
            dates=(today,),
            values={"date": today},
        )
        return
    yield QualityFinding(
        control="table-ends",
        severity=FindingSeverity.WARNING,
        detail=f"the last timetable ends on {last}, in {(last - today).days} days",
        dates=(last,),
        values={"last": last, "days": str((last - today).days)},
    )


def _unusual_numbers(days: list[DayOfService], limits: Limits, schedule: Schedule) -> Iterable[QualityFinding]:
    """Dates with too few or too many departures; dates without a timetable are left to `check_tables`.

    A day type on which the timetable has no trips at all is a day of rest, see `_days_of_rest`.
    """
    by_number: dict[int, list[date]] = {}
    for day in days:
        running = sum(departure.runs for departure in day.departures)
        if _rests(day, schedule) and not day.departures:
            continue
        if day.timetable and day.service_day.runs and not limits.fewest_departures <= running <= limits.most_departures:
            by_number.setdefault(running, []).append(day.date)
    for number, when in by_number.items():
        severity = FindingSeverity.ERROR if number == 0 else FindingSeverity.WARNING
        allowed = f"{limits.fewest_departures}–{limits.most_departures}"
        yield QualityFinding(
            control="unusual-number",
            severity=severity,
            detail=f"{number} departures in a day; usual: {allowed}",
            dates=tuple(when),
            values={"number": str(number), "allowed": allowed},
        )


def _rests(day: DayOfService, schedule: Schedule) -> bool:
    """Whether the timetable of the date has no trip on its day type."""
    timetable = schedule.timetable_by_id.get(day.timetable or "")
    return timetable is not None and not timetable.trips_on(day.service_day.day_type)


def _days_of_rest(days: list[DayOfService], schedule: Schedule) -> Iterable[QualityFinding]:
    """Day types on which a timetable has no trips: a service may rest then, and a table may have been forgotten."""
    resting: dict[tuple[str, str], list[date]] = {}
    for day in days:
        if _rests(day, schedule):
            resting.setdefault((day.timetable or "", day.service_day.day_type), []).append(day.date)
    for (timetable, day_type), when in sorted(resting.items()):
        yield QualityFinding(
            control="day-of-rest",
            severity=FindingSeverity.WARNING,
            detail=f"timetable {timetable} has no departures on days of type {day_type}",
            dates=tuple(when),
            values={"timetable": timetable, "day_type": day_type},
        )


def _unlike_their_like(days: list[DayOfService]) -> Iterable[QualityFinding]:
    """Days that differ from most days of the same timetable and day type."""
    alike: dict[tuple[str | None, str], list[DayOfService]] = {}
    for day in days:
        if not day.service_day.runs:
            continue
        alike.setdefault((day.timetable, day.service_day.day_type), []).append(day)
    for (_, day_type), several in alike.items():
        usual = Counter(map(_shape, several)).most_common(1)[0][0]
        for day in several:
            if _shape(day) != usual:
                less, more = sorted(set(usual) - set(_shape(day))), sorted(set(_shape(day)) - set(usual))
                what = " ".join(
                    [
                        *(f"-{time_of_day_text(minute)}" for minute, _ in less),
                        *(f"+{time_of_day_text(m)}" for m, _ in more),
                    ]
                )
                yield QualityFinding(
                    control="unlike-its-like",
                    severity=FindingSeverity.WARNING,
                    detail=f"differs from other days of type {day_type}: {what}",
                    dates=(day.date,),
                    values={"day_type": day_type, "difference": what},
                )


def _shape(day: DayOfService) -> tuple[tuple[Minute, str], ...]:
    return tuple((departure.departs, departure.pattern) for departure in day.departures if departure.runs)


def _outside_opening_hours(schedule: Schedule, days: list[DayOfService]) -> Iterable[QualityFinding]:
    """Arrivals at a stop while it is closed; an arrival at the minute of opening is in time."""

    def closed(departure: Departure, stop: str, arrives: Minute) -> bool:
        windows = schedule.windows(stop, departure.date)
        return windows is not None and not any(opens <= arrives < closes for opens, closes in windows)

    late: dict[tuple[str, str, Minute], list[date]] = {}
    for departure in _running(days):
        for call in departure.calls[1:]:
            if closed(departure, call.stop, call.arrives):
                late.setdefault((departure.trip, call.stop, call.arrives), []).append(departure.date)
    for (trip, stop, arrives), when in late.items():
        yield QualityFinding(
            control="outside-opening-hours",
            severity=FindingSeverity.ERROR,
            detail=f"{trip} arrives at {stop} at {time_of_day_text(arrives)}, while it is closed",
            dates=tuple(when),
            values={"trip": trip, "stop": stop, "arrives": time_of_day_text(arrives)},
        )


def _invalid_stops(schedule: Schedule, days: list[DayOfService]) -> Iterable[QualityFinding]:
    invalid: dict[tuple[str, str], list[date]] = {}
    for departure in _running(days):
        valid = schedule.network.on(departure.date).stops
        for stop in {call.stop for call in departure.calls} - valid.keys():
            invalid.setdefault((departure.trip, stop), []).append(departure.date)
    for (trip, stop), when in sorted(invalid.items()):
        yield QualityFinding(
            control="stop-not-in-use",
            severity=FindingSeverity.ERROR,
            detail=f"{trip} calls at {stop}, which is not in use on that date",
            dates=tuple(when),
            values={"trip": trip, "stop": stop},
        )


def _too_few_vehicles(schedule: Schedule, days: list[DayOfService]) -> Iterable[QualityFinding]:
    """Dates whose departures need more vehicles than the network has; nothing where it names none."""
    short: dict[tuple[int, int], list[date]] = {}
    needs: dict[tuple[object, ...], int] = {}
    for day in days:
        key = (_shape(day), id(schedule.network.on(day.date)))
        if key not in needs:
            needs[key] = vehicles_needed(schedule, day.departures)
        there = len(schedule.network.on(day.date).vehicles)
        if there and needs[key] > there:
            short.setdefault((needs[key], there), []).append(day.date)
    for (needed, there), when in short.items():
        yield QualityFinding(
            control="too-few-vehicles",
            severity=FindingSeverity.ERROR,
            detail=f"the departures need {needed} vehicles and there are {there}",
            dates=tuple(when),
            values={"needed": str(needed), "there": str(there)},
        )


def _long_gaps(days: list[DayOfService], limits: Limits) -> Iterable[QualityFinding]:
    """Long gaps between two departures of the same pattern on one day."""
    gaps: dict[tuple[str, Minute, Minute], list[date]] = {}
    for day in days:
        by_pattern: dict[str, list[Minute]] = {}
        for departure in _running([day]):
            by_pattern.setdefault(departure.pattern, []).append(departure.departs)
        for pattern, minutes in by_pattern.items():
            for earlier, later in itertools.pairwise(minutes):
                if later - earlier > limits.longest_gap:
                    gaps.setdefault((pattern, earlier, later), []).append(day.date)
    for (pattern, earlier, later), when in gaps.items():
        yield QualityFinding(
            control="long-gap",
            severity=FindingSeverity.WARNING,
            detail=f"{later - earlier} minutes between {time_of_day_text(earlier)} and {time_of_day_text(later)} on {pattern}",
            dates=tuple(when),
            values={
                "pattern": pattern,
                "from_": time_of_day_text(earlier),
                "to": time_of_day_text(later),
                "minutes": str(later - earlier),
            },
        )


def _undecided(schedule: Schedule, today: date, limits: Limits) -> Iterable[QualityFinding]:
    """Coming eves without a planner's decision on the day type."""
    ahead = dates(today, today + timedelta(days=limits.days_before_undecided))
    service_days = map(schedule.calendar.service_day, ahead)
    for day in service_days:
        if day.undecided:
            names = [reason.names.en for reason in day.reasons if reason.names]
            yield QualityFinding(
                control="undecided",
                severity=FindingSeverity.WARNING,
                detail=f"the day type of {' and '.join(names)} is not decided",
                dates=(day.date,),
                values={"date": day.date.isoformat()},
            )


def _running(days: Iterable[DayOfService]) -> Iterable[Departure]:
    return (departure for day in days for departure in day.departures if departure.runs)
