"""A trip of a proposal: a way and a minute, with the calls that follow, and what it takes of a vehicle and a driver.

Apart from `timetable.Trip`, which is a rule in a version: a planned trip exists only in the weighing of alternatives.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.scenario import Scenario, Stops
from shuttle.domain.timetable.network import Call, RunningTime


@dataclass(frozen=True)
class Ride:
    """A way to get from one stop to another on a trip: leaves the one, arrives at the other."""

    leaves: Minute
    arrives: Minute


@dataclass(frozen=True, kw_only=True)
class EmptyRun:
    """A way that a vehicle drives without passengers: from one stop straight to another. `km` None: its length is unknown."""

    origin: str
    destination: str
    departs: Minute
    arrives: Minute
    km: float | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedTrip:
    """`busy_until`: when vehicle and driver are free again, after the last arrival, the empty run that follows and the turnaround.

    `empty_after`: the empty run that follows the last call. `empty_before`: the one that brings the vehicle to the first call, where
    the trip begins elsewhere than the vehicle stands.
    """

    stops: Stops
    calls: tuple[Call, ...]
    busy_until: Minute
    empty_after: EmptyRun | None = None
    empty_before: EmptyRun | None = None

    @property
    def departs(self) -> Minute:
        return self.calls[0].departs

    @property
    def ends(self) -> Minute:
        return self.calls[-1].arrives

    @property
    def busy_from(self) -> Minute:
        """When vehicle and driver set out."""
        return self.empty_before.departs if self.empty_before else self.departs

    @property
    def busy_minutes(self) -> int:
        return self.busy_until - self.busy_from

    @property
    def back(self) -> Minute:
        """When the driving ends, the empty run included."""
        return self.empty_after.arrives if self.empty_after else self.ends

    @property
    def taken_from(self) -> str:
        """The stop at which the vehicle is taken over."""
        return self.empty_before.origin if self.empty_before else self.stops[0]

    @property
    def left_at(self) -> str:
        """The stop at which the vehicle is free again."""
        return self.empty_after.destination if self.empty_after else self.stops[-1]

    @property
    def empty_runs(self) -> tuple[EmptyRun, ...]:
        return tuple(run for run in (self.empty_before, self.empty_after) if run is not None)

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
    """The trip on these stops from this minute, with the empty return to the base where one follows.

    Raises Refused (`missing-running-time`).
    """
    at, calls = departs, [Call(stops[0], 1, departs, departs)]
    for sequence, leg in enumerate(pairwise(stops), start=2):
        arrives = at + running_time(scenario, leg).minutes(departs)
        at = arrives + (scenario.fleet.dwell if sequence < len(stops) else 0)
        calls.append(Call(leg[1], sequence, arrives, at))
    return returning(scenario, stops, tuple(calls))


def returning(scenario: Scenario, stops: Stops, calls: tuple[Call, ...]) -> PlannedTrip:
    """A trip with these calls; one that begins at the base and ends elsewhere is followed by an empty run to the base.

    Raises Refused (`missing-running-time`).
    """
    base, turnaround = scenario.base_stop, scenario.fleet.turnaround
    if not scenario.fleet.empty_returns or stops[0] != base or stops[-1] == base:
        return PlannedTrip(stops=stops, calls=calls, busy_until=calls[-1].arrives + turnaround)
    home = empty_run(scenario, stops[-1], base, calls[-1].arrives)
    return PlannedTrip(stops=stops, calls=calls, busy_until=home.arrives + turnaround, empty_after=home)


def empty_run(scenario: Scenario, here: str, there: str, departs: Minute) -> EmptyRun:
    """The direct link, in the band in which the run starts. Raises Refused (`missing-running-time`)."""
    running = running_time(scenario, (here, there))
    return EmptyRun(
        origin=here, destination=there, departs=departs, arrives=departs + running.minutes(departs), km=running.km
    )


def running_time(scenario: Scenario, leg: tuple[str, str]) -> RunningTime:
    """Raises Refused (`missing-running-time`)."""
    running = scenario.running_times.get(leg)
    if running is None:
        raise Refused(
            "missing-running-time",
            f"the scenario needs a running time from {leg[0]} to {leg[1]}",
            given=" ".join(leg),
            allowed=f'[running_times] "{leg[0]} {leg[1]}" = minutes',
        )
    return running


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
