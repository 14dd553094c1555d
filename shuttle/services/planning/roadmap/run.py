"""A run of a roadmap: fronts first shortly, each of them, then longest where the road's gap is widest, until it is small enough.

The answer is whole at every moment (`on_answer`), and each front is stored when it has one (`FrontStore`), so that whatever ends the run
loses nothing. The executor decides where the fronts are solved: threads that wait for local processes, or a Dask cluster.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Protocol

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.proposals import assess
from shuttle.domain.planning.result import PlanResult, ProposalResult
from shuttle.domain.planning.roadmap.answer import Background, RoadmapAnswer
from shuttle.domain.planning.roadmap.definition import DayHours, DayWindows, HoursState, Roadmap, years_of
from shuttle.domain.planning.roadmap.nodes import DayPoint, Node, days_of_year, nodes_of, with_hours
from shuttle.domain.planning.roadmap.result import RoadmapResult
from shuttle.domain.planning.roadmap.roads import RoadNetwork
from shuttle.domain.planning.roadmap.robustness import MeasuredTimes
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Costs
from shuttle.planner.process.request import PlanRequest
from shuttle.services.planning.plan_worker import starts_of
from shuttle.services.planning.roadmap.fronts import (
    PROVEN,
    FrontQuestion,
    front_states,
    merged,
    points_of,
    questions_of,
    todays_hours,
    widest_gap,
)

FIRST_SECONDS = (5.0, 20.0)
"""Least and most seconds that each front gets in the first pass."""

FIRST_SHARE = 0.5
"""Share of the time limit that the first pass may take."""

LOOK_SECONDS = 0.2

TARGET_GAP = 0.01


class FrontStore(Protocol):
    """Fronts by the hash of their question."""

    def load(self, key: str) -> PlanResult | None: ...

    def save(self, key: str, result: PlanResult) -> None: ...


Solver = Callable[[PlanRequest], PlanResult]


@dataclass(frozen=True, kw_only=True)
class RoadmapQuestion:
    """Resolved inputs of a run. `assumed`: unconfirmed facts behind its figures; `measured`: running times for the cases,
    where drivers have reported them."""

    roadmap: Roadmap
    scenario: Scenario
    today: DayHours
    fronts: tuple[FrontQuestion, ...]
    days: tuple[dict[str, int], ...]
    assumed: tuple[str, ...]
    measured: MeasuredTimes = field(default_factory=dict)


def roadmap_question(
    roadmap: Roadmap,
    scenario: Scenario,
    schedule: Schedule,
    schedules: Path,
    seed: int = 0,
    measured: MeasuredTimes | None = None,
) -> RoadmapQuestion:
    """Raises Invalid (`too-many-options`, `unplanned-day-type`)."""
    today = todays_hours(roadmap, scenario, schedule)
    fronts = questions_of(roadmap, scenario, schedule, schedules, today, seed)
    staff = {"staff"} if roadmap.staff.assumed else set()
    facts = {name for front in fronts for name in front.request.scenario.assumed}
    return RoadmapQuestion(
        roadmap=roadmap,
        scenario=scenario,
        today=today,
        fronts=tuple(fronts),
        days=tuple(days_of_year(schedule.calendar, step.starts, scenario.day_types) for step in roadmap.steps),
        assumed=tuple(sorted(facts | staff)),
        measured=measured or {},
    )


@dataclass(kw_only=True)
class RoadmapRun:
    """`solve` is called by the executor, with a request that has its time limit. `ending`: None, or the status with which to end.

    `gap`: the run ends when the road's gap is at most this share.
    """

    question: RoadmapQuestion
    executor: Executor
    solve: Solver
    store: FrontStore
    time_limit: float = 300.0
    gap: float = TARGET_GAP
    parallel: int = 2
    ending: Callable[[], str | None] = lambda: None
    on_answer: Callable[[RoadmapResult], None] = lambda _answer: None
    results: dict[str, PlanResult] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    _points: dict[tuple[str, DayWindows], dict[DayPoint, ProposalResult]] = field(default_factory=dict)
    _limits: dict[str, float] = field(default_factory=dict)
    _began: float = field(default_factory=monotonic)

    def run(self) -> RoadmapResult:
        """The answer at the end of the run, for every kind of ending."""
        for front in self.question.fronts:
            if (stored := self.store.load(front.key)) is not None:
                self._take(front, stored)
        running: dict[Future[PlanResult], FrontQuestion] = {}
        status: str | None = None
        while status is None:
            status = self.ending() or self._settled(running)
            while status is None and len(running) < self.parallel and (following := self._next(running)) is not None:
                running[self.executor.submit(self.solve, self._request(following))] = following
            if status is None and not running:
                status = "solved"  # every front is proven or has failed
            done, _ = wait(running, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                self._finish(running.pop(future), future)
        self._stop(running)
        return self._tell(status if self._answer().roads is not None or status != "solved" else "infeasible", True)

    def _stop(self, running: dict["Future[PlanResult]", FrontQuestion]) -> None:
        """Ends running fronts by `ending` or their limit; the result so far is kept."""
        for future, front in running.items():
            future.cancel()
            if not future.cancelled():
                wait([future], timeout=5)
            if future.done() and not future.cancelled():
                self._finish(front, future)

    @property
    def elapsed(self) -> float:
        return monotonic() - self._began

    @property
    def left(self) -> float:
        return self.time_limit - self.elapsed

    def _settled(self, running: dict["Future[PlanResult]", FrontQuestion]) -> str | None:
        if self.left <= 0:
            return "out_of_time"
        if self._waiting(running) or any(front.key not in self.results for front in running.values()):
            return None
        return "solved" if self._answer().gap <= self.gap else None

    def _waiting(self, running: dict["Future[PlanResult]", FrontQuestion]) -> list[FrontQuestion]:
        busy = {front.key for front in running.values()}
        done = {*self.results, *self.failures, *busy}
        return [front for front in self.question.fronts if front.key not in done]

    def _next(self, running: dict["Future[PlanResult]", FrontQuestion]) -> FrontQuestion | None:
        """The first front that has no answer; else the one whose gap costs the road most."""
        if waiting := self._waiting(running):
            return waiting[0]
        busy = {front.key for front in running.values()}
        open_ = [
            front
            for front in self.question.fronts
            if front.key in self.results
            and front.key not in busy
            and self.results[front.key]["status"] != "infeasible"
            and widest_gap(self.results[front.key], front.day_type) > PROVEN
        ]
        weights = self._weights()
        return max(open_, key=lambda front: weights.get(front.key, 0.0), default=None)

    def _weights(self) -> dict[str, float]:
        """Front -> passenger minutes of the objective between cost and bound on the optimal road and on that of the bounds."""
        roads = self._answer().roads
        weights: dict[str, float] = {}
        by_point = {point: key for key, points in self._points.items() for point in points}
        keys = {(front.day_type, front.windows): front.key for front in self.question.fronts}
        for road in roads or ():
            for span, days, node in zip(
                years_of(self.question.roadmap.steps), self.question.days, road.nodes, strict=True
            ):
                for point in node.points:
                    key = keys[by_point[point]]
                    weights[key] = weights.get(key, 0.0) + span * days[point.day_type] * (point.cost - point.bound)
        return weights

    def _request(self, front: FrontQuestion) -> PlanRequest:
        """The first time a share of the time, then twice as long as before; going on from what an earlier run ended with."""
        rounds = -(-len(self.question.fronts) // self.parallel)
        least, most = FIRST_SECONDS
        first = min(most, max(least, self.time_limit * FIRST_SHARE / max(1, rounds)))
        limit = 2 * self._limits[front.key] if front.key in self._limits else first
        self._limits[front.key] = limit
        earlier = self.results.get(front.key)
        return replace(front.request, time_limit=max(1.0, min(limit, self.left)), starts=starts_of(earlier))

    def _finish(self, front: FrontQuestion, future: "Future[PlanResult]") -> None:
        """Finishes a front; its failure does not stop the others."""
        try:
            result = future.result()
        except ShuttleError as error:
            self.failures[front.key] = error.detail
            return
        self.seconds[front.key] = self.seconds.get(front.key, 0.0) + result["seconds"]
        self._take(front, merged(self.results.get(front.key), result, front.day_type))
        if result["day_types"][front.day_type]["proposals"] or result["status"] == "infeasible":
            self.store.save(front.key, self.results[front.key])
        self._tell("interrupted", False)

    def _take(self, front: FrontQuestion, result: PlanResult) -> None:
        self.results[front.key] = result
        self._points[front.day_type, front.windows] = points_of(front, result)

    def _answer(self) -> RoadmapAnswer:
        question = self.question
        nodes = nodes_of(
            question.roadmap.states(question.today),
            question.scenario.day_types,
            {key: tuple(points) for key, points in self._points.items()},
        )
        network = RoadNetwork(question.roadmap, nodes, question.days, question.today)
        proposals = {point: proposal for points in self._points.values() for point, proposal in points.items()}
        fronts = front_states(question.fronts, self.results, self.seconds)
        return RoadmapAnswer(network, self._background(), proposals, fronts)

    def _background(self) -> Background:
        question = self.question
        requests = {front.day_type: front.request for front in question.fronts}
        bases = {day_type: request.bases[day_type] for day_type, request in requests.items()}
        rates = next(iter(requests.values())).rates
        return Background(
            scenario=question.scenario,
            rates=rates,
            bases=bases,
            today=_today(question, bases, rates),
            assumed=question.assumed,
            measured=question.measured,
        )

    def _tell(self, status: str, with_cases: bool) -> RoadmapResult:
        document = self._answer().document(status, self.elapsed, with_cases)
        self.on_answer(document)
        return document


def _today(question: RoadmapQuestion, bases: Mapping[str, Sequence[PlannedTrip]], rates: Costs) -> Node | None:
    """Today's timetable under today's hours; None without one."""
    if not all(bases.values()):
        return None
    state = HoursState(id="today", options=(), hours=question.today)
    scenario = with_hours(question.scenario, state)
    points = []
    for day_type, trips in bases.items():
        day = assess(scenario, day_type, trips, trips, rates)
        cost = day.played_cost
        points.append(
            DayPoint(
                id="today",
                day_type=day_type,
                cost=cost,
                bound=cost,
                nok=day.nok,
                served=day.played.served,
                trips=tuple(trips),
            )
        )
    return Node(state=state, points=tuple(points))
