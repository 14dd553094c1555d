"""The best trips with seats in one search tree of HiGHS, where cuts alone take too many rounds.

Trips and seating are one program here. It is small enough because most trips can be told beforehand not to be part of anything
better: what a trip adds to the relaxation's bound is more than what was found already costs. That is reckoned here from the
relaxation's duals in plain arithmetic (`Program.below`), so that no trip is left out on a solver's word.

CP-SAT has no fractions for the seating, and with cuts alone it does not come to an end; so it is SCIP, a third code with a search
and tolerances of its own, that is asked for the cheapest anew and has to come to the same cost.
"""

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from ortools.math_opt.python import mathopt

from shuttle.planner.model.program import INFINITY, Program, Terms
from shuttle.planner.model.seat_costs import SeatCosts
from shuttle.planner.model.seating import SeatingRows
from shuttle.planner.solvers import highs
from shuttle.planner.solvers.cpsat import Effort, SolverResult

SURE = 1e-6
"""Relative difference that rounding may make in what is reckoned from duals."""

GAP = 1e-7

ROOM = 1e-4
"""By how much more, relatively, the second prover may pay: so it has to find the cheapest again, not only nothing below it."""

Rows = Iterable[tuple[Terms, float]]


class SeatTree:
    """A program and its passenger costs with seats."""

    def __init__(self, program: Program, costs: SeatCosts) -> None:
        self._program, self._costs = program, costs

    def solve(self, rows: Rows, most: float, effort: Effort) -> SolverResult:
        """The cheapest under further rows of those that cost no more than `most`; the rows hold what the cuts know."""
        return self._cheapest(list(rows), most, effort, mathopt.SolverType.HIGHS)

    def agrees(self, rows: Rows, cost: float, effort: Effort) -> bool:
        """Whether SCIP, too, finds something at that cost and proves that nothing costs less."""
        found = self._cheapest(list(rows), cost + ROOM * max(1.0, abs(cost)), effort, mathopt.SolverType.GSCIP)
        return found.values is not None and found.proven and abs(found.cost - cost) <= SURE * max(1.0, abs(cost))

    def _cheapest(
        self, rows: list[tuple[Terms, float]], most: float, effort: Effort, prover: mathopt.SolverType
    ) -> SolverResult:
        began = time.monotonic()
        relaxed = highs.Relaxation(self._program, rows).solve(effort.seconds)
        if relaxed is None:
            return SolverResult(
                values=None,
                cost=INFINITY,
                bound=-INFINITY,
                proven=False,
                infeasible=False,
                seconds=time.monotonic() - began,
            )
        most += SURE * max(1.0, most)
        least, dearer = self._program.below(rows, relaxed.duals)
        held = {n for n in range(len(self._costs.seats.trips)) if least + dearer[n] <= most}
        model, variables = self._model(rows, held, most)
        limit = timedelta(seconds=max(effort.seconds - (time.monotonic() - began), 0.1))
        found = highs.solved(self._program, model, variables, limit, effort.seed, GAP, prover=prover)
        return replace(found, bound=max(found.bound, least), seconds=time.monotonic() - began)

    def _model(
        self, rows: list[tuple[Terms, float]], held: set[int], most: float
    ) -> tuple[mathopt.Model, list[mathopt.Variable]]:
        """The program and the seating of the trips that are held, at a cost of at most `most`."""
        model, variables = highs.model_of(self._program, rows)
        for number in range(len(self._costs.seats.trips)):
            if number not in held:
                variables[number].upper_bound = 0.0
        runs = dict.fromkeys(sorted(held), 1.0)
        seating = SeatingRows(model, self._costs.seats, runs, {number: variables[number] for number in held})
        model.add_linear_constraint(seating.cost <= variables[self._costs.variable])
        model.add_linear_constraint(model.objective.as_linear_expression() <= most - self._program.constant)
        return model, variables
