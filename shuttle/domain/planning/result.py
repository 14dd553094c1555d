"""The result document of a plan: its shape and its version.

`plan --json` prints it, the API returns it and the row of a plan stores it as JSON. Times of day are texts (`10:05`), costs are
passenger minutes, money is NOK a day. A key that is `NotRequired` is absent where it does not apply; all others are always there.
A stored document keeps the version that wrote it: `stored_result.py` reads it in the newest shape.
"""

from typing import Literal, NotRequired, TypedDict

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
    """Differences from today's timetable; `past_boardings` where counts were looked up."""

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


class NearestResult(TypedDict):
    """A requirement of a conflict, or the limit of the front: the `value` of its `key` at which it holds together with all others,
    and the value `asked`, both in the file's unit. `proven`: no nearer value does."""

    requirement: str
    day_type: str
    key: str
    asked: float
    value: float
    proven: bool


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
    nearest: NotRequired[list[NearestResult]]
    empty_returns: bool
    assumed: list[str]
    ended_by: NotRequired[str]


class EvaluateResult(TypedDict):
    """Document of `evaluate --json`. It is not stored."""

    scenario: str
    timetable: str
    demand: DemandResult
    day_types: dict[str, EvaluatedResult]
    empty_returns: bool
    assumed: list[str]


class PlanProgress(TypedDict):
    """Progress of a run. `best`, `bound` and `gap` are of `cost + penalty`; `grown`: how often its result has grown."""

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
    """True where the result has a proposal, or a reason for having none."""
    return bool(result["conflicts"]) or any(day["proposals"] for day in result["day_types"].values())
