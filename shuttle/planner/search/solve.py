"""From a question to the least cost of its model: the linear program, the search tree, the recount, and duties where they are asked for.

The model gives seats to whoever gains most and otherwise is the day as it is played, so what it proves holds of the played day. Nothing
leaves this module on a solver's word alone: costs are recounted by `domain` from the trips, every hard requirement is checked by its
plain form, trips are left out of a tree by plain arithmetic, and what is called impossible was called so by two solvers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.costs import Paid
from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.proposals import assess
from shuttle.domain.planning.rules import PlannedDay, penalty, slack
from shuttle.planner.duties.paid_time import PaidTime, Spending, duty_task
from shuttle.planner.duties.set_partitioning import DutyPlan, NoDuties, plan_duties
from shuttle.planner.model.constraints import add_requirements, measure
from shuttle.planner.model.priced_program import Programs
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import INFINITY, Program, Row, Terms
from shuttle.planner.model.seating import cheapest_with_seats
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.model.variables import add_trips, chosen
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.search.proposal import NoTimetable, Proposal
from shuttle.planner.search.shorten import shortened
from shuttle.planner.solvers import cpsat, highs, scip
from shuttle.planner.solvers.cpsat import Effort, SolverResult
from shuttle.planner.solvers.highs import Relaxed

MOST_TRIES = 40
"""Timetables that are tried before it is said that none of them can be driven."""

THRIFTY_TRIES = 8
THRIFT_MINUTES = 10.0
"""By how much less is allowed at a time, at least, when duties are paid more than the count of drivers."""

NEAR_SECONDS = 3.0
"""For a tree over the trips that the relaxation uses."""

USED = 1e-6
"""A value of the relaxation above it says that a trip is used there."""

TINY = 1e-6

Key = tuple[str, float | None]


@dataclass(kw_only=True)
class Solver:
    """One day type's question, solved again and again under the limits of a front."""

    request: PlanRequest
    problem: Problem
    clock: TimeBudget

    def __post_init__(self) -> None:
        self.program = Program()
        """The requirements alone: what can hold together, whatever it costs passengers."""
        add_trips(self.program, self.problem)
        add_requirements(self.program, self.problem)
        wanted = next((r for r in self.problem.requirements if isinstance(r, ask.DriverDuties)), None)
        self._paid_time = None
        if wanted is not None:
            profile = self.request.profiles[wanted.profile]
            self._paid_time = PaidTime(
                program=self.program, problem=self.problem, wanted=wanted, profile=profile, rates=self.request.rates
            )
        self.programs = Programs(self.problem, self.program)
        self._relaxed: dict[Key, Relaxed] = {}
        self._near: dict[Key, Sequence[int]] = {}
        self._cuts: dict[Key, list[tuple[Terms, float]]] = {}
        self._doubt: dict[Key, float] = {}

    @cached_property
    def _relaxation(self) -> highs.Relaxation:
        return highs.Relaxation(self.programs.merged)

    def relax(self, by: str, limit: float | None, clock: TimeBudget) -> Relaxed | None:
        """The linear relaxation under a limit, kept; None where nothing is known of it in time, or nothing fits."""
        key = (by, limit)
        if key not in self._relaxed:
            relaxed = self._relaxation.solve(self._limits(by, limit), clock.left)
            if relaxed is None:
                return None
            self._relaxed[key] = relaxed
        return self._relaxed[key]

    def bound(self, by: str, limit: float | None, clock: TimeBudget) -> float:
        """What no timetable stays below, cost and penalty together; without a search."""
        self.relax(by, limit, clock)
        return self.known_bound(by, limit)

    def known_bound(self, by: str, limit: float | None) -> float:
        """That of the relaxation, where it was solved."""
        relaxed = self._relaxed.get((by, limit))
        return 0.0 if relaxed is None else relaxed.bound

    def near(
        self, by: str, limit: float | None, clock: TimeBudget, start: Sequence[int] | None = None
    ) -> list[int] | None:
        """The best of the trips that the relaxation uses and those of `start` (the restricted master heuristic); None without any."""
        relaxed = self._relaxed.get((by, limit))
        if relaxed is None:
            return None
        trips = range(len(self.problem.candidates))
        unused = (number for number in trips if relaxed.values[number] <= USED and number not in (start or ()))
        program = self.programs.without(frozenset(unused))
        found = highs.solve(program, self._effort(clock.within(NEAR_SECONDS)), self._rows(by, limit))
        if found.values is None:
            return None
        numbers = chosen(self.problem, found.values)
        if self._paid_time is None and not self._breaks_on_the_day(numbers):
            self._near[by, limit] = numbers
        return numbers

    def tree(
        self, by: str, limit: float | None, clock: TimeBudget, start: Sequence[int] | None = None
    ) -> SolverResult | None:
        """The cheapest of the model in HiGHS' tree; `start`: trips that keep everything, of which those that are better are looked for.

        Trips that add more to the relaxation's bound than `start` costs are left out. May run beside another one in a second thread, after
        `relax`. None where nothing is better than the start.
        """
        relaxed, extra = self._relaxed.get((by, limit)), self._rows(by, limit)
        if start is None or relaxed is None:
            found, least = (
                highs.solve(self.programs.priced, self._effort(clock), extra),
                relaxed.bound if relaxed else -INFINITY,
            )
            return replace(found, bound=max(found.bound, least))
        start = min((start, self._near.get((by, limit), start)), key=self.model_total)
        most = self.model_total(start) + TINY * max(1.0, relaxed.bound)
        program, relaxed = self._narrowed(relaxed, most, extra, clock)
        found = highs.solve(program, self._effort(clock), extra, start=start, places=len(self.problem.candidates))
        if found.infeasible:
            return None  # no plan is better than the start; only its numbers can have been beside a cut
        return replace(found, bound=min(max(found.bound, relaxed.bound), most))

    def _narrowed(
        self, relaxed: Relaxed, most: float, extra: list[tuple[Terms, float]], clock: TimeBudget
    ) -> tuple[Program, Relaxed]:
        """The program of the trips that may be in a plan of at most so much: those that the relaxation leaves, then those that the
        relaxation of these alone leaves, whose groups are by departure."""
        closed = self._dearer(relaxed, most)
        if not closed:
            return self.programs.priced, relaxed
        program = self.programs.without(closed)
        sharper = highs.Relaxation(program, again=False).solve(extra, clock.left)
        if sharper is None:
            return program, relaxed
        return self.programs.without(closed | self._dearer(sharper, most)), sharper

    def _dearer(self, relaxed: Relaxed, most: float) -> frozenset[int]:
        """The trips that no plan of at most so much has."""
        trips = range(len(self.problem.candidates))
        return frozenset(number for number in trips if relaxed.bound + relaxed.dearer[number] > most)

    def best(
        self,
        by: str,
        limit: float | None,
        clock: TimeBudget,
        start: Sequence[int] | None = None,
        found: SolverResult | None = None,
    ) -> Proposal | NoTimetable:
        """The best trips of the model that can be driven, until the clock is over. `found`: what a tree has given already."""
        self.clock = clock
        key, most, why = (by, limit), _spending(by, limit), ""
        self.relax(by, limit, clock)
        for _ in range(MOST_TRIES):
            found = found or self.tree(by, limit, clock, start)
            if found is None:
                break
            if found.values is None:
                known = key in self._doubt
                impossible = found.infeasible and not known and self._none_fits(by, limit, clock)
                return NoTimetable(impossible=impossible, why=why, bound=0.0 if found.infeasible else found.bound)
            bound = min(found.bound, self._doubt.get(key, INFINITY))
            numbers = self._shortened(found.values)
            made = NoDuties(drivers=None) if self._breaks_on_the_day(numbers) else self._accepted(numbers, most)
            if not isinstance(made, NoDuties):
                return self._checked(numbers, made, bound)
            why = str(made)
            if made.unknown:
                self._doubt[key] = bound
            if clock.over:
                return NoTimetable(why=why, bound=bound)
            self._cut(key, numbers, most)
            found = None
        relaxed = self._relaxed.get(key)
        return NoTimetable(why=why, bound=relaxed.bound if relaxed else 0.0)

    def propose(
        self, by: str = "trips", limit: float | None = None, start: Sequence[int] | None = None
    ) -> Proposal | NoTimetable:
        """The best trips of the model within the solver's own clock."""
        return self.best(by, limit, self.clock, start)

    def agrees(self, by: str, limit: float | None, proposal: Proposal | float, clock: TimeBudget) -> bool:
        """Whether SCIP, too, finds nothing below the least of the model."""
        relaxed = self.relax(by, limit, clock)
        if relaxed is None:
            return False
        total = proposal if isinstance(proposal, float) else proposal.bound
        most = total + scip.DEARER * max(1.0, abs(total)) + TINY
        program = self.programs.without(self._dearer(relaxed, most))
        return scip.agrees(program, total, self._effort(clock), self._rows(by, limit))

    def driven(self, by: str, limit: float | None, clock: TimeBudget) -> Proposal | NoTimetable:
        """Some trips that can be driven, near the relaxation's, without a bound; or nothing, impossible where two solvers say so."""
        self.clock = clock
        most, unsure = _spending(by, limit), False
        allowed = most.tighter(self._paid_time.budgeted) if self._paid_time else most
        for _ in range(THRIFTY_TRIES):
            thrift = self._paid_time.rows(allowed) if self._paid_time else []
            found = self._near_relaxation(by, limit, thrift, clock.within(clock.left / 2))
            if found.values is None:
                tightened = unsure or allowed != (most.tighter(self._paid_time.budgeted) if self._paid_time else most)
                return NoTimetable(impossible=found.infeasible and not tightened and self._none_fits(by, limit, clock))
            numbers = self._shortened(found.values)
            duties = NoDuties(drivers=None) if self._breaks_on_the_day(numbers) else self._accepted(numbers, most)
            if not isinstance(duties, NoDuties):
                return self._checked(numbers, duties, -INFINITY)
            if clock.over or self._paid_time is None:
                break
            unsure = unsure or duties.unknown
            self._cut((by, limit), numbers, most)
            paid = self._duties(numbers, Spending(), budgeted=False)
            if isinstance(paid, DutyPlan) and allowed != Spending():
                less = max(THRIFT_MINUTES, paid.paid_minutes - allowed.minutes)
                allowed = allowed.less(less, self.request.rates)
        return NoTimetable()

    def _near_relaxation(
        self, by: str, limit: float | None, thrift: list[tuple[Terms, float]], clock: TimeBudget
    ) -> SolverResult:
        """Whole trips near the fractions of the relaxation: the rows alone say nothing of what helps passengers."""
        relaxed = self.relax(by, limit, clock)
        trips = range(len(self.problem.candidates))
        cost = {n: 1.0 - 2.0 * round(relaxed.values[n], 3) for n in trips} if relaxed else {}
        effort = Effort(clock.left, self.request.workers, self.request.seed)
        return cpsat.solve(replace(self.program, cost=cost), effort, extra=[*self._rows(by, limit), *thrift])

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

    def model_total(self, numbers: Sequence[int]) -> float:
        """What chosen trips cost in the model, with the penalty of the wishes that they break, duties aside."""
        problem, trips = self.problem, self.problem.chosen(numbers)
        assessment = assess(problem.scenario, problem.day_type, trips, problem.base, self.request.rates)
        return self._cost(trips) + penalty(assessment.verdicts)

    def _limits(self, by: str, limit: float | None) -> list[tuple[Terms, float]]:
        rows = [] if limit is None else [(measure(self.problem, by), limit + TINY)]
        return rows + (self._paid_time.rows(_spending(by, limit)) if self._paid_time else [])

    def _rows(self, by: str, limit: float | None) -> list[tuple[Terms, float]]:
        """The limit, and what keeps those trips from being chosen again that cannot be driven."""
        return [*self._limits(by, limit), *self._cuts.get((by, limit), [])]

    def _effort(self, clock: TimeBudget) -> Effort:
        return Effort(clock.left, 1, self.request.seed)

    def _cost(self, trips: list[PlannedTrip]) -> float:
        """Passenger minutes of trips in the model, without the program that was solved."""
        scenario, day_type = self.problem.scenario, self.problem.day_type
        price = passenger_cost if scenario.fleet.seats is None else cheapest_with_seats
        return price(scenario, day_type, trips)

    def _none_fits(self, by: str, limit: float | None, clock: TimeBudget) -> bool:
        """Whether a second solver, too, finds nothing that keeps every row."""
        rows = self._rows(by, limit)
        if cpsat.solve(self.program, Effort(clock.left, 1, self.request.seed), extra=rows).infeasible:
            return highs.solve(self.program, self._effort(clock), rows, feasibility_only=True).infeasible
        return scip.infeasible(self.programs.priced, self._effort(clock), rows)

    def _shortened(self, values: list[float]) -> list[int]:
        scenario, day_type = self.problem.scenario, self.problem.day_type

        def waiting(trips: list[PlannedTrip]) -> float:
            return passenger_cost(scenario, day_type, trips)

        costs = [waiting] if scenario.fleet.seats is None else [waiting, self._cost]
        return shortened(self.problem, chosen(self.problem, values), *costs)

    def _accepted(self, numbers: list[int], most: Spending) -> DutyPlan | NoDuties | None:
        """Duties for trips, None where none are asked for or lacking them is a wish's breach."""
        duties = self._duties(numbers, most)
        wish = self._paid_time is not None and not self._paid_time.wanted.hard
        return None if wish and isinstance(duties, NoDuties) else duties

    def _breaks_on_the_day(self, numbers: list[int]) -> bool:
        """Whether more are left behind, as the day is simulated, than a hard requirement allows."""
        problem, rooms = self.problem, [r for r in self.problem.requirements if isinstance(r, ask.Room) and r.hard]
        plan = PlannedDay(
            scenario=problem.scenario,
            day_type=problem.day_type,
            trips=tuple(problem.chosen(numbers)),
            base=problem.base,
        )
        return any(slack(plan, room) < -TINY for room in rooms)

    def _cut(self, key: Key, numbers: list[int], most: Spending) -> None:
        """These trips are not chosen again; where duties are what they lack, with all that hold them where that is sure."""
        if self._paid_time is None or self._breaks_on_the_day(numbers):
            here = set(numbers)
            terms = [(n, 1.0 if n in here else -1.0) for n in range(len(self.problem.candidates))]
            cut: tuple[Terms, float] = (terms, float(len(numbers) - 1))
        else:
            effort = Effort(min(5.0, self.clock.left), 1, self.request.seed)
            cut = self._paid_time.cut(numbers, most, effort)
        self._cuts.setdefault(key, []).append(cut)

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

    def _checked(self, numbers: list[int], duties: DutyPlan | NoDuties | None, bound: float) -> Proposal:
        """Recount and check without the solver. Raises AssertionError where the two disagree: then nothing is proposed."""
        problem = self.problem
        made = duties if isinstance(duties, DutyPlan) else None
        paid = Paid(made.paid_minutes, made.nok) if made else None
        trips = problem.chosen(numbers)
        assessment = assess(problem.scenario, problem.day_type, trips, problem.base, self.request.rates, paid)
        cost, broken_wishes = self._cost(trips), penalty(assessment.verdicts)
        if self._paid_time is not None and made is None:
            broken_wishes += self._paid_time.wanted.weight
        total = cost + broken_wishes
        assert bound <= total + 1e-4 * max(1.0, total), f"the recount is {total}, less than the bound {bound}"
        broken = [v.requirement.name for v in assessment.verdicts if v.requirement.hard and not v.met]
        assert not broken, f"the solver's trips break {broken}"
        return Proposal(
            assessment=assessment,
            numbers=tuple(numbers),
            cost=cost,
            bound=min(bound, total),
            penalty=broken_wishes,
            duties=made,
        )


def _spending(by: str, limit: float | None) -> Spending:
    if limit is None or by == "trips":
        return Spending()
    return Spending(nok=limit) if by == "nok" else Spending(minutes=limit * 60)
