"""The cheapest seating of given trips, or of parts of trips, as a linear program in HiGHS.

People of one pair who may take the same of the trips at hand are one group: what a departure costs them differs by a constant.
Who of a group leaves earlier (by displacement) and who stays behind is counted by the minute, as it is not the same for all.
A trip that runs by a part of 1 offers that part of its seats, and that part of a group a place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ortools.math_opt.python import mathopt

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.passenger_cost import Pair, demand_of, is_useful
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.planning.seats import Boarded, Seating, least_cost, seating_cost, seating_faults, segments, takes

NOTHING = 1e-9

SURE = 1e-6
"""Relative difference between a seating's cost and what its tolls prove."""


@dataclass(frozen=True)
class Offer:
    """A ride that can be taken: on which trip (its number), when it leaves, over which stretches."""

    trip: int
    leaves: Minute
    segments: tuple[int, ...]


@dataclass
class Group:
    """People of a pair who may take the same offers; `ready`: how many get ready in which minute."""

    pair: Pair
    earlier: list[Offer]
    later: list[Offer]
    ready: dict[Minute, float] = field(default_factory=dict)

    @property
    def first(self) -> Minute:
        return min(self.ready)

    @property
    def amount(self) -> float:
        return sum(self.ready.values())


@dataclass(frozen=True)
class Seated:
    """What was found: the cost in passenger minutes, what one more passenger would cost by pair and minute, and the seating."""

    cost: float
    prices: Mapping[Pair, Mapping[Minute, float]]
    seating: Seating


@dataclass
class Seats:
    """A day's demand and the trips that may run, ready to be seated again and again."""

    scenario: Scenario
    day_type: str
    trips: list[PlannedTrip]

    @cached_property
    def demand(self) -> dict[Pair, dict[Minute, float]]:
        return demand_of(self.scenario, self.day_type)

    @cached_property
    def offers(self) -> dict[Pair, list[Offer]]:
        """Every ride of use, by pair, in order of leaving."""
        found: dict[Pair, list[Offer]] = {}
        for pair in self.demand:
            windows = self.scenario.useful_windows(pair[1], self.day_type)
            offers = [
                Offer(number, ride.leaves, segments(trip, pair, ride))
                for number, trip in enumerate(self.trips)
                for ride in trip.rides.get(pair, ())
                if is_useful(ride, windows)
            ]
            found[pair] = sorted(offers, key=lambda offer: (offer.leaves, offer.trip))
        return found

    def seat(self, runs: Mapping[int, float]) -> Seated:
        """The cheapest seating where trip `n` runs by `runs[n]` (0 to 1). Raises Unavailable where HiGHS fails."""
        return _Program(self, runs).solved()

    def groups(self, runs: Mapping[int, float]) -> Iterator[Group]:
        """Everybody, by what they may take of what runs."""
        for pair, rates in self.demand.items():
            offers = [offer for offer in self.offers[pair] if offer.trip in runs]
            found: dict[tuple[int, ...], Group] = {}
            for ready, rate in rates.items():
                if rate <= 0:
                    continue
                reach = [i for i, offer in enumerate(offers) if takes(self.scenario, ready, offer.leaves) is not None]
                earlier = [i for i in reach if offers[i].leaves < ready]
                key = (reach[0], reach[-1], len(earlier)) if reach else ()
                if key not in found:
                    later = [offers[i] for i in reach[len(earlier) :]]
                    found[key] = Group(pair, [offers[i] for i in earlier], later)
                found[key].ready[ready] = rate
            yield from found.values()


@dataclass(kw_only=True)
class _GroupRows:
    """A group's variables, and the rows that make ends meet: all of it, and (by displacement) those who leave earlier."""

    group: Group
    everybody: mathopt.LinearConstraint
    early: mathopt.LinearConstraint
    boards: list[tuple[Offer, mathopt.Variable]]
    stays: dict[Minute, mathopt.Variable]
    leaves_early: dict[Minute, mathopt.Variable]


