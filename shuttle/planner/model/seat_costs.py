"""Passenger cost with seats as a function of the trips, stated from below by cuts.

For any prices (what one more passenger of each minute costs) a trip is worth at most what the passengers whom it can seat would
save; the cost of a day is at least the prices of everybody less what its trips are worth (Benders; the trips' share by Lagrange).
The prices are those of the cheapest seating at a point. The waiting without seats stays as a second bound from below, with all of
its tangents: where nobody is left behind it is the cost.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.passenger_cost import Pair
from shuttle.domain.planning.scenario import Wish
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program
from shuttle.planner.model.seating import Seated, Seats
from shuttle.planner.model.waiting_costs import Tangent, WaitingCosts

PARTS = 10**6
"""Steps of a passenger minute, at least, to which a cut is rounded, always so that it still holds."""

NEAR = 0.01
"""Part of a step below which an amount is that step's, but for the arithmetic of the prices."""

RUNS = 1e-7
"""A trip that runs by less does not."""

PASSES = 3
"""Times that the tolls of a trip's stretches are set in turn; any tolls give a cut that holds, better ones a sharper one."""

DAY = 48 * 60

Amounts = NDArray[np.float64]


class SeatCosts:
    """The cost variable of a program with seats, and the tangents and cuts found so far; used as `WaitingCosts` is.

    `seats`: the day and its trips; `variable`: the number of the cost variable.
    """

    def __init__(self, program: Program, problem: Problem) -> None:
        self._waiting = WaitingCosts(program, problem)
        self.seats = Seats(problem.scenario, problem.day_type, problem.candidates)
        unserved = problem.scenario.demand.unserved
        everybody = sum(sum(rates.values()) for rates in problem.demand.values())
        units = self._waiting.units
        self._parts = units * ceil(PARTS / units)  # what is waited is whole in them
        self.variable = program.variable(choice=False, upper=float(ceil(unserved * everybody)), steps=self._parts)
        waiting = [(variable, -minutes) for variable, minutes in self._waiting.variables]
        program.at_least([(self.variable, 1.0), *waiting], self._waiting.constant)
        self._values = TripValues(self.seats)
        self._cuts: list[Tangent] = []
        self._seated: dict[tuple[tuple[int, float], ...], Seated] = {}

    def pay(self, program: Program) -> "SeatCosts":
        """Make the seating what the program costs."""
        program.pay(self.variable, 1.0)
        return self

    @property
    def tangents(self) -> list[Tangent]:
        return self._waiting.tangents + self._cuts

    def learn(
        self, runs: Sequence[float], values: Sequence[float], tolerance: float = 1e-6
    ) -> tuple[list[Tangent], float]:
        """Keep the tangents and the cut at `runs` that the cost variables break; gives them, and the cost lacking in all."""
        found, _ = self._waiting.learn(runs, values, tolerance)
        seated = self._seat(runs)
        lacking = max(0.0, seated.cost - values[self.variable])
        if lacking > tolerance * max(1.0, seated.cost):
            cut = self._cut(seated)
            self._cuts.append(cut)
            found = [*found, cut]
        return found, lacking

    def keep_touching(self, values: Sequence[float]) -> None:
        """Forget the tangents that say nothing at a point; cuts are few and dear, and stay."""
        self._waiting.keep_touching(values)

    def cost(self, runs: Sequence[float]) -> float:
        """The passenger cost at a point, in minutes."""
        return self._seat(runs).cost

    def _seat(self, runs: Sequence[float]) -> Seated:
        running = {number: part for number, part in enumerate(runs) if part > RUNS}
        key = tuple(running.items())
        if key not in self._seated:
            self._seated = {key: self.seats.seat(running)}
        return self._seated[key]

    def _cut(self, seated: Seated) -> Tangent:
        prices, tolls, parts = seated.prices, seated.seating.tolls, self._parts
        everybody = sum(
            rate * prices[pair].get(ready, 0.0)
            for pair, rates in self.seats.demand.items()
            for ready, rate in rates.items()
        )
        worth = [
            (n, -ceil(value * parts - NEAR) / parts) for n, value in self._values.at(prices, tolls) if value > RUNS
        ]
        return [(self.variable, -1.0), *worth], -floor(everybody * parts + NEAR) / parts


class TripValues:
    """What each trip that may run is worth at prices: the most that passengers in its seats can save."""

    def __init__(self, seats: Seats) -> None:
        self._scenario = seats.scenario
        self._pairs = list(seats.demand)
        self._rates = np.zeros((len(self._pairs), DAY))
        rides: dict[int, list[tuple[int, Minute, tuple[int, ...]]]] = {}
        for number, (pair, rates) in enumerate(seats.demand.items()):
            for ready, rate in rates.items():
                self._rates[number, ready] = rate
            for offer in seats.offers[pair]:
                rides.setdefault(offer.trip, []).append((number, offer.leaves, offer.segments))
        self._rides = rides

    def at(
        self, prices: Mapping[Pair, Mapping[Minute, float]], tolls: Mapping[tuple[int, int], float]
    ) -> list[tuple[int, float]]:
        """(trip, passenger minutes that it is worth). `tolls`: where to begin, the best ones for the trips of a seating."""
        table = np.zeros_like(self._rates)
        for number, pair in enumerate(self._pairs):
            for ready, price in prices[pair].items():
                table[number, ready] = price
        worths = []
        for trip, rides in self._rides.items():
            size = 1 + max(stretch for _, _, several in rides for stretch in several)
            begin = np.array([tolls.get((trip, stretch), 0.0) for stretch in range(size)])
            worths.append((trip, self._worth(rides, table, begin)))
        return worths

    def _worth(self, rides: list[tuple[int, Minute, tuple[int, ...]]], table: Amounts, tolls: Amounts) -> float:
        savings, people, over = [], [], []
        for pair, leaves, several in rides:
            saved, amounts = self._savings(pair, leaves, table)
            savings.append(saved)
            people.append(amounts)
            uses = np.zeros((len(saved), len(tolls)))
            uses[:, list(several)] = 1.0
            over.append(uses)
        return self._seated(np.concatenate(savings), np.concatenate(people), np.concatenate(over), tolls)

    def _savings(self, pair: int, leaves: Minute, table: Amounts) -> tuple[Amounts, Amounts]:
        """Of who could take it and would gain: minutes saved by each, and how many they are."""
        demand = self._scenario.demand
        last = leaves + (demand.max_wait if demand.wish is Wish.DISPLACEMENT else 0)
        ready = np.arange(max(0, leaves - demand.max_wait), min(DAY - 1, last) + 1)
        saved = table[pair, ready] - np.abs(leaves - ready)
        gain = (saved > RUNS) & (self._rates[pair, ready] > 0)
        return saved[gain], self._rates[pair, ready][gain]

    def _seated(self, savings: Amounts, people: Amounts, over: Amounts, tolls: Amounts) -> float:
        """What seats are worth at the best tolls found, which change in place; no seating of the trip saves more."""
        seats = float(self._scenario.fleet.seats or 0)
        for _ in range(PASSES):
            for stretch in range(len(tolls)):
                tolls[stretch] = 0.0
                here = over[:, stretch] > 0
                left = (savings - over @ tolls)[here]
                order = np.argsort(-left)
                filled = np.searchsorted(np.cumsum(people[here][order]), seats)
                if filled < len(order):
                    tolls[stretch] = max(0.0, float(left[order][filled]))
        left = np.maximum(0.0, savings - over @ tolls)
        return float(seats * tolls.sum() + (people * left).sum())
