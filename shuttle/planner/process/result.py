"""An answer as the document that `plan --json` prints, whole at every moment of a run.

What is not known yet is null or empty: a proposal without a bound has a gap of 1, one whose drawn days were not played has no interval.
Each part of a document is made anew only when what it tells of has changed.
"""

from typing import Any

from shuttle.domain.planning.baselines import baselines
from shuttle.domain.planning.proposals import document, duty_verdicts
from shuttle.domain.planning.regret import regrets
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.planning.sensitivity import Alternative, sensitivity
from shuttle.domain.planning.uncertainty import drawn_costs, interval_of
from shuttle.planner.process.empty_result import nothing_yet
from shuttle.planner.process.request import Document
from shuttle.planner.search.day_plan import DayPlan
from shuttle.planner.search.drawn_days import DrawnDays
from shuttle.planner.search.pareto_front import Point, knee_point
from shuttle.planner.search.standing import Incumbent, Standing


class DayAnswer:
    """The part of one day type."""

    def __init__(self, plan: DayPlan) -> None:
        self.plan = plan
        self.hindsight: dict[tuple[int, ...], Document] = {}
        self._known = nothing_yet(plan.request, plan.day_type)
        self._drawn: dict[tuple[tuple[int, ...], bool], list[float]] = {}
        self._figures: dict[tuple[int, ...], Document] = {}
        self._seat_costs: dict[tuple[int, ...], float] = {}
        self._weighed: tuple[object, ...] = ()
        self._days: DrawnDays | None = None

    @property
    def _scenario(self) -> Scenario:
        return self.plan.request.scenario

    def draw(self) -> None:
        """Passenger cost on drawn days: as they are played where somebody is left behind, and for the comparison then for all."""
        for point in self.plan.points:
            for played in {self._leaves(point), self._short}:
                self._draw(point.proposal, played)

    def _draw(self, incumbent: Incumbent, played: bool) -> None:
        if (incumbent.numbers, played) in self._drawn:
            return
        trips, seed = incumbent.assessment.trips, self.plan.request.seed
        if played and self._days is None:
            self._days = DrawnDays(self._scenario, self.plan.day_type, seed)
        costs = self._days.costs(trips) if played and self._days else None
        self._drawn[incumbent.numbers, played] = costs or drawn_costs(self._scenario, self.plan.day_type, trips, seed)

    @property
    def _short(self) -> bool:
        return any(self._leaves(point) for point in self.plan.points)

    @staticmethod
    def _leaves(point: Point[Incumbent]) -> bool:
        return point.proposal.assessment.leaves_somebody_behind

    def weigh(self) -> None:
        """What the proposals are held against: other assumptions, what one makes by hand, the best seating."""
        from shuttle.planner.model.seating import cheapest_with_seats

        points = self.plan.points
        weighed = tuple(point.proposal.numbers for point in points)
        if weighed == self._weighed:
            return
        request, day_type = self.plan.request, self.plan.day_type
        several = [
            Alternative(
                self._name(point),
                point.proposal.assessment.trips,
                point.proposal.assessment.driver_minutes,
                point.proposal.assessment.nok,
            )
            for point in points
        ]
        rows = sensitivity(self._scenario, day_type, request.rates, several, self._short)
        counts = [len(each.trips) for each in several]
        by_hand = baselines(self._scenario, day_type, counts, self.plan.problem.base, request.rates)
        self._known["sensitivity"] = [row.document() for row in rows]
        self._known["baselines"] = [each.document(self._scenario) for each in by_hand]
        for point in points:
            if self._leaves(point) and point.proposal.numbers not in self._seat_costs:
                trips = point.proposal.assessment.trips
                self._seat_costs[point.proposal.numbers] = cheapest_with_seats(self._scenario, day_type, trips)
                self._figures.pop(point.proposal.numbers, None)
        self._weighed = weighed

    def document(self) -> Document:
        """As it stands."""
        points = self.plan.points
        bend = knee_point(points)
        proposals = [self._proposal(point, point is bend) for point in points]
        for point, proposal in zip(points, proposals, strict=True):
            played = self._leaves(point)
            costs = self._drawn.get((point.proposal.numbers, played))
            proposal["interval"] = interval_of(costs, played).document() if costs else None
        compared = [self._drawn.get((point.proposal.numbers, self._short)) for point in points]
        all_drawn = [costs for costs in compared if costs is not None]
        judged = regrets(all_drawn) if points and len(all_drawn) == len(points) else [None] * len(points)
        for proposal, regret in zip(proposals, judged, strict=True):
            proposal["regret"] = regret.document() if regret else None
        current = self._weighed == tuple(point.proposal.numbers for point in points)
        return {
            **self._known,
            "sensitivity": self._known["sensitivity"] if current else [],
            "proposals": proposals,
            "knee": next((proposal["id"] for proposal in proposals if proposal["knee"]), None),
            "no_proposal": None if proposals else self._reason(),
        }

    def _reason(self) -> str:
        standings = self.plan.standings
        if all(each.impossible for each in standings):
            return "impossible"
        return "failed" if any(each.failed for each in standings) else "not_found"

    def _name(self, point: Point[Incumbent]) -> str:
        front, day_type = self._scenario.front, self.plan.day_type
        if front is None or front.by == "trips":
            return f"{day_type}-{len(point.proposal.assessment.trips)}"
        return f"{day_type}-{point.limit:g}".replace(".", "-")

    def _standing(self, point: Point[Incumbent]) -> Standing:
        """Of several alternatives with one best timetable the one with the smallest limit: its bound is the highest."""
        return next(each for each in self.plan.standings if each.best is point.proposal)

    def _proposal(self, point: Point[Incumbent], is_knee: bool) -> Document:
        incumbent, standing = point.proposal, self._standing(point)
        body: dict[str, Any] = {**self._figures_of(incumbent)}
        body.update(
            {
                "id": self._name(point),
                "proven": standing.proven,
                "bound": max(0.0, min(incumbent.cost, standing.bound - incumbent.penalty)),
                "gap": standing.gap,
                "crosschecked": standing.confirmed,
                "penalty": incumbent.penalty,
                "knee": is_knee,
                "driven": incumbent.driven,
                "breaks": list(incumbent.breaks),
                "hindsight": self.hindsight.get(incumbent.numbers),
            }
        )
        if standing.failed:
            body["failed"] = standing.failed
        return body

    def _figures_of(self, incumbent: Incumbent) -> Document:
        if incumbent.numbers not in self._figures:
            plan, scenario = self.plan, self._scenario
            past = plan.request.past.get(plan.day_type)
            body = document(scenario, incumbent.assessment, past, self._seat_costs.get(incumbent.numbers))
            body["requirements"] += duty_verdicts(scenario, plan.day_type, incumbent.duties is not None)
            if incumbent.duties is not None and plan.wanted_duties is not None:
                profile = plan.request.profiles[plan.wanted_duties.profile]
                body["duties"] = [duty.document(profile) for duty in incumbent.duties.duties]
            self._figures[incumbent.numbers] = body
        return self._figures[incumbent.numbers]
