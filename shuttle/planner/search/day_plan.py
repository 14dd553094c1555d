"""One day type while it is planned: its alternatives, and the steps that make them better or their bounds higher.

Each step does a little and comes back; `run.py` decides which is next. What one alternative learns the others hear: a timetable
that keeps a smaller limit keeps the larger ones, and what no timetable stays below under a larger limit none stays below under a
smaller one.
"""

from collections.abc import Sequence
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.duties.duty import trip_works
from shuttle.domain.duties.greedy_duties import rules_in_the_way
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.costs import Paid
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.proposals import assess
from shuttle.domain.planning.scenario import Stops
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.time_budget import TimeBudget, Work
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.search.admissible import Admissible, Limit
from shuttle.planner.search.all_sets import best_of_all_sets, is_small
from shuttle.planner.search.day_costs import DayCosts
from shuttle.planner.search.exchange import Choice, Exchange
from shuttle.planner.search.first_choice import first_choice, todays_trips
from shuttle.planner.search.pareto_front import Point, limits_of, spent, undominated
from shuttle.planner.search.shorten import shortened
from shuttle.planner.search.standing import Incumbent, Standing

if TYPE_CHECKING:
    from shuttle.planner.duties.set_partitioning import DutyPlan, NoDuties
    from shuttle.planner.search.proposal import Proposal
    from shuttle.planner.search.solve import Solver
    from shuttle.planner.solvers.cpsat import SolverResult

TINY = 1e-6

DUTY_EFFORT = 3.0
"""Seconds for the duties of a timetable that a search came upon."""

DRIVEN_EFFORT = 6.0
"""Seconds for a first timetable that can be driven, where the search came upon none."""

NEAR_SEARCH = 0.3
"""Seconds of the processor for a search from trips near those of the relaxation."""

TREE_SEARCH, LAST_SEARCH = 1.0, 2.5
"""Seconds of the processor for a search from the trips of a tree that was stopped, and for the one that ends an alternative."""


