"""The whole answer to a request, as the document that `plan --json` prints."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from shuttle.domain.planning.baselines import baselines
from shuttle.domain.planning.proposals import Assessment, assess, demand_document, document, duty_verdicts
from shuttle.domain.planning.regret import regrets
from shuttle.domain.planning.scenario import DriverDuties
from shuttle.domain.planning.sensitivity import Alternative, sensitivity
from shuttle.domain.planning.uncertainty import drawn_costs, interval_of, played_costs
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.seating import cheapest_with_seats
from shuttle.planner.process.request import Document, PlanRequest, Progress
from shuttle.planner.search.conflicts import Explainer
from shuttle.planner.search.hindsight import hindsight
from shuttle.planner.search.pareto_front import Point, alternatives, knee_point
from shuttle.planner.search.solve import Clock, NoTimetable, Proposal, Solver
from shuttle.planner.solvers.cpsat import Watch

Telling = Callable[[Progress], None]


def result_document(request: PlanRequest, tell: Telling, stop: Callable[[], bool]) -> Document:
    """Solve every day type of the scenario. `tell` hears of progress, `stop` is asked whether to end with what there is."""
    return _Answering(request, tell, stop).document()


@dataclass(frozen=True)
class _Asked:
    """A proposal to be held against what could have been, once all proposals are there."""

    problem: Problem
    point: Point
    proposal: Document


class _Answering:
    def __init__(self, request: PlanRequest, tell: Telling, stop: Callable[[], bool]) -> None:
        self.request = request
        self.tell = tell
        self.started = time.monotonic()
        self.clock = Clock(self.started + request.time_limit, stop)
        self.phase = ("", 0, 1)
        self.status = "solved"
        self.conflicts: list[list[str]] = []
        self.relaxations: list[Document] = []
        self.asked: list[_Asked] = []

    def document(self) -> Document:
        scenario = self.request.scenario
        day_types = {day_type: self._day_type(day_type) for day_type in scenario.day_types}
        for number, asked in enumerate(self.asked):
            self._look_back(asked, 1 / (len(self.asked) - number))
        return {
            "scenario": scenario.id,
            "status": self.status,
            "seconds": round(time.monotonic() - self.started, 3),
            "seed": self.request.seed,
            "workers": self.request.workers,
            "base_timetable": scenario.base_timetable,
            "demand": demand_document(scenario),
            "patterns": [list(stops) for stops in scenario.patterns],
            "day_types": day_types,
            "conflicts": self.conflicts,
            "relaxations": self.relaxations,
            "assumed": list(scenario.assumed),
        }

    def _day_type(self, day_type: str) -> Document:
        request = self.request
        problem = Problem(request.scenario, day_type, request.bases.get(day_type, ()), request.rates)
        solver = Solver(
            request=request, problem=problem, clock=self.clock, watch=Watch(self._on_solution, lambda: self.clock.over)
        )
        to_come = len(request.scenario.day_types) - request.scenario.day_types.index(day_type)
        points, missed = alternatives(
            solver,
            request.scenario.front,
            lambda done, of, limit: self._on_point(day_type, done, of, limit),
            1 / to_come,
        )
        if not points and missed is not None:
            self._explain(solver, missed, day_type)
        elif any(not point.proposal.proven for point in points) or (missed is not None and not missed.impossible):
            self._worsen("out_of_time")
        bend = knee_point(points)
        proposals = [self._proposal(day_type, point, point is bend) for point in points]
        self._compare(day_type, points, proposals)
        if points and request.hindsight_days:
            place = points.index(bend or points[-1])
            self.asked.append(_Asked(problem, points[place], proposals[place]))
        today = assess(request.scenario, day_type, problem.base, problem.base, request.rates) if problem.base else None

        def with_seats(assessment: Assessment) -> float | None:
            if not assessment.leaves_somebody_behind:
                return None
            return cheapest_with_seats(request.scenario, day_type, assessment.trips)

        return {
            "today": {"id": "today", **document(request.scenario, today, None, with_seats(today))} if today else None,
            "proposals": proposals,
            "knee": next((proposal["id"] for proposal in proposals if proposal["knee"]), None),
            "sensitivity": self._sensitivity(day_type, points, proposals),
            "baselines": [
                baseline.document(request.scenario, with_seats(baseline.assessment))
                for baseline in baselines(
                    request.scenario,
                    day_type,
                    [proposal["trips_count"] for proposal in proposals],
                    problem.base,
                    request.rates,
                )
            ],
        }

    def _compare(self, day_type: str, points: list[Point], proposals: list[Document]) -> None:
        """What each proposal costs on drawn days, and how much above the others on the same days.

        Days are played with seats for who is proposed with seats; for the comparison for all, where that is anybody.
        """
        scenario, seed = self.request.scenario, self.request.seed
        short = _short_of_seats(points)
        compared = []
        for point, proposal in zip(points, proposals, strict=True):
            trips, played = point.proposal.assessment.trips, point.proposal.with_seats is not None
            drawn = (played_costs if played else drawn_costs)(scenario, day_type, trips, seed)
            proposal["interval"] = interval_of(drawn, played).document()
            compared.append(drawn if played == short else played_costs(scenario, day_type, trips, seed))
        for proposal, regret in zip(proposals, regrets(compared), strict=True):
            proposal["regret"] = regret.document()
            proposal["hindsight"] = None

    def _look_back(self, asked: _Asked, share: float) -> None:
        """In this share of the time that is left."""
        day_type = asked.problem.day_type
        watch = Watch(self._on_solution, lambda: self.clock.over)
        seen = hindsight(
            self.request,
            asked.problem,
            asked.point,
            Clock(time.monotonic() + share * self.clock.left, self.clock.stop),
            watch,
            lambda done, of: self._on_point(day_type, done, of, None, "hindsight"),
        )
        asked.proposal["hindsight"] = seen.document() if seen.above else None

    def _sensitivity(self, day_type: str, points: list[Point], proposals: list[Document]) -> list[Document]:
        alternatives = [
            Alternative(found["id"], point.proposal.assessment.trips, found["driver_minutes"], found["nok"])
            for point, found in zip(points, proposals, strict=True)
        ]
        rows = sensitivity(self.request.scenario, day_type, self.request.rates, alternatives, _short_of_seats(points))
        return [row.document() for row in rows]

    def _explain(self, solver: Solver, missed: NoTimetable, day_type: str) -> None:
        if not missed.impossible:
            self._worsen("out_of_time")
            return
        self._worsen("infeasible")
        names = [r.name for r in solver.problem.requirements if r.hard]
        self._on_point(day_type, 0, 1, None, "conflicts")
        clash = Explainer(program=solver.program, names=names, clock=self.clock, seed=self.request.seed).explain()
        if not clash.conflicts and clash.complete:  # each choice of trips by itself was found not to be drivable
            self.conflicts.append(self._needed(solver, names))
            return
        self.conflicts += [sorted(c) for c in clash.conflicts if sorted(c) not in self.conflicts]
        for relaxation in clash.relaxations:
            self.relaxations.append(self._price(solver, day_type, relaxation))

    def _needed(self, solver: Solver, names: list[str]) -> list[str]:
        """Of requirements that clash only once duties are made, a set of which none can be left out."""
        kept = sorted(names)
        for name in sorted(names):
            without = [other for other in kept if other != name]
            if not self.clock.over and self._is_impossible(solver, frozenset(names) - frozenset(without)):
                kept = without
        return kept

    def _is_impossible(self, solver: Solver, dropped: frozenset[str]) -> bool:
        found = self._without(solver, dropped)
        return isinstance(found, NoTimetable) and found.impossible

    def _without(self, solver: Solver, dropped: frozenset[str]) -> Proposal | NoTimetable:
        """The best timetable when these requirements are dropped."""
        kept = tuple(r for r in self.request.scenario.requirements if r.name not in dropped)
        eased = replace(self.request.scenario, requirements=kept)
        return Solver(
            request=replace(self.request, scenario=eased),
            problem=replace(solver.problem, scenario=eased),
            clock=self.clock,
        ).propose()

    def _price(self, solver: Solver, day_type: str, relaxation: frozenset[str]) -> Document:
        """What it would cost people if these requirements were dropped: the best timetable without them."""
        found = self._without(solver, relaxation)
        priced = None if isinstance(found, NoTimetable) else found
        return {
            "requirements": sorted(relaxation),
            "day_type": day_type,
            "cost": priced.cost if priced else None,
            "bound": priced.bound if priced else None,
            "nok": priced.assessment.nok if priced else None,
            "trips_count": len(priced.assessment.trips) if priced else None,
        }

    def _proposal(self, day_type: str, point: Point, is_knee: bool) -> Document:
        proposal, scenario = point.proposal, self.request.scenario
        body: dict[str, Any] = document(
            scenario, proposal.assessment, self.request.past.get(day_type), proposal.with_seats
        )
        gap = max(0.0, proposal.cost - proposal.bound) / max(abs(proposal.cost), 1e-9)
        body.update(
            {
                "id": f"{day_type}-{len(proposal.assessment.trips)}"
                if scenario.front is None or scenario.front.by == "trips"
                else f"{day_type}-{point.limit:g}".replace(".", "-"),
                "proven": proposal.proven,
                "bound": proposal.bound,
                "gap": 0.0 if proposal.proven else gap,
                "crosschecked": proposal.crosschecked,
                "penalty": proposal.penalty,
                "knee": is_knee,
            }
        )
        body["requirements"] += duty_verdicts(scenario, day_type, proposal.duties is not None)
        if proposal.duties is not None:
            profile = next(r for r in scenario.requirements if isinstance(r, DriverDuties)).profile
            body["duties"] = [duty.document(self.request.profiles[profile]) for duty in proposal.duties.duties]
        return body

    def _worsen(self, status: str) -> None:
        order = ("solved", "out_of_time", "infeasible")
        self.status = max(self.status, status, key=order.index)

    def _on_point(self, day_type: str, done: int, of: int, limit: float | None, what: str = "") -> None:
        name = what or (
            f"{self.request.scenario.front.by} <= {limit:g}"
            if limit is not None and self.request.scenario.front
            else ""
        )
        self.phase = (f"{day_type} {name}".strip(), done, of)
        self._report(None, None)

    def _on_solution(self, best: float | None, bound: float) -> None:
        self._report(best, bound)

    def _report(self, best: float | None, bound: float | None) -> None:
        phase, done, of = self.phase
        self.tell(
            Progress(phase=phase, done=done, of=of, seconds=time.monotonic() - self.started, best=best, bound=bound)
        )


def _short_of_seats(points: list[Point]) -> bool:
    """Whether any of them leaves somebody behind, so that all are compared as they are played."""
    return any(point.proposal.with_seats is not None for point in points)
