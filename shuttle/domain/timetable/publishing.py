"""Publishing checks: findings that prevent or concern the publishing of a timetable for given dates.

A *blocker* prevents publishing. An *acceptable* finding prevents it until the planner accepts its code. A *warning*
prevents nothing. A draft's page shows the same findings while it is edited.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates, days_after
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.trips import Publication, Timetable

NOTICE = timedelta(days=14)
"""Arbeidsmiljøloven § 10-3: the work plan is discussed at least two weeks before it starts."""

EARLY_MINUTES = 10
"""Largest number of minutes before opening at which an arrival is acceptable."""

HORIZON = 400
"""Days for which an open-ended timetable is checked."""


class PublishingSeverity(StrEnum):
    BLOCKER = "blocker"
    ACCEPTABLE = "acceptable"
    WARNING = "warning"


@dataclass(frozen=True)
class PublishingFinding:
    """One finding. `code` is stable; `subject` is the trip, date, day type or timetable concerned."""

    code: str
    severity: PublishingSeverity
    subject: str
    message: str


def findings(schedule: Schedule, timetable: Timetable, valid: Validity, today: date) -> list[PublishingFinding]:
    """Every finding about publishing `timetable` for the dates of `valid` (`valid.first` is set)."""
    assert valid.first is not None
    several = [*_about_dates(schedule, timetable, valid, today), *_about_trips(schedule, timetable, valid.first)]
    if not any(finding.severity is PublishingSeverity.BLOCKER for finding in several):
        several += _about_opening_hours(schedule, timetable, valid)
    return several


def blocking_findings(several: Iterable[PublishingFinding], accepted: Iterable[str] = ()) -> list[PublishingFinding]:
    """The findings that prevent publishing, once the planner has accepted the codes `accepted`."""
    accepted = set(accepted)
    return [
        finding
        for finding in several
        if finding.severity is PublishingSeverity.BLOCKER
        or (finding.severity is PublishingSeverity.ACCEPTABLE and finding.code not in accepted)
    ]


def _about_dates(schedule: Schedule, timetable: Timetable, valid: Validity, today: date) -> Iterator[PublishingFinding]:
    first = valid.first
    assert first is not None
    if first < today:
        yield PublishingFinding(
            "past-date", PublishingSeverity.BLOCKER, first.isoformat(), f"{first} has passed; today is {today}"
        )
    elif first - today < NOTICE:
        yield PublishingFinding(
            "short-notice",
            PublishingSeverity.WARNING,
            first.isoformat(),
            f"{first} is {(first - today).days} days away; the drivers' work plan takes 14 days' notice (aml. § 10-3)",
        )
    for other in schedule.publications:
        begun = other.valid.first
        assert begun is not None
        open_ended_before = other.valid.last is None and begun < first
        if other.valid.overlaps(valid) and not open_ended_before:
            yield PublishingFinding(
                "overlap",
                PublishingSeverity.BLOCKER,
                other.timetable,
                f"timetable {other.timetable} is published from {begun} to {other.valid.last or 'further notice'}",
            )


def _about_trips(schedule: Schedule, timetable: Timetable, first: date) -> Iterator[PublishingFinding]:
    if not timetable.trips:
        yield PublishingFinding(
            "no-trips", PublishingSeverity.BLOCKER, timetable.id, f"timetable {timetable.id} has no trips"
        )
    network = schedule.network.on(first)
    for trip in timetable.trips:
        try:
            pattern = schedule.network.pattern(trip.pattern)
            schedule.calendar.names_of(trip.day_type)
            for stop in pattern.stops:
                network.stop(stop)
            if trip.calls is None:
                network.calls(pattern, trip.departs)
        except ShuttleError as error:
            yield PublishingFinding(error.code, PublishingSeverity.BLOCKER, trip.id, f"{trip.id}: {error.detail}")
    for day_type in timetable.day_types_without_their_duties:
        yield PublishingFinding(
            "duties-do-not-fit",
            PublishingSeverity.WARNING,
            day_type,
            f"the departures of {day_type} are no longer those that its duties were planned for; they are left out",
        )


def _about_opening_hours(schedule: Schedule, timetable: Timetable, valid: Validity) -> list[PublishingFinding]:
    """One finding for each trip and stop, with the first date on which the trip arrives while the stop is closed."""
    assert valid.first is not None
    last = min(valid.last or date.max, days_after(valid.first, HORIZON))
    trial = as_if_published(schedule, timetable, Validity(valid.first, last))
    by_trip: dict[str, PublishingFinding] = {}
    for day in dates(valid.first, last):
        for departure in trial.departures_on(day).departures:
            for stop in arrivals_while_closed(trial, departure):
                by_trip.setdefault(
                    f"{departure.trip} {stop}",
                    PublishingFinding(
                        "outside-opening-hours",
                        PublishingSeverity.ACCEPTABLE,
                        departure.trip,
                        f"{departure.trip} reaches {stop} while it is closed (first on {day})",
                    ),
                )
    return list(by_trip.values())


def as_if_published(schedule: Schedule, timetable: Timetable, valid: Validity) -> Schedule:
    """The schedule with this version alone in force, without any date's changes. Nothing is stored."""
    return replace(
        schedule,
        timetables=(*(t for t in schedule.timetables if t.id != timetable.id), timetable),
        publications=(Publication(timetable.id, valid),),
        changes=(),
    )


def arrivals_while_closed(schedule: Schedule, departure: Departure) -> list[str]:
    """Stops that the departure reaches outside their opening hours; up to `EARLY_MINUTES` before opening is accepted."""
    closed = []
    for call in departure.calls[1:]:
        windows = schedule.windows(call.stop, departure.date)
        if windows is None:
            continue
        if not any(opens - EARLY_MINUTES <= call.arrives <= closes for opens, closes in windows):
            closed.append(call.stop)
    return closed
