"""Planned trip: a trip of a proposal (pattern and minute), with its calls and the time it occupies vehicle and driver.

It differs from `timetable.Trip`, a rule of a timetable version: a planned trip exists only while alternatives are compared.
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
    """A journey from one stop to another on a trip: departure at the one, arrival at the other."""

    leaves: Minute
    arrives: Minute


@dataclass(frozen=True, kw_only=True)
class EmptyRun:
    """A vehicle's direct run from one stop to another without passengers. `km` None: unknown length."""

    origin: str
    destination: str
    departs: Minute
    arrives: Minute
    km: float | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedTrip:
    """A planned trip. `busy_until`: the end of the last arrival, empty run and turnaround, when vehicle and driver are free.

    `empty_after`: the empty run after the last call. `empty_before`: the empty run to the first call, when the vehicle is
    elsewhere.
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
        """The minute from which vehicle and driver are occupied."""
        return self.empty_before.departs if self.empty_before else self.departs

    @property
    def busy_minutes(self) -> int:
        return self.busy_until - self.busy_from

    @property
    def back(self) -> Minute:
        """The minute at which driving ends, the empty run included."""
        return self.empty_after.arrives if self.empty_after else self.ends

    @property
    def taken_from(self) -> str:
        """The stop where the vehicle is taken over."""
        return self.empty_before.origin if self.empty_before else self.stops[0]

    @property
    def left_at(self) -> str:
        """The stop where the vehicle is free again."""
        return self.empty_after.destination if self.empty_after else self.stops[-1]

    @property
    def empty_runs(self) -> tuple[EmptyRun, ...]:
        return tuple(run for run in (self.empty_before, self.empty_after) if run is not None)

    @cached_property
    def rides(self) -> dict[tuple[str, str], tuple[Ride, ...]]:
        """Pair of stops -> its rides: from each call to the next call at each later stop."""
        by_pair: dict[tuple[str, str], list[Ride]] = {}
        for index, call in enumerate(self.calls):
            reached: set[str] = {call.stop}
            for later in self.calls[index + 1 :]:
                if later.stop not in reached:
                    reached.add(later.stop)
                    by_pair.setdefault((call.stop, later.stop), []).append(Ride(call.departs, later.arrives))
        return {pair: tuple(rides) for pair, rides in by_pair.items()}

    def serves(self, stops: Stops) -> bool:
        """True when it begins at the first of these stops and calls at all of them in order."""
        if self.stops[0] != stops[0]:
            return False
        following = iter(self.stops)
        return all(stop in following for stop in stops)


def plan_trip(scenario: Scenario, stops: Stops, departs: Minute) -> PlannedTrip:
    """The trip on these stops that departs at this minute, with its empty return to the base, if any.

    Raises Refused (`missing-running-time`).
    """
    at, calls = departs, [Call(stops[0], 1, departs, departs)]
    for sequence, link in enumerate(pairwise(stops), start=2):
        arrives = at + running_time(scenario, link).minutes(departs)
        at = arrives + (scenario.fleet.dwell if sequence < len(stops) else 0)
        calls.append(Call(link[1], sequence, arrives, at))
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
    """An empty run on the direct link, in the band in which it starts. Raises Refused (`missing-running-time`)."""
    running = running_time(scenario, (here, there))
    return EmptyRun(
        origin=here, destination=there, departs=departs, arrives=departs + running.minutes(departs), km=running.km
    )


def running_time(scenario: Scenario, link: tuple[str, str]) -> RunningTime:
    """The running time of a link. Raises Refused (`missing-running-time`)."""
    running = scenario.running_times.get(link)
    if running is None:
        raise Refused(
            "missing-running-time",
            f"the scenario needs a running time from {link[0]} to {link[1]}",
            given=" ".join(link),
            allowed=f'[running_times] "{link[0]} {link[1]}" = minutes',
        )
    return running


def candidates(scenario: Scenario) -> list[PlannedTrip]:
    """Every trip that may run: each pattern at each minute of the grid, within first departure and last arrival."""
    grid = scenario.grid
    first = -(-scenario.first_departure // grid) * grid
    trips = []
    for stops in scenario.patterns:
        for minute in range(first, scenario.last_arrival, grid):
            trip = plan_trip(scenario, stops, minute)
            if trip.ends <= scenario.last_arrival:
                trips.append(trip)
    return trips
