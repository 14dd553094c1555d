"""A run from its first timetables to the last proof: which alternative is worked on next, and what is told of it.

First every alternative of every day type gets a timetable, played and priced, without any proof. Then come bounds, by one linear
program a day type; then trees, always where the gap is widest, one day type after the other; the second opinion; and at last what
the proposals are held against. Nothing waits for the end: each improvement is told at once, so that whatever ends a run (its
limit, a cancel, a kill) leaves what was found. What goes wrong with one alternative costs no other.
"""

import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, cast

from shuttle.domain.planning.result import PlanResult
from shuttle.planner.model.time_budget import TimeBudget, Work
from shuttle.planner.process.empty_result import outline
from shuttle.planner.process.job_pool import Job, JobPool
from shuttle.planner.process.request import Document, PlanRequest, Progress
from shuttle.planner.process.result import DayTypeResultBuilder
from shuttle.planner.search.day_plan import DayPlan
from shuttle.planner.search.pareto_front import knee_point
from shuttle.planner.search.standing import Standing

if TYPE_CHECKING:
    from shuttle.planner.search.explain import Explanation
    from shuttle.planner.solvers.cpsat import SolverResult

Telling = Callable[[Progress], None]
Folding = Callable[[Document], None]

FIRST_WORK, SEARCH_WORK, LATER_WORK = 0.4, 0.15, 0.5
"""Seconds of the processor for an alternative's first timetable, for each round of the search after it, and for one after the bounds."""

LEAST_SLICE, BOUND_SLICE, OPINION_SLICE = 30.0, 30.0, 30.0
"""Seconds for a tree at its first visit (it begins anew each time, and gets twice as many), for a bound, for a second opinion; more
where the machine is busy (`_slice`)."""

TREE_SHARE = 0.92
"""Of the time that is left, for a tree at most: what it has proven when it is stopped is taken in before the limit."""

RESERVE, RESERVED_SHARE = 1.5, 0.1
"""Seconds before the limit at which proofs end, at most and as a share of the limit: for the figures of what was found."""

INFINITY = float("inf")

ENOUGH = 10.0
"""Seconds that must be left for the figures to be made before the trees; they are made anew after them for what is new."""

LOOK_SECONDS = 0.1
"""How often it is looked whether a run is asked to end, while trees run."""

Where = tuple[DayTypeResultBuilder, Standing]


def answer(
    request: PlanRequest,
    tell: Telling,
    stop: Callable[[], bool],
    fold: Folding = lambda _part: None,
    first_done: Callable[[], None] = lambda: None,
) -> PlanResult:
    """Solve every day type of the scenario. `tell` hears of progress; `fold` of the parts of the document that have changed;
    `first_done` when every alternative has had its first turn. `stop` is asked whether to end with what there is."""
    run = Run(request, tell, stop, fold)
    run.begin()
    first_done()
    run.prove()
    return run.document()


