"""The answer of a roadmap, built from its network of nodes at any moment of the run. All figures come from the nodes' trips and days.

A road that is not possible yet (fronts are missing) or at all is told as `why_none`; the nodes are shown all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.planning.passenger_cost import demand_of, waiting
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.result import ProposalResult
from shuttle.domain.planning.roadmap.definition import HoursState, years_of
from shuttle.domain.planning.roadmap.measures import weeks_to_count
from shuttle.domain.planning.roadmap.nodes import DayPoint, Node, with_hours
from shuttle.domain.planning.roadmap.result import (
    AlternativeResult,
    ChangeCountsResult,
    FrontStateResult,
    GreedyResult,
    HoursResult,
    MeasureResult,
    NodeResult,
    RoadmapResult,
    StepResult,
    YearResult,
)
from shuttle.domain.planning.roadmap.roads import ChangeCounts, Road, RoadNetwork, efficient
from shuttle.domain.planning.roadmap.robustness import MeasuredTimes, cases_of
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.network import Costs

DAYS_A_WEEK_AND_YEAR = (7, 365)


@dataclass(frozen=True, kw_only=True)
class Background:
    """Inputs of an answer beside the nodes. `scenario`: under the longest hours; `bases`: today's trips by day type; `today`: the node
    of today's timetable, where all day types have one."""

    scenario: Scenario
    rates: Costs
    bases: Mapping[str, tuple[PlannedTrip, ...]]
    today: Node | None
    assumed: Sequence[str]
    measured: MeasuredTimes


