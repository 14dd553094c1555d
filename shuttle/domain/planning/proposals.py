"""Assessment of a proposal: all its figures, recomputed from its trips alone.

`plan` and `evaluate` both use `assess`. The solver's own figures are accepted only where they agree with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.planning import costs as money
from shuttle.domain.planning.blocks import blocks
from shuttle.domain.planning.costs import Paid
from shuttle.domain.planning.demand.past_boardings import PastByMinute, past_document
from shuttle.domain.planning.passenger_cost import coverage, passenger_cost
from shuttle.domain.planning.planned_trips import EmptyRun, PlannedTrip
from shuttle.domain.planning.result import (
    ChangesResult,
    DemandResult,
    EmptyRunResult,
    Figures,
    RequirementResult,
    TripResult,
)
from shuttle.domain.planning.rules import PlannedDay, RequirementVerdict, verdicts
from shuttle.domain.planning.scenario import DriverDuties, Scenario
from shuttle.domain.planning.simulation import SimulatedDay, simulate
from shuttle.domain.planning.timetable_changes import TimetableChanges, changes_from
from shuttle.domain.timetable.network import Costs

TINY = 1e-6


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The figures of a set of trips. Costs are in passenger minutes, money in NOK.

    `cost`: without seat limits. `played`, `played_cost`: the simulated day with seats; timetables are chosen by this cost.
    """

    trips: tuple[PlannedTrip, ...]
    vehicles: tuple[int, ...]
    cost: float
    played: SimulatedDay
    played_cost: float
    coverage: dict[str, float]
    driver_minutes: int
    km: float | None
    nok: float
    changes: TimetableChanges
    verdicts: tuple[RequirementVerdict, ...]

    @property
    def leaves_somebody_behind(self) -> bool:
        return self.played.left_behind > TINY

    @property
    def keeps_what_is_hard(self) -> bool:
        return all(verdict.met for verdict in self.verdicts if verdict.requirement.hard)


def assess(
    scenario: Scenario,
    day_type: str,
    trips: Sequence[PlannedTrip],
    base: Sequence[PlannedTrip],
    rates: Costs,
    paid: Paid | None = None,
) -> Assessment:
    """The assessment of the trips. `base`: today's trips. `paid`: the pay of their duties, when there are any."""
    ordered = tuple(sorted(trips, key=lambda trip: (trip.departs, trip.stops)))
    plan = PlannedDay(scenario=scenario, day_type=day_type, trips=ordered, base=tuple(base), costs=rates, paid=paid)
    played = simulate(scenario, day_type, ordered)
    without_seats = passenger_cost(scenario, day_type, ordered)
    nobody_left = played.left_behind <= TINY
    return Assessment(
        trips=ordered,
        vehicles=tuple(blocks(scenario, ordered)),
        cost=without_seats,
        played=played,
        played_cost=without_seats if nobody_left else played.cost(scenario.demand.unserved),
        coverage={stop: coverage(scenario, day_type, ordered, stop) for stop in sorted(scenario.hours)},
        driver_minutes=money.driver_minutes(ordered, paid),
        km=money.km(scenario, ordered),
        nok=money.nok(scenario, rates, day_type, ordered, paid),
        changes=changes_from(base, ordered),
        verdicts=tuple(verdicts(plan)),
    )


def document(
    scenario: Scenario, assessment: Assessment, past: PastByMinute | None = None, with_seats: float | None = None
) -> Figures:
    """The assessment as a proposal of `plan --json`; the caller adds the solver's values.

    With `past` each departure that moves or goes is shown with how many boarded it. `with_seats`: the least passenger cost that
    any seating has, where somebody is left behind and it was asked for; the day as it is played costs no less.
    """
    played, changes = assessment.played, assessment.changes
    return {
        "cost": assessment.played_cost,
        "model": "with seats" if assessment.leaves_somebody_behind else "without seats",
        "seat_model_cost": with_seats,
        "cost_without_seats": assessment.cost,
        "trips": [_trip(scenario, trip, v) for trip, v in zip(assessment.trips, assessment.vehicles, strict=True)],
        "played": {
            "cost": played.cost(scenario.demand.unserved),
            "served": played.served,
            "unserved": played.unserved,
            "left_behind": played.left_behind,
            "wait_minutes": played.wait_minutes,
            "wait_median": played.wait_median,
            "wait_p90": played.wait_p90,
            "max_load": played.max_load,
        },
        "coverage": assessment.coverage,
        "trips_count": len(assessment.trips),
        "vehicles": max(assessment.vehicles, default=0),
        "driver_minutes": assessment.driver_minutes,
        "km": assessment.km,
        "nok": assessment.nok,
        "changes": _changes(changes, past),
        "requirements": [
            {"name": v.requirement.name, "met": v.met, "slack": v.slack, "hard": v.requirement.hard}
            for v in assessment.verdicts
        ],
    }


def duty_verdicts(scenario: Scenario, day_type: str, made: bool) -> list[RequirementResult]:
    """Verdicts on the required duties: whether they could be made, as rows beside those of the other requirements."""
    wanted = [r for r in scenario.requirements if isinstance(r, DriverDuties) and r.applies_to(day_type)]
    return [{"name": r.name, "met": made, "slack": 0.0, "hard": r.hard} for r in wanted]


def demand_document(scenario: Scenario) -> DemandResult:
    """Demand behind the figures: its source, passengers a day, and for recorded demand the counted days."""
    demand = scenario.demand
    document: DemandResult = {"source": demand.source, "passengers": {}}
    passengers = document["passengers"]
    for profile in demand.profiles:
        passengers[profile.day_type] = passengers.get(profile.day_type, 0.0) + sum(profile.passengers)
    if demand.first and demand.last and demand.source == "recorded":
        document["from"], document["to"] = demand.first.isoformat(), demand.last.isoformat()
        document["counted_days"] = dict(demand.counted_days)
    return document


def _changes(changes: TimetableChanges, past: PastByMinute | None) -> ChangesResult:
    document: ChangesResult = {
        "kept": len(changes.kept),
        "moved": [{"from": time_of_day_text(a), "to": time_of_day_text(b), "minutes": b - a} for a, b in changes.moved],
        "added": [time_of_day_text(minute) for minute in changes.added],
        "dropped": [time_of_day_text(minute) for minute in changes.dropped],
    }
    if past is not None:
        document["past_boardings"] = past_document(changes, past)
    return document


def _empty_run(run: EmptyRun) -> EmptyRunResult:
    return {
        "from": run.origin,
        "to": run.destination,
        "departs_at": time_of_day_text(run.departs),
        "arrives_at": time_of_day_text(run.arrives),
        "km": run.km,
    }


def _trip(scenario: Scenario, trip: PlannedTrip, vehicle: int) -> TripResult:
    pattern = scenario.patterns.index(trip.stops) if trip.stops in scenario.patterns else None
    document: TripResult = {
        "pattern": pattern,
        "stops": list(trip.stops),
        "departs": time_of_day_text(trip.departs),
        "vehicle": vehicle,
        "calls": [
            {
                "stop": call.stop,
                "arrives_at": time_of_day_text(call.arrives),
                "departs_at": time_of_day_text(call.departs),
            }
            for call in trip.calls
        ],
    }
    if trip.empty_before is not None:
        document["empty_before"] = _empty_run(trip.empty_before)
    if trip.empty_after is not None:
        document["empty_after"] = _empty_run(trip.empty_after)
    return document
