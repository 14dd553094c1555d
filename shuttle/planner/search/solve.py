"""From a problem to proven trips: both provers, the independent recount, and duties where they are asked for.

Nothing leaves this module on a solver's word alone. The cost is recomputed by `domain` from the trips; every hard requirement
is checked by its plain form; that nothing is possible is believed when both provers say so.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.costs import Paid
from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.proposals import Assessment, assess
from shuttle.domain.planning.rules import PlannedDay, slack
from shuttle.planner.duties.paid_time import PaidTime, Spending, duty_task
from shuttle.planner.duties.set_partitioning import DutyPlan, NoDuties, plan_duties
from shuttle.planner.model.constraints import add_requirements, measure
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import INFINITY, Program, Row, Terms
from shuttle.planner.model.seat_costs import SeatCosts
from shuttle.planner.model.seating import cheapest_with_seats
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.model.variables import add_trips, chosen
from shuttle.planner.model.waiting_costs import WaitingCosts
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.search.shorten import shortened
from shuttle.planner.solvers import cpsat
from shuttle.planner.solvers.cpsat import Effort, SolverResult, Watch
from shuttle.planner.solvers.optimum import Optimiser
from shuttle.planner.solvers.seat_tree import SeatTree

MOST_TRIES = 40
"""Timetables that are tried before it is said that none of them can be driven."""

THRIFTY_TRIES = 8
THRIFT_MINUTES = 10.0
"""By how much less is allowed at a time, at least, when duties are paid more than the count of drivers."""

TINY = 1e-6


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Trips with their assessment and what the provers said of them.

    `duties` None: none were asked for. `with_seats`: the passenger cost with seats, None where nobody is left behind without.
    """

    assessment: Assessment
    bound: float
    proven: bool
    crosschecked: bool
    numbers: tuple[int, ...]
    penalty: float = 0.0
    duties: DutyPlan | None = None
    with_seats: float | None = None

    @property
    def cost(self) -> float:
        """Passenger minutes in the model that was solved."""
        return self.assessment.cost if self.with_seats is None else self.with_seats

    @property
    def total(self) -> float:
        """With the penalty of the wishes that are broken: what was minimised."""
        return self.cost + self.penalty


@dataclass(frozen=True)
class NoTimetable:
    """No proposal: proven impossible, or the time was over."""

    impossible: bool
    why: str = ""


