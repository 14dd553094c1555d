"""Simulation of a day: passengers board first come, first served, with the vehicle's seats (discrete-event simulation).

The solver's seat model may keep a seat for a later passenger; the simulation does not. A passenger without a seat waits for
the next usable departure and gives up after the longest wait. Passengers are amounts, not persons: 0.1 in a minute.

At a stop the longest ready board first; those ready in the same minute board in the order of the trip's later calls. By
displacement, passengers come to the stop for the departure nearest to their wish, and from then on take the next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.passenger_cost import Pair, demand_of, is_useful
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Scenario, Wish

_NOTHING = 1e-12


@dataclass(frozen=True, kw_only=True)
class SimulatedDay:
    """The simulated day: passengers served, unserved, and left behind at least once; waits of the served, in minutes; the
    largest load."""

    served: float
    unserved: float
    left_behind: float
    wait_minutes: float
    wait_median: int
    wait_p90: int
    max_load: float
    left_behind_to: Mapping[str, float] = field(default_factory=dict)
    """`left_behind` by the stop that they want to reach."""

    def cost(self, unserved_minutes: int) -> float:
        return self.wait_minutes + unserved_minutes * self.unserved


@dataclass(frozen=True)
class _Group:
    """Passengers of one pair who become ready in one minute. `at_stop`: their arrival (by displacement, earlier or later)."""

    pair: Pair
    ready: Minute
    at_stop: Minute


@dataclass(frozen=True)
class _Call:
    """A call at which passengers may board: the groups `queue` (their numbers), in this order."""

    trip: int
    stop: str
    departs: Minute
    queue: tuple[int, ...]


@dataclass
class _Day:
    waits: dict[int, float] = field(default_factory=dict)
    left_behind_to: dict[str, float] = field(default_factory=dict)
    max_load: float = 0.0


def simulate(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> SimulatedDay:
    """Simulate the scenario's demand on these trips."""
    return SimulationRuns(scenario, day_type, trips).simulate(demand_of(scenario, day_type))


class SimulationRuns:
    """Trips prepared for repeated simulation with varying amounts; pairs and minutes are those of the scenario's demand."""

    def __init__(self, scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> None:
        self._scenario, self._day_type, self._trips = scenario, day_type, trips
        self._seats = scenario.fleet.seats or float("inf")
        self._groups = self._in_order()
        at_stop: dict[str, list[int]] = {}
        for number, group in enumerate(self._groups):
            at_stop.setdefault(group.pair[0], []).append(number)
        calls = sorted((c.departs, number, i) for number, t in enumerate(trips) for i, c in enumerate(t.calls[:-1]))
        self._calls = [
            _Call(number, stop, departs, self._queue(trips[number], index, at_stop.get(stop, [])))
            for departs, number, index in calls
            for stop in [trips[number].calls[index].stop]
        ]

    def simulate(self, demand: Mapping[Pair, Mapping[Minute, float]]) -> SimulatedDay:
        """Simulate a day with these passengers by pair and minute."""
        day, on_board = _Day(), [dict[str, float]() for _ in self._trips]
        amounts = [demand.get(group.pair, {}).get(group.ready, 0.0) for group in self._groups]
        left_behind: set[int] = set()
        for call in self._calls:
            load = on_board[call.trip]
            load.pop(call.stop, None)
            free = self._seats - sum(load.values())
            for number in call.queue:
                if amounts[number] <= _NOTHING:
                    continue
                boards = max(0.0, min(free, amounts[number]))
                free -= boards
                amounts[number] -= boards
                self._board(day, self._groups[number], boards, call.departs, load)
                if amounts[number] > _NOTHING and number not in left_behind:
                    left_behind.add(number)
                    there = self._groups[number].pair[1]
                    day.left_behind_to[there] = day.left_behind_to.get(there, 0.0) + amounts[number]
            day.max_load = max(day.max_load, sum(load.values()))
        return _summary(day, sum(amounts))

    @property
    def readiness(self) -> list[tuple[Pair, Minute]]:
        """Pair and ready minute of each group, in the order of the groups' numbers."""
        return [(group.pair, group.ready) for group in self._groups]

    @property
    def boarding(self) -> list[tuple[int, str, Minute, tuple[int, ...]]]:
        """(trip, stop, departure, groups in boarding order) of each call, in order of time."""
        return [(call.trip, call.stop, call.departs, call.queue) for call in self._calls]

    def _in_order(self) -> list[_Group]:
        """All groups in the order in which they queue."""
        groups = []
        for pair, rates in demand_of(self._scenario, self._day_type).items():
            windows = self._scenario.useful_windows(pair[1], self._day_type)
            leaves = [r.leaves for t in self._trips for r in t.rides.get(pair, ()) if is_useful(r, windows)]
            groups += [_Group(pair, ready, self._comes_at(leaves, ready)) for ready in rates]
        return sorted(groups, key=lambda group: (group.at_stop, group.ready, group.pair))

    def _comes_at(self, leaves: list[Minute], ready: Minute) -> Minute:
        """Arrival at the stop: by displacement, for the nearest departure (also an earlier one); otherwise when ready."""
        if self._scenario.demand.wish is not Wish.DISPLACEMENT:
            return ready
        return min(leaves, key=lambda minute: (abs(minute - ready), -minute), default=ready)

    def _queue(self, trip: PlannedTrip, place: int, at_stop: list[int]) -> tuple[int, ...]:
        """Groups at a stop that would board at this call, in boarding order: the ride is usable, the wait within the limit."""
        departs = trip.calls[place].departs
        useful = {
            pair
            for pair, rides in trip.rides.items()
            for windows in [self._scenario.useful_windows(pair[1], self._day_type)]
            if any(ride.leaves == departs and is_useful(ride, windows) for ride in rides)
        }
        later = [call.stop for call in trip.calls[place + 1 :]]
        groups, longest = self._groups, self._scenario.demand.max_wait
        boards = [
            number
            for number in at_stop
            if groups[number].pair in useful
            and groups[number].at_stop <= departs
            and abs(departs - groups[number].ready) <= longest
        ]
        return tuple(sorted(boards, key=lambda n: (groups[n].at_stop, groups[n].ready, later.index(groups[n].pair[1]))))

    @staticmethod
    def _board(day: _Day, group: _Group, boards: float, departs: Minute, load: dict[str, float]) -> None:
        if boards <= 0:
            return
        wait = abs(departs - group.ready)
        day.waits[wait] = day.waits.get(wait, 0.0) + boards
        load[group.pair[1]] = load.get(group.pair[1], 0.0) + boards


def _summary(day: _Day, unserved: float) -> SimulatedDay:
    served = sum(day.waits.values())
    return SimulatedDay(
        served=served,
        unserved=unserved,
        left_behind=sum(day.left_behind_to.values()),
        left_behind_to=day.left_behind_to,
        wait_minutes=sum(wait * amount for wait, amount in day.waits.items()),
        wait_median=_quantile(day.waits, served, 0.5),
        wait_p90=_quantile(day.waits, served, 0.9),
        max_load=day.max_load,
    )


def _quantile(waits: dict[int, float], served: float, share: float) -> int:
    """The shortest wait that at least this share of the served passengers do not exceed."""
    so_far = 0.0
    for wait in sorted(waits):
        so_far += waits[wait]
        if so_far >= share * served - 1e-9:
            return wait
    return 0