class Run:
    def __init__(self, request: PlanRequest, tell: Telling, stop: Callable[[], bool], fold: Folding) -> None:
        self.request, self.tell, self._fold = request, tell, fold
        self.began = time.monotonic() if request.began is None else request.began
        self.processor = time.process_time()
        limit = request.time_limit
        self.end = TimeBudget(self.began + limit, stop)
        self.clock = TimeBudget(self.began + limit - min(RESERVE, RESERVED_SHARE * limit), stop)
        self.first_clock = TimeBudget(INFINITY, stop)  # on a starved machine a first answer comes late rather than not
        self.phase = "first"
        self.at: Where | None = None
        self.days = [
            DayTypeResultBuilder(DayPlan(request, day_type, self.clock)) for day_type in request.scenario.day_types
        ]
        self.explained: list[Explanation] = []

    def begin(self) -> None:
        """A timetable for every alternative, the day types in turn."""
        turns = zip_longest(*([(day, each) for each in day.plan.standings] for day in self.days))
        for where in (each for turn in turns for each in turn if each is not None):
            self._step(where, "first", self._first, self.first_clock)
        self._fold_all()

    def _first(self, day: DayTypeResultBuilder, standing: Standing) -> None:
        day.plan.exchange  # noqa: B018  its tables are made before the work is measured
        day.plan.begin(standing, Work(self.first_clock, FIRST_WORK))

    def prove(self) -> None:
        """Everything else, in its order."""
        self._explain()
        for where in self._everywhere():
            if not where[1].impossible:
                self._step(where, "search", lambda day, each: day.plan.try_all(each, self.clock.within(BOUND_SLICE)))
        self._bound()
        self._explain()
        self._fold_all()
        self._trees()
        self._explain()
        self._confirm()
        self._weigh()
        self._look_back()

    def _confirm(self) -> None:
        """The second opinion, on what is proven first: it takes less."""
        for day, standing in sorted(self._everywhere(), key=lambda where: not where[1].proven):
            if (standing.proven or standing.modelled) and not standing.impossible:
                clock = self.clock.within(min(self._slice(OPINION_SLICE), self.clock.left / 2))
                confirm = lambda day, standing, clock=clock: day.plan.confirm(standing, clock)  # noqa: E731
                self._step((day, standing), "second_opinion", confirm)

    def _bound(self) -> None:
        """One linear program a day type, the largest limit first; those of two day types run side by side, and the search beside them."""
        pool: JobPool[Where, list[int]] = JobPool(self.request.workers)
        beside = self._beside(SEARCH_WORK, rounds=2)
        smallest = sorted(self.days, key=lambda day: len(day.plan.problem.demand))
        waiting = {id(day): [each for each in day.plan.standings if not each.settled] for day in smallest}
        while not self.clock.over:
            for day in smallest:
                if waiting[id(day)] and all(job.of[0] is not day for job in pool.jobs):
                    self._relax(pool, day, waiting[id(day)].pop())
            if not pool.jobs:
                return
            if next(beside, None) is None:
                pool.wait(LOOK_SECONDS)
            for job in pool.ended():
                take = lambda day, standing, near=job.result: day.plan.bound(standing, self.clock, near)  # noqa: E731
                self._step(job.of, "bounds", take)

    def _relax(self, pool: JobPool[Where, list[int]], day: DayTypeResultBuilder, standing: Standing) -> None:
        day.plan.solver  # noqa: B018  made here, since the search beside may ask it for duties
        self._enter("bounds", (day, standing))
        solve = lambda clock: day.plan.relax(standing, clock)  # noqa: E731
        pool.start(Job((day, standing), self.clock), lambda: self._slice(BOUND_SLICE), solve)

    def document(self) -> PlanResult:
        """The whole answer as it stands."""
        parts = {"day_types": {day.plan.day_type: day.document() for day in self.days}}
        return cast(PlanResult, {**outline(self.request), **self._head(), **parts})

    @property
    def status(self) -> str:
        if any(explanation.conflicts for explanation in self.explained):
            return "infeasible"
        standings = [standing for day in self.days for standing in day.plan.standings]
        if any(all(each.impossible for each in day.plan.standings) for day in self.days):
            return "infeasible"
        return "solved" if all(standing.settled for standing in standings) else "out_of_time"

    def _everywhere(self, largest_first: bool = False) -> Iterator[Where]:
        for day in self.days:
            standings = day.plan.standings
            yield from ((day, each) for each in (standings[::-1] if largest_first else standings))

    def _step(
        self,
        where: Where,
        phase: str,
        act: Callable[[DayTypeResultBuilder, Standing], None],
        clock: TimeBudget | None = None,
    ) -> None:
        """One step on one alternative, unless time is over. What goes wrong stays with it."""
        if (clock or self.clock).over or where[1].failed:
            return
        day, standing = where
        self._enter(phase, where)
        before = (standing.best, standing.bound)
        try:
            act(day, standing)
        except Exception as error:
            traceback.print_exc()  # to standard error, which whoever started us keeps
            standing.failed = str(error) or type(error).__name__
        if (standing.best, standing.bound) != before or standing.failed:
            self._fold_day(day)
        self._report()

    def _explain(self) -> None:
        """Day types for which there seems to be no timetable at all, or none that can be driven: are there none, and why?"""
        from shuttle.planner.search.explain import Explanation

        for day in self.days:
            if self.clock.over or any(explanation.plan is day.plan for explanation in self.explained):
                continue
            largest = day.plan.standings[-1]
            if not any(each.best for each in day.plan.standings):
                self._step((day, largest), "conflicts", lambda day, each: day.plan.prove(each, self.clock))
            if not largest.impossible:
                continue
            self._enter("conflicts", (day, largest))
            for standing in day.plan.standings:
                standing.impossible = True
            others = any(each.best for _, each in self._everywhere())
            clock = self.clock.within(self.clock.left / 2) if others else self.clock
            explanation = Explanation(day.plan, clock)
            self.explained.append(explanation)
            self._fold_day(day)
            for _ in explanation.steps():
                self._fold(self._head())
                self._report()

    def _trees(self) -> None:
        """The widest gaps first, one tree a worker; who comes again gets more time. Beside them the search goes on here."""
        pool: JobPool[Where, SolverResult] = JobPool(self.request.workers)
        beside = self._beside_trees()
        while not self.clock.over:
            self._plant(pool)
            ending = [where for where in self._open() if where[1].modelled]
            if not pool.jobs and not ending:
                return
            if ending:
                self._step(ending[0], "search", lambda day, standing: day.plan.end(standing))
            elif next(beside, None) is None:
                pool.wait(LOOK_SECONDS)
            for tree in pool.ended():
                take = lambda day, standing, tree=tree: day.plan.prove(standing, tree.clock, tree.result)  # noqa: E731
                self._step(tree.of, "trees", take)

    def _beside_trees(self) -> Iterator[bool]:
        """What else there is to do, a step at a time."""
        yield from self._beside(LATER_WORK)
        if self.clock.left > ENOUGH:
            self._weigh()
            yield True

    def _beside(self, seconds: float, rounds: int = 1) -> Iterator[bool]:
        """The search goes on, a step of so many seconds of the processor at a time."""
        for where in self._open() * rounds:
            work = Work(self.clock, seconds)
            self._step(where, self.phase, lambda day, standing, work=work: day.plan.search(standing, work))  # type: ignore[misc]
            yield True

    def _open(self) -> list[Where]:
        return [where for where in self._everywhere() if not where[1].settled and not where[1].failed]

    def _plant(self, pool: "JobPool[Where, SolverResult]") -> None:
        planted = {id(tree.of[1]) for tree in pool.jobs}
        waiting = [where for where in self._open() if not where[1].modelled and id(where[1]) not in planted]
        for where in sorted(waiting, key=lambda where: (where[1].visits, -where[1].gap)):
            day, standing = where
            standing.visits += 1
            self._enter("trees", where)
            solve = lambda clock, day=day, standing=standing: day.plan.tree(standing, clock)  # noqa: E731
            pool.start(Job(where, self.clock), partial(self._tree_seconds, standing), solve)

    def _tree_seconds(self, standing: Standing) -> float:
        alone = len(self._open()) <= self.request.workers
        seconds = INFINITY if alone else self._slice(LEAST_SLICE) * 2.0 ** (standing.visits - 1)
        return min(seconds, TREE_SHARE * self.clock.left)

    def _slice(self, seconds: float) -> float:
        """So many seconds, or as much longer as a second of the processor has taken until now."""
        had = max(0.1, time.process_time() - self.processor)
        return seconds * max(1.0, (time.monotonic() - self.began) / had)

    def _weigh(self) -> None:
        """Intervals, regret, sensitivity, what one makes by hand: a few seconds, also when the time for proofs is over."""
        for day in self.days:
            for act in (day.draw, day.weigh):
                if self.end.over:
                    return
                self._enter("figures", (day, day.plan.standings[-1]))
                try:
                    act()
                except Exception:
                    traceback.print_exc()  # figures beside the proposals; those stay
                self._fold_day(day)

    def _look_back(self) -> None:
        """Hold the proposal at the knee (else the last one) of each day type against what could have been."""
        from shuttle.planner.search.hindsight import hindsight

        request = self.request
        asked = [day for day in self.days if day.plan.points] if request.hindsight_days else []
        for number, day in enumerate(asked):
            if self.clock.over:
                return
            points = day.plan.points
            point = knee_point(points) or points[-1]
            self._enter("hindsight", (day, day.plan.standings[-1]))
            clock = self.clock.within(self.clock.left / (len(asked) - number))
            seen = hindsight(request, day.plan.problem, point, clock, lambda _done, _of: self._report())
            if seen.above:
                day.hindsight[point.proposal.numbers] = seen.document()
            self._fold_day(day)

    def _enter(self, phase: str, where: Where) -> None:
        self.phase, self.at = phase, where
        self._report()

    def _report(self) -> None:
        standings = [standing for _, standing in self._everywhere()]
        done, of = sum(each.settled for each in standings), len(standings)
        day, standing = self.at or (None, None)
        best = standing.best.total if standing and standing.best else None
        bound = min(standing.bound, best) if standing and best is not None else None
        self.tell(
            Progress(
                phase=self.phase,
                done=done,
                of=of,
                seconds=time.monotonic() - self.began,
                best=best,
                bound=bound,
                day_type=day.plan.day_type if day else "",
                limit=standing.limit if standing else None,
            )
        )

    def _head(self) -> Document:
        return {
            "status": self.status,
            "seconds": round(time.monotonic() - self.began, 3),
            "conflicts": [conflict for each in self.explained for conflict in each.conflicts],
            "relaxations": [relaxation for each in self.explained for relaxation in each.relaxations],
            "limits": [limit for each in self.explained for limit in each.limits],
        }

    def _fold_day(self, day: DayTypeResultBuilder) -> None:
        self._fold({**self._head(), "day_types": {day.plan.day_type: day.document()}})

    def _fold_all(self) -> None:
        for day in self.days:
            self._fold_day(day)
