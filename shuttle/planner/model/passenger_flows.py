"""Passenger cost as a linear program over trips: who boards at which minute, and on which trip they ride.

People of one pair of stops who can reach the same departures are one group. The program may give the seats to whoever gains most;
people board first come, first served. So its optimum, and that of its relaxation, is a lower bound of the day as it is played.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.passenger_cost import Pair, is_useful
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Room, Scenario, Wish
from shuttle.domain.planning.seats import segments
from shuttle.planner.model.program import Program, Terms


@dataclass
class Group:
    """People of a pair with the same next departure. `rates`: passengers by minute of readiness; `reach[k]`: how many of them can
    take departure `k` (its position), in order; those before `split` leave before they are ready; `alike`: minutes from which just the
    same departures can be taken."""

    split: int
    rates: dict[Minute, float] = field(default_factory=dict)
    alike: dict[tuple[int, int], list[Minute]] = field(default_factory=dict)
    reach: dict[int, float] = field(default_factory=dict)

    @property
    def amount(self) -> float:
        return sum(self.rates.values())


@dataclass(frozen=True)
class TripRide:
    """A ride of a trip (its number): the links between calls that it takes, and how many minutes it leaves after its slot begins."""

    trip: int
    links: tuple[int, ...]
    late: int


@dataclass
class Departures:
    """The useful departures of one pair: the first minute of each slot in order, and the rides in it."""

    minutes: list[Minute]
    rides: list[list[TripRide]]


class PassengerFlows:
    """Columns and rows of one day type in a program whose first variables are `trips`; passenger minutes are its cost.

    `merged`: by `next`, groups are of people whose next departures lie within so many minutes (0: at the same minute). The rows of a merged
    group are the sums of those of its parts, so that the optimum is no higher; with a quarter of an hour some 0.1 % lower, at half the size.
    `rooms`: what must hold of who is left behind, where it can be stated. `exact`: groups of people who can reach just the same departures, twice as many; else two of a group's last departures may be
    given one person too many now and then. `slot`: minutes of departures that are boarded as one, to keep a fine grid small: whoever gets
    ready in a slot may take all of it then, which only lowers the cost. `closed`: numbers of trips that do not run. `load_rows`: by trip and link, the number of the row that states the seats.
    """

    def __init__(
        self,
        program: Program,
        scenario: Scenario,
        day_type: str,
        trips: Sequence[PlannedTrip],
        demand: Mapping[Pair, Mapping[Minute, float]],
        exact: bool = False,
        rooms: Sequence[Room] = (),
        slot: int = 1,
        merged: int = 0,
        closed: Collection[int] = (),
    ) -> None:
        self._slot, self._merged, self._closed = slot, merged, closed
        self._rooms = rooms if scenario.demand.wish is Wish.NEXT else ()
        self._left: dict[str, Terms] = {}
        self._exact = exact
        self._program, self._scenario, self._day_type, self._trips = program, scenario, day_type, trips
        self._loads: dict[tuple[int, int], Terms] = {}
        for pair, rates in demand.items():
            self._add_pair(pair, rates)
        seats = float(scenario.fleet.seats or 0)
        self.load_rows: dict[tuple[int, int], int] = {}
        for (trip, link), terms in self._loads.items():
            self.load_rows[trip, link] = len(program.rows)
            program.at_most([*terms, (trip, -seats)], 0.0)
        for room in self._rooms:
            left = [term for to, terms in self._left.items() if room.to in (None, to) for term in terms]
            program.at_most(left, room.max_left_behind, room.name)

    @cached_property
    def _both_ways(self) -> bool:
        return self._scenario.demand.wish is Wish.DISPLACEMENT

    @property
    def _seated(self) -> bool:
        return self._scenario.fleet.seats is not None

    def _departures(self, pair: Pair) -> Departures:
        windows = self._scenario.useful_windows(pair[1], self._day_type)
        by_minute: dict[Minute, list[TripRide]] = {}
        for number, trip in enumerate(self._trips):
            for ride in trip.rides.get(pair, ()) if number not in self._closed else ():
                if is_useful(ride, windows):
                    links = segments(trip, pair, ride) if self._seated else ()
                    late = ride.leaves % self._slot
                    by_minute.setdefault(ride.leaves - late, []).append(TripRide(number, links, late))
        ordered = sorted(by_minute)
        return Departures(ordered, [by_minute[minute] for minute in ordered])

    def _groups(self, minutes: list[Minute], rates: Mapping[Minute, float]) -> list[Group]:
        longest, groups = self._scenario.demand.max_wait, dict[tuple[int, ...], Group]()
        for ready, rate in rates.items():
            if rate <= 0:
                continue
            split = bisect_left(minutes, ready - self._slot + 1)
            first = bisect_left(minutes, ready - longest - self._slot + 1) if self._both_ways else split
            last = bisect_right(minutes, ready + longest)
            key: tuple[int, ...] = (first, split, last) if self._exact else (split,)
            if self._merged and not self._both_ways and split < last:
                key = (minutes[split] // self._merged, -1)
            group = groups.setdefault(key, Group(split))
            group.split = min(group.split, split)
            group.rates[ready] = rate
            group.alike.setdefault((first, last), []).append(ready)
            for place in range(first, last):
                group.reach[place] = group.reach.get(place, 0.0) + rate
        return list(groups.values())

    def _add_pair(self, pair: Pair, rates: Mapping[Minute, float]) -> None:
        departures = self._departures(pair)
        boarding: list[Terms] = [[] for _ in departures.minutes]
        for group in self._groups(departures.minutes, rates):
            if not group.reach:
                self._program.constant += self._scenario.demand.unserved * group.amount
                continue
            boards = self._add_group(pair, group, departures)
            for place, variable in boards.items():
                boarding[place].append((variable, 1.0))
        if self._seated or (self._slot > 1 and not self._both_ways):
            for terms, rides in zip(boarding, departures.rides, strict=True):
                if terms:
                    self._ride(terms, rides)

    def _add_group(self, pair: Pair, group: Group, departures: Departures) -> dict[int, int]:
        """Costs are counted as if everybody got ready in the group's first minute and stayed behind; the constant puts that right."""
        program, unserved, amount = self._program, float(self._scenario.demand.unserved), group.amount
        begins = min(group.rates)
        program.constant += unserved * amount - sum(rate * (ready - begins) for ready, rate in group.rates.items())
        boards: dict[int, int] = {}
        for place, reaching in sorted(group.reach.items()):
            variable = program.variable(choice=False, upper=reaching)
            wait = float(departures.minutes[place] - begins)
            program.pay(variable, (wait if place >= group.split else 1 - self._slot - wait) - unserved)
            trips = {ride.trip for ride in departures.rides[place]}
            program.at_most([(variable, 1.0), *((number, -reaching) for number in sorted(trips))], 0.0)
            boards[place] = variable
        stays = self._stays(group, begins)
        everybody = [
            *((variable, 1.0) for variable in boards.values()),
            *((variable, 1.0) for variable in stays.values()),
        ]
        program.equal(everybody, amount)
        if any(room.to in (None, pair[1]) for room in self._rooms):
            self._count_left(pair, group, departures, boards)
        early = [variable for place, variable in boards.items() if place < group.split]
        if early:
            self._leaves_early(group, begins, early, stays)
        return boards

    def _stays(self, group: Group, begins: Minute) -> dict[Minute, int]:
        """Those who are left behind, by minute. Without seats people who can take the same stay as one, which is exact and tighter."""
        program, stays = self._program, dict[Minute, int]()
        together = not self._seated and not self._both_ways
        for minutes in group.alike.values() if together else ([ready] for ready in group.rates):
            amount = sum(group.rates[ready] for ready in minutes)
            stays[minutes[0]] = program.variable(choice=False, upper=amount)
            late = sum(group.rates[ready] * (ready - begins) for ready in minutes) / amount
            program.pay(stays[minutes[0]], late)
        return stays

    def _leaves_early(self, group: Group, begins: Minute, early: list[int], stays: dict[Minute, int]) -> None:
        """By displacement: who leaves before being ready, by minute of readiness."""
        program, leaving = self._program, list[tuple[int, float]]()
        for ready, rate in group.rates.items():
            variable = program.variable(choice=False, upper=rate)
            program.pay(variable, 2.0 * (ready - begins))
            program.at_most([(variable, 1.0), (stays[ready], 1.0)], rate)
            leaving.append((variable, -1.0))
        program.equal([*((variable, 1.0) for variable in early), *leaving], 0.0)

    def _count_left(self, pair: Pair, group: Group, departures: Departures, boards: dict[int, int]) -> None:
        """By `next`, who can take a departure and has not left with it is left behind there."""
        program, boarded = self._program, list[tuple[int, float]]()
        left = program.variable(choice=False, upper=group.amount)
        self._left.setdefault(pair[1], []).append((left, 1.0))
        for place, reaching in sorted(group.reach.items()):
            boarded.append((boards[place], 1.0))
            for trip in {ride.trip for ride in departures.rides[place]}:
                program.at_least([*boarded, (left, 1.0), (trip, -reaching)], 0.0)

    def _ride(self, boarding: Terms, rides: list[TripRide]) -> None:
        """Everybody who boards in a slot rides on one of the trips that leave then, in its seats, and waits until it leaves."""
        program = self._program
        flows: Terms = []
        most = sum(program.upper[variable] for variable, _ in boarding)
        # No tighter bound on a flow: the price of a full vehicle is the dual of its row alone.
        for ride in rides:
            flow = program.variable(choice=False, upper=most)
            flows.append((flow, -1.0))
            if not self._both_ways:
                program.pay(flow, float(ride.late))
            if not self._seated:
                program.at_most([(flow, 1.0), (ride.trip, -most)], 0.0)
            for link in ride.links:
                self._loads.setdefault((ride.trip, link), []).append((flow, 1.0))
        program.equal([*boarding, *flows], 0.0)


SLOTS = (1, 2, 5, 10, 15, 30, 60)
MOST_COLUMNS = 60_000


def slot_minutes(scenario: Scenario, trips: Sequence[PlannedTrip], pairs: Sequence[Pair]) -> int:
    """The smallest slot with which the boardings of a question are few enough to be held in memory and solved in seconds."""
    longest = scenario.demand.max_wait * (2 if scenario.demand.wish is Wish.DISPLACEMENT else 1)
    leaving = {pair: {ride.leaves for trip in trips for ride in trip.rides.get(pair, ())} for pair in pairs}

    def columns(slot: int) -> float:
        counts = ((len({minute // slot for minute in minutes}), minutes) for minutes in leaving.values() if minutes)
        return sum(n * n * min(1.0, (longest + slot) / (max(m) - min(m) + slot)) for n, m in counts)

    return next((slot for slot in SLOTS if columns(slot) <= MOST_COLUMNS), SLOTS[-1])
