"""Requirement checks: each kind of requirement as a plain function of finished trips that returns its slack.

The planner states the same rules as constraints, written independently; a property test compares both. Slack is in the
requirement's own unit (minutes, trips, NOK, a share): 0 is just met, a negative slack is the breach.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.blocks import vehicles_needed
from shuttle.domain.planning.costs import Paid, driver_minutes, nok
from shuttle.domain.planning.passenger_cost import coverage, usable_rides
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Requirement, Scenario
from shuttle.domain.planning.simulation import simulate
from shuttle.domain.planning.timetable_changes import pairing
from shuttle.domain.timetable.network import FREE, Costs
from shuttle.domain.timetable.opening_hours import Window

TINY = 1e-9
NEVER = 24 * 60
"""The breach, in minutes, when there is no departure or arrival to measure."""


@dataclass(frozen=True)
class RequirementVerdict:
    """The result of a check: the requirement is met exactly when `slack` >= 0."""

    requirement: Requirement
    slack: float

    @property
    def met(self) -> bool:
        return self.slack >= -TINY


@dataclass(frozen=True, kw_only=True)
class PlannedDay:
    """Finished trips of a day type, with the inputs of the checks: the base timetable's trips, cost rates, duty pay."""

    scenario: Scenario
    day_type: str
    trips: tuple[PlannedTrip, ...]
    base: tuple[PlannedTrip, ...] = ()
    costs: Costs = FREE
    paid: Paid | None = None
    """The pay of the duties, when there are any."""

    def arrivals(self, stop: str) -> list[Minute]:
        """Arrivals at a stop, in order: each call there except a trip's first."""
        return sorted(call.arrives for trip in self.trips for call in trip.calls[1:] if call.stop == stop)

    def departures(self, to: str | None = None) -> list[Minute]:
        """Departures from the base stop (that serve `to`), in order: each call there except a trip's last."""
        return sorted(
            call.departs
            for trip in self.trips
            for place, call in enumerate(trip.calls[:-1])
            if call.stop == self.scenario.base_stop
            and (to is None or any(later.stop == to for later in trip.calls[place + 1 :]))
        )


def verdicts(plan: PlannedDay) -> list[RequirementVerdict]:
    """A verdict for each requirement of the day type except `DriverDuties`, for which `planner.process.evaluate` makes duties.

    A kind without a check raises KeyError, so an unchecked requirement never counts as met.
    """
    return [
        RequirementVerdict(requirement, slack(plan, requirement))
        for requirement in plan.scenario.requirements
        if requirement.applies_to(plan.day_type) and not isinstance(requirement, ask.DriverDuties)
    ]


def penalty(several: Iterable[RequirementVerdict]) -> float:
    """The cost of broken wishes, in passenger minutes: breach times weight."""
    return sum(
        verdict.requirement.weight * max(0.0, -verdict.slack) for verdict in several if not verdict.requirement.hard
    )


def slack(plan: PlannedDay, requirement: Requirement) -> float:
    """The slack of a requirement, in its own unit. Raises KeyError for a kind without a check."""
    return CHECKS[type(requirement)](plan, requirement)


def keep_departures(plan: PlannedDay, requirement: ask.KeepDepartures) -> float:
    """Slack: minus the number of departures without a trip of their own."""
    base = [trip for trip in plan.base if requirement.to is None or requirement.to in trip.stops[1:]]
    return float(len(pairing(base, plan.trips, requirement.tolerance)) - len(base))


def pin(plan: PlannedDay, requirement: ask.Pin) -> float:
    return 0.0 if _runs(plan, requirement.pattern, requirement.at) else -1.0


def forbid(plan: PlannedDay, requirement: ask.Forbid) -> float:
    return -1.0 if _runs(plan, requirement.pattern, requirement.at) else 0.0


def _runs(plan: PlannedDay, pattern: int, at: Minute) -> bool:
    return any(trip.departs == at and trip.stops == plan.scenario.patterns[pattern] for trip in plan.trips)


def max_gap(plan: PlannedDay, requirement: ask.MaxGap) -> float:
    windows = (
        [requirement.between] if requirement.between else plan.scenario.inner_windows(requirement.to, plan.day_type)
    )
    gaps = [gap for window in windows for gap in _gaps(plan.arrivals(requirement.to), window)]
    return float(requirement.minutes - max(gaps, default=0))


def _gaps(arrivals: Iterable[Minute], window: Window) -> list[int]:
    """From the window's start to the first arrival, between consecutive ones, from the last to the end."""
    first, last = window
    inside = [minute for minute in arrivals if first <= minute <= last]
    return [later - earlier for earlier, later in pairwise([first, *inside, last])]


def min_gap(plan: PlannedDay, requirement: ask.MinGap) -> float:
    gaps = [later - earlier for earlier, later in pairwise(plan.departures(requirement.to))]
    return float(min(gaps, default=requirement.minutes) - requirement.minutes)


