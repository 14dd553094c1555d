"""The day played through, first come, first served, with the vehicle's seats: what people really get.

The solver's model may give a seat to the one for whom it is worth most; people do not. Whoever does not find room waits for
the next usable departure, and gives up when the limit has passed. Passengers are amounts, not heads: 0.1 a minute.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shuttle.domain.clock import Minute
from shuttle.domain.planned_trips import PlannedTrip
from shuttle.domain.scenario import Scenario, Wish
from shuttle.domain.waiting import Pair, demand_of, is_useful

_NOTHING = 1e-12


@dataclass(frozen=True)
class Played:
    """Passengers served, unserved and left behind at least once; waiting of the served; the largest load."""

    served: float
    unserved: float
    left_behind: float
    wait_minutes: float
    wait_median: int
    wait_p90: int
    max_load: float

    def cost(self, unserved_minutes: int) -> float:
        return self.wait_minutes + unserved_minutes * self.unserved


@dataclass
class _Group:
    """Passengers of one pair who got ready in one minute. `from_`: when they are at the stop (by displacement, later or earlier)."""

    pair: Pair
    ready: Minute
    at_stop: Minute
    amount: float
    left_behind: bool = False


@dataclass
class _Day:
    waits: dict[int, float] = field(default_factory=dict)
    unserved: float = 0.0
    left_behind: float = 0.0
    max_load: float = 0.0


def play(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> Played:
    """Run the trips in order of time, stop by stop."""
    groups = _arrivals(scenario, day_type, trips)
    day = _Day()
    on_board: dict[int, dict[str, float]] = {}
    for _, number, index in sorted(_calls(trips)):
        trip = trips[number]
        call = trip.calls[index]
        load = on_board.setdefault(number, {})
        load.pop(call.stop, None)
        room = (scenario.fleet.seats or float("inf")) - sum(load.values())
        for group in groups.get(call.stop, []):
            if group.amount <= _NOTHING or not _takes(scenario, day_type, trip, index, group):
                continue
            boards = min(room, group.amount)
            _board(day, group, boards, call.departs, load)
            room -= boards
            if group.amount > _NOTHING and not group.left_behind:
                group.left_behind = True
                day.left_behind += group.amount
        day.max_load = max(day.max_load, sum(load.values()))
    day.unserved = sum(group.amount for several in groups.values() for group in several)
    return _summary(day)


def _calls(trips: Sequence[PlannedTrip]) -> list[tuple[Minute, int, int]]:
    """(departure from the stop, trip, call), for every call but the last."""
    return [(call.departs, number, i) for number, trip in enumerate(trips) for i, call in enumerate(trip.calls[:-1])]


def _arrivals(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> dict[str, list[_Group]]:
    """Groups at each stop in the order in which they queue."""
    found: dict[str, list[_Group]] = {}
    for pair, rates in demand_of(scenario, day_type).items():
        for ready, rate in rates.items():
            at_stop = _comes_at(scenario, day_type, trips, pair, ready)
            found.setdefault(pair[0], []).append(_Group(pair, ready, at_stop, rate))
    for groups in found.values():
        groups.sort(key=lambda group: (group.at_stop, group.ready, group.pair))
    return found


def _comes_at(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip], pair: Pair, ready: Minute) -> Minute:
    """By displacement people come for the nearest departure, an earlier one included; else when they are ready."""
    if scenario.demand.wish is not Wish.DISPLACEMENT:
        return ready
    windows = scenario.useful_windows(pair[1], day_type)
    leaves = [r.leaves for trip in trips for r in trip.rides.get(pair, ()) if is_useful(r, windows)]
    return min(leaves, key=lambda minute: (abs(minute - ready), -minute), default=ready)


def _takes(scenario: Scenario, day_type: str, trip: PlannedTrip, index: int, group: _Group) -> bool:
    call = trip.calls[index]
    if group.at_stop > call.departs or abs(call.departs - group.ready) > scenario.demand.max_wait:
        return False
    windows = scenario.useful_windows(group.pair[1], day_type)
    rides = trip.rides.get(group.pair, ())
    return any(ride.leaves == call.departs and is_useful(ride, windows) for ride in rides)


def _board(day: _Day, group: _Group, boards: float, departs: Minute, load: dict[str, float]) -> None:
    if boards <= 0:
        return
    group.amount -= boards
    wait = abs(departs - group.ready)
    day.waits[wait] = day.waits.get(wait, 0.0) + boards
    load[group.pair[1]] = load.get(group.pair[1], 0.0) + boards


def _summary(day: _Day) -> Played:
    served = sum(day.waits.values())
    return Played(
        served=served,
        unserved=day.unserved,
        left_behind=day.left_behind,
        wait_minutes=sum(wait * amount for wait, amount in day.waits.items()),
        wait_median=_quantile(day.waits, served, 0.5),
        wait_p90=_quantile(day.waits, served, 0.9),
        max_load=day.max_load,
    )


def _quantile(waits: dict[int, float], served: float, share: float) -> int:
    """The shortest wait that at least this share of the served do not exceed."""
    so_far = 0.0
    for wait in sorted(waits):
        so_far += waits[wait]
        if so_far >= share * served - 1e-9:
            return wait
    return 0
