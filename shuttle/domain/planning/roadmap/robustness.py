"""Cases of a road: its timetables simulated with other demand and longer running times, beside the best road of each case.

The cases do not choose again: money and budgets stay those of the plan, only the passengers' day changes. So the figures of a case are
of the same timetables, and its best road is the best of those that were planned.

Where running times are measured, the first case drives at their median and the others at their 85th percentile; links that are not
measured get the roadmap's extra per cent, which is assumed. A bus ahead of its time waits, so no measured time is below the planned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.blocks import blocks
from shuttle.domain.planning.empty_runs import with_empty_runs
from shuttle.domain.planning.planned_trips import PlannedTrip, plan_trip
from shuttle.domain.planning.roadmap.definition import HoursState, years_of
from shuttle.domain.planning.roadmap.nodes import DayPoint, Node, with_hours
from shuttle.domain.planning.roadmap.result import CaseResult
from shuttle.domain.planning.roadmap.roads import Road, RoadNetwork
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.planning.simulation import simulate

MeasuredTimes = dict[int, dict[tuple[str, str], tuple[tuple[Minute, int], ...]]]
"""Percentile -> link -> time bands, of the links that are measured."""

MEDIAN, LONG = MEASURED_PERCENTILES = (50, 85)


def cases_of(network: RoadNetwork, scenario: Scenario, road: Road, measured: MeasuredTimes) -> list[CaseResult]:
    """Each case of the roadmap."""
    wanted = network.roadmap.robustness
    return [
        _case(network, scenario, road, factor, percent, measured)
        for factor in wanted.demand
        for percent in wanted.running_time_percent
    ]


def _case(
    network: RoadNetwork, scenario: Scenario, road: Road, factor: float, percent: int, measured: MeasuredTimes
) -> CaseResult:
    percentile = LONG if percent else MEDIAN
    by_link = measured.get(percentile, {})
    played = _Played(case_scenario(scenario, factor, percent, by_link))
    twins = {node: played.node(node) for node in network.nodes}
    case = RoadNetwork(network.roadmap, tuple(twins.values()), network.days, network.today)
    best = case.optimal()
    years = years_of(network.roadmap.steps)
    nodes = [twins[node] for node in road.nodes]
    cost = sum(span * node.cost(days) for span, node, days in zip(years, nodes, network.days, strict=True))
    drivable = all(played.drivable(node) for node in nodes)
    holds = drivable and cost - best.cost <= network.roadmap.robustness.tolerance * best.cost
    document: CaseResult = {
        "demand": factor,
        "running_time_percent": percent,
        "cost": cost,
        "best": best.cost,
        "options": [node.state.id for node in best.nodes],
        "drivable": drivable,
        "holds": holds,
    }
    if by_link:
        document["percentile"] = percentile
        document["measured_links"], document["links"] = len(by_link), len(scenario.running_times)
    return document


def case_scenario(
    scenario: Scenario,
    factor: float,
    percent: int,
    measured: Mapping[tuple[str, str], tuple[tuple[Minute, int], ...]],
) -> Scenario:
    """Demand times `factor`; running times as measured, else longer by `percent`, rounded up to whole minutes."""
    profiles = tuple(
        replace(profile, passengers=tuple(amount * factor for amount in profile.passengers))
        for profile in scenario.demand.profiles
    )
    times = {
        link: replace(running, bands=tuple(_band(band, percent, measured.get(link)) for band in running.bands))
        for link, running in scenario.running_times.items()
    }
    return replace(scenario, demand=replace(scenario.demand, profiles=profiles), running_times=times)


def _band(
    band: tuple[Minute, int], percent: int, measured: tuple[tuple[Minute, int], ...] | None
) -> tuple[Minute, int]:
    start, minutes = band
    if measured is None:
        return start, -(-minutes * (100 + percent) // 100)
    return start, max(minutes, dict(measured)[start])


class _Played:
    """Points of a network played under a changed scenario, each once."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._points: dict[DayPoint, DayPoint] = {}
        self._drivable: dict[DayPoint, bool] = {}

    def node(self, node: Node) -> Node:
        return Node(state=node.state, points=tuple(self._point(node.state, point) for point in node.points))

    def drivable(self, node: Node) -> bool:
        return all(self._drivable[point] for point in node.points)

    def _point(self, state: HoursState, point: DayPoint) -> DayPoint:
        if point not in self._points:
            scenario = with_hours(self._scenario, state)
            trips = self._trips(scenario, point.trips)
            day = simulate(scenario, point.day_type, trips)
            cost = day.cost(scenario.demand.unserved)
            twin = replace(point, cost=cost, bound=cost, served=day.served, trips=tuple(trips))
            self._points[point] = twin
            self._drivable[twin] = max(blocks(scenario, trips), default=0) <= scenario.fleet.vehicles
        return self._points[point]

    @staticmethod
    def _trips(scenario: Scenario, trips: Sequence[PlannedTrip]) -> Sequence[PlannedTrip]:
        return with_empty_runs(scenario, [plan_trip(scenario, trip.stops, trip.departs) for trip in trips])
