"""Punctuality of a span, and taking measured running times into the network.

Only departures whose last arrival has passed are judged: the others may still be reported. The figures are
about vehicles, so everyone who reads ridership may see them exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.passings import Passing
from shuttle.domain.ridership.punctuality import (
    BandTimes,
    OnTime,
    PunctualityOfSpan,
    proposed,
    punctuality,
    times_by_band,
)
from shuttle.domain.ridership.summaries import Span
from shuttle.services.app_context import AppContext
from shuttle.services.timetable.facts import Moment
from shuttle.services.timetable.network_facts import change_running_time
from shuttle.store.ridership.passings import passings_between

PERCENTS = (50, 60, 70, 80, 85, 90, 95)
"""Percentiles to choose from."""


@dataclass(frozen=True)
class Punctuality:
    """The punctuality of a span, and its running times by the bands of today's network."""

    of_span: PunctualityOfSpan
    bands: tuple[BandTimes, ...]


def punctuality_of(context: AppContext, person: Person | None, span: Span, limits: OnTime) -> Punctuality:
    """The punctuality of all departures of the span that are over."""
    allow(person, Action.READ_RIDERSHIP)
    schedule, now, zone = context.schedule(), context.now(), context.zone
    past = (day for day in span if day <= context.today())
    departures = [
        departure
        for day in past
        for departure in schedule.departures_on(day).departures
        if instant(day, departure.calls[-1].arrives, zone) < now
    ]
    of_span = punctuality(departures, reported_passings(context, span), limits, zone)
    return Punctuality(of_span, times_by_band(of_span.times, schedule.network.on(context.today())))


def reported_passings(context: AppContext, span: Span) -> Mapping[str, Sequence[Passing]]:
    """The passings in force of a span, by departure id."""
    by_departure: dict[str, list[Passing]] = {}
    with context.reading() as session:
        for passing in passings_between(session, span.first, span.last):
            by_departure.setdefault(passing.departure, []).append(passing)
    return by_departure


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Acceptance of measured running times: of a link, at a percentile of a span, from a date, with the words of their source."""

    origin: str
    destination: str
    percent: int
    span: Span
    first: date | None
    source: str


def accept_running_time(context: AppContext, person: Person | None, accepted: Acceptance, limits: OnTime) -> None:
    """Take the measured running times of a link into the network from a date; bands with too few observations keep theirs.

    Raises Invalid (`bad-percentile`, `no-date`, `too-few-observations`), Refused (`fact-in-the-past`, `nothing-changed`,
    `missing-running-time`).
    """
    person = allow(person, Action.EDIT_FACTS)
    if accepted.percent not in PERCENTS:
        allowed = ", ".join(map(str, PERCENTS))
        raise Invalid(
            "bad-percentile", f"{accepted.percent} is no percentile here", given=accepted.percent, allowed=allowed
        )
    if accepted.first is None:
        raise Invalid("no-date", "the date is missing", given="no date", allowed="a date from today on")
    bands = punctuality_of(context, person, accepted.span, limits).bands
    running = context.schedule().network.on(context.today()).running_time(accepted.origin, accepted.destination)
    link = proposed(running, bands, accepted.percent, Provenance(accepted.source))
    with context.transaction() as session:
        change_running_time(session, person, link, accepted.first, Moment(context.now(), context.today()))
