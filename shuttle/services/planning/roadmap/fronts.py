"""Fronts of a roadmap: one question to the planner for each day type under each different hours.

Options that share the hours of a day type share its front. A question is known by the hash of its content, so that a changed budget,
another step or a restart solves nothing twice.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.planning.costs import Paid
from shuttle.domain.planning.empty_runs import with_empty_runs
from shuttle.domain.planning.planned_trips import plan_trip
from shuttle.domain.planning.proposals import assess
from shuttle.domain.planning.result import VERSION, DayTypeResult, PlanResult, ProposalResult
from shuttle.domain.planning.roadmap.definition import DayHours, DayWindows, HoursState, Roadmap
from shuttle.domain.planning.roadmap.nodes import DayPoint, with_hours, worst_hour
from shuttle.domain.planning.roadmap.result import FrontStateResult
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.opening_hours import Window
from shuttle.planner.process.request import PlanRequest
from shuttle.services.planning.requests import request_for

PROVEN = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class FrontQuestion:
    """`states`: the choices of hours that need this front; `key`: the hash of its content."""

    day_type: str
    windows: DayWindows
    states: tuple[HoursState, ...]
    request: PlanRequest
    key: str


def todays_hours(roadmap: Roadmap, scenario: Scenario, schedule: Schedule) -> DayHours:
    """The schedule's hours on the first step's date, of the stops that have options; () is closed."""
    first = roadmap.steps[0].starts
    hours: dict[tuple[str, str], tuple[Window, ...]] = {}
    for stop in dict.fromkeys(option.stop for option in roadmap.options):
        for day_type in scenario.day_types:
            regular = schedule.opening_times.regular_on(stop, day_type, first)
            hours[stop, day_type] = regular.windows if regular else ()
    return hours


def questions_of(
    roadmap: Roadmap, scenario: Scenario, schedule: Schedule, schedules: Path, today: DayHours, seed: int
) -> list[FrontQuestion]:
    """All fronts, those of today's hours first."""
    groups: dict[tuple[str, DayWindows], list[HoursState]] = {}
    for state in roadmap.states(today):
        for day_type in scenario.day_types:
            groups.setdefault((day_type, state.windows_on(day_type)), []).append(state)
    questions = []
    for (day_type, windows), states in groups.items():
        one_day = replace(with_hours(scenario, states[0]), day_types=(day_type,))
        request = replace(request_for(one_day, schedule, schedules, workers=1, seed=seed), hindsight_days=0)
        questions.append(
            FrontQuestion(
                day_type=day_type,
                windows=windows,
                states=tuple(states),
                request=request,
                key=_content_hash(request),
            )
        )
    return questions


def _content_hash(request: PlanRequest) -> str:
    """SHA-256 of what decides the answer. The name of the scenario, the time limit and the number of workers do not."""
    scenario = replace(request.scenario, id="", name="")
    content = repr((VERSION, scenario, request.bases, request.rates, request.profiles, request.seed))
    return hashlib.sha256(content.encode()).hexdigest()


def points_of(question: FrontQuestion, result: PlanResult) -> dict[DayPoint, ProposalResult]:
    """The points of a front: every figure is computed again from the proposal's trips; only bound and duties are the planner's."""
    scenario, day_type = question.request.scenario, question.day_type
    points = {}
    for proposal in result["day_types"][day_type]["proposals"]:
        if not proposal["driven"]:
            continue
        planned = [
            plan_trip(scenario, tuple(trip["stops"]), parse_time_of_day(trip["departs"])) for trip in proposal["trips"]
        ]
        trips = with_empty_runs(scenario, planned)
        paid = Paid(proposal["driver_minutes"], _duty_nok(question, proposal)) if "duties" in proposal else None
        assessment = assess(scenario, day_type, trips, question.request.bases[day_type], question.request.rates, paid)
        point = DayPoint(
            id=proposal["id"],
            day_type=day_type,
            cost=assessment.played_cost + proposal["penalty"],
            bound=min(proposal["bound"], assessment.played_cost + proposal["penalty"]),
            nok=assessment.nok,
            served=assessment.played.served,
            trips=assessment.trips,
            worst=worst_hour(scenario, day_type, assessment.trips),
        )
        points[point] = proposal
    return points


def _duty_nok(question: FrontQuestion, proposal: ProposalResult) -> float:
    """The pay of the duties: what the proposal costs without its kilometres."""
    return proposal["nok"] - (proposal["km"] or 0.0) * question.request.rates.nok_per_km


def merged(old: PlanResult | None, new: PlanResult, day_type: str) -> PlanResult:
    """The better of two answers to one question, point by point: the cheaper timetable, the higher bound."""
    if old is None or not old["day_types"][day_type]["proposals"]:
        return new
    by_id = {proposal["id"]: proposal for proposal in old["day_types"][day_type]["proposals"]}
    for proposal in new["day_types"][day_type]["proposals"]:
        by_id[proposal["id"]] = _better(by_id.get(proposal["id"]), proposal)
    proposals = sorted(by_id.values(), key=lambda proposal: proposal["nok"])
    day: DayTypeResult = {**new["day_types"][day_type], "proposals": proposals}
    return {**new, "day_types": {day_type: day}}


def _better(old: ProposalResult | None, new: ProposalResult) -> ProposalResult:
    if old is None:
        return new
    best = min(new, old, key=lambda each: each["cost"] + each["penalty"])
    total = best["cost"] + best["penalty"]
    bound = min(total, max(old["bound"], new["bound"]))
    gap = max(0.0, total - bound) / max(abs(total), 1e-9)
    return {**best, "bound": bound, "gap": gap, "proven": gap <= PROVEN}


def widest_gap(result: PlanResult, day_type: str) -> float:
    return max((proposal["gap"] for proposal in result["day_types"][day_type]["proposals"]), default=1.0)


def front_states(
    questions: Sequence[FrontQuestion], results: Mapping[str, PlanResult], seconds: Mapping[str, float]
) -> list[FrontStateResult]:
    """Progress of each front."""
    rows: list[FrontStateResult] = []
    for question in questions:
        result = results.get(question.key)
        rows.append(
            {
                "key": question.key,
                "day_type": question.day_type,
                "options": [state.id for state in question.states],
                "status": result["status"] if result else "waiting",
                "proposals": len(result["day_types"][question.day_type]["proposals"]) if result else 0,
                "gap": widest_gap(result, question.day_type) if result else 1.0,
                "seconds": seconds.get(question.key, 0.0),
            }
        )
    return rows
