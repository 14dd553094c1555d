"""Each requirement as a plain check of finished trips: met or not, and by how much.

The planner states the same rules as constraints, apart from this module and without looking at it; a property test lets the two
argue. Slack is in the requirement's own unit (minutes, trips, NOK, a share): 0 is just met, below 0 is the breach.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.blocks import vehicles_needed
from shuttle.domain.planning.costs import Paid, driver_minutes, nok
from shuttle.domain.planning.passenger_cost import coverage
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Requirement, Scenario
from shuttle.domain.planning.timetable_changes import pairing
from shuttle.domain.timetable.network import Costs
from shuttle.domain.timetable.opening_hours import Window

TINY = 1e-9
NEVER = 24 * 60
"""The breach, in minutes, where there is nothing at all to measure."""


@dataclass(frozen=True)
class Verdict:
    """What a check found. `slack` >= 0 exactly where the requirement is met."""

    requirement: Requirement
    slack: float

    @property
    def met(self) -> bool:
        return self.slack >= -TINY


FREE = Costs(0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class PlannedDay:
    """Finished trips of a day type, with what they are judged by: the base timetable's trips and the cost rates."""

    scenario: Scenario
    day_type: str
    trips: tuple[PlannedTrip, ...]
    base: tuple[PlannedTrip, ...] = ()
    costs: Costs = FREE
    paid: Paid | None = None
    """What the duties are paid, where there are duties."""

    def arrivals(self, stop: str) -> list[Minute]:
        """Every arrival at a stop, in order: each call there but a trip's first."""
        return sorted(call.arrives for trip in self.trips for call in trip.calls[1:] if call.stop == stop)

    def departures(self, to: str | None = None) -> list[Minute]:
        """Departures from the base stop (that serve `to`), in order: each call there from which a trip goes on."""
        return sorted(
            call.departs
            for trip in self.trips
            for place, call in enumerate(trip.calls[:-1])
            if call.stop == self.scenario.base_stop
            and (to is None or any(later.stop == to for later in trip.calls[place + 1 :]))
        )


def verdicts(plan: PlannedDay) -> list[Verdict]:
    """A verdict for each requirement that applies to the day type, but for `DriverDuties`: `planner.judge` makes the duties.

    A kind without a check is a KeyError: a requirement that nobody looked at must not pass for one that is met.
    """
    return [
        Verdict(requirement, slack(plan, requirement))
        for requirement in plan.scenario.requirements
        if requirement.applies_to(plan.day_type) and not isinstance(requirement, ask.DriverDuties)
    ]


def penalty(several: Iterable[Verdict]) -> float:
    """Passenger minutes that the wishes among them cost: the weight of each unit of breach."""
    return sum(
        verdict.requirement.weight * max(0.0, -verdict.slack) for verdict in several if not verdict.requirement.hard
    )


def slack(plan: PlannedDay, requirement: Requirement) -> float:
    return CHECKS[type(requirement)](plan, requirement)


def keep_departures(plan: PlannedDay, wanted: ask.KeepDepartures) -> float:
    """Slack: minus the number of departures without a trip of their own."""
    base = [trip for trip in plan.base if wanted.to is None or wanted.to in trip.stops[1:]]
    return float(len(pairing(base, plan.trips, wanted.tolerance)) - len(base))


def pin(plan: PlannedDay, wanted: ask.Pin) -> float:
    return 0.0 if _runs(plan, wanted.pattern, wanted.at) else -1.0


def forbid(plan: PlannedDay, wanted: ask.Forbid) -> float:
    return -1.0 if _runs(plan, wanted.pattern, wanted.at) else 0.0


def _runs(plan: PlannedDay, pattern: int, at: Minute) -> bool:
    return any(trip.departs == at and trip.stops == plan.scenario.patterns[pattern] for trip in plan.trips)


def max_gap(plan: PlannedDay, wanted: ask.MaxGap) -> float:
    windows = [wanted.between] if wanted.between else plan.scenario.inner_windows(wanted.to, plan.day_type)
    gaps = [gap for window in windows for gap in _gaps(plan.arrivals(wanted.to), window)]
    return float(wanted.minutes - max(gaps, default=0))


def _gaps(arrivals: Iterable[Minute], window: Window) -> list[int]:
    """From the window's start to the first arrival, between consecutive ones, from the last to the end."""
    first, last = window
    inside = [minute for minute in arrivals if first <= minute <= last]
    return [later - earlier for earlier, later in pairwise([first, *inside, last])]