class DayPlan:
    """`starts`: timetables that an earlier run ended with, to begin from."""

    def __init__(
        self,
        request: PlanRequest,
        day_type: str,
        clock: TimeBudget,
    ) -> None:
        self.request, self.day_type, self.clock = request, day_type, clock
        self.problem = Problem(request.scenario, day_type, request.bases.get(day_type, ()), request.rates)
        self.by = request.scenario.front.by if request.scenario.front else "trips"
        self.standings = [Standing(limit=limit) for limit in limits_of(request.scenario.front)]
        self._random = Random(request.seed)
        self._duties: dict[tuple[tuple[int, ...], float | None], DutyPlan | NoDuties | None] = {}

    @cached_property
    def admissible(self) -> Admissible:
        return Admissible(self.problem)

    @cached_property
    def exchange(self) -> Exchange:
        return Exchange(DayCosts(self.problem), self.admissible)

    @cached_property
    def solver(self) -> "Solver":
        """The provers; loading and building them takes longer than a first answer, which does without."""
        from shuttle.planner.search.solve import Solver

        return Solver(request=self.request, problem=self.problem, clock=self.clock)

    @property
    def wanted_duties(self) -> ask.DriverDuties | None:
        return next((r for r in self.problem.requirements if isinstance(r, ask.DriverDuties)), None)

    @property
    def points(self) -> list[Point[Incumbent]]:
        """The front as it stands: no dominated alternative; those that cannot be driven only where no other is there."""
        best = [(each.limit, each.best) for each in self.standings if each.best is not None and not each.impossible]
        driven = [(limit, incumbent) for limit, incumbent in best if incumbent.driven]
        shown = driven or best
        return undominated([Point(each, limit, spent(each.assessment, self.by)) for limit, each in shown])

    def limit(self, standing: Standing) -> Limit | None:
        return self.admissible.limit(self.by, standing.limit)

    def begin(self, standing: Standing, work: Work) -> None:
        """A first timetable, and as much better by exchange as the work allows."""
        starts = [*self._earlier, *(each.best.numbers for each in self.standings if each.best)]
        starts.append(todays_trips(self.admissible))
        choice = first_choice(self.exchange, self.limit(standing), starts, work, self.request.seed)
        if isinstance(choice, Choice):
            self.consider(standing, self.exchange.descend(choice, self.limit(standing), work))
        self._lift(standing, self._quick_bound(standing))

    def _quick_bound(self, standing: Standing) -> float:
        """Without a solver, so that there is one from the start, whatever the time limit."""
        limit = self.limit(standing)
        everything = range(len(self.problem.candidates))
        most = limit.trips if limit else len(everything)
        evenly = everything[:: max(1, len(everything) // max(1, most))]
        known = [standing.best.numbers] if standing.best else []
        return max(self.exchange.costs.least(numbers, most) for numbers in ((), everything, evenly, *known))

    def search(self, standing: Standing, work: Work, also: Sequence[int] = ()) -> None:
        """Exchange from the best so far, and from `also`."""
        limit = self.limit(standing)
        starts = [*([standing.best.numbers] if standing.best else []), *([tuple(also)] if also else [])]
        choices = [choice for each in starts if (choice := self.exchange.priced(each, limit)) is not None]
        if not choices:
            return
        descended = [self.exchange.descend(choice, limit, work) for choice in choices]
        best = min(descended, key=lambda choice: choice.total)
        self.consider(standing, best)
        self.consider(standing, self._tidied(self.exchange.improve(best, limit, work, self._random), limit))

    def try_all(self, standing: Standing, clock: TimeBudget) -> None:
        """Of a small question without duties every set of trips, as played: then nothing is left to prove."""
        if not is_small(self.exchange) or self.wanted_duties is not None:
            return
        start = self.exchange.priced(standing.best.numbers, self.limit(standing)) if standing.best else None
        best, complete = best_of_all_sets(self.exchange, self.limit(standing), start, clock)
        if best is not None:
            self.consider(standing, best)
            if complete:
                standing.raise_bound(best.total)

    def relax(self, standing: Standing, clock: TimeBudget) -> list[int] | None:
        """The linear program of the day type, and trips near its solution. May run in a thread; `bound` takes what it gives."""
        bound = self.solver.bound(self.by, standing.limit, clock)
        if standing.proves(max(bound, standing.bound)):
            return None
        return self.solver.near(self.by, standing.limit, clock, self._start(standing))

    def bound(self, standing: Standing, clock: TimeBudget, near: Sequence[int] | None) -> None:
        """What nothing stays below, after `relax`, and a better timetable near its solution."""
        self._lift(standing, self.solver.known_bound(self.by, standing.limit))
        if not standing.proven and near is not None:
            self.search(standing, Work(clock, NEAR_SEARCH), near)
        if self.wanted_duties is not None and not (standing.best and standing.best.driven):
            from shuttle.planner.search.proposal import Proposal

            driven = self.solver.driven(self.by, standing.limit, self.clock.within(DRIVEN_EFFORT))
            if isinstance(driven, Proposal):
                self._offer(standing, driven)
            elif driven.impossible:
                self._give_up(standing)

    def tree(self, standing: Standing, clock: TimeBudget) -> "SolverResult | None":
        """The model's search tree, which may run in a thread; `prove` takes what it gives."""
        return self.solver.tree(self.by, standing.limit, clock, self._start(standing))

    def _start(self, standing: Standing) -> tuple[int, ...] | None:
        return standing.best.numbers if standing.best is not None and standing.best.driven else None

    def prove(self, standing: Standing, clock: TimeBudget, found: "SolverResult | None" = None) -> None:
        """The least of the model. Where it is proven, `end` has the last word."""
        from shuttle.planner.search.proposal import Proposal

        best = self.solver.best(self.by, standing.limit, clock, self._start(standing), found)
        self._lift(standing, best.bound)
        if not isinstance(best, Proposal):
            if best.impossible and not (standing.best and standing.best.driven):
                self._give_up(standing)
            return
        self._offer(standing, best)
        if best.proven:
            standing.modelled, standing.optimum = True, best.numbers
        elif not standing.proven:
            self.search(standing, Work(self.clock, TREE_SEARCH), best.numbers)

    def end(self, standing: Standing) -> None:
        """A last search from the trips of the model's optimum: the played day may have something better."""
        self.search(standing, Work(self.clock, LAST_SEARCH), standing.optimum)
        standing.searched = not self.clock.over

    def _give_up(self, standing: Standing) -> None:
        """There is none; what a limit does not allow a smaller one does not."""
        for other in self.standings[: self.standings.index(standing) + 1]:
            other.impossible = True

    def confirm(self, standing: Standing, clock: TimeBudget) -> None:
        """The second opinion on a bound that is the optimum of the model."""
        standing.confirmed = self.solver.agrees(self.by, standing.limit, standing.bound, clock)

    def consider(self, standing: Standing, choice: Choice) -> bool:
        """Whether it is better than what is there; then it is, and for the other limits that it keeps, too."""
        best = standing.best
        if best is not None and best.driven and choice.total >= best.total - TINY:
            return False
        return self._adopt(standing, self._incumbent(standing, choice))

    def _offer(self, standing: Standing, found: "Proposal") -> None:
        """What a prover found, with the duties that it found for it."""
        choice = self.exchange.priced(found.numbers, self.limit(standing) if self.wanted_duties is None else None)
        if choice is None:
            raise AssertionError(f"the prover's trips {found.numbers} break what must hold")
        if self.wanted_duties is not None and found.duties is not None:
            self._duties[choice.numbers, self._key(standing)] = found.duties
        self.consider(standing, choice)

    def _incumbent(self, standing: Standing, choice: Choice) -> Incumbent:
        wanted, duties = self.wanted_duties, self._drive(standing, choice.numbers)
        paid = Paid(duties.paid_minutes, duties.nok) if duties else None
        problem = self.problem
        trips = problem.chosen(choice.numbers)
        assessment = assess(problem.scenario, problem.day_type, trips, problem.base, problem.rates, paid)
        penalty = sum(v.requirement.weight * max(0.0, -v.slack) for v in assessment.verdicts if not v.requirement.hard)
        undriven = wanted is not None and duties is None
        if undriven and wanted is not None and not wanted.hard:
            penalty, undriven = penalty + wanted.weight, False
        broken = [v.requirement.name for v in assessment.verdicts if v.requirement.hard and not v.met]
        breaks = self._rules_in_the_way(trips) if undriven else ()
        return Incumbent(
            choice=choice,
            assessment=assessment,
            penalty=penalty,
            duties=duties,
            driven=not undriven and not broken,
            breaks=(*breaks, *broken),
        )

    def _rules_in_the_way(self, trips: Sequence[PlannedTrip]) -> tuple[str, ...]:
        """Of the rules for duties; the name of the requirement where the simplest duties break none of them."""
        wanted = self.wanted_duties
        assert wanted is not None
        works = trip_works((trip.busy_from, trip.back, trip.busy_until) for trip in trips)
        profile = self.request.profiles[wanted.profile]
        return rules_in_the_way(works, profile, wanted.drivers, wanted.two_on_board_after) or (wanted.name,)

    def _drive(self, standing: Standing, numbers: tuple[int, ...]) -> "DutyPlan | None":
        if self.wanted_duties is None:
            return None
        from shuttle.planner.duties.set_partitioning import DutyPlan

        key = (numbers, self._key(standing))
        if key not in self._duties:
            self._duties[key] = self.solver.drive(numbers, self.by, standing.limit, self.clock.within(DUTY_EFFORT))
            self.solver.clock = self.clock
        made = self._duties[key]
        return made if isinstance(made, DutyPlan) else None

    def _key(self, standing: Standing) -> float | None:
        """Under which limit duties are looked for: one on trips is none on them."""
        return None if self.by == "trips" else standing.limit

    def _adopt(self, standing: Standing, incumbent: Incumbent) -> bool:
        takes = spent(incumbent.assessment, self.by)
        better = incumbent.betters(standing.best)
        for other in self.standings:
            keeps = other is standing or other.limit is None or takes <= other.limit + TINY
            if keeps and incumbent.betters(other.best):
                other.best, other.impossible = incumbent, False
        return better

    def _lift(self, standing: Standing, bound: float) -> bool:
        """Also for the smaller limits."""
        raised = standing.raise_bound(bound)
        for other in self.standings:
            if other.limit is not None and standing.limit is not None and other.limit <= standing.limit:
                other.raise_bound(bound)
        return raised

    def _tidied(self, choice: Choice, limit: Limit | None) -> Choice:
        """Without detours that serve nobody."""
        costs, places = self.exchange.costs, self._places

        def played(trips: list[PlannedTrip]) -> float:
            return costs.played([places[trip.stops, trip.departs] for trip in trips])

        shorter = shortened(self.problem, list(choice.numbers), played)
        return self.exchange.priced(shorter, limit) or choice

    @cached_property
    def _places(self) -> dict[tuple[Stops, Minute], int]:
        return {(trip.stops, trip.departs): number for number, trip in enumerate(self.problem.candidates)}

    @cached_property
    def _earlier(self) -> list[list[int]]:
        several = self.request.starts.get(self.day_type, ())
        return [[self._places[t] for t in trips] for trips in several if all(t in self._places for t in trips)]
