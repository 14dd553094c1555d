"""The result document of a plan: its shape, its version, and the reading of older versions.

`plan --json` prints it, the API returns it and the row of a plan stores it as JSON. Times of day are texts (`10:05`), costs are
passenger minutes, money is NOK a day. A key that is `NotRequired` is absent where it does not apply; all others are always there.
A stored document keeps the version that wrote it: readers take it through `read_result` and see the newest shape only.
"""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict, cast

from shuttle.domain.basics.errors import Refused
from shuttle.domain.duties.duty import DutyResult

VERSION = 2
"""Version of the shape. 1: documents without `version`, of several shapes; their `bound` is of the passenger cost alone.
2: every key below, and `bound` is of `cost + penalty`, as `gap` is."""

NoProposal = Literal["not_found", "impossible", "failed"]


class CallResult(TypedDict):
    """A stop of a trip."""

    stop: str
    arrives_at: str
    departs_at: str


EmptyRunResult = TypedDict(
    "EmptyRunResult", {"from": str, "to": str, "departs_at": str, "arrives_at": str, "km": float | None}
)


class TripResult(TypedDict):
    """A trip. `pattern`: its place among the scenario's patterns, None for stops that are none of them; `vehicle` counts from 1."""

    pattern: int | None
    stops: list[str]
    departs: str
    vehicle: int
    calls: list[CallResult]
    empty_before: NotRequired[EmptyRunResult]
    empty_after: NotRequired[EmptyRunResult]


class SimulationResult(TypedDict):
    """The simulated day: `served`, `unserved` and `left_behind` in passengers, waits and `cost` in (passenger) minutes."""

    cost: float
    served: float
    unserved: float
    left_behind: float
    wait_minutes: float
    wait_median: float
    wait_p90: float
    max_load: float


class PastBoardingsResult(TypedDict):
    """Mean boardings of a departure of today over the counted days; `mean` None: not recorded."""

    departs: str
    mean: float | None
    days: int


MovedResult = TypedDict("MovedResult", {"from": str, "to": str, "minutes": int})
"""A departure of today at another time; `minutes` later (negative: earlier)."""


class ChangesResult(TypedDict):
    """What differs from today's timetable; `past_boardings` where counts were looked up."""

    kept: int
    moved: list[MovedResult]
    added: list[str]
    dropped: list[str]
    past_boardings: NotRequired[list[PastBoardingsResult]]


class RequirementResult(TypedDict):
    """A requirement checked: `slack` in its own unit, negative where it is not met."""

    name: str
    met: bool
    slack: float
    hard: bool


class IntervalResult(TypedDict):
    """Passenger cost that 5 % of the drawn days stay below, and 5 % exceed. `model`: `played` or `without seats`."""

    cost_p5: float
    cost_p95: float
    model: str


class RegretResult(TypedDict):
    """Passenger minutes above the best proposal of the same drawn day: mean, and what 95 % of the days do not exceed."""

    mean: float
    p95: float


class HindsightResult(TypedDict):
    """Passenger minutes above the best timetable of each drawn day, for the `proven` ones of `days`."""

    mean: float | None
    most: float | None
    proven: int
    days: int
    model: str


class Figures(TypedDict):
    """The figures of any timetable on a day type.

    `cost` is the passenger cost of the simulated day. `model`: `with seats` where passengers are left behind, else `without seats`.
    `seat_model_cost`: the least cost of any seating, where it was looked for.
    """

    cost: float
    model: str
    seat_model_cost: float | None
    cost_without_seats: float
    trips: list[TripResult]
    played: SimulationResult
    coverage: dict[str, float]
    trips_count: int
    vehicles: int
    driver_minutes: int
    km: float | None
    nok: float
    changes: ChangesResult
    requirements: list[RequirementResult]


class TodayResult(Figures):
    """The base timetable."""

    id: str


class EvaluatedResult(Figures):
    """A timetable that `evaluate` was given."""

    id: str
    interval: IntervalResult
    duties: NotRequired[list[DutyResult]]