def min_gap(plan: PlannedDay, wanted: ask.MinGap) -> float:
    gaps = [later - earlier for earlier, later in pairwise(plan.departures(wanted.to))]
    return float(min(gaps, default=wanted.minutes) - wanted.minutes)


def first_arrival_by_opening(plan: PlannedDay, wanted: ask.FirstArrivalByOpening) -> float:
    arrivals = plan.arrivals(wanted.to)
    slacks = []
    for opens, _ in plan.scenario.windows(wanted.to, plan.day_type) or ():
        in_reach = [minute for minute in arrivals if minute >= opens - 60]
        slacks.append(opens + wanted.minutes - min(in_reach, default=opens + wanted.minutes + NEVER))
    return float(min(slacks, default=0))


def last_return_after_closing(plan: PlannedDay, wanted: ask.LastReturnAfterClosing) -> float:
    pair = (wanted.origin, plan.scenario.base_stop)
    leaves = [ride.leaves for trip in plan.trips for ride in trip.rides.get(pair, ())]
    slacks = []
    for _, closes in plan.scenario.windows(wanted.origin, plan.day_type) or ():
        after = [minute for minute in leaves if minute >= closes]
        slacks.append(closes + wanted.minutes - min(after, default=closes + wanted.minutes + NEVER))
    return float(min(slacks, default=0))


def trip_count(plan: PlannedDay, wanted: ask.TripCount) -> float:
    stops = None if wanted.pattern is None else plan.scenario.patterns[wanted.pattern]
    count = sum(stops is None or trip.stops == stops for trip in plan.trips)
    above = count - wanted.least if wanted.least is not None else NEVER
    below = wanted.most - count if wanted.most is not None else NEVER
    return float(min(above, below))


def budget(plan: PlannedDay, wanted: ask.Budget) -> float:
    """Slack in minutes, or in NOK."""
    if wanted.driver_hours is not None:
        return wanted.driver_hours * 60 - driver_minutes(plan.trips, plan.paid)
    assert wanted.nok is not None
    return wanted.nok - nok(plan.scenario, plan.costs, plan.day_type, plan.trips, plan.paid)


def vehicle_limit(plan: PlannedDay, wanted: ask.VehicleLimit) -> float:
    return float(wanted.most - vehicles_needed(plan.scenario, plan.trips))


def clock_face(plan: PlannedDay, wanted: ask.ClockFace) -> float:
    """Slack: minus the number of departures at other minutes, or that are not repeated."""
    if wanted.repeat is None:
        return -float(sum(trip.departs % 60 not in wanted.minutes for trip in plan.trips))
    first, last = wanted.between or (plan.scenario.first_departure, plan.scenario.last_arrival)
    run = {(trip.stops, trip.departs) for trip in plan.trips if first <= trip.departs <= last}
    missing = {
        (stops, at + step)
        for stops, at in run
        for step in (wanted.repeat, -wanted.repeat)
        if first <= at + step <= last and (stops, at + step) not in run
    }
    return -float(len(missing))


def coverage_share(plan: PlannedDay, wanted: ask.CoverageShare) -> float:
    return coverage(plan.scenario, plan.day_type, plan.trips, wanted.of) - wanted.share


def max_change(plan: PlannedDay, wanted: ask.MaxChange) -> float:
    """Slack in departures: those that may still move, or minus those that moved or fell away beyond what is allowed."""
    pairs = pairing(plan.base, plan.trips, wanted.by)
    missing = len(plan.base) - len(pairs)
    kept = len(pairing(plan.base, plan.trips, 0))
    return -float(missing) if missing else float(wanted.moved - (len(plan.base) - kept))


CHECKS: dict[type[Requirement], Callable[[PlannedDay, Any], float]] = {
    ask.KeepDepartures: keep_departures,
    ask.Pin: pin,
    ask.Forbid: forbid,
    ask.MaxGap: max_gap,
    ask.MinGap: min_gap,
    ask.FirstArrivalByOpening: first_arrival_by_opening,
    ask.LastReturnAfterClosing: last_return_after_closing,
    ask.TripCount: trip_count,
    ask.Budget: budget,
    ask.VehicleLimit: vehicle_limit,
    ask.ClockFace: clock_face,
    ask.CoverageShare: coverage_share,
    ask.MaxChange: max_change,
}
"""Requirement -> its check. `DriverDuties` is judged where duties are made."""


def two_alike(trips: Sequence[PlannedTrip]) -> bool:
    """The same pattern twice at one minute: no proposal may have that."""
    return len({(trip.stops, trip.departs) for trip in trips}) < len(trips)
