"""The result document of a run (domain/planning/result.py), built from the standings of its alternatives at any moment.

A value that is not computed yet is None or empty: a proposal without a bound has a gap of 1, one without drawn days no interval.
Figures, drawn costs and comparisons are cached by timetable, so that a document costs only what has changed since the last one.
"""

from shuttle.domain.planning.baselines import baselines
from shuttle.domain.planning.proposals import document, duty_verdicts
from shuttle.domain.planning.result import DayTypeResult, Figures, HindsightResult, NoProposal, ProposalResult
from shuttle.domain.planning.robustness.regret import regrets
from shuttle.domain.planning.robustness.sensitivity import Alternative, sensitivity
from shuttle.domain.planning.robustness.uncertainty import drawn_costs, interval_of
from shuttle.domain.planning.scenario import Scenario
from shuttle.planner.process.empty_result import nothing_yet
from shuttle.planner.search.day_plan import DayPlan
from shuttle.planner.search.drawn_days import DrawnDays
from shuttle.planner.search.pareto_front import Point, knee_point
from shuttle.planner.search.standing import Incumbent, Standing


class DayTypeResultBuilder:
    """The result of one day type, with what it caches."""

    def __init__(self, plan: DayPlan) -> None:
        self.plan = plan
        self.hindsight: dict[tuple[int, ...], HindsightResult] = {}
        self._day = nothing_yet(plan.request, plan.day_type)
        self._drawn: dict[tuple[tuple[int, ...], bool], list[float]] = {}
        self._figures: dict[tuple[int, ...], Figures] = {}
        self._seat_costs: dict[tuple[int, ...], float] = {}
        self._compared: tuple[tuple[int, ...], ...] = ()
        self._days: DrawnDays | None = None

    @property
    def _scenario(self) -> Scenario:
        return self.plan.request.scenario

    def draw(self) -> None:
        """Passenger cost on drawn days, once for each timetable: simulated where the timetable leaves passengers behind. If any timetable
        of the front does, all are simulated as well, so that regret compares like with like."""
        for point in self.plan.points:
            for simulated in {self._leaves(point), self._any_leaves}:
                self._draw(point.proposal, simulated)

    def _draw(self, incumbent: Incumbent, simulated: bool) -> None:
        if (incumbent.numbers, simulated) in self._drawn:
            return
        trips, seed = incumbent.assessment.trips, self.plan.request.seed
        if simulated and self._days is None:
            self._days = DrawnDays(self._scenario, self.plan.day_type, seed)
        costs = self._days.costs(trips) if simulated and self._days else None
        self._drawn[incumbent.numbers, simulated] = costs or drawn_costs(
            self._scenario, self.plan.day_type, trips, seed
        )

    @property
    def _any_leaves(self) -> bool:
        return any(self._leaves(point) for point in self.plan.points)

    @staticmethod
    def _leaves(point: Point[Incumbent]) -> bool:
        return point.proposal.assessment.leaves_somebody_behind

    def weigh(self) -> None:
        """Comparisons of the proposals: sensitivity to assumptions, baselines, and the seat model's cost. Nothing where the front is the
        one that was compared last."""
        from shuttle.planner.model.seating import cheapest_with_seats

        points = self.plan.points
        front = tuple(point.proposal.numbers for point in points)
        if front == self._compared:
            return
        request, day_type = self.plan.request, self.plan.day_type
        alternatives = [
            Alternative(
                self._name(point),
                point.proposal.assessment.trips,
                point.proposal.assessment.driver_minutes,
                point.proposal.assessment.nok,
            )
            for point in points
        ]
        rows = sensitivity(self._scenario, day_type, request.rates, alternatives, self._any_leaves)
        counts = [len(each.trips) for each in alternatives]
        without_solver = baselines(self._scenario, day_type, counts, self.plan.problem.base, request.rates)
        self._day["sensitivity"] = [row.document() for row in rows]
        self._day["baselines"] = [each.document(self._scenario) for each in without_solver]
        for point in points:
            if self._leaves(point) and point.proposal.numbers not in self._seat_costs:
                trips = point.proposal.assessment.trips
                self._seat_costs[point.proposal.numbers] = cheapest_with_seats(self._scenario, day_type, trips)
                self._figures.pop(point.proposal.numbers, None)
        self._compared = front

    def document(self) -> DayTypeResult:
        """The document of the front as it stands; comparisons only where they are of this front."""
        points = self.plan.points
        knee = knee_point(points)
        proposals = [self._proposal(point, point is knee) for point in points]
        for point, proposal in zip(points, proposals, strict=True):
            simulated = self._leaves(point)
            costs = self._drawn.get((point.proposal.numbers, simulated))
            proposal["interval"] = interval_of(costs, simulated).document() if costs else None
        drawn = [self._drawn.get((point.proposal.numbers, self._any_leaves)) for point in points]
        all_drawn = [costs for costs in drawn if costs is not None]
        if points and len(all_drawn) == len(points):
            for proposal, regret in zip(proposals, regrets(all_drawn), strict=True):
                proposal["regret"] = regret.document()
        is_compared = self._compared == tuple(point.proposal.numbers for point in points)
        return {
            **self._day,
            "sensitivity": self._day["sensitivity"] if is_compared else [],
            "proposals": proposals,
            "knee": next((proposal["id"] for proposal in proposals if proposal["knee"]), None),
            "no_proposal": None if proposals else self._reason(),
        }

    def _reason(self) -> NoProposal:
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

    def _proposal(self, point: Point[Incumbent], is_knee: bool) -> ProposalResult:
        incumbent, standing = point.proposal, self._standing(point)
        figures = self._figures_of(incumbent)
        proposal: ProposalResult = {
            **figures,  # type: ignore[typeddict-item]  # mypy holds that it may have `duties` and `failed`
            "id": self._name(point),
            "proven": standing.proven,
            "bound": min(incumbent.total, standing.bound),
            "gap": standing.gap,
            "crosschecked": standing.confirmed,
            "penalty": incumbent.penalty,
            "knee": is_knee,
            "driven": incumbent.driven,
            "breaks": list(incumbent.breaks),
            "interval": None,
            "regret": None,
            "hindsight": self.hindsight.get(incumbent.numbers),
        }
        if incumbent.duties is not None and self.plan.wanted_duties is not None:
            profile = self.plan.request.profiles[self.plan.wanted_duties.profile]
            proposal["duties"] = [duty.document(profile) for duty in incumbent.duties.duties]
        if standing.failed:
            proposal["failed"] = standing.failed
        return proposal

    def _figures_of(self, incumbent: Incumbent) -> Figures:
        if incumbent.numbers not in self._figures:
            plan, scenario = self.plan, self._scenario
            past = plan.request.past.get(plan.day_type)
            figures = document(scenario, incumbent.assessment, past, self._seat_costs.get(incumbent.numbers))
            figures["requirements"] += duty_verdicts(scenario, plan.day_type, incumbent.duties is not None)
            self._figures[incumbent.numbers] = figures
        return self._figures[incumbent.numbers]
