"""The answer of a run that has found nothing yet: what `plan --json` prints, with every list of findings empty. No solver is needed."""

from shuttle.domain.planning.proposals import assess, demand_document, document
from shuttle.planner.process.request import Document, PlanRequest


def outline(request: PlanRequest) -> Document:
    """The whole document. Its status is that of a run which nobody came to end."""
    scenario = request.scenario
    return {
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


def nothing_yet(request: PlanRequest, day_type: str) -> Document:
    """The part of a day type. `no_proposal`: `not_found`, `impossible` or `failed` while there is none."""
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