class BaselineResult(Figures):
    """A timetable made without a solver. `allowed`: it keeps every hard requirement with the vehicles that there are."""

    id: str
    name: str
    allowed: bool


class ProposalResult(Figures):
    """A proposal. `bound`: a proven lower bound of `cost + penalty` over all admissible timetables; `gap` = (cost + penalty - bound)
    / (cost + penalty), 1 without a bound. `penalty`: weight x breach of the soft requirements.

    `driven`: duties exist, or none are asked for; else `breaks` names the rules that the simplest duties break. `interval`, `regret`
    and `hindsight` are None until they are computed. `failed`: what went wrong with this alternative alone.
    """

    id: str
    proven: bool
    bound: float
    gap: float
    crosschecked: bool
    penalty: float
    knee: bool
    driven: bool
    breaks: list[str]
    interval: IntervalResult | None
    regret: RegretResult | None
    hindsight: HindsightResult | None
    duties: NotRequired[list[DutyResult]]
    failed: NotRequired[str]


class WeighedResult(TypedDict):
    """A proposal under another assumption: passenger cost, passengers unserved, NOK a day."""

    id: str
    cost: float
    unserved: float
    nok: float


class SensitivityResult(TypedDict):
    """An assumption (`what`) at `factor` times its value: every proposal weighed, and the id of the `best`."""

    what: str
    factor: float
    value: float
    model: str
    best: str
    proposals: list[WeighedResult]


class DayTypeResult(TypedDict):
    """The part of one day type. `knee`: the id of the proposal at the knee of the front; `no_proposal`: why there is none."""

    today: TodayResult | None
    proposals: list[ProposalResult]
    knee: str | None
    sensitivity: list[SensitivityResult]
    baselines: list[BaselineResult]
    no_proposal: NoProposal | None


class RelaxationResult(TypedDict):
    """A smallest set of requirements whose removal helps, with the figures of a timetable without them; None where unknown."""

    requirements: list[str]
    day_type: str
    cost: float | None
    penalty: float | None
    bound: float | None
    nok: float | None
    trips_count: int | None


class LimitResult(TypedDict):
    """The limit of the front as a requirement: its name in `conflicts`, and the `least` with which all others hold, if known."""

    name: str
    day_type: str
    by: str
    limit: float
    least: float | None


DemandResult = TypedDict(
    "DemandResult",
    {
        "source": str,
        "passengers": dict[str, float],
        "from": NotRequired[str],
        "to": NotRequired[str],
        "counted_days": NotRequired[dict[str, int]],
    },
)
"""The demand that the figures rest on: passengers a day by day type; for recorded demand its dates and how many days counted."""


class PlanResult(TypedDict):
    """The whole document. `status`: `solved`, `infeasible`, `out_of_time`, `cancelled` or `interrupted`."""

    version: int
    scenario: str
    status: str
    seconds: float
    seed: int
    workers: int
    base_timetable: str | None
    demand: DemandResult
    patterns: list[list[str]]
    day_types: dict[str, DayTypeResult]
    conflicts: list[list[str]]
    relaxations: list[RelaxationResult]
    limits: list[LimitResult]
    empty_returns: bool
    assumed: list[str]
    ended_by: NotRequired[str]


class EvaluateResult(TypedDict):
    """What `evaluate --json` prints. It is not stored."""

    scenario: str
    timetable: str
    demand: DemandResult
    day_types: dict[str, EvaluatedResult]
    empty_returns: bool
    assumed: list[str]


class PlanProgress(TypedDict):
    """How far a run is. `best`, `bound` and `gap` are of `cost + penalty`; `grown`: how often its result has grown."""

    phase: str
    done: int
    of: int
    seconds: float
    best: float | None
    bound: float | None
    gap: float | None
    day_type: str
    limit: float | None
    grown: NotRequired[int]


def has_findings(result: PlanResult) -> bool:
    """Whether there is anything to look at: a proposal, or why there is none."""
    return bool(result["conflicts"]) or any(day["proposals"] for day in result["day_types"].values())


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
