"""Which trips may run together: the requirements' rows as one matrix, to ask of every candidate at once whether it may be added.

Rows that hold other variables besides trips (assignments, breaches, flows) do not fit in. What they state is asked of the plain
checks of `domain.rules`, as everything is in the end: a set is admitted on their word alone (`penalty`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.blocks import vehicles_needed
from shuttle.domain.planning.passenger_cost import covered_minutes
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.rules import PlannedDay, verdicts
from shuttle.planner.model.constraints import add_requirements, measure
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import INFINITY, Program, Terms
from shuttle.planner.model.variables import add_trips

SAME = 1e-6

Amounts = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Limit:
    """At most `most` of what a front is drawn by: `amounts[t]` is what candidate `t` takes of it."""

    amounts: Amounts
    most: float

    @property
    def trips(self) -> int:
        """How many trips there may be at most."""
        taken = np.cumsum(np.sort(self.amounts))
        return int(np.searchsorted(taken, self.most + SAME, side="right"))

    def allows(self, numbers: Sequence[int]) -> bool:
        return bool(self.amounts[list(numbers)].sum() <= self.most + SAME)


class Admissible:
    """The requirements of one day type and its fleet."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.program = Program()
        add_trips(self.program, problem)
        add_requirements(self.program, problem)
        trips = len(problem.candidates)
        rows = [
            (list(r.terms), r.low, r.high) for r in self.program.rows if all(number < trips for number, _ in r.terms)
        ]
        rows += [(terms, 1.0, INFINITY) for terms in self._own_trips()]
        self._keep(rows, trips)
        self._covers = [
            (wanted.share, self._covered_by_each(wanted.of))
            for wanted in problem.requirements
            if isinstance(wanted, ask.CoverageShare) and wanted.hard
        ]
        self._wishes = any(not requirement.hard for requirement in problem.requirements)

    def limit(self, by: str, most: float | None) -> Limit | None:
        """A limit of the front by `trips`, `driver_hours` or `nok`."""
        if most is None:
            return None
        amounts = np.zeros(len(self.problem.candidates))
        for number, amount in measure(self.problem, by):
            amounts[number] += amount
        return Limit(amounts, most)

    def may_join(self, numbers: Sequence[int], limit: Limit | None, others: Numbers, repair: bool = False) -> Numbers:
        """Those of `others` that may be added to the trips as far as the rows say. `repair`: also those that mend some of what is
        lacking, where one trip alone cannot."""
        chosen = list(numbers)
        apart: NDArray[np.bool_] = np.logical_not(self._meets[chosen].any(axis=0))
        apart[chosen] = False
        others = others[apart[others]]
        if limit is not None:
            others = others[limit.amounts[others] <= limit.most + SAME - limit.amounts[chosen].sum()]
        so_far = self._most[:, chosen].sum(axis=1)
        others = others[(self._most[:, others] <= (self._high - so_far)[:, None]).all(axis=0)]
        lacking = self._low - self._least[:, chosen].sum(axis=1)
        if not (lacking > 0).any():
            return others if repair else self._covering(chosen, others)
        adds = self._least[lacking > 0][:, others]
        if repair:
            mending: Numbers = others[(adds > 0).any(axis=0)]
            return mending
        return self._covering(chosen, others[(adds >= lacking[lacking > 0][:, None]).all(axis=0)])

    def may_run_beside(self, number: int, numbers: Sequence[int]) -> bool:
        """Whether no row says that the trip and one of those cannot both run."""
        return not self._meets[number, list(numbers)].any()

    def penalty(self, numbers: Sequence[int], limit: Limit | None = None) -> float | None:
        """What the wishes that are broken cost, in passenger minutes; None where something breaks that must hold."""
        if limit is not None and not limit.allows(numbers):
            return None
        chosen = list(numbers)
        if (self._most[:, chosen].sum(axis=1) > self._high).any() or (
            self._least[:, chosen].sum(axis=1) < self._low
        ).any():
            return None
        problem, trips = self.problem, in_order(self.problem.chosen(numbers))
        if vehicles_needed(problem.scenario, trips) > problem.scenario.fleet.vehicles:
            return None
        plan = PlannedDay(
            scenario=problem.scenario,
            day_type=problem.day_type,
            trips=tuple(trips),
            base=problem.base,
            costs=problem.rates,
        )
        judged = verdicts(plan)
        if any(verdict.requirement.hard and not verdict.met for verdict in judged):
            return None
        return sum(v.requirement.weight * max(0.0, -v.slack) for v in judged if not v.requirement.hard)

    @property
    def wishes(self) -> bool:
        """Whether anything may be broken at a price."""
        return self._wishes

    def _keep(self, rows: list[tuple[Terms, float, float]], trips: int) -> None:
        """Rows of which at most one trip may run become pairs that do not meet; the others stay as they are."""
        self._meets = np.zeros((trips, trips), dtype=np.bool_)
        most, least = [], []
        for terms, low, high in rows:
            if high == 1.0 and all(amount == 1.0 for _, amount in terms):
                together = np.array([number for number, _ in terms], dtype=np.int64)
                self._meets[together[:, None], together] = True
            elif high < INFINITY:
                most.append((terms, high + SAME))
            if low > -INFINITY:
                least.append((terms, low - SAME))
        np.fill_diagonal(self._meets, val=False)
        self._most, self._high = _matrix(most, trips)
        self._least, self._low = _matrix(least, trips)

    def _own_trips(self) -> list[Terms]:
        """For each departure that must stay, the trips of which one has to run; that they are different ones is checked elsewhere."""
        rows: list[Terms] = []
        for wanted in self.problem.requirements:
            if not wanted.hard or not isinstance(wanted, ask.KeepDepartures | ask.MaxChange):
                continue
            within = wanted.tolerance if isinstance(wanted, ask.KeepDepartures) else wanted.by
            to = wanted.to if isinstance(wanted, ask.KeepDepartures) else None
            rows += [self._near(kept, within) for kept in self.problem.base if to is None or to in kept.stops[1:]]
        return rows

    def _near(self, kept: PlannedTrip, within: int) -> Terms:
        return [
            (number, 1.0)
            for number, trip in enumerate(self.problem.candidates)
            if abs(trip.departs - kept.departs) <= within and trip.serves(kept.stops)
        ]

    def _covered_by_each(self, stop: str) -> NDArray[np.bool_]:
        scenario, day_type = self.problem.scenario, self.problem.day_type
        rows = [list(covered_minutes(scenario, day_type, [trip], stop).values()) for trip in self.problem.candidates]
        return np.array(rows, dtype=np.bool_)

    def _covering(self, chosen: list[int], others: Numbers) -> Numbers:
        for share, covers in self._covers:
            if covers.shape[1]:
                so_far: NDArray[np.bool_] = np.logical_or.reduce(covers[chosen], axis=0)
                together = np.logical_or(so_far, covers[others])
                others = others[together.mean(axis=1) >= share - SAME]
        return others


def _matrix(rows: list[tuple[Terms, float]], trips: int) -> tuple[Amounts, Amounts]:
    matrix = np.zeros((len(rows), trips))
    for place, (terms, _) in enumerate(rows):
        for number, amount in terms:
            matrix[place, number] += amount
    return matrix, np.array([edge for _, edge in rows])


def in_order(trips: Sequence[PlannedTrip]) -> list[PlannedTrip]:
    """Trips as they are assessed and played."""
    return sorted(trips, key=lambda trip: (trip.departs, trip.stops))
