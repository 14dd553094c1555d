"""A run as a whole: what it tells on its way, and that nothing which goes wrong costs what was found elsewhere."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.result import PlanResult, ProposalResult
from shuttle.domain.planning.scenario import Fleet, FrontRequest, Scenario
from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.process import solver_client
from shuttle.planner.process.request import PHASES, PlanRequest, Progress
from shuttle.planner.process.run import answer
from shuttle.planner.search.day_plan import DayPlan
from shuttle.planner.search.standing import Standing
from tests.planner.questions import RATES, a_question, profiles_of


def a_front(seats: int | None = 3, **changes: Any) -> Scenario:
    question = a_question(profiles_of(4), grid=30, **changes)
    return replace(question, fleet=Fleet(vehicles=1, seats=seats, turnaround=5), front=FrontRequest("trips", 1, 4))


def weekday(document: Mapping[str, Any]) -> list[ProposalResult]:
    return list(document["day_types"]["weekday"]["proposals"])


def test_every_alternative_is_told_before_anything_is_proven() -> None:
    told: list[Progress] = []
    parts: list[tuple[str, list[ProposalResult]]] = []

    def fold(part: dict[str, Any]) -> None:
        parts.append((told[-1].phase, weekday(part)) if "day_types" in part else (told[-1].phase, []))

    found = answer(PlanRequest(scenario=a_front(), bases={}, rates=RATES, workers=1), told.append, lambda: False, fold)
    assert found["status"] == "solved"
    phases = list(dict.fromkeys(progress.phase for progress in told if progress.phase != "figures"))
    assert phases[:3] == ["first", "search", "bounds"] and set(phases) <= set(PHASES)
    first = next(proposals for phase, proposals in reversed(parts) if phase == "first")
    assert {proposal["trips_count"] for proposal in first} >= {1, 2, 3}
    assert all(0 < proposal["bound"] <= proposal["cost"] for proposal in first), "a bound without a solver"
    costs = {proposal["trips_count"]: proposal["cost"] for proposal in first}
    for proposal in weekday(found):
        assert proposal["cost"] <= costs.get(proposal["trips_count"], float("inf")) + 1e-6


def test_an_alternative_that_fails_is_marked_and_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = DayPlan.bound

    def failing(plan: DayPlan, standing: Standing, clock: TimeBudget, near: Sequence[int] | None) -> None:
        if standing.limit == 2:
            raise AssertionError("the recount says something else")
        bound(plan, standing, clock, near)

    monkeypatch.setattr(DayPlan, "bound", failing)
    request = PlanRequest(scenario=a_front(), bases={}, rates=RATES, workers=1, time_limit=600)
    found = answer(request, lambda _: None, lambda: False)
    by_count = {proposal["trips_count"]: proposal for proposal in weekday(found)}
    assert by_count[2]["failed"] == "the recount says something else" and by_count[2]["cost"] > 0
    assert found["status"] == "out_of_time"
    others = [proposal for count, proposal in by_count.items() if count != 2]
    assert others and all(proposal["crosschecked"] and "failed" not in proposal for proposal in others)


def test_a_run_that_is_stopped_at_once_is_a_whole_document() -> None:
    found = answer(PlanRequest(scenario=a_front(), bases={}, rates=RATES), lambda _: None, lambda: True)
    assert (found["status"], weekday(found)) == ("out_of_time", [])
    assert found["day_types"]["weekday"]["no_proposal"] == "not_found"


def test_a_run_that_got_no_processor_in_time_still_has_a_first_answer() -> None:
    began = time.monotonic() - 60.0
    request = PlanRequest(scenario=a_front(), bases={}, rates=RATES, time_limit=10.0, began=began)
    found = answer(request, lambda _: None, lambda: False)
    assert found["status"] == "out_of_time"
    assert {proposal["trips_count"] for proposal in weekday(found)} >= {1, 2, 3}


def test_a_run_begins_where_an_earlier_one_ended() -> None:
    request = PlanRequest(scenario=a_front(), bases={}, rates=RATES, workers=1)
    earlier = weekday(answer(request, lambda _: None, lambda: False))
    starts = tuple(tuple((tuple(t["stops"]), _minute(t["departs"])) for t in each["trips"]) for each in earlier)
    first: list[ProposalResult] = []

    def fold(part: dict[str, Any]) -> None:
        first.extend(weekday(part) if "day_types" in part and not first else [])

    answer(replace(request, starts={"weekday": starts}), lambda _: None, lambda: bool(first), fold)
    assert first[0]["cost"] == pytest.approx(earlier[0]["cost"])


def test_day_types_take_turns_for_their_first_timetables() -> None:
    question = replace(a_front(None), day_types=("weekday", "holiday"))
    told: list[Progress] = []
    answer(PlanRequest(scenario=question, bases={}, rates=RATES, workers=1), told.append, lambda: False)
    turns = dict.fromkeys((each.limit, each.day_type) for each in told if each.phase == "first")
    assert list(turns) == [(limit, day_type) for limit in (1, 2, 3, 4) for day_type in ("weekday", "holiday")]


def test_an_infeasible_day_type_is_named_beside_the_others() -> None:
    closed = ask.TripCount(name="ten", least=10, day_types=("holiday",))
    question = a_front(None)
    requirements = (closed,)
    question = replace(question, day_types=("weekday", "holiday"), requirements=requirements)
    found = answer(PlanRequest(scenario=question, bases={}, rates=RATES, workers=1), lambda _: None, lambda: False)
    assert found["status"] == "infeasible" and any("ten" in conflict for conflict in found["conflicts"])
    assert found["day_types"]["holiday"]["no_proposal"] == "impossible"
    assert found["day_types"]["weekday"]["no_proposal"] is None and weekday(found)


def test_a_cancelled_run_gives_what_it_had_found() -> None:
    question = replace(a_question(profiles_of(3, slots=5), grid=1), front=FrontRequest("trips", 1, 5))
    heard: list[PlanResult] = []

    def ending() -> str | None:
        return "cancelled" if any(weekday(document) for document in heard) else None

    found = solver_client.run(
        PlanRequest(scenario=question, bases={}, rates=RATES, time_limit=300), ending=ending, on_answer=heard.append
    )
    assert found["status"] == "cancelled" and weekday(found)
    assert heard[0]["status"] == "interrupted", "what is left where nobody comes to end it"


def test_a_solver_that_takes_more_memory_than_it_may_is_ended() -> None:
    found = solver_client.run(PlanRequest(scenario=a_front(), bases={}, rates=RATES, memory_mb=1))
    assert (found["status"], found["ended_by"]) == ("interrupted", "memory")


def test_a_limit_holds_also_where_no_step_looks_at_the_clock() -> None:
    question = replace(a_question(profiles_of(3, slots=5), grid=1), front=FrontRequest("trips", 1, 40))
    began = time.monotonic()
    found = solver_client.run(PlanRequest(scenario=question, bases={}, rates=RATES, time_limit=4.0, hindsight_days=20))
    assert found["status"] in ("out_of_time", "solved") and weekday(found)
    assert time.monotonic() - began < 60, "not a measure of speed: without a limit this takes many minutes"


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)
