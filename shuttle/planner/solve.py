"""From a problem to proven trips: both provers, the independent recount, and duties where they are asked for.

Nothing leaves this module on a solver's word alone. The cost is recomputed by `domain` from the trips; every hard requirement
is checked by its plain form; that nothing is possible is believed when both provers say so.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from shuttle.domain import scenario as ask
from shuttle.domain.costs import km
from shuttle.domain.duties import trip_works
from shuttle.domain.duty_costs import pay_on
from shuttle.domain.errors import Unavailable
from shuttle.domain.planned_trips import PlannedTrip
from shuttle.domain.proposals import Assessment, assess
from shuttle.planner import cpsat
from shuttle.planner.constraints import add_requirements
from shuttle.planner.cpsat import Effort, Found, Watch
from shuttle.planner.duties import DutyPlan, DutyTask, NoDuties, plan_duties
from shuttle.planner.optimum import Optimiser
from shuttle.planner.problem import Problem
from shuttle.planner.program import Program, Terms
from shuttle.planner.request import PlanRequest
from shuttle.planner.tidy import shortened
from shuttle.planner.variables import add_trips, chosen
from shuttle.planner.waiting_costs import WaitingCosts

MOST_TRIES = 12
"""Timetables that are tried before it is said that none of them can be driven."""


@dataclass
class Clock:
    """Time that is left, and whether to stop."""

    ends: float
    stop: Callable[[], bool] = field(default=lambda: False)

    @property
    def left(self) -> float:
        return max(0.05, self.ends - time.monotonic())

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.ends or self.stop()


@dataclass(frozen=True)
class Proposal:
    """Trips with their assessment and what the provers said of them. `duties` None: none were asked for."""

    assessment: Assessment
    bound: float
    proven: bool
    crosschecked: bool
    numbers: tuple[int, ...]
    penalty: float = 0.0
    duties: DutyPlan | None = None

    @property
    def cost(self) -> float:
        return self.assessment.cost


@dataclass(frozen=True)
class Nothing:
    """No proposal: proven impossible, or the time was over."""

    impossible: bool
    why: str = ""


@dataclass
class Solver:
    """One day type's program with everything needed to solve it again and again, each time hinted by the last."""

    request: PlanRequest
    problem: Problem
    clock: Clock
    watch: Watch = cpsat.QUIET

    def __post_init__(self) -> None:
        self.program = Program()
        add_trips(self.program, self.problem)
        waiting = WaitingCosts(self.program, self.problem)
        add_requirements(self.program, self.problem)
        trips = len(self.problem.candidates)
        self._optimiser = Optimiser(self.program, waiting, trips, self.request.workers, self.request.seed)
        self._hint: list[float] | None = None

    def propose(self, limits: list[tuple[Terms, float]] | None = None) -> Proposal | Nothing:
        """The best trips under further limits, with duties if a requirement asks for them."""
        rows = list(limits or [])
        for _ in range(MOST_TRIES):
            found, agreed = self._prove(rows)
            if found.values is None:
                return Nothing(found.infeasible and agreed)
            numbers = shortened(self.problem, chosen(self.problem, found.values))
            trips = self.problem.chosen(numbers)
            duties = self._duties(trips)
            if not isinstance(duties, NoDuties):
                return self._checked(found, agreed, numbers, trips, duties)
            # These trips cannot be driven, and no trips that hold them all can be: at least one of them goes.
            rows.append(([(number, 1.0) for number in numbers], float(len(numbers) - 1)))
        return Nothing(impossible=False, why=str(duties))

    def _prove(self, rows: list[tuple[Terms, float]]) -> tuple[Found, bool]:
        """What was found under further rows, and whether both provers agree on it."""
        found, agreed = self._optimiser.prove(lambda: self.clock.left, rows, self._hint, self.watch)
        if found.values is not None:
            self._hint = found.values
        return found, agreed

    def _duties(self, trips: list[PlannedTrip]) -> DutyPlan | NoDuties | None:
        wanted = next((r for r in self.problem.requirements if isinstance(r, ask.DriverDuties)), None)
        if wanted is None:
            return None
        works = trip_works((trip.departs, trip.ends, trip.busy_until) for trip in trips)
        pay = pay_on(self.request.rates, self.problem.day_type)
        profile = self.request.profiles[wanted.profile]
        task = DutyTask(works, profile, wanted.drivers, wanted.two_on_board_after, pay)
        try:
            return plan_duties(task, Effort(min(20.0, self.clock.left), self.request.workers, self.request.seed))
        except Unavailable:
            return NoDuties(drivers=wanted.drivers)

    def _checked(
        self, found: Found, agreed: bool, numbers: list[int], trips: list[PlannedTrip], duties: DutyPlan | None
    ) -> Proposal:
        """Recount and check without the solver. Raises AssertionError where the two disagree: then nothing is proposed."""
        problem = self.problem
        assessment = assess(problem.scenario, problem.day_type, trips, problem.base, self.request.rates)
        penalty = found.cost - assessment.cost
        soft = any(not requirement.hard for requirement in problem.requirements)
        tolerance = 1e-4 * max(1.0, assessment.cost)
        assert penalty >= -tolerance, f"the recount is {assessment.cost}, the solver says {found.cost}"
        assert soft or not found.proven or penalty <= tolerance, "the solver's cost is not the recount's"
        broken = [v.requirement.name for v in assessment.verdicts if v.requirement.hard and not v.met]
        assert not broken, f"the solver's trips break {broken}"
        penalty = max(0.0, penalty) if soft else 0.0
        proven = found.proven
        bound = assessment.cost if proven else min(assessment.cost, max(0.0, found.bound - penalty))
        return Proposal(assessment, bound, proven, agreed and proven, tuple(numbers), penalty, duties)


def paid(proposal: Proposal, request: PlanRequest) -> tuple[int, float]:
    """Paid driver minutes and NOK: by duties where there are any, else by trips."""
    if proposal.duties is None:
        return proposal.assessment.driver_minutes, proposal.assessment.nok
    length = km(request.scenario, proposal.assessment.trips) or 0.0
    return proposal.duties.paid_minutes, proposal.duties.nok + length * request.rates.nok_per_km
