"""Recorded demand: a scenario's demand estimated from stored counts.

Counts show boardings of departures that ran. So they determine only the minutes in which a counted departure collected
passengers; the scenario's stated profiles apply to all others. See `domain/planning/demand/counts.py` and
`domain/planning/demand/estimation.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby, permutations

from shuttle.domain.basics.errors import Refused
from shuttle.domain.planning.demand.counts import CountedDay, comparable_dates, counted_day, stops_ahead
from shuttle.domain.planning.demand.estimation import DemandEstimate, Estimator, StatedSlot
from shuttle.domain.planning.passenger_cost import Pair, demand_of
from shuttle.domain.planning.scenario import DemandProfile, Scenario
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.counted_departures import CountedDeparture, CountedSpan, counted_span
from shuttle.domain.ridership.destination_sums import most_seats
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.departures import Schedule
from shuttle.services.app_context import AppContext
from shuttle.store.ridership import boardings as store
from shuttle.store.ridership.skipped_stops import skipped_stops_between

SLOT_MINUTES = 60


def with_recorded_demand(context: AppContext, schedule: Schedule, scenario: Scenario) -> Scenario:
    """The scenario with demand estimated from the counts of its dates; unchanged where it states its demand.

    Raises Refused (`no-counts`) for a day type without counts, Invalid (`span-too-long`).
    """
    demand = scenario.demand
    if demand.source != "recorded":
        return scenario
    assert demand.first is not None, "the reader of scenarios asks for both dates"
    assert demand.last is not None, "the reader of scenarios asks for both dates"
    counts = CountsByDate(counted_between(context, schedule, Span(demand.first, demand.last)), schedule)
    demands = [_DayTypeDemand(scenario, day_type, counts, schedule) for day_type in scenario.day_types]
    stated = any(each.is_stated for each in demands)
    return replace(
        scenario,
        demand=replace(
            demand,
            profiles=tuple(profile for each in demands for profile in each.profiles),
            counted_days=tuple((each.day_type, each.days) for each in demands),
            assumed=demand.assumed and stated,
        ),
        assumed=tuple(name for name in scenario.assumed if stated or name != "demand.profile"),
    )


def counted_between(context: AppContext, schedule: Schedule, span: Span) -> CountedSpan:
    """The counts on departures of a span that have left."""
    with context.reading() as session:
        latest = store.latest_counts_between(session, span.first, span.last)
        skipped = skipped_stops_between(session, span.first, span.last)
    return counted_span(schedule, span, latest, context.now(), context.zone, skipped)


class CountsByDate:
    """The counted departures of a span, grouped by date. The schedule tells the seats of each day."""

    def __init__(self, counted: CountedSpan, schedule: Schedule) -> None:
        self._schedule = schedule
        by_date = groupby(counted.departures, key=lambda each: each.departure.date)
        self._by_date = {day: list(departures) for day, departures in by_date}

    @property
    def pairs(self) -> list[Pair]:
        """Ordered pairs of stops between which a departure of the span took passengers."""
        return sorted(
            {
                (origin, ahead)
                for departures in self._by_date.values()
                for counted in departures
                for origin in {call.stop for call in counted.departure.calls}
                for ahead in stops_ahead(counted.departure, origin)
            }
        )

    def day(self, day: date, pair: Pair) -> CountedDay:
        """Counts between two stops on a date; a departure that skipped one of them counts as cancelled for the pair."""
        departures = self._by_date.get(day, [])
        called = [each for each in departures if not any(stop.unserved for stop in each.stops if stop.stop in pair)]
        counts = {each.departure.id: _holding_counts(each) for each in called}
        seats = most_seats(self._schedule, day)
        return counted_day(day, (each.departure for each in called), counts, *pair, seats)


def _holding_counts(counted: CountedDeparture) -> Sequence[Count]:
    return [stop.held.count for stop in counted.stops if stop.held]


class _DayTypeDemand:
    """Demand profiles of a day type: estimated where there are counts, as stated elsewhere."""

    def __init__(self, scenario: Scenario, day_type: str, counts: CountsByDate, schedule: Schedule) -> None:
        demand = scenario.demand
        assert demand.first is not None, "the reader of scenarios asks for both dates"
        assert demand.last is not None, "the reader of scenarios asks for both dates"
        self.day_type = day_type
        self.days = 0
        self.is_stated = False
        self.profiles: list[DemandProfile] = []
        dates = comparable_dates(schedule.calendar, day_type, demand.first, demand.last)
        stated = demand_of(scenario, day_type)
        estimator = Estimator(SLOT_MINUTES, demand.max_wait, resamples=0)
        for pair in permutations(sorted({stop for stops in scenario.patterns for stop in stops}), 2):
            days = [counts.day(day, pair) for day in dates]
            slots = stated_slots(stated.get(pair, {}))
            if slots or any(day.is_counted for day in days):
                self._add(pair, estimator.estimate(days, slots))
        if not self.days:
            raise Refused(
                "no-counts",
                f"nobody counted on a {day_type} departure between the scenario's stops"
                f" from {demand.first} to {demand.last} ({len(dates)} such dates)",
                given=f"{demand.first} to {demand.last}",
                allowed='dates with counts, or demand.source = "profile"',
            )

    def _add(self, pair: Pair, estimate: DemandEstimate) -> None:
        amounts = tuple(slot.passengers for slot in estimate.slots)
        self.profiles.append(
            DemandProfile(
                day_type=self.day_type,
                origin=pair[0],
                destination=pair[1],
                starts=0,
                slot_minutes=SLOT_MINUTES,
                passengers=amounts,
            )
        )
        self.days = max(self.days, estimate.days)
        self.is_stated |= any(slot.stated_minutes for slot in estimate.slots)


def stated_slots(rates: dict[int, float]) -> list[StatedSlot]:
    """Rates by minute (several profiles of a pair are summed) as slots of consecutive minutes with equal rates."""
    slots: list[StatedSlot] = []
    for minute, rate in sorted(rates.items()):
        last = slots[-1] if slots else None
        if last and last.starts + last.minutes == minute and abs(last.passengers / last.minutes - rate) < 1e-12:
            slots[-1] = StatedSlot(last.starts, last.minutes + 1, last.passengers + rate)
        else:
            slots.append(StatedSlot(minute, 1, rate))
    return slots
