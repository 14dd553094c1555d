"""Reading a stored result document of any version in the newest shape (`result.py`).

Documents of version 1 had no `version` and several shapes: keys came over time, and `bound` and `cost` meant other things. A missing key
gets the value that says "none" or "not computed"; nothing is estimated.
"""

from collections.abc import Mapping
from typing import Any, cast

from shuttle.domain.basics.errors import Refused
from shuttle.domain.planning.result import VERSION, NoProposal, PlanResult


def read_result(document: Mapping[str, Any]) -> PlanResult:
    """A stored document in the newest shape; the document itself stays as it is.

    Raises Refused (`newer-result`) for a version that this program does not know: the program is older than its database.
    """
    version = document.get("version", 1)
    if version > VERSION:
        raise Refused(
            "newer-result",
            f"the result was written by a newer version of the program (version {version} of its shape)",
            given=str(version),
            allowed=f"1 to {VERSION}",
        )
    return cast(PlanResult, document) if version == VERSION else _from_version_1(document)


def _from_version_1(document: Mapping[str, Any]) -> PlanResult:
    empty = {
        "scenario": "",
        "status": "interrupted",
        "seconds": 0.0,
        "seed": 0,
        "workers": 1,
        "base_timetable": None,
        "demand": {"source": "profile", "passengers": {}},
        "patterns": [],
        "conflicts": [],
        "limits": [],
        "empty_returns": False,
        "assumed": [],
    }
    whole = {
        **empty,
        **document,
        "version": VERSION,
        "day_types": {name: _day_type(name, day, document) for name, day in document.get("day_types", {}).items()},
        "relaxations": [_relaxation(each) for each in document.get("relaxations", ())],
    }
    return cast(PlanResult, whole)


def _day_type(name: str, day: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    proposals = [_proposal(each) for each in day.get("proposals", ())]
    today = day.get("today")
    return {
        "knee": None,
        "no_proposal": None if proposals else _why_none(name, document),
        **day,
        "proposals": proposals,
        "today": {"id": "today", **_figures(today)} if today else None,
        "sensitivity": [{"model": "without seats", **row} for row in day.get("sensitivity", ())],
        "baselines": [{"allowed": True, **_figures(each)} for each in day.get("baselines", ())],
    }


def _why_none(name: str, document: Mapping[str, Any]) -> NoProposal:
    """Version 1 did not always say which day type its conflicts are of: certain where it is the only one without a proposal."""
    without = [day_type for day_type, day in document["day_types"].items() if not day.get("proposals")]
    relaxed = any(each.get("day_type") == name for each in document.get("relaxations", ()))
    infeasible = document.get("status") == "infeasible"
    return "impossible" if relaxed or (infeasible and without == [name]) else "not_found"


def _proposal(proposal: Mapping[str, Any]) -> dict[str, Any]:
    """The bound becomes one of `cost + penalty`; the gap follows, for the cost may have been that of the seat model."""
    figures = _figures(proposal)
    penalty = float(proposal.get("penalty", 0.0))
    total = figures["cost"] + penalty
    of_cost = proposal.get("bound", 0.0)
    bound = min(total, of_cost + penalty) if of_cost > 0 else 0.0  # 0 was "none, or below the penalty"
    gap = max(0.0, total - bound) / max(abs(total), 1e-9)
    driven = proposal.get("driven", True)
    return {
        "crosschecked": False,
        "knee": False,
        "breaks": [],
        "regret": None,
        "hindsight": None,
        **figures,
        "penalty": penalty,
        "bound": bound,
        "gap": gap if driven else 1.0,
        "proven": driven and gap < 1e-6,
        "driven": driven,
        "interval": {"model": "without seats", **proposal["interval"]} if proposal.get("interval") else None,
    }


def _figures(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 once gave the cost of the seat model as `cost`; the simulated day's stood under `played` alone."""
    cost, played = figures.get("cost", 0.0), figures.get("played", {})
    seated = figures.get("model") == "with seats" and "seat_model_cost" not in figures
    trips = [
        {"pattern": None, "vehicle": 1, "stops": [call["stop"] for call in trip["calls"]], **trip}
        for trip in figures.get("trips", ())
    ]
    nothing = {"served": 0.0, "unserved": 0.0, "left_behind": 0.0, "wait_minutes": 0.0}
    nothing |= {"wait_median": 0.0, "wait_p90": 0.0, "max_load": 0.0}
    return {
        "model": "without seats",
        "seat_model_cost": cost if seated else None,
        "cost_without_seats": cost,
        "coverage": {},
        "trips_count": len(trips),
        "vehicles": max((trip["vehicle"] for trip in trips), default=0),
        "driver_minutes": 0,
        "km": None,
        "nok": 0.0,
        **figures,
        "cost": played.get("cost", cost) if seated else cost,
        "trips": trips,
        "played": {"cost": cost, **nothing, **played},
        "changes": {"kept": 0, "moved": [], "added": [], "dropped": [], **figures.get("changes", {})},
        "requirements": [{"slack": 0.0, "hard": True, **each} for each in figures.get("requirements", ())],
    }


def _relaxation(relaxation: Mapping[str, Any]) -> dict[str, Any]:
    unknown = dict.fromkeys(("cost", "penalty", "bound", "nok", "trips_count"))
    return {**unknown, "requirements": [], "day_type": "", **relaxation}
