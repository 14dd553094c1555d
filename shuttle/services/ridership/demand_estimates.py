"""Nightly demand estimates from the counts of the last weeks, shown to planners.

The estimator is that of scenarios with recorded demand (`recorded_demand.py`), without stated profiles: an hour in
which no counted departure collected passengers has no estimate.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.demand.counts import comparable_dates
from shuttle.domain.planning.demand.estimation import DemandEstimate, Estimator, WindowEstimate
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.departures import Schedule
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.recorded_demand import SLOT_MINUTES, CountsByDate, counted_between
from shuttle.store.planning import demand_estimates as store
from shuttle.store.tables.planning import DemandEstimateRow

WEEKS = 8
"""Weeks of counts: enough for means, few enough to follow the seasons."""

KEPT = timedelta(weeks=5)
ESTIMATOR = Estimator(SLOT_MINUTES, resamples=100)


@dataclass(frozen=True, kw_only=True)
class HourEstimate:
    """Passengers per day who become ready in the slot from minute `starts`; 5-95 % bootstrap interval over the counted days."""

    starts: Minute
    passengers: float
    low: float
    high: float
    at_least: bool


@dataclass(frozen=True, kw_only=True)
class PairEstimate:
    """Demand from one stop to another on a day type, from `days` counted days. `windows`: what the counts identify; the hours spread
    it evenly. An estimate of an older program has none.
    """

    day_type: str
    origin: str
    destination: str
    days: int
    hours: tuple[HourEstimate, ...]
    windows: tuple[WindowEstimate, ...] = ()


@dataclass(frozen=True)
class NightEstimate:
    """A night's estimate; `span`: the dates of its counts."""

    night: date
    span: Span
    made_at: datetime
    pairs: tuple[PairEstimate, ...]


def estimate_demand(context: AppContext, person: Person | None) -> NightEstimate | None:
    """Estimate from the counts of the last weeks and store it; None without counts."""
    allow(person, Action.ADMINISTER)
    schedule, night = context.schedule(), context.today()
    span = Span(night - timedelta(weeks=WEEKS), night - timedelta(days=1))
    pairs = _estimated(schedule, span, CountsByDate(counted_between(context, schedule, span), schedule))
    if not pairs:
        return None
    estimate = NightEstimate(night, span, context.now(), pairs)
    row = DemandEstimateRow(
        night=night,
        first=span.first,
        last=span.last,
        made_at=estimate.made_at,
        pairs=[_document(pair) for pair in pairs],
    )
    with context.transaction() as session:
        store.put(session, row, night - KEPT)
    return estimate


def newest_estimate(context: AppContext, person: Person | None) -> NightEstimate | None:
    """The latest estimate, for planners; None where there is none."""
    allow(person, Action.PLAN)
    with context.reading() as session:
        row = store.newest(session)
        if row is None:
            return None
        pairs = tuple(_pair(document) for document in row.pairs)
        return NightEstimate(row.night, Span(row.first, row.last), row.made_at, pairs)


def _estimated(schedule: Schedule, span: Span, counts: CountsByDate) -> tuple[PairEstimate, ...]:
    estimates = []
    for day_type in (each.id for each in schedule.calendar.day_types):
        dates = comparable_dates(schedule.calendar, day_type, span.first, span.last)
        for origin, destination in counts.pairs:
            days = [counts.day(day, (origin, destination)) for day in dates]
            if any(day.is_counted for day in days):
                estimates.append(_pair_of(day_type, origin, destination, ESTIMATOR.estimate(days)))
    return tuple(estimates)


def _pair_of(day_type: str, origin: str, destination: str, estimate: DemandEstimate) -> PairEstimate:
    hours = tuple(
        HourEstimate(
            starts=slot.starts,
            passengers=round(slot.passengers, 3),
            low=round(slot.low, 3),
            high=round(slot.high, 3),
            at_least=slot.at_least,
        )
        for slot in estimate.slots
        if slot.recorded_minutes
    )
    return PairEstimate(
        day_type=day_type,
        origin=origin,
        destination=destination,
        days=estimate.days,
        hours=hours,
        windows=estimate.windows,
    )


def _document(pair: PairEstimate) -> dict[str, Any]:
    return {
        "day_type": pair.day_type,
        "from": pair.origin,
        "to": pair.destination,
        "days": pair.days,
        "hours": [[hour.starts, hour.passengers, hour.low, hour.high, hour.at_least] for hour in pair.hours],
        "windows": [
            [*each.window, round(each.passengers, 3), round(each.low, 3), round(each.high, 3), each.days, each.at_least]
            for each in pair.windows
        ],
    }


def _pair(document: dict[str, Any]) -> PairEstimate:
    hours = tuple(
        HourEstimate(starts=starts, passengers=passengers, low=low, high=high, at_least=at_least)
        for starts, passengers, low, high, at_least in document["hours"]
    )
    return PairEstimate(
        day_type=document["day_type"],
        origin=document["from"],
        destination=document["to"],
        days=document["days"],
        hours=hours,
        windows=tuple(map(_window, document.get("windows", ()))),
    )


def _window(values: list[Any]) -> WindowEstimate:
    since, until, passengers, low, high, days, at_least = values
    return WindowEstimate(
        window=(since, until), passengers=passengers, low=low, high=high, days=days, at_least=at_least
    )
