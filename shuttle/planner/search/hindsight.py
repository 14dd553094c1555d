"""What could have been had one known the day: drawn days, each with the timetable that is proven best for it alone.

A proposal is made for the expected passengers; on a day as it comes another would have been better. By how much, on average, says
how much of a proposal is left to chance. Seats are left out: with them one day takes half a minute, and twenty are asked.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.result import HindsightResult
from shuttle.domain.planning.robustness.uncertainty import drawn_days, on_day
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.search.pareto_front import Point
from shuttle.planner.search.proposal import Proposal
from shuttle.planner.search.solve import Solver
from shuttle.planner.search.standing import Incumbent

Held = Point[Incumbent] | Point[Proposal]


@dataclass(frozen=True)
class Hindsight:
    """Passenger minutes above each day's own best, for the days on which that was proven; `days`: how many were drawn."""

    above: tuple[float, ...]
    days: int

    def document(self) -> HindsightResult:
        proven = len(self.above)
        return {
            "mean": sum(self.above) / proven if proven else None,
            "most": max(self.above, default=None),
            "proven": proven,
            "days": self.days,
            "model": "without seats",
        }


def hindsight(
    request: PlanRequest,
    problem: Problem,
    point: Held,
    clock: TimeBudget,
    on_start: Callable[[int, int], None],
) -> Hindsight:
    """The point against the best of each drawn day that takes no more of what the front is drawn by (of trips, without one).

    The days are the first of those that intervals are drawn over. Ends with the clock; each day gets an equal part of what is left.
    """
    front = problem.scenario.front
    by, limit = (front.by, point.limit) if front and front.by != "trips" else ("trips", _trips(point))
    roomy = replace(problem.scenario, fleet=replace(problem.scenario.fleet, seats=None))
    above = []
    for number, passengers in enumerate(drawn_days(roomy, problem.day_type, request.seed, request.hindsight_days)):
        if clock.over:
            break
        on_start(number, request.hindsight_days)
        day = on_day(roomy, problem.day_type, passengers)
        ends = time.monotonic() + clock.left / (request.hindsight_days - number)
        solver = Solver(
            request=replace(request, scenario=day),
            problem=replace(problem, scenario=day),
            clock=TimeBudget(ends, clock.stop),
        )
        best = solver.propose(by, limit, point.proposal.numbers)
        if isinstance(best, Proposal) and best.proven:
            own = passenger_cost(day, problem.day_type, point.proposal.assessment.trips) + point.proposal.penalty
            above.append(max(0.0, own - best.total))
    return Hindsight(tuple(above), request.hindsight_days)


def _trips(point: Held) -> float:
    return float(len(point.proposal.assessment.trips))
