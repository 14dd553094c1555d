"""How long people wait for a plan: seconds until every alternative is there, and until it is within 1 % and 0.5 % of its bound.

The questions are the real ones, both day types, eight seats, on a 5-minute grid; then many trips on two and three buses without seats, and
the evening on a grid of one minute. A fixed computation is timed before each question: seconds mean little on a busy machine, so each row
that is told is followed by how many of those it is.
"""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from scripts.benchmarks.rows import Row, at_most, measured
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.scenario import FrontRequest, Scenario
from shuttle.feeds.scenario_files.reader import read_scenario_file
from shuttle.feeds.schedule_files.folder import read_schedules
from shuttle.planner.model.constraints import add_requirements
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.model.variables import add_trips
from shuttle.planner.process.request import PlanRequest, Progress
from shuttle.planner.process.run import answer
from shuttle.planner.search.conflicts import Explainer
from shuttle.services.planning.draft_figures import Question, draft_figures
from shuttle.services.planning.requests import request_for
from shuttle.settings import SCHEDULES

NAME = "plan"
LIMIT = 60.0
CLASHING: tuple[ask.Requirement, ...] = (
    ask.MaxGap(name="Nesttun hourly", to="mo-nesttun", minutes=60),
    ask.MaxGap(name="Gyldenpris hourly", to="mo-gyldenpris", minutes=60),
    ask.Budget(name="six hours", driver_hours=6),
    ask.Budget(name="three thousand kroner", nok=3000),
    ask.TripCount(name="at most seven", most=7),
    ask.TripCount(name="at least twelve", least=12),
    ask.MinGap(name="an hour apart", minutes=60),
    ask.CoverageShare(name="Nesttun covered", of="mo-nesttun", share=0.8),
    ask.Forbid(name="not at ten", pattern=0, at=600),
)
TODAY: date = parse_date("2026-11-23")
WITHIN = (("first", 1.0), ("1 %", 0.01), ("0.5 %", 0.005))
NEVER = float("inf")


def question(name: str, change: Callable[[Scenario], Scenario] = lambda scenario: scenario) -> PlanRequest:
    schedule = read_schedules(SCHEDULES)
    scenario = read_scenario_file(SCHEDULES / "scenarios" / f"{name}.toml", schedule, TODAY)
    return replace(request_for(change(scenario), schedule, SCHEDULES), time_limit=LIMIT, hindsight_days=0)


def many_trips(trips: int, buses: int, scenario: Scenario) -> Scenario:
    """The evening's weekday with so many trips, room for everybody and no requirement but those of the fleet."""
    fleet = replace(scenario.fleet, vehicles=buses, seats=None)
    front = FrontRequest("trips", trips, trips)
    return replace(scenario, day_types=("weekday",), fleet=fleet, front=front, requirements=scenario.requirements[:1])


def fine_grid(grid: int, scenario: Scenario) -> Scenario:
    return replace(scenario, day_types=("weekday",), grid=grid, front=FrontRequest("trips", 10, 10))


class Followed:
    """A run, and after how many seconds all of its proposals were within each of WITHIN of their bounds."""

    def __init__(self, request: PlanRequest) -> None:
        self._began, self._day_types = time.monotonic(), dict[str, list[dict[str, Any]]]()
        self._wanted = request.scenario.day_types
        self.seconds = dict.fromkeys((*(name for name, _ in WITHIN), "settled"), NEVER)
        self.processor = dict(self.seconds)
        """Of both cores together: what a busy machine changes least."""
        began = time.process_time()
        self._processor: Callable[[], float] = lambda: time.process_time() - began
        document = answer(request, self._hear, lambda: False, self._fold)
        self.proposals = [each for day in document["day_types"].values() for each in day["proposals"]]
        self.whole = time.monotonic() - self._began

    def _hear(self, progress: Progress) -> None:
        if progress.done == progress.of:
            self._note("settled")

    def _note(self, what: str) -> None:
        if self.seconds[what] == NEVER:
            self.seconds[what], self.processor[what] = time.monotonic() - self._began, self._processor()

    def _fold(self, part: dict[str, Any]) -> None:
        self._day_types |= {name: day["proposals"] for name, day in part.get("day_types", {}).items()}
        if not all(self._day_types.get(name) for name in self._wanted):
            return
        widest = max(each["gap"] for day in self._day_types.values() for each in day)
        for name, gap in WITHIN:
            if widest <= gap:
                self._note(name)

    @property
    def gap(self) -> float:
        return 100 * max((each["gap"] for each in self.proposals), default=1.0)

    @property
    def cost(self) -> float:
        return min((float(each["cost"]) for each in self.proposals), default=NEVER)


