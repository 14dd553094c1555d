"""The best trips with seats in one search tree of HiGHS, where cuts alone take too many rounds.

Trips and seating are one program here. It is small enough because most trips can be told beforehand not to be part of anything
better: what a trip adds to the relaxation's bound is more than what was found already costs. That is reckoned here from the
relaxation's duals in plain arithmetic (`Program.below`), so that no trip is left out on a solver's word.
"""

import time
from collections.abc import Iterable
from datetime import timedelta

from shuttle.planner import highs
from shuttle.planner.cpsat import Effort, Found
from shuttle.planner.program import INFINITY, Program, Terms
from shuttle.planner.seat_costs import SeatCosts
from shuttle.planner.seating import SeatingRows

SURE = 1e-6
"""Relative difference that rounding may make in what is reckoned from duals."""

GAP = 1e-7


class SeatTree:
    """A program and its passenger costs with seats."""

    def __init__(self, program: Program, costs: SeatCosts) -> None:
        self._program, self._costs = program, costs

    def solve(self, rows: Iterable[tuple[Terms, float]], most: float, effort: Effort) -> Found:
        """The cheapest under further rows of those that cost no more than `most`; the rows hold what the cuts know."""
        began, rows = time.monotonic(), list(rows)
        relaxed = highs.Relaxation(self._program, rows).solve(effort.seconds)
        if relaxed is None:
            return Found(None, INFINITY, -INFINITY, proven=False, infeasible=False, seconds=time.monotonic() - began)
        most += SURE * max(1.0, most)
        least, dearer = self._program.below(rows, relaxed.duals)
        held = {n for n in range(len(self._costs.seats.trips)) if least + dearer[n] <= most}
        left = effort.seconds - (time.monotonic() - began)
        found = self._solved(rows, held, most, Effort(max(left, 0.1), 1, effort.seed))
        bound = max(found.bound, least)
        return Found(found.values, found.cost, bound, found.proven, found.infeasible, time.monotonic() - began)

    def _solved(self, rows: list[tuple[Terms, float]], held: set[int], most: float, effort: Effort) -> Found:
        model, variables = highs.model_of(self._program, rows)
        for number in range(len(self._costs.seats.trips)):
            if number not in held:
                variables[number].upper_bound = 0.0
        runs = dict.fromkeys(sorted(held), 1.0)
        seating = SeatingRows(model, self._costs.seats, runs, {number: variables[number] for number in held})
        model.add_linear_constraint(seating.cost <= variables[self._costs.variable])
        model.add_linear_constraint(model.objective.as_linear_expression() <= most - self._program.constant)
        return highs.solved(self._program, model, variables, timedelta(seconds=effort.seconds), effort.seed, GAP)
