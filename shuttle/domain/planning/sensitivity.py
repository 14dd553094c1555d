"""Would another proposal be the better one if an assumption were another?

What a person left out is worth, how long people wait and what a driver's hour costs decide more than any solver does. So each
is halved and doubled in turn, and the same timetables are weighed anew: nothing is solved again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shuttle.domain.planning.passenger_cost import waiting
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.planning.simulation import simulate
from shuttle.domain.timetable.network import Costs

FACTORS = (0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Alternative:
    """A proposal as it stands. `nok` a day at the given rates, of which `paid_minutes` are a driver's plain hours."""

    id: str
    trips: tuple[PlannedTrip, ...]
    paid_minutes: int
    nok: float


@dataclass(frozen=True)
class WeighedAlternative:
    """A proposal under other values: passenger cost in minutes, passengers unserved, NOK a day."""

    id: str
    cost: float
    unserved: float
    nok: float


@dataclass(frozen=True, kw_only=True)
class SensitivityRow:
    """What was changed, by which factor, to which value; every proposal weighed; and which is then the best."""

    what: str
    factor: float
    value: float
    weighed: tuple[WeighedAlternative, ...]
    played: bool = False

    @property
    def best(self) -> WeighedAlternative:
        return knee_point(self.weighed)

    def document(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "factor": self.factor,
            "value": self.value,
            "model": "played" if self.played else "without seats",
            "best": self.best.id,
            "proposals": [vars(each) for each in self.weighed],
        }


def sensitivity(
    scenario: Scenario, day_type: str, rates: Costs, alternatives: Sequence[Alternative], played: bool = False
) -> list[SensitivityRow]:
    """A row for each value of each assumption. `value` is what was used: being left out never costs less than waiting.

    `played`: weighed with seats, as the day is played.
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
    """The one after which a krone buys less: farthest below the line from the cheapest to the dearest, both axes scaled to 1.

    Only those count that no other is at least as good as in both; of fewer than three the one with the least passenger cost.
    """
    kept: list[WeighedAlternative] = []
    for each in sorted(several, key=lambda each: (each.nok, each.cost)):
        if not kept or each.cost < kept[-1].cost - 1e-6:
            kept.append(each)
    first, last = kept[0], kept[-1]
    if len(kept) < 3:
        return last
    across, down = last.nok - first.nok, first.cost - last.cost
    return max(kept, key=lambda each: (first.cost - each.cost) / down - (each.nok - first.nok) / across)


def _changed(scenario: Scenario, rates: Costs) -> Iterator[tuple[str, float, float, Scenario, float]]:
    """(what, factor, value, the scenario with it, NOK per driver hour with it)."""
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


def _weighed(scenario: Scenario, day_type: str, each: Alternative, dearer: float, played: bool) -> WeighedAlternative:
    found = (simulate if played else waiting)(scenario, day_type, each.trips)
    nok = each.nok + dearer * each.paid_minutes / 60
    return WeighedAlternative(each.id, found.cost(scenario.demand.unserved), found.unserved, nok)
