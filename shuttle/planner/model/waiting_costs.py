"""Passenger cost as a convex function with tangents: the reason why a proof takes a second and not an hour.

Someone who is ready at a minute looks at the usable departures in order of how little they cost (by `next`: later and later;
by displacement: ever farther on both sides). The stretch that they have looked through in vain grows by one departure at a
time, and each growth has a price of at least 0. So the cost is a constant and, for each stretch, its price times
max(0, 1 - departures in it): exact for whole departures, convex in between, and equal there to the linear relaxation of the
cover chain (the k-median on a line, nearly whole), which would need a variable for each stretch: 30 000 on a real day. A tangent
is one row over the trips; a few hundred of them state the same.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.passenger_cost import Pair, is_useful
from shuttle.domain.planning.scenario import Wish
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program, Terms

FINEST = 10**6
"""Units per passenger minute at most, where demand is whole in them."""

ROUNDED = 10**9
"""Units per passenger minute for demand that is whole in no coarser ones: rounded down, so that the cost is never overstated."""

BLOCK = 120
"""Minutes of a day whose passengers share a cost variable: finer gives more rows, coarser weaker ones."""

ARITHMETIC = 1e-13
"""Relative difference that the arithmetic of a rate makes."""

NOTHING = 1e-9

TOUCHING = 1e-6
"""Minutes that a tangent may lie below the cost at a point where it is said to touch."""

Tangent = tuple[Terms, float]
"""Terms and the most that they may be."""


@dataclass(frozen=True)
class Stretch:
    """The departures of a pair from the `first`-th to the `last`-th, and what it costs, in units, if none of them runs."""

    first: int
    last: int
    price: int


class PairCosts:
    """One pair of stops: its possible departures in order of time, and its stretches by block of the day."""

    def __init__(self, problem: Problem, pair: Pair, rates: dict[Minute, int]) -> None:
        departures = _departures(problem, pair)
        self.times = list(departures)
        self.numbers = list(departures.values())
        demand = problem.scenario.demand
        self._limit, self._both_ways = demand.max_wait, demand.wish is Wish.DISPLACEMENT
        self.constant = 0
        prices: dict[tuple[int, int], int] = {}
        for ready, rate in rates.items():
            self._price(ready, rate, demand.unserved, prices)
        self.blocks: dict[int, list[Stretch]] = {}
        for (first, last), price in prices.items():
            if price:
                self.blocks.setdefault(self.times[first] // BLOCK, []).append(Stretch(first, last, price))

    def _price(self, ready: Minute, rate: int, unserved: int, prices: dict[tuple[int, int], int]) -> None:
        before: tuple[int, int] | None = None
        cost = 0
        for wait, index in [*self._in_order(ready), (unserved, -1)]:
            if before is None:
                self.constant += rate * wait
            else:
                prices[before] = prices.get(before, 0) + rate * (wait - cost)
            before = (index, index) if before is None else (min(before[0], index), max(before[1], index))
            cost = wait

    def _in_order(self, ready: Minute) -> list[tuple[int, int]]:
        """(minutes, departure) in the order in which somebody would take them, none beyond the limit."""
        begins = bisect_left(self.times, ready - self._limit if self._both_ways else ready)
        ends = bisect_right(self.times, ready + self._limit)
        near = [(abs(self.times[index] - ready), index) for index in range(begins, ends)]
        return sorted(near) if self._both_ways else near

    def tangents(self, runs: Sequence[float]) -> Iterator[tuple[int, int, float, Terms]]:
        """At a point, for each block: its cost (units) and the tangent, block's cost >= `low` - terms."""
        so_far = [0.0, *accumulate(sum(runs[number] for number in numbers) for numbers in self.numbers)]
        for block, segments in self.blocks.items():
            change = [0] * (len(self.times) + 1)
            low, cost = 0, 0.0
            for each in segments:
                lacking = 1 - (so_far[each.last + 1] - so_far[each.first])
                if lacking > NOTHING:
                    low += each.price
                    cost += each.price * lacking
                    change[each.first] += each.price
                    change[each.last + 1] -= each.price
            yield block, low, cost, self._gathered(accumulate(change))

    def _gathered(self, heights: Iterator[int]) -> Terms:
        found: dict[int, float] = {}
        for height, numbers in zip(heights, self.numbers, strict=False):
            if height:
                for number in numbers:
                    found[number] = found.get(number, 0.0) + height
        return list(found.items())


