"""The result document of a run that has no proposal yet: every key of `plan --json`, with empty lists. Loads no solver.

A run starts from it and fills it in. The status is `interrupted`, which stays where no code follows the run to its end.
"""

from shuttle.domain.planning.proposals import assess, demand_document, document
from shuttle.domain.planning.result import VERSION, DayTypeResult, PlanResult
from shuttle.planner.process.request import PlanRequest


def outline(request: PlanRequest) -> PlanResult:
    """The whole document, with the figures of today's timetable."""
    scenario = request.scenario
    return {
        "version": VERSION,
        "scenario": scenario.id,
        "status": "interrupted",
        "seconds": 0.0,
        "seed": request.seed,
        "workers": request.workers,
        "base_timetable": scenario.base_timetable,
        "demand": demand_document(scenario),
        "patterns": [list(stops) for stops in scenario.patterns],
        "day_types": {day_type: nothing_yet(request, day_type) for day_type in scenario.day_types},
        "conflicts": [],
        "relaxations": [],
        "limits": [],
        "empty_returns": scenario.fleet.empty_returns,
        "assumed": list(scenario.assumed),
    }


def nothing_yet(request: PlanRequest, day_type: str) -> DayTypeResult:
    """The part of a day type. `no_proposal` is `not_found` until the search finds one or proves that there is none."""
    base = request.bases.get(day_type, ())
    today = assess(request.scenario, day_type, base, base, request.rates) if base else None
    return {
        "today": {"id": "today", **document(request.scenario, today)} if today else None,
        "proposals": [],
        "knee": None,
        "sensitivity": [],
        "baselines": [],
        "no_proposal": "not_found",
    }
