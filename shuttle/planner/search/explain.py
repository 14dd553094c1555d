"""Why a day type has no timetable, and what it would take: the conflicts of its requirements, and the price of each way out.

The largest limit of the front is a requirement among the others ("at most 4 trips"): where it is what stands in the way, the answer
names the least that would do.
"""

from collections.abc import Iterator
from dataclasses import replace

from shuttle.domain.planning.result import LimitResult, RelaxationResult
from shuttle.domain.planning.scenario import FrontRequest
from shuttle.planner.model.time_budget import TimeBudget, Work
from shuttle.planner.search.conflicts import Explainer, least
from shuttle.planner.search.day_plan import DayPlan
from shuttle.planner.search.pareto_front import FrontLimit, largest_limit
from shuttle.planner.search.proposal import NoTimetable
from shuttle.planner.search.solve import Solver
from shuttle.planner.search.standing import Standing
from shuttle.planner.solvers.cpsat import Effort

LEAST_SECONDS = 10.0
"""Seconds for the least that would do, where the limit of the front stands in the way."""

PRICE_SECONDS = 1.0
"""Seconds of the processor for the timetable that a way out is priced by."""


class Explanation:
    """`conflicts` and `relaxations` of one day type, as the answer has them; `relaxations` come one by one. `limits`: that of the front
    by the name that it has there, and the least with which all other requirements hold."""

    def __init__(self, plan: DayPlan, clock: TimeBudget) -> None:
        self.plan, self.clock = plan, clock
        self.conflicts: list[list[str]] = []
        self.relaxations: list[RelaxationResult] = []
        self.limits: list[LimitResult] = []
        requirements = plan.solver.problem.requirements
        self._names = [r.name for r in requirements if r.hard]
        self._limit = largest_limit(plan.request.scenario.front, {r.name for r in requirements})

    def steps(self) -> Iterator[None]:
        """Comes back whenever something was learned."""
        limit, program = self._limit, self.plan.solver.program
        if limit is not None:
            program = self.plan.solver.with_limit(limit.by, limit.most, limit.name)
            self._names.append(limit.name)
        clash = Explainer(program=program, names=self._names, clock=self.clock, seed=self.plan.request.seed).explain()
        by_duties = (
            not clash.conflicts and clash.complete
        )  # each choice of trips by itself was found not to be drivable
        self.conflicts += [self._needed()] if by_duties else [sorted(conflict) for conflict in clash.conflicts]
        if limit is not None and any(limit.name in conflict for conflict in self.conflicts):
            self.limits.append(self._least(limit))
        yield
        for relaxation in [] if by_duties else clash.relaxations:
            self.relaxations.append(self._price(relaxation))
            yield

    def _least(self, limit: FrontLimit) -> LimitResult:
        """`least`: None where the other requirements do not hold either, or it is not known in time."""
        solver = self.plan.solver
        found = least(solver.program, solver.takes(limit.by), Effort(min(LEAST_SECONDS, self.clock.left), 2))
        if found is not None and self.plan.wanted_duties is not None:
            driven = solver.driven(limit.by, found, self.clock.within(LEAST_SECONDS))
            found = None if isinstance(driven, NoTimetable) else found
        return {
            "name": limit.name,
            "day_type": self.plan.day_type,
            "by": limit.by,
            "limit": limit.most,
            "least": found if found is None else round(found, 6),
        }

    def _needed(self) -> list[str]:
        """Of requirements that clash only once duties are made, a set of which none can be left out."""
        kept = sorted(self._names)
        for name in sorted(self._names):
            without = [other for other in kept if other != name]
            if not self.clock.over and self._is_impossible(frozenset(self._names) - frozenset(without)):
                kept = without
        return kept

    def _is_impossible(self, dropped: frozenset[str]) -> bool:
        eased = self._without(dropped)
        by, limit = eased.by, eased.standings[-1].limit
        found = Solver(request=eased.request, problem=eased.problem, clock=self.clock).propose(by, limit)
        return isinstance(found, NoTimetable) and found.impossible

    def _without(self, dropped: frozenset[str]) -> DayPlan:
        """The question of which these requirements are no part."""
        request, limit = self.plan.request, self._limit
        kept = tuple(r for r in request.scenario.requirements if r.name not in dropped)
        front = None if limit is None or limit.name in dropped else FrontRequest(limit.by, limit.most, limit.most)
        eased = replace(request.scenario, requirements=kept, front=front)
        return DayPlan(replace(request, scenario=eased, starts={}), self.plan.day_type, self.clock)

    def _price(self, relaxation: frozenset[str]) -> RelaxationResult:
        """What it would cost people if these requirements were dropped: a good timetable without them, and its bound."""
        eased = self._without(relaxation)
        (standing,) = eased.standings
        for step in (_searched, _bounded):
            if not self.clock.over:
                step(eased, standing, self.clock)
        best = standing.best
        return {
            "requirements": sorted(relaxation),
            "day_type": self.plan.day_type,
            "cost": best.cost if best else None,
            "penalty": best.penalty if best else None,
            "bound": min(best.total, standing.bound) if best else None,
            "nok": best.assessment.nok if best else None,
            "trips_count": len(best.assessment.trips) if best else None,
        }


def _searched(plan: DayPlan, standing: Standing, clock: TimeBudget) -> None:
    plan.begin(standing, Work(clock, PRICE_SECONDS))


def _bounded(plan: DayPlan, standing: Standing, clock: TimeBudget) -> None:
    plan.bound(standing, clock, plan.relax(standing, clock.within(PRICE_SECONDS)))
