"""The answer of a roadmap: its shape. `roadmap --json` prints it, the API returns it, the row of a run stores it.

Costs are passenger minutes a year, money NOK a year, `served` passengers a year; hours are texts (`09:00`), dates ISO 8601.
"""

from typing import NotRequired, TypedDict

from shuttle.domain.planning.result import ProposalResult

HoursResult = dict[str, dict[str, list[list[str]]]]
"""Stop -> day type -> [opens, closes]."""


class ChangeCountsResult(TypedDict):
    """Departures that differ from the step before (for the first: from today's timetable), over all day types."""

    moved: int
    dropped: int
    added: int


class YearResult(TypedDict):
    """The figures of a year."""

    cost_a_year: float
    nok_a_year: float
    served_a_year: float


class AlternativeResult(YearResult):
    """Another choice of hours in a step: its best timetable within the budget, else its cheapest one. `over_budget` in NOK a year."""

    option: str
    over_budget: float
    shrinks: bool


class MeasureResult(TypedDict):
    """Measure to count in a step before the next one is taken. `goal` and `expected` in riders a week to `stop`."""

    stop: str
    expected: float
    goal: float
    weeks: int


StepResult = TypedDict(
    "StepResult",
    {
        "from": str,
        "starts": str,
        "scenario": str,
        "option": str,
        "opening_hours": HoursResult,
        "proposal": dict[str, str],
        "day_types": dict[str, ProposalResult],
        "days": dict[str, int],
        "budget_nok_a_year": float,
        "staff_nok_a_year": float,
        "cost_a_year": float,
        "nok_a_year": float,
        "served_a_year": float,
        "bound_a_year": float,
        "changes": ChangeCountsResult,
        "alternatives": list[AlternativeResult],
        "measures": list[MeasureResult],
    },
)
"""A step of the optimal road. `from` and `starts` are the same date."""


class GreedyStepResult(YearResult):
    """A step of the greedy road."""

    starts: str
    option: str
    proposal: dict[str, str]


class GreedyResult(TypedDict):
    """The road that takes the best node step by step; `cost` None where it gets stuck."""

    cost: float | None
    steps: list[GreedyStepResult]


class NodeResult(YearResult):
    """A node in the year of the first step. `efficient`: no other node is better in both NOK and cost. `worst`: the least covered share of
    an open hour."""

    id: str
    option: str
    proposal: dict[str, str]
    bound_a_year: float
    efficient: bool
    worst: float


class CaseResult(TypedDict):
    """The road played again. `cost`: its objective; `best`: that of the best road of the case, whose options are `options`.
    `drivable`: its trips need no more vehicles than there are. `holds`: drivable, and within the tolerance of the best.
    Where running times are measured: `percentile` of them on `measured_links` of `links`, the others longer by the per cent."""

    demand: float
    running_time_percent: int
    cost: float
    best: float
    options: list[str]
    drivable: bool
    holds: bool
    percentile: NotRequired[int]
    measured_links: NotRequired[int]
    links: NotRequired[int]


class FrontStateResult(TypedDict):
    """A front of one day type under certain hours: how far it is. `key`: of its stored answer; older answers have none."""

    key: NotRequired[str]
    day_type: str
    options: list[str]
    status: str
    proposals: int
    gap: float
    seconds: float


class RoadmapResult(TypedDict):
    """The whole answer. `status`: `solved` (the gap is at most what was asked, or nothing is left to prove), `out_of_time`, `cancelled`,
    `interrupted`, `infeasible`; `gap` = (cost - bound) / cost."""

    roadmap: str
    name: str
    status: str
    seconds: float
    gap: float
    cost: float | None
    bound: float | None
    years: list[float]
    steps: list[StepResult]
    greedy: GreedyResult
    nodes: list[NodeResult]
    today: YearResult | None
    cases: list[CaseResult]
    fronts: list[FrontStateResult]
    assumed: list[str]
    why_none: NotRequired[str]