def first_arrival_by_opening(plan: PlannedDay, requirement: ask.FirstArrivalByOpening) -> float:
    arrivals = plan.arrivals(requirement.to)
    slacks = []
    for opens, _ in plan.scenario.windows(requirement.to, plan.day_type) or ():
        in_reach = [minute for minute in arrivals if minute >= opens - 60]
        slacks.append(opens + requirement.minutes - min(in_reach, default=opens + requirement.minutes + NEVER))
    return float(min(slacks, default=0))


def last_return_after_closing(plan: PlannedDay, requirement: ask.LastReturnAfterClosing) -> float:
    pair = (requirement.origin, plan.scenario.base_stop)
    leaves = [ride.leaves for trip in plan.trips for ride in trip.rides.get(pair, ())]
    slacks = []
    for _, closes in plan.scenario.windows(requirement.origin, plan.day_type) or ():
        after = [minute for minute in leaves if minute >= closes]
        slacks.append(closes + requirement.minutes - min(after, default=closes + requirement.minutes + NEVER))
    return float(min(slacks, default=0))


def trip_count(plan: PlannedDay, requirement: ask.TripCount) -> float:
    stops = None if requirement.pattern is None else plan.scenario.patterns[requirement.pattern]
    count = sum(stops is None or trip.stops == stops for trip in plan.trips)
    above = count - requirement.least if requirement.least is not None else NEVER
    below = requirement.most - count if requirement.most is not None else NEVER
    return float(min(above, below))


def budget(plan: PlannedDay, requirement: ask.Budget) -> float:
    """Slack in minutes, or in NOK."""
    if requirement.driver_hours is not None:
        return requirement.driver_hours * 60 - driver_minutes(plan.trips, plan.paid)
    assert requirement.nok is not None
    return requirement.nok - nok(plan.scenario, plan.costs, plan.day_type, plan.trips, plan.paid)


def vehicle_limit(plan: PlannedDay, requirement: ask.VehicleLimit) -> float:
    return float(requirement.most - vehicles_needed(plan.scenario, plan.trips))


def clock_face(plan: PlannedDay, requirement: ask.ClockFace) -> float:
    """Slack: minus the number of departures at other minutes, or that are not repeated."""
    if requirement.repeat is None:
        return -float(sum(trip.departs % 60 not in requirement.minutes for trip in plan.trips))
    first, last = requirement.between or (plan.scenario.first_departure, plan.scenario.last_arrival)
    run = {(trip.stops, trip.departs) for trip in plan.trips if first <= trip.departs <= last}
    missing = {
        (stops, at + step)
        for stops, at in run
        for step in (requirement.repeat, -requirement.repeat)
        if first <= at + step <= last and (stops, at + step) not in run
    }
    return -float(len(missing))


def coverage_share(plan: PlannedDay, requirement: ask.CoverageShare) -> float:
    return coverage(plan.scenario, plan.day_type, plan.trips, requirement.of) - requirement.share


def max_change(plan: PlannedDay, requirement: ask.MaxChange) -> float:
    """Slack in departures: those that may still move, or minus those that moved or fell away beyond what is allowed."""
    pairs = pairing(plan.base, plan.trips, requirement.by)
    missing = len(plan.base) - len(pairs)
    kept = len(pairing(plan.base, plan.trips, 0))
    return -float(missing) if missing else float(requirement.moved - (len(plan.base) - kept))


def room(plan: PlannedDay, wanted: ask.Room) -> float:
    """Slack in passengers left behind at least once."""
    trips = sorted(plan.trips, key=lambda trip: (trip.departs, trip.stops))
    behind = simulate(plan.scenario, plan.day_type, trips).left_behind_to
    return wanted.max_left_behind - (sum(behind.values()) if wanted.to is None else behind.get(wanted.to, 0.0))


def last_bus(plan: PlannedDay, wanted: ask.LastBus) -> float:
    """Slack in minutes, of the closing and the direction that has least."""
    scenario, base = plan.scenario, plan.scenario.base_stop
    arrives = [ride.arrives for ride in usable_rides(scenario, plan.day_type, plan.trips, (base, wanted.centre))]
    leaves = [ride.leaves for trip in plan.trips for ride in trip.rides.get((wanted.centre, base), ())]
    slacks = []
    for _, closes in scenario.windows(wanted.centre, plan.day_type) or ():
        for minutes, latest in ((arrives, closes), (leaves, closes + 60)):
            last = max((minute for minute in minutes if minute <= latest), default=closes - wanted.minutes - NEVER)
            slacks.append(last - (closes - wanted.minutes))
    return float(min(slacks, default=0))


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
    ask.Room: room,
    ask.LastBus: last_bus,
}
"""Kind of requirement -> its check. `DriverDuties` is checked where duties are made."""