class SeatingRows:
    """The rows of a seating in a model: where trips run by the parts that are given, or as the model chooses (`chosen`)."""

    def __init__(
        self,
        model: mathopt.Model,
        seats: Seats,
        runs: Mapping[int, float],
        chosen: Mapping[int, mathopt.Variable] | None = None,
    ) -> None:
        self._model, self._seats, self._runs, self._chosen = model, seats, runs, chosen
        self._costs: list[mathopt.LinearTypes] = []
        self._constant = 0.0
        self.loads: dict[tuple[int, int], mathopt.LinearConstraint] = {}
        self.groups = [self._add(group) for group in seats.groups(runs)]

    @property
    def cost(self) -> mathopt.LinearExpression:
        """Passenger minutes."""
        return mathopt.LinearSum(self._costs) + self._constant

    def _add(self, group: Group) -> _GroupRows:
        model, first = self._model, group.first
        everybody = model.add_linear_constraint(lb=group.amount, ub=group.amount)
        early = model.add_linear_constraint(lb=0.0, ub=0.0)
        boards = []
        for offers, row, way in ((group.later, everybody, 1), (group.earlier, early, -1)):
            for offer in offers:
                boarding = self._boarding(group, offer)
                row.set_coefficient(boarding, 1.0)
                self._costs.append(way * float(offer.leaves - first) * boarding)
                boards.append((offer, boarding))
        stays, leaves_early = {}, {}
        for ready, rate in group.ready.items():
            stays[ready] = model.add_variable(lb=0.0, ub=rate)
            everybody.set_coefficient(stays[ready], 1.0)
            self._costs.append(float(self._seats.scenario.demand.unserved + ready - first) * stays[ready])
            self._constant -= rate * (ready - first)
            if group.earlier:
                leaves_early[ready] = model.add_variable(lb=0.0, ub=rate)
                everybody.set_coefficient(leaves_early[ready], 1.0)
                early.set_coefficient(leaves_early[ready], -1.0)
                model.add_linear_constraint(stays[ready] + leaves_early[ready] <= rate)
                self._costs.append(2.0 * (ready - first) * leaves_early[ready])
        return _GroupRows(
            group=group, everybody=everybody, early=early, boards=boards, stays=stays, leaves_early=leaves_early
        )

    def _boarding(self, group: Group, offer: Offer) -> mathopt.Variable:
        """How many of the group take the offer: none where its trip does not run."""
        boarding = self._model.add_variable(lb=0.0, ub=group.amount * min(1.0, self._runs[offer.trip]))
        if self._chosen is not None:
            self._model.add_linear_constraint(boarding <= group.amount * self._chosen[offer.trip])
        for stretch in offer.segments:
            self._load(offer.trip, stretch).set_coefficient(boarding, 1.0)
        return boarding

    def _load(self, trip: int, stretch: int) -> mathopt.LinearConstraint:
        if (trip, stretch) not in self.loads:
            seats = float(self._seats.scenario.fleet.seats or 0)
            if self._chosen is None:
                self.loads[trip, stretch] = self._model.add_linear_constraint(ub=seats * self._runs[trip])
            else:
                self.loads[trip, stretch] = self._model.add_linear_constraint(ub=0.0)
                self.loads[trip, stretch].set_coefficient(self._chosen[trip], -seats)
        return self.loads[trip, stretch]


class _Program:
    def __init__(self, seats: Seats, runs: Mapping[int, float]) -> None:
        self._seats = seats
        self._model = mathopt.Model()
        self._rows = SeatingRows(self._model, seats, runs)

    def solved(self) -> Seated:
        if not self._rows.groups:  # nobody travels
            return Seated(0.0, {pair: {} for pair in self._seats.demand}, Seating((), {}))
        self._model.minimize(self._rows.cost)
        found = mathopt.solve(self._model, mathopt.SolverType.HIGHS)
        if found.termination.reason is not mathopt.TerminationReason.OPTIMAL or not found.has_dual_feasible_solution():
            raise Unavailable("no-seating", "the seats could not be given out", given=str(found.termination.reason))
        duals = found.dual_values()
        tolls = {at: max(0.0, -duals[row]) for at, row in self._rows.loads.items()}
        boarded = [each for rows in self._rows.groups for each in self._boarded(rows, found)]
        prices: dict[Pair, dict[Minute, float]] = {pair: {} for pair in self._seats.demand}
        for rows in self._rows.groups:
            prices[rows.group.pair] |= self._prices(rows, duals[rows.everybody], duals[rows.early])
        seating = Seating(tuple(boarded), {at: toll for at, toll in tolls.items() if toll > NOTHING})
        return Seated(found.objective_value(), prices, seating)

    def _prices(self, rows: _GroupRows, later: float, early: float) -> dict[Minute, float]:
        """What one more passenger of that minute costs: as one who goes later, earlier, or not at all."""
        first, most = rows.group.first, float(self._seats.scenario.demand.unserved)
        return {
            ready: min(most, later - (ready - first), *([early + (ready - first)] if rows.group.earlier else []))
            for ready in rows.group.ready
        }

    def _boarded(self, rows: _GroupRows, found: mathopt.SolveResult) -> Iterator[Boarded]:
        """The group's people by the minute, the first ones on the first rides."""
        early = {ready: found.variable_values(variable) for ready, variable in rows.leaves_early.items()}
        stays = {ready: found.variable_values(variable) for ready, variable in rows.stays.items()}
        late = {ready: rate - stays[ready] - early.get(ready, 0.0) for ready, rate in rows.group.ready.items()}
        waiting = {True: sorted(early.items()), False: sorted(late.items())}
        for offer, variable in rows.boards:
            room = found.variable_values(variable)
            people = waiting[offer.leaves < rows.group.first]
            while people and room > NOTHING:
                ready, amount = people.pop(0)
                boards = min(room, amount)
                if boards > NOTHING:
                    yield Boarded(
                        pair=rows.group.pair, ready=ready, trip=offer.trip, leaves=offer.leaves, amount=boards
                    )
                room -= boards
                if amount - boards > NOTHING:
                    people.insert(0, (ready, amount - boards))


def cheapest_with_seats(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> float:
    """Passenger cost of the cheapest seating of the trips, proven so by its tolls. Raises AssertionError where it is not."""
    found = Seats(scenario, day_type, list(trips)).seat(dict.fromkeys(range(len(trips)), 1.0))
    faults = seating_faults(scenario, day_type, trips, found.seating)
    assert not faults, f"the seating is none: {faults[0]}"
    cost = seating_cost(scenario, day_type, found.seating)
    least = least_cost(scenario, day_type, trips, found.seating.tolls)
    assert abs(cost - least) <= SURE * max(1.0, cost), f"a seating costs {cost}, its tolls prove no more than {least}"
    return cost
