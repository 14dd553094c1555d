"""One day type's question, ready to be modelled: the trips that may run, today's trips, demand and rates.

Candidates are the pattern-and-minute pairs of the grid, and besides them, off the grid, what a requirement pins and the
minutes of today's departures where a requirement speaks of keeping them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.passenger_cost import Pair, demand_of
from shuttle.domain.planning.planned_trips import PlannedTrip, candidates, plan_trip
from shuttle.domain.planning.scenario import Requirement, Scenario, Stops
from shuttle.domain.timetable.network import Costs


@dataclass(frozen=True)
class Problem:
    """`base`: today's trips on this day type, with their own calls."""

    scenario: Scenario
    day_type: str
    base: tuple[PlannedTrip, ...]
    rates: Costs

    @cached_property
    def candidates(self) -> list[PlannedTrip]:
        found = candidates(self.scenario)
        known = {(trip.stops, trip.departs) for trip in found}
        for stops, minute in self._wanted_off_the_grid():
            if (stops, minute) not in known and minute >= self.scenario.first_departure:
                trip = plan_trip(self.scenario, stops, minute)
                if trip.ends <= self.scenario.last_arrival:
                    known.add((stops, minute))
                    found.append(trip)
        return sorted(found, key=lambda trip: (trip.departs, self.scenario.patterns.index(trip.stops)))

    def _wanted_off_the_grid(self) -> Iterator[tuple[Stops, Minute]]:
        for requirement in self.requirements:
            if isinstance(requirement, ask.Pin):
                yield self.scenario.patterns[requirement.pattern], requirement.at
        for base in self.base if self._keeps_anything else ():
            for stops in self.scenario.patterns:
                if plan_trip(self.scenario, stops, base.departs).serves(base.stops):
                    yield stops, base.departs

    @property
    def _keeps_anything(self) -> bool:
        return any(isinstance(r, ask.KeepDepartures | ask.MaxChange) for r in self.requirements)

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """Those that apply to this day type."""
        return tuple(r for r in self.scenario.requirements if r.applies_to(self.day_type))

    @cached_property
    def demand(self) -> dict[Pair, dict[int, float]]:
        return demand_of(self.scenario, self.day_type)

    @cached_property
    def all_round_trips(self) -> bool:
        """True when every trip sets out from the base stop and comes back there: then counting vehicles is exact."""
        base = self.scenario.base_stop
        return all(trip.taken_from == trip.left_at == base for trip in self.candidates)

    def chosen(self, numbers: Sequence[int]) -> list[PlannedTrip]:
        return [self.candidates[number] for number in numbers]
