"""Publishing checks: findings that prevent or concern the publishing or the withdrawing of a timetable.

A draft's page shows the same findings while it is edited. What a change makes worse is found in `consequences`; here stand
the controls of the timetable itself, of the dates, and of what runs before and after them.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates, days_after
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.publishing.consequences import Change, as_published_over, worse
from shuttle.domain.timetable.publishing.finding import PublishingFinding, PublishingSeverity
from shuttle.domain.timetable.trips import Publication, Timetable, publication_on

NOTICE = timedelta(days=14)
"""Arbeidsmiljøloven § 10-3: the work plan is discussed at least two weeks before it starts."""

EARLY_MINUTES = 10
"""Largest number of minutes before opening at which an arrival is acceptable."""

HORIZON = 400
"""Days for which an open-ended timetable is checked."""


def findings(schedule: Schedule, timetable: Timetable, valid: Validity, today: date) -> list[PublishingFinding]:
    """Every finding about publishing `timetable` for the dates of `valid` (`valid.first` is set)."""
    assert valid.first is not None
    several = [*_about_dates(schedule, timetable, valid, today), *_about_trips(schedule, timetable, valid.first)]
    if not any(finding.severity is PublishingSeverity.BLOCKER for finding in several):
        change = Change(schedule, as_published_over(schedule, timetable, valid), valid.first)
        several += [*_about_opening_hours(schedule, timetable, valid), *worse(change), *_after(change.after, valid)]
    return several


def withdrawal_findings(
    before: Schedule, after: Schedule, timetables: Collection[str], today: date
) -> list[PublishingFinding]:
    """Every finding about withdrawing timetables from `today`: `after` is the schedule without them."""
    several = worse(Change(before, after, today))
    for period in before.periods:
        first = period.valid.first
        if period.timetable in timetables and first and (period.valid.last is None or period.valid.last >= today):
            follows = publication_on(after.periods, max(first, today))
            if follows:
                several.append(_note("runs-instead", follows.timetable, max(first, today)))
    return several


def _after(after: Schedule, valid: Validity) -> Iterator[PublishingFinding]:
    """A temporary timetable gives way: a note of what applies on the day after its last one."""
    if valid.last is None:
        return
    day = days_after(valid.last, 1)
    follows = publication_on(after.periods, day)
    if follows is not None:
        yield _note("gives-way", follows.timetable, day)


def _note(code: str, timetable: str, day: date) -> PublishingFinding:
    message = f"timetable {timetable} applies from {day}"
    return PublishingFinding(
        code=code, severity=PublishingSeverity.NOTE, subject=timetable, message=message, dates=(day,)
    )


def _about_dates(schedule: Schedule, timetable: Timetable, valid: Validity, today: date) -> Iterator[PublishingFinding]:
    first = valid.first
    assert first is not None
    if first < today:
        yield PublishingFinding(
            code="past-date",
            severity=PublishingSeverity.BLOCKER,
            subject=first.isoformat(),
            message=f"{first} has passed; today is {today}",
        )
    elif first - today < NOTICE:
        yield PublishingFinding(
            code="short-notice",
            severity=PublishingSeverity.WARNING,
            subject=first.isoformat(),
            message=f"{first} is {(first - today).days} days away; the drivers' work plan takes 14 days' notice (aml. § 10-3)",
        )
    for period in schedule.periods:
        begins = period.valid.first
        publication = publication_on(schedule.publications, begins) if begins else None
        if begins is None or not valid.covers(begins) or publication is None or publication.valid.first != begins:
            continue
        way_out = f"end on {days_after(begins, -1)}, or " if begins > first else ""
        yield PublishingFinding(
            code="overlap",
            severity=PublishingSeverity.ACCEPTABLE,
            subject=period.timetable,
            message=f"timetable {period.timetable} is published from {begins} to {period.valid.last or 'further notice'}; "
            f"{way_out}replace it",
            span=period.valid,
        )


def _about_trips(schedule: Schedule, timetable: Timetable, first: date) -> Iterator[PublishingFinding]:
    if not timetable.trips:
        yield PublishingFinding(
            code="no-trips",
            severity=PublishingSeverity.BLOCKER,
            subject=timetable.id,
            message=f"timetable {timetable.id} has no trips",
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
            yield PublishingFinding(
                code=error.code,
                severity=PublishingSeverity.BLOCKER,
                subject=trip.id,
                message=f"{trip.id}: {error.detail}",
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
                        code="outside-opening-hours",
                        severity=PublishingSeverity.ACCEPTABLE,
                        subject=departure.trip,
                        message=f"{departure.trip} reaches {stop} while it is closed (first on {day})",
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
