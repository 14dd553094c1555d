"""What a day costs passengers, quickly: for one set of trips as it is played, and for every trip that might be added to a set.

The same figures as `domain.waiting` and `domain.played`, which stay the measure: what a search finds by these is weighed by those
before it is shown. A day is played in about half a millisecond, and the waiting of all exchanges of one trip takes about one.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shuttle.domain.planning.passenger_cost import Pair, usable_rides
from shuttle.domain.planning.scenario import Wish
from shuttle.planner.model.problem import Problem

Amounts = NDArray[np.float64]
Numbers = NDArray[np.int64]

NOTHING = 1e-12
FAR = 1e9


@dataclass(frozen=True)
class _PairDay:
    """One pair of stops. `prices[k]`: minutes for each minute of readiness where only the departures of profile `k` run (0: none
    does); `profile[t]`: that of candidate `t`."""

    people: Amounts
    prices: Amounts
    profile: Numbers


@dataclass(frozen=True)
class _Stop:
    """Everybody who gets ready at a stop, in the order of minutes, then of pairs."""

    ready: Numbers
    pair: Numbers
    people: Amounts


@dataclass(frozen=True, kw_only=True)
class _Call:
    """A trip's call at which people may board: pairs that it takes, and who of the stop's people are in reach."""

    departs: int
    place: int
    stop: str
    pairs: tuple[int, ...]
    queue: Numbers


class DayCosts:
    """One day type's demand and candidate trips. Trips are named by their number among the candidates."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._demand = problem.scenario.demand
        self._pairs: list[Pair] = [pair for pair, rates in problem.demand.items() if rates]
        self._leaves = {pair: self._departures(pair) for pair in self._pairs}
        self._days = [self._pair_day(pair) for pair in self._pairs]
        self._stops = {stop: self._stop(stop) for stop in {pair[0] for pair in self._pairs}}
        trips = problem.candidates
        by_name = sorted(range(len(trips)), key=lambda number: (trips[number].departs, trips[number].stops))
        self._place = {number: place for place, number in enumerate(by_name)}  # as trips are played
        self._calls: dict[int, list[_Call]] = {}
        self._queues: dict[tuple[str, int, tuple[int, ...]], Numbers] = {}

    @property
    def seated(self) -> bool:
        """Whether the day must be played to be priced."""
        return self._problem.scenario.fleet.seats is not None

    def waiting(self, numbers: Sequence[int]) -> float:
        """Passenger cost with seats for everybody."""
        return float(sum(self._alone(day, numbers) @ day.people for day in self._days))

    def with_one_more(self, numbers: Sequence[int]) -> Amounts:
        """Passenger cost with seats for everybody, for each candidate, of these trips and that one."""
        total = np.zeros(len(self._problem.candidates))
        for day in self._days:
            costs = np.minimum(day.prices, self._alone(day, numbers)) @ day.people
            total += costs[day.profile]
        return total

    def least(self, numbers: Sequence[int], most: int) -> float:
        """What no `most` trips stay below: what these cost, less the most that so many others could save if each were added alone.

        What trips save is submodular, so that together they save no more (Nemhauser, Wolsey and Fisher 1978). The others are chosen by
        weighted interval scheduling: those of one vehicle do not overlap. Takes some milliseconds, and is far from sharp.
        """
        alone, vehicles = self.waiting(numbers), self._problem.scenario.fleet.vehicles
        saves, trips = alone - self.with_one_more(numbers), self._problem.candidates
        by_end = sorted(range(len(trips)), key=lambda number: trips[number].ends)
        shortest = max(1, min((trip.ends - trip.departs for trip in trips), default=1))
        span = max((trip.ends for trip in trips), default=0) - min((trip.departs for trip in trips), default=0)
        most = min(most, vehicles * (span // shortest))
        ends = [trips[number].ends for number in by_end]
        one = np.zeros((len(trips) + 1, most + 1))
        for place, number in enumerate(by_end):
            before = one[bisect_right(ends, trips[number].departs, hi=place)]
            one[place + 1] = one[place]
            one[place + 1, 1:] = np.maximum(one[place, 1:], before[:-1] + saves[number])
        several = one[-1]
        for _ in range(1, min(most, vehicles)):
            several = np.array([(several[: n + 1] + one[-1, n::-1]).max() for n in range(most + 1)])
        return max(0.0, alone - float(several[most]))

    def played(self, numbers: Sequence[int]) -> float:
        """Passenger cost of the day as it is played."""
        if not self.seated:
            return self.waiting(numbers)
        comes = self._comes(numbers)
        left = {stop: each.people.copy() for stop, each in self._stops.items()}
        aboard: dict[int, dict[str, float]] = {number: {} for number in numbers}
        calls = [(number, call) for number in numbers for call in self._calls_of(number)]
        minutes = 0.0
        for number, call in sorted(calls, key=lambda each: (each[1].departs, self._place[each[0]], each[1].place)):
            aboard[number].pop(call.stop, None)
            if len(call.queue):
                minutes += self._board(call, aboard[number], left[call.stop], comes)
        return minutes + self._demand.unserved * sum(float(each.sum()) for each in left.values())

    def _alone(self, day: _PairDay, numbers: Sequence[int]) -> Amounts:
        profiles = np.unique(day.profile[list(numbers)]) if len(numbers) else np.zeros(1, dtype=np.int64)
        least: Amounts = day.prices[profiles].min(axis=0)
        return least

    def _departures(self, pair: Pair) -> list[tuple[int, ...]]:
        scenario, day_type = self._problem.scenario, self._problem.day_type
        return [
            tuple(ride.leaves for ride in usable_rides(scenario, day_type, [trip], pair)) if pair in trip.rides else ()
            for trip in self._problem.candidates
        ]

    def _pair_day(self, pair: Pair) -> _PairDay:
        rates = self._problem.demand[pair]
        ready = np.array(list(rates), dtype=np.int64)
        profiles: dict[tuple[int, ...], int] = {(): 0}
        profile = np.array(
            [profiles.setdefault(leaves, len(profiles)) for leaves in self._leaves[pair]], dtype=np.int64
        )
        prices = np.full((len(profiles), len(ready)), float(self._demand.unserved))
        for leaves, number in profiles.items():
            for minute in leaves:
                wait = minute - ready
                if self._demand.wish is Wish.DISPLACEMENT:
                    wait = np.abs(wait)
                takes = (wait >= 0) & (wait <= self._demand.max_wait)
                prices[number, takes] = np.minimum(prices[number, takes], wait[takes])
        return _PairDay(np.array(list(rates.values())), prices, profile)

    def _stop(self, stop: str) -> _Stop:
        rows = sorted(
            (ready, number, people)
            for number, pair in enumerate(self._pairs)
            if pair[0] == stop
            for ready, people in self._problem.demand[pair].items()
        )
        ready, pair, people = zip(*rows, strict=True)
        return _Stop(
            np.array(ready, dtype=np.int64), np.array(pair, dtype=np.int64), np.array(people, dtype=np.float64)
        )

    def _calls_of(self, number: int) -> list[_Call]:
        if number not in self._calls:
            trip = self._problem.candidates[number]
            self._calls[number] = [
                self._call(number, place, call.stop, call.departs) for place, call in enumerate(trip.calls[:-1])
            ]
        return self._calls[number]

    def _call(self, number: int, place: int, stop: str, departs: int) -> _Call:
        later = [each.stop for each in self._problem.candidates[number].calls[place + 1 :]]
        taken = tuple(
            sorted(
                (
                    index
                    for index, pair in enumerate(self._pairs)
                    if pair[0] == stop and departs in self._leaves[pair][number]
                ),
                key=lambda index: later.index(self._pairs[index][1]),
            )
        )
        key = (stop, departs, taken)
        if key not in self._queues:
            self._queues[key] = self._queue(*key)
        return _Call(departs=departs, place=place, stop=stop, pairs=taken, queue=self._queues[key])

    def _queue(self, stop: str, departs: int, pairs: tuple[int, ...]) -> Numbers:
        """Who of a stop may take a departure, by readiness and then in the order of `pairs`: by displacement those who are ready later,
        too."""
        if not pairs or stop not in self._stops:
            return np.zeros(0, dtype=np.int64)
        people, longest = self._stops[stop], self._demand.max_wait
        last = departs + (longest if self._demand.wish is Wish.DISPLACEMENT else 0)
        first, end = np.searchsorted(people.ready, [departs - longest, last + 1])
        may = np.arange(first, end)[np.isin(people.pair[first:end], pairs)]
        order = np.array([pairs.index(pair) for pair in people.pair[may]], dtype=np.int64)
        ordered: Numbers = may[np.lexsort((order, people.ready[may]))]
        return ordered

    def _comes(self, numbers: Sequence[int]) -> dict[str, Numbers] | None:
        """When people are at their stop: by displacement for the nearest departure, the later of two; else when they are ready."""
        if self._demand.wish is not Wish.DISPLACEMENT:
            return None
        found = {}
        for stop, people in self._stops.items():
            comes = people.ready.copy()
            for index, pair in enumerate(self._pairs):
                leaves = np.array(sorted({at for n in numbers for at in self._leaves[pair][n]}), dtype=np.int64)
                here = np.flatnonzero(people.pair == index)
                if len(leaves) and len(here):
                    apart = np.abs(people.ready[here][:, None] - leaves[::-1][None, :])
                    comes[here] = leaves[::-1][apart.argmin(axis=1)]
            found[stop] = comes
        return found

    def _board(self, call: _Call, load: dict[str, float], left: Amounts, comes: dict[str, Numbers] | None) -> float:
        """The minutes that those who board have waited; `load` and `left` change."""
        queue, people = call.queue, self._stops[call.stop]
        if comes is not None:
            at_stop = comes[call.stop]
            queue = queue[at_stop[queue] <= call.departs]
            queue = queue[np.argsort(at_stop[queue], kind="stable")]
        waiting = left[queue]
        free = float(self._problem.scenario.fleet.seats or FAR) - sum(load.values())
        if waiting.sum() <= free:
            boards = waiting
        else:
            before = np.cumsum(waiting) - waiting
            boards = np.clip(free - before, 0.0, waiting)
        left[queue] = waiting - boards
        for index in call.pairs:
            there = self._pairs[index][1]
            amount = boards.sum() if len(call.pairs) == 1 else boards[people.pair[queue] == index].sum()
            load[there] = load.get(there, 0.0) + float(amount)
        return float(boards @ np.abs(call.departs - people.ready[queue]))