def reference() -> float:
    """Seconds of a fixed computation on one core: a dense system of equations and a loop of plain Python."""
    began = time.perf_counter()
    matrix = np.random.default_rng(1).random((900, 900)) + 900 * np.eye(900)
    for _ in range(3):
        np.linalg.solve(matrix, matrix)
    sum(number * number % 7 for number in range(1_500_000))
    return time.perf_counter() - began


def clash() -> tuple[float, int]:
    """Seconds until all conflicts and relaxations of ten requirements are known, and how many there are of both."""
    request = question("nesttun-evening")
    scenario = replace(request.scenario, requirements=request.scenario.requirements[:1] + CLASHING)
    problem = Problem(scenario, "weekday", request.bases["weekday"], request.rates)
    began = time.perf_counter()
    program = Program()
    add_trips(program, problem)
    add_requirements(program, problem)
    names = [requirement.name for requirement in scenario.requirements]
    clashes = Explainer(program=program, names=names, clock=TimeBudget(time.monotonic() + LIMIT)).explain()
    assert clashes.complete, "the time was over before all were found"
    return time.perf_counter() - began, len(clashes.conflicts) + len(clashes.relaxations)


MUSTS = {"first": 3.0, "1 %": 20.0, "0.5 %": 40.0, "settled": 40.0}
LABELS = {
    "first": "first answers",
    "1 %": "all within 1 % of the bound",
    "0.5 %": "all within 0.5 % of the bound",
    "settled": "all bounds as tight as the seat model's optimum, the search ended",
}


def draft_seconds() -> float:
    """Seconds for a draft's figures of both day types, after one of its times was typed."""
    request, schedule = question("nesttun-evening"), read_schedules(SCHEDULES)
    draft = schedule.timetable_by_id[request.scenario.base_timetable or ""]
    asked = Question(scenario=request.scenario, past={})
    began = time.perf_counter()
    for day_type in request.scenario.day_types:
        draft_figures(asked, schedule, draft, day_type)
    return time.perf_counter() - began


def both_day_types(name: str) -> list[Row]:
    unit, load = reference(), os.getloadavg()[0]
    run = Followed(question(name))
    rows = [measured("the fixed computation, seconds", [unit], "s"), measured("load average", [load], "")]
    for within, label in LABELS.items():
        rows.append(at_most(f"{name}: {label}", [run.seconds[within]], "s", MUSTS[within]))
        rows.append(measured("as so many fixed computations", [run.seconds[within] / unit], ""))
        rows.append(measured("seconds of the processor", [run.processor[within]], "s"))
    return [
        *rows,
        measured(f"{name}: widest gap at the end", [run.gap], "%"),
        measured("seconds in all", [run.whole], "s"),
    ]


def run(rounds: int) -> list[Row]:
    """`rounds` counts for drafts and conflicts: a question takes a minute."""
    rows = both_day_types("nesttun-evening") + both_day_types("nesttun-as-gyldenpris")
    rows.append(at_most("draft: figures of both day types", [draft_seconds() for _ in range(rounds)], "s", 0.4))
    for trips, buses, must in ((20, 2, 0.3), (40, 3, 1.0)):
        many = Followed(question("nesttun-evening", partial(many_trips, trips, buses)))
        rows.append(at_most(f"{trips} trips, {buses} buses: gap after {LIMIT:.0f} s", [many.gap], "%", must))
    fine, coarse = (Followed(question("nesttun-evening", partial(fine_grid, grid))) for grid in (1, 5))
    rows.append(
        at_most("one-minute grid: cost above the five-minute grid's", [max(0.0, fine.cost - coarse.cost)], "min", 0)
    )
    rows.append(at_most("its gap", [fine.gap], "%", 2))
    clashing = [clash() for _ in range(min(rounds, 3))]
    rows.append(at_most("conflicts of 10 requirements, seconds", [seconds for seconds, _ in clashing], "s", 5))
    return [*rows, measured("conflicts and relaxations", [float(clashing[0][1])], "")]
