"""A trip of a proposal: a way and a minute, with the calls that follow, and what it takes of a vehicle and a driver.

Apart from `timetable.Trip`, which is a rule in a version: a planned trip exists only in the weighing of alternatives.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.scenario import Scenario, Stops
from shuttle.domain.timetable.network import Call


@dataclass(frozen=True)
class Ride:
    """A way to get from one stop to another on a trip: leaves the one, arrives at the other."""

    leaves: Minute
    arrives: Minute


@dataclass(frozen=True)
class PlannedTrip:
    """`busy_until`: end plus turnaround, when vehicle and driver are free again."""

    stops: Stops
    calls: tuple[Call, ...]
    busy_until: Minute

    @property
    def departs(self) -> Minute:
        return self.calls[0].departs

    @property
    def ends(self) -> Minute:
        return self.calls[-1].arrives

    @property
    def busy_minutes(self) -> int:
        return self.busy_until - self.departs

    @cached_property
    def rides(self) -> dict[tuple[str, str], tuple[Ride, ...]]:
        """Every ride that the trip offers: from each call to the next call at each later stop."""
        found: dict[tuple[str, str], list[Ride]] = {}
        for index, call in enumerate(self.calls):
            reached: set[str] = {call.stop}
            for later in self.calls[index + 1 :]:
                if later.stop not in reached:
                    reached.add(later.stop)
                    found.setdefault((call.stop, later.stop), []).append(Ride(call.departs, later.arrives))
        return {pair: tuple(rides) for pair, rides in found.items()}

    def serves(self, stops: Stops) -> bool:
        """True when it calls at these stops in this order, beginning where it begins."""
        if self.stops[0] != stops[0]:
            return False
        following = iter(self.stops)
        return all(stop in following for stop in stops)


def plan_trip(scenario: Scenario, stops: Stops, departs: Minute) -> PlannedTrip:
    """The trip on these stops from this minute. Raises Refused (`missing-running-time`)."""
    at, calls = departs, [Call(stops[0], 1, departs, departs)]
    for sequence, leg in enumerate(pairwise(stops), start=2):
        running = scenario.running_times.get(leg)
        if running is None:
            raise Refused(
                "missing-running-time",
                f"the scenario needs a running time from {leg[0]} to {leg[1]}",
                given=" ".join(leg),
            )
        arrives = at + running.minutes(departs)
        at = arrives + (scenario.fleet.dwell if sequence < len(stops) else 0)
        calls.append(Call(leg[1], sequence, arrives, at))
    return PlannedTrip(stops, tuple(calls), calls[-1].arrives + scenario.fleet.turnaround)


def candidates(scenario: Scenario) -> list[PlannedTrip]:
    """Every trip that may run: each pattern at each minute of the grid, from the first departure, ending by the last arrival."""
    grid = scenario.grid
    first = -(-scenario.first_departure // grid) * grid
    found = []
    for stops in scenario.patterns:
        for minute in range(first, scenario.last_arrival, grid):
            trip = plan_trip(scenario, stops, minute)
            if trip.ends <= scenario.last_arrival:
                found.append(trip)
    return found
