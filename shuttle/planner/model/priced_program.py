"""The requirements of a day type's question together with what its passengers do: programs whose cost is what is minimised.

Three of one question: the whole one, one with larger groups of passengers for a first bound, and one without the trips that cannot be in
a better timetable.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

from shuttle.domain.planning import scenario as ask
from shuttle.planner.model.passenger_flows import PassengerFlows, slot_minutes
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program

MERGED_MINUTES = 15
"""Of the groups of passengers in the first relaxation. Those of the tree are by departure."""

FEW_ROWS = 7000
"""Up to so many the first relaxation is that of the whole program."""


@dataclass
class Programs:
    """`requirements`: the program of these alone, whose first variables are the candidate trips."""

    problem: Problem
    requirements: Program

    @cached_property
    def priced(self) -> Program:
        """The whole one."""
        return self._with_passengers()

    @cached_property
    def merged(self) -> Program:
        """With larger groups where it is large: a lower bound of `priced` that takes a quarter of the time."""
        return self.priced if len(self.priced.rows) <= FEW_ROWS else self._with_passengers(MERGED_MINUTES)

    def without(self, closed: Collection[int]) -> Program:
        """Where some trips do not run: fewer departures, so fewer and larger groups of passengers."""
        return self._with_passengers(closed=closed)

    def _with_passengers(self, merged: int = 0, closed: Collection[int] = ()) -> Program:
        problem, base = self.problem, self.requirements
        scenario, trips = problem.scenario, problem.candidates
        program = replace(
            base,
            upper=[0.0 if number in closed else most for number, most in enumerate(base.upper)],
            choice=list(base.choice),
            steps=list(base.steps),
            rows=list(base.rows),
            cost=dict(base.cost),
        )
        runs = [trip for number, trip in enumerate(trips) if number not in closed]
        PassengerFlows(
            program,
            scenario,
            problem.day_type,
            trips,
            problem.demand,
            rooms=[r for r in problem.requirements if isinstance(r, ask.Room) and r.hard],
            slot=slot_minutes(scenario, runs, list(problem.demand)),
            merged=merged,
            closed=closed,
        )
        return program