@dataclass(kw_only=True)
class Solver:
    """One day type's program with everything needed to solve it again and again, each time hinted by the last.

    `with_seats`: whether the seats are part of it; who asks leaves that to `propose`. `crosscheck`: whether a second prover is asked at
    once, or later by `agrees`.
    """

    request: PlanRequest
    problem: Problem
    clock: TimeBudget
    watch: Watch = cpsat.QUIET
    with_seats: bool = False
    crosscheck: bool = True

    def __post_init__(self) -> None:
        self.program = Program()
        add_trips(self.program, self.problem)
        seats = SeatCosts(self.program, self.problem).pay(self.program) if self.with_seats else None
        waiting = seats or WaitingCosts(self.program, self.problem).pay(self.program)
        add_requirements(self.program, self.problem)
        wanted = next((r for r in self.problem.requirements if isinstance(r, ask.DriverDuties)), None)
        self._paid_time = None
        if wanted is not None:
            profile = self.request.profiles[wanted.profile]
            self._paid_time = PaidTime(
                program=self.program, problem=self.problem, wanted=wanted, profile=profile, rates=self.request.rates
            )
        trips = len(self.problem.candidates)
        tree = SeatTree(self.program, seats) if seats else None
        self._optimiser = Optimiser(
            program=self.program,
            waiting=waiting,
            trips=trips,
            workers=self.request.workers,
            seed=self.request.seed,
            tree=tree,
        )
        self._hint: list[float] | None = None

    def propose(self, by: str = "trips", limit: float | None = None, share: float = 1.0) -> Proposal | NoTimetable:
        """The best trips, with duties if a requirement asks for them. `limit`: at most so many `trips`, `driver_hours`, `nok`.

        Solved without seats first; only where somebody is then left behind again with them. What takes long (seats, and
        duties that are too dear or impossible) gets at most a `share` of the time that is left.
        """
        found = self._best(by, limit, share)
        if isinstance(found, NoTimetable) or self.with_seats or not found.assessment.leaves_somebody_behind:
            return found
        priced = replace(
            found, proven=False, crosschecked=False, with_seats=self._cost(list(found.assessment.trips), True)
        )
        self.seated.start_from(found.numbers)
        seated = self.seated.propose(by, limit, share)
        if isinstance(seated, NoTimetable) or seated.cost + seated.penalty > priced.cost + priced.penalty + TINY:
            return priced
        return replace(seated, bound=max(seated.bound, min(seated.cost, found.bound)))

    @cached_property
    def seated(self) -> "Solver":
        """The same question with seats."""
        return Solver(
            request=self.request,
            problem=self.problem,
            clock=self.clock,
            watch=self.watch,
            with_seats=True,
            crosscheck=self.crosscheck,
        )

    def start_from(self, numbers: Sequence[int]) -> None:
        """Where to begin looking: trips that another search of the same question found."""
        here = set(numbers)
        self._hint = [float(number in here) for number in range(len(self.problem.candidates))]

    def best(self, by: str, limit: float | None, clock: TimeBudget) -> Proposal | NoTimetable:
        """The best trips of this solver's own model, until the clock is over."""
        self.clock = clock
        return self._best(by, limit, 1.0)

    def bound(self, by: str, limit: float | None, clock: TimeBudget) -> float:
        """What no timetable stays below, cost and penalty together; without a search."""
        return self._optimiser.bound(lambda: clock.left, self._limits(by, limit))

    def agrees(self, total: float, by: str, limit: float | None, clock: TimeBudget) -> bool:
        """Whether another prover, too, finds nothing below what was proven to be the least of this model."""
        return self._optimiser.agrees(total, lambda: clock.left, self._limits(by, limit))

    def driven(self, by: str, limit: float | None, clock: TimeBudget) -> Proposal | NoTimetable:
        """Some trips that can be driven, as good as they come soon, without a bound; or nothing, impossible where both provers say so."""
        self.clock = clock
        most, rows, unsure = _spending(by, limit), self._limits(by, limit), False
        for _ in range(THRIFTY_TRIES):
            found = self._optimiser.some(Effort(clock.left / 2, self.request.workers, self.request.seed), rows)
            if found.values is None:
                impossible = found.infeasible and not unsure and self._optimiser.is_impossible(found, clock.left, rows)
                return NoTimetable(impossible)
            numbers = self._shortened(found.values)
            duties = self._duties(numbers, most)
            if isinstance(duties, DutyPlan):
                return self._checked(found, False, numbers, duties)
            if clock.over or self._paid_time is None or duties is None:
                break
            unsure = unsure or duties.unknown
            rows.append(self._paid_time.cut(numbers, most, Effort(clock.left, 1, self.request.seed)))
        return NoTimetable(impossible=False)

    def drive(
        self, numbers: Sequence[int], by: str, limit: float | None, clock: TimeBudget
    ) -> DutyPlan | NoDuties | None:
        """Duties for chosen trips, within the limit and the budgets; None where none are asked for."""
        self.clock = clock
        return self._duties(list(numbers), _spending(by, limit))

    def with_limit(self, by: str, most: float, name: str) -> Program:
        """The program with a limit of the front among its requirements."""
        rows = [Row(tuple(terms), -INFINITY, high, name) for terms, high in self._limits(by, most)]
        return replace(self.program, rows=[*self.program.rows, *rows])

    def takes(self, by: str) -> Terms:
        """What is taken of what a front is drawn by: where duties are asked for, what they take at least."""
        if by == "driver_hours" and self._paid_time is not None and self._paid_time.wanted.hard:
            return [(number, minutes / 60) for number, minutes in self._paid_time.paid_minutes]
        return measure(self.problem, by)

    def _limits(self, by: str, limit: float | None) -> list[tuple[Terms, float]]:
        rows = [] if limit is None else [(measure(self.problem, by), limit + TINY)]
        return rows + (self._paid_time.rows(_spending(by, limit)) if self._paid_time else [])

    def _cost(self, trips: list[PlannedTrip], with_seats: bool) -> float:
        """Passenger minutes of trips, without the program that was solved."""
        scenario, day_type = self.problem.scenario, self.problem.day_type
        price = cheapest_with_seats if with_seats else passenger_cost
        return price(scenario, day_type, trips)

    def _best(self, by: str, limit: float | None, share: float) -> Proposal | NoTimetable:
        most = _spending(by, limit)
        rows = self._limits(by, limit)
        ends = time.monotonic() + share * self.clock.left
        best: Proposal | None = None
        why, floor, doubt = "", 0.0, INFINITY
        for _ in range(MOST_TRIES):
            found, agreed = self._prove(rows, ends if self.with_seats else self.clock.ends)
            if found.values is None and (not found.infeasible or doubt < INFINITY):
                break
            if found.values is None:
                return _proven(best, agreed) if best else NoTimetable(agreed)
            floor = max(floor, min(found.bound, doubt))
            if best and floor >= best.cost + best.penalty - TINY * max(1.0, best.cost):
                return _proven(best, agreed)
            numbers = self._shortened(found.values)
            duties = self._duties(numbers, most)
            if not isinstance(duties, NoDuties):
                driven = self._checked(found, agreed and found.cost <= doubt, numbers, duties)
                return driven if found.cost <= doubt else _bounded(driven, floor)
            why = str(duties)
            doubt = min(doubt, found.cost) if duties.unknown else doubt
            best = best or self._undriven(found, agreed, numbers) or self._thriftier(rows, numbers, most)
            if self.clock.over or time.monotonic() > ends:
                break
            if self._paid_time is not None:
                rows.append(self._paid_time.cut(numbers, most, Effort(min(5.0, self.clock.left), 1, self.request.seed)))
        if best is None:
            return NoTimetable(impossible=False, why=why)
        return _bounded(best, floor)

    def _thriftier(self, rows: list[tuple[Terms, float]], numbers: list[int], most: Spending) -> Proposal | None:
        """Trips that can be driven, not proven best: the count of drivers is allowed less and less until their duties fit."""
        if self._paid_time is None:
            return None
        allowed = most.tighter(self._paid_time.budgeted)
        for _ in range(THRIFTY_TRIES):
            duties = self._duties(numbers, Spending(), budgeted=False)
            if not isinstance(duties, DutyPlan) or self.clock.over:
                return None
            allowed = allowed.less(max(THRIFT_MINUTES, duties.paid_minutes - allowed.minutes), self.request.rates)
            found, agreed = self._prove([*rows, *self._paid_time.rows(allowed)], self.clock.ends)
            if found.values is None:
                return None
            numbers = self._shortened(found.values)
            fitting = self._duties(numbers, most)
            if isinstance(fitting, DutyPlan):
                return self._checked(found, agreed, numbers, fitting)
        return None

    def _shortened(self, values: list[float]) -> list[int]:
        models = (False, True) if self.with_seats else (False,)
        costs = (partial(self._cost, with_seats=seats) for seats in models)
        return shortened(self.problem, chosen(self.problem, values), *costs)

    def _undriven(self, found: SolverResult, agreed: bool, numbers: list[int]) -> Proposal | None:
        """Trips without duties, at the price of the wish for duties; None where duties are not a wish."""
        if self._paid_time is None or self._paid_time.wanted.hard:
            return None
        without = self._checked(found, agreed, numbers, None)
        return replace(without, penalty=without.penalty + self._paid_time.wanted.weight)

    def _prove(self, rows: list[tuple[Terms, float]], ends: float) -> tuple[SolverResult, bool]:
        """What was found under further rows until `ends`, and whether both provers agree on it."""
        clock = TimeBudget(min(ends, self.clock.ends), self.clock.stop)
        found, agreed = self._optimiser.prove(lambda: clock.left, rows, self._hint, self.watch, self.crosscheck)
        if found.values is not None:
            self._hint = found.values
        return found, agreed

    def _duties(self, numbers: list[int], most: Spending, budgeted: bool = True) -> DutyPlan | NoDuties | None:
        if self._paid_time is None:
            return None
        most = most.tighter(self._paid_time.budgeted) if budgeted else most
        wanted, profile = self._paid_time.wanted, self._paid_time.profile
        task = duty_task(self.problem, wanted, profile, self.problem.chosen(numbers), most)
        try:
            return plan_duties(task, Effort(min(20.0, self.clock.left), self.request.workers, self.request.seed))
        except Unavailable:
            return NoDuties(drivers=task.drivers, unknown=True)

    def _checked(self, found: SolverResult, agreed: bool, numbers: list[int], duties: DutyPlan | None) -> Proposal:
        """Recount and check without the solver. Raises AssertionError where the two disagree: then nothing is proposed."""
        problem = self.problem
        paid = Paid(duties.paid_minutes, duties.nok) if duties else None
        trips = problem.chosen(numbers)
        assessment = assess(problem.scenario, problem.day_type, trips, problem.base, self.request.rates, paid)
        cost = self._cost(trips, self.with_seats)
        penalty = found.cost - cost
        soft = any(not requirement.hard for requirement in problem.requirements)
        tolerance = 1e-4 * max(1.0, cost)
        assert penalty >= -tolerance, f"the recount is {cost}, the solver says {found.cost}"
        assert soft or not found.proven or penalty <= tolerance, f"the solver says {found.cost}, the recount {cost}"
        broken = [v.requirement.name for v in assessment.verdicts if v.requirement.hard and not v.met]
        assert not broken, f"the solver's trips break {broken}"
        dearer = self._price_of_paid_time(assessment, trips) if paid else 0.0
        penalty = max(0.0, penalty) + dearer if soft else 0.0
        proven = found.proven and dearer <= tolerance
        bound = cost if proven else min(cost, max(0.0, found.bound - penalty))
        with_seats = cost if self.with_seats else None
        return Proposal(
            assessment=assessment,
            bound=bound,
            proven=proven,
            crosschecked=agreed and proven,
            numbers=tuple(numbers),
            penalty=penalty,
            duties=duties,
            with_seats=with_seats,
        )

    def _price_of_paid_time(self, assessment: Assessment, trips: list[PlannedTrip]) -> float:
        """What wishes about a budget cost more by the duties' pay than by the trips', which is what the provers saw."""
        problem = self.problem
        by_trips = PlannedDay(
            scenario=problem.scenario,
            day_type=problem.day_type,
            trips=tuple(trips),
            base=problem.base,
            costs=self.request.rates,
        )
        return sum(
            verdict.requirement.weight * (max(0.0, -verdict.slack) - max(0.0, -slack(by_trips, verdict.requirement)))
            for verdict in assessment.verdicts
            if isinstance(verdict.requirement, ask.Budget) and not verdict.requirement.hard
        )


def _bounded(best: Proposal, floor: float) -> Proposal:
    """Not proven: no timetable's cost and penalty stay below `floor`."""
    return replace(best, proven=False, crosschecked=False, bound=max(0.0, min(best.cost, floor - best.penalty)))


def _proven(best: Proposal, agreed: bool) -> Proposal:
    return replace(best, proven=True, crosschecked=agreed, bound=best.cost)


def _spending(by: str, limit: float | None) -> Spending:
    if limit is None or by == "trips":
        return Spending()
    return Spending(nok=limit) if by == "nok" else Spending(minutes=limit * 60)
