"""Sensitivity analysis: which proposal is best when one assumption has another value.

The cost of an unserved passenger, the longest wait and the cost of a driver hour are halved and doubled in turn. The same
timetables are assessed again with each value; none is optimised again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from shuttle.domain.planning.passenger_cost import waiting
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.result import SensitivityResult, WeighedResult
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.planning.simulation import simulate
from shuttle.domain.timetable.network import Costs

FACTORS = (0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Alternative:
    """A proposal. `nok`: cost of a day at the original rates, which includes `paid_minutes` at the hourly rate."""

    id: str
    trips: tuple[PlannedTrip, ...]
    paid_minutes: int
    nok: float


@dataclass(frozen=True)
class WeighedAlternative:
    """A proposal under changed values: passenger cost in minutes, unserved passengers, NOK a day."""

    id: str
    cost: float
    unserved: float
    nok: float

    def document(self) -> WeighedResult:
        return {"id": self.id, "cost": self.cost, "unserved": self.unserved, "nok": self.nok}


@dataclass(frozen=True, kw_only=True)
class SensitivityRow:
    """A changed assumption (`what`, factor, value) and every proposal under it. `played`: assessed by simulation."""

    what: str
    factor: float
    value: float
    weighed: tuple[WeighedAlternative, ...]
    played: bool = False

    @property
    def best(self) -> WeighedAlternative:
        return knee_point(self.weighed)

    def document(self) -> SensitivityResult:
        return {
            "what": self.what,
            "factor": self.factor,
            "value": self.value,
            "model": "played" if self.played else "without seats",
            "best": self.best.id,
            "proposals": [each.document() for each in self.weighed],
        }


def sensitivity(
    scenario: Scenario, day_type: str, rates: Costs, alternatives: Sequence[Alternative], played: bool = False
) -> list[SensitivityRow]:
    """A row for each value of each assumption. Values are limited so that an unserved passenger never costs less than a wait.

    `played`: assess with seats, by simulation.
    """
    if not alternatives:
        return []
    return [
        SensitivityRow(
            what=what,
            factor=factor,
            value=value,
            weighed=tuple(
                _weighed(changed, day_type, each, hour - rates.nok_per_driver_hour, played) for each in alternatives
            ),
            played=played,
        )
        for what, factor, value, changed, hour in _changed(scenario, rates)
    ]


def knee_point(several: Sequence[WeighedAlternative]) -> WeighedAlternative:
    """The knee point of the Pareto front of cost and NOK: farthest below the line from its cheapest to its dearest member.

    Both axes are scaled to 1. A front of fewer than three members has no knee; the result is the least passenger cost.
    """
    front: list[WeighedAlternative] = []
    for each in sorted(several, key=lambda each: (each.nok, each.cost)):
        if not front or each.cost < front[-1].cost - 1e-6:
            front.append(each)
    first, last = front[0], front[-1]
    if len(front) < 3:
        return last
    across, down = last.nok - first.nok, first.cost - last.cost
    return max(front, key=lambda each: (first.cost - each.cost) / down - (each.nok - first.nok) / across)


def _changed(scenario: Scenario, rates: Costs) -> Iterator[tuple[str, float, float, Scenario, float]]:
    """(what, factor, value, changed scenario, NOK per driver hour) of each row."""
    demand, hour = scenario.demand, rates.nok_per_driver_hour
    for factor in FACTORS:
        unserved = max(round(demand.unserved * factor), demand.max_wait)
        yield "unserved_minutes", factor, unserved, _with(scenario, unserved=unserved), hour
    for factor in FACTORS:
        wait = min(round(demand.max_wait * factor), demand.unserved)
        yield "max_wait_minutes", factor, wait, _with(scenario, max_wait=wait), hour
    for factor in FACTORS:
        yield "nok_per_driver_hour", factor, hour * factor, scenario, hour * factor


def _with(scenario: Scenario, **values: int) -> Scenario:
    return replace(scenario, demand=replace(scenario.demand, **values))  # type: ignore[arg-type]


def _weighed(scenario: Scenario, day_type: str, each: Alternative, increase: float, played: bool) -> WeighedAlternative:
    """`increase`: the increase in NOK per driver hour."""
    day = (simulate if played else waiting)(scenario, day_type, each.trips)
    nok = each.nok + increase * each.paid_minutes / 60
    return WeighedAlternative(each.id, day.cost(scenario.demand.unserved), day.unserved, nok)