class RoadmapAnswer:
    """`proposals`: id of the front and of the point -> the proposal as the planner told it."""

    def __init__(
        self,
        network: RoadNetwork,
        background: Background,
        proposals: Mapping[DayPoint, ProposalResult],
        fronts: Sequence[FrontStateResult],
    ) -> None:
        self.network, self.background, self.proposals, self.fronts = network, background, proposals, fronts
        self.roads: tuple[Road, Road] | None = None
        """The optimal road, and that of the bounds."""
        self._why_none = ""
        if network.nodes:
            try:
                self.roads = (network.optimal(), network.optimal(Node.bound, with_change=False))
            except Invalid as error:
                self._why_none = error.whole
        self._days = network.days[0]

    @property
    def gap(self) -> float:
        """(cost - bound) / cost; 1 without a road."""
        if self.roads is None:
            return 1.0
        road, bound = self.roads
        return max(0.0, road.cost - bound.cost) / max(road.cost, 1e-9)

    def document(self, status: str, seconds: float, with_cases: bool) -> RoadmapResult:
        """The whole answer. `with_cases`: play the road again with other demand and running times."""
        network, roadmap = self.network, self.network.roadmap
        road = self.roads[0] if self.roads else None
        document: RoadmapResult = {
            "roadmap": roadmap.id,
            "name": roadmap.name,
            "status": status,
            "seconds": seconds,
            "gap": self.gap,
            "cost": road.cost if road else None,
            "bound": self.roads[1].cost if self.roads else None,
            "years": list(years_of(roadmap.steps)),
            "steps": self._steps(road) if road else [],
            "greedy": self._greedy() if road else {"cost": None, "steps": []},
            "nodes": self._nodes(),
            "today": self._year(self.background.today, self._days) if self.background.today else None,
            "cases": cases_of(network, self.background.scenario, road, self.background.measured)
            if road and with_cases
            else [],
            "fronts": list(self.fronts),
            "assumed": list(self.background.assumed),
        }
        if self._why_none:
            document["why_none"] = self._why_none
        return document

    def _year(self, node: Node, days: Mapping[str, int]) -> YearResult:
        nok = self.network.nok(node, days)
        return {"cost_a_year": node.cost(days), "nok_a_year": nok, "served_a_year": node.served(days)}

    def _steps(self, road: Road) -> list[StepResult]:
        return [self._step(number, road) for number in range(len(road.nodes))]

    def _step(self, number: int, road: Road) -> StepResult:
        network, node = self.network, road.nodes[number]
        step, days = network.roadmap.steps[number], network.days[number]
        before = road.nodes[number - 1] if number else None
        staff = sum(days[point.day_type] * network.staff_nok(node.state, point.day_type) for point in node.points)
        return {
            "from": step.starts.isoformat(),
            "starts": step.starts.isoformat(),
            "scenario": network.roadmap.scenario,
            "option": node.state.id,
            "opening_hours": hours_document(node.state),
            "proposal": {point.day_type: point.id for point in node.points},
            "day_types": {point.day_type: self.proposals[point] for point in node.points},
            "days": dict(days),
            "budget_nok_a_year": step.budget,
            "staff_nok_a_year": staff,
            **self._year(node, days),
            "bound_a_year": node.bound(days),
            "changes": self._changes(before, node),
            "alternatives": self._alternatives(number, before, node),
            "measures": self._measures(before, node),
        }

    def _changes(self, before: Node | None, node: Node) -> ChangeCountsResult:
        """From the step before, or from today's timetable."""
        earlier = before or Node(
            state=node.state,
            points=tuple(
                DayPoint(
                    id="", day_type=p.day_type, cost=0, bound=0, nok=0, served=0,
                    trips=self.background.bases.get(p.day_type, ()),
                )
                for p in node.points
            ),
        )  # fmt: skip
        counts: ChangeCounts = self.network.changes(earlier, node)
        return {"moved": counts.moved, "dropped": counts.dropped, "added": counts.added}

    def _alternatives(self, number: int, before: Node | None, chosen: Node) -> list[AlternativeResult]:
        """For each other choice of hours the node that would be taken, cheapest first."""
        network, step, days = self.network, self.network.roadmap.steps[number], self.network.days[number]
        by_state: dict[str, list[Node]] = {}
        for node in network.nodes:
            by_state.setdefault(node.state.id, []).append(node)
        rows: list[AlternativeResult] = []
        for state, nodes in by_state.items():
            if state == chosen.state.id:
                continue
            within = [node for node in nodes if network.nok(node, days) <= step.budget]
            best = min(within, key=lambda n: n.cost(days)) if within else min(nodes, key=lambda n: network.nok(n, days))
            rows.append(
                {
                    "option": state,
                    **self._year(best, days),
                    "over_budget": max(0.0, network.nok(best, days) - step.budget),
                    "shrinks": before is not None and not best.state.contains(before.state),
                }
            )
        return sorted(rows, key=lambda row: (row["over_budget"] > 0, row["cost_a_year"], row["option"]))

    def _measures(self, before: Node | None, node: Node) -> list[MeasureResult]:
        """For each centre whose hours this step opens: how many should ride there."""
        now = before.state.hours if before else self.network.today
        opened = sorted(
            {stop for (stop, kind), windows in node.state.hours.items() if now.get((stop, kind), ()) != windows}
        )
        low = min(self.network.roadmap.robustness.demand)
        measures: list[MeasureResult] = []
        for stop in opened:
            expected = self._riders_a_week(node, stop)
            goal = expected * min(1.0, low)
            weeks = weeks_to_count(expected, goal)
            measures.append({"stop": stop, "expected": expected, "goal": goal, "weeks": weeks})
        return measures

    def _riders_a_week(self, node: Node, stop: str) -> float:
        """Riders to a stop in a mean week of the year, without seat limits."""
        scenario, riders = with_hours(self.background.scenario, node.state), 0.0
        for point in node.points:
            there = {pair: rates for pair, rates in demand_of(scenario, point.day_type).items() if pair[1] == stop}
            riders += self._days[point.day_type] * waiting(scenario, point.day_type, point.trips, there).served
        week, year = DAYS_A_WEEK_AND_YEAR
        return riders * week / year

    def _greedy(self) -> GreedyResult:
        network, road = self.network, self.network.greedy()
        if road is None:
            return {"cost": None, "steps": []}
        steps = zip(network.roadmap.steps, network.days, road.nodes, strict=True)
        return {
            "cost": road.cost,
            "steps": [
                {
                    "starts": step.starts.isoformat(),
                    "option": node.state.id,
                    "proposal": {point.day_type: point.id for point in node.points},
                    **self._year(node, days),
                }
                for step, days, node in steps
            ],
        }

    def _nodes(self) -> list[NodeResult]:
        network, days = self.network, self._days
        best = {*efficient(network.nodes, lambda n: network.nok(n, days), lambda n: n.cost(days))}
        rows: list[NodeResult] = [
            {
                "id": node.id,
                "option": node.state.id,
                "proposal": {point.day_type: point.id for point in node.points},
                **self._year(node, days),
                "bound_a_year": node.bound(days),
                "efficient": node in best,
                "worst": node.worst,
            }
            for node in network.nodes
        ]
        return sorted(rows, key=lambda row: (row["nok_a_year"], row["cost_a_year"], row["id"]))


def hours_document(state: HoursState) -> HoursResult:
    """The hours as texts."""
    document: HoursResult = {}
    for (stop, day_type), windows in sorted(state.hours.items()):
        texts = [[time_of_day_text(opens), time_of_day_text(closes)] for opens, closes in windows]
        document.setdefault(stop, {})[day_type] = texts
    return document