class WaitingCosts:
    """The cost variables of a program, one for each pair and block, and the tangents found so far.

    Tangents follow from the demand alone: they hold for every point, whatever else is asked about the same day.
    """

    def __init__(self, program: Program, problem: Problem) -> None:
        self.units, rates = _in_units(problem)
        self.pairs = [PairCosts(problem, pair, minutes) for pair, minutes in sorted(rates.items())]
        self._tangents: list[Tangent] = []
        self._variables: dict[tuple[int, int], int] = {}
        for number, pair in enumerate(self.pairs):
            for block, segments in pair.blocks.items():
                worst = sum(each.price for each in segments) / self.units
                self._variables[number, block] = program.variable(choice=False, upper=worst, steps=self.units)

    @property
    def tangents(self) -> list[Tangent]:
        return self._tangents

    @property
    def constant(self) -> float:
        """Passenger cost, in minutes, that no departure changes."""
        return sum(pair.constant for pair in self.pairs) / self.units

    @property
    def variables(self) -> Terms:
        """The cost variables, each in passenger minutes."""
        return [(variable, 1.0) for variable in self._variables.values()]

    def pay(self, program: Program) -> "WaitingCosts":
        """Make the waiting what the program costs."""
        program.constant += self.constant
        for variable, minutes in self.variables:
            program.pay(variable, minutes)
        return self

    def learn(
        self, runs: Sequence[float], values: Sequence[float], tolerance: float = 1e-6
    ) -> tuple[list[Tangent], float]:
        """Keep the tangents at `runs` that the cost variables among `values` break; gives them, and the cost lacking in all."""
        found: list[Tangent] = []
        lacking = 0.0
        for number, pair in enumerate(self.pairs):
            for block, low, units, terms in pair.tangents(runs):
                variable = self._variables[number, block]
                cost = units / self.units
                lacking += max(0.0, cost - values[variable])
                if cost > values[variable] + tolerance * max(1.0, cost):
                    row = [(variable, -1.0), *((index, -height / self.units) for index, height in terms)]
                    found.append((row, -low / self.units))
        self._tangents += found
        return found, lacking

    def keep_touching(self, values: Sequence[float]) -> None:
        """Forget the tangents that say nothing at a point: near it, where the next question is, the others do."""
        self._tangents = [
            (terms, most)
            for terms, most in self._tangents
            if sum(amount * values[index] for index, amount in terms) > most - TOUCHING
        ]

    def cost(self, runs: Sequence[float]) -> float:
        """The passenger cost at a point, in minutes."""
        return (
            sum(pair.constant + sum(cost for _, _, cost, _ in pair.tangents(runs)) for pair in self.pairs) / self.units
        )


def _departures(problem: Problem, pair: Pair) -> dict[Minute, list[int]]:
    """Minute -> candidates that leave then and arrive while it is of use, in order of time."""
    windows = problem.scenario.useful_windows(pair[1], problem.day_type)
    found: dict[Minute, set[int]] = {}
    for number, trip in enumerate(problem.candidates):
        for ride in trip.rides.get(pair, ()):
            if is_useful(ride, windows):
                found.setdefault(ride.leaves, set()).add(number)
    return {minute: sorted(numbers) for minute, numbers in sorted(found.items())}


def _in_units(problem: Problem) -> tuple[int, dict[Pair, dict[Minute, int]]]:
    """Units per passenger minute, so that costs are whole numbers; and who gets ready per pair and minute, in units."""
    units = 1
    for rate in {rate for minutes in problem.demand.values() for rate in minutes.values()}:
        fraction = Fraction(rate).limit_denominator(FINEST)
        units = math.lcm(units, fraction.denominator)
        if units > FINEST or abs(float(fraction) - rate) > ARITHMETIC * rate:
            units = ROUNDED
            break
    return units, {
        pair: {ready: math.floor(rate * units * (1 + ARITHMETIC)) for ready, rate in minutes.items()}
        for pair, minutes in problem.demand.items()
    }
