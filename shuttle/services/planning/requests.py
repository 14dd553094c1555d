"""From a scenario to a request that the planner understands, and the figures of any timetable with the same code.

What a plan rests on (network, today's timetable, cost rates, duty rules) is read here, once, and handed over as values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.duties.rules import RuleProfile
from shuttle.domain.planning.costs import Paid
from shuttle.domain.planning.empty_runs import with_empty_runs
from shuttle.domain.planning.past_boardings import PastByMinute
from shuttle.domain.planning.planned_trips import PlannedTrip, plan_trip
from shuttle.domain.planning.proposals import assess, demand_document, document, duty_verdicts
from shuttle.domain.planning.scenario import DriverDuties, Scenario
from shuttle.domain.planning.simulation import simulate
from shuttle.domain.planning.uncertainty import cost_interval
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.trips import Timetable
from shuttle.feeds.schedule_files.duty_rules import read_duty_rules
from shuttle.planner.process import solver_client
from shuttle.planner.process.request import EvaluateRequest, PlanRequest

DUTY_RULES = "duty-rules.toml"

HINDSIGHT_DAYS = 20
"""Drawn days that are solved anew once the proposals are there, in what is left of the time."""


def request_for(
    scenario: Scenario,
    schedule: Schedule,
    schedules: Path,
    time_limit: float = 120.0,
    workers: int = 2,
    seed: int = 0,
    past: Mapping[str, PastByMinute] = MappingProxyType({}),
) -> PlanRequest:
    """Everything that the planner needs. Raises Invalid (`unknown-profile`) for duties under rules that nobody has written."""
    base = schedule.timetable_by_id[scenario.base_timetable] if scenario.base_timetable else None
    bases = {day_type: trips_of(scenario, schedule, base, day_type) if base else () for day_type in scenario.day_types}
    every = [trip for several in bases.values() for trip in several]
    return PlanRequest(
        scenario=replace(scenario, assumed=tuple(_assumed(scenario, every))),
        bases=bases,
        rates=schedule.network.costs,
        profiles=_profiles(scenario, schedules),
        time_limit=time_limit,
        workers=workers,
        seed=seed,
        past=dict(past),
        hindsight_days=HINDSIGHT_DAYS,
    )


def _profiles(scenario: Scenario, schedules: Path) -> Mapping[str, RuleProfile]:
    wanted = {r.profile for r in scenario.requirements if isinstance(r, DriverDuties)}
    if not wanted:
        return {}
    known = read_duty_rules(schedules / DUTY_RULES)
    if unknown := wanted - set(known):
        raise Invalid(
            "unknown-profile",
            f"there is no profile of duty rules {', '.join(sorted(unknown))!r}",
            given=", ".join(sorted(unknown)),
            allowed=", ".join(known),
        )
    return known


def trips_of(scenario: Scenario, schedule: Schedule, timetable: Timetable, day_type: str) -> tuple[PlannedTrip, ...]:
    """A timetable's trips as the scenario sees them, with their empty runs: its running times, unless a planner set the times by hand."""
    found = []
    for trip in timetable.trips_on(day_type):
        stops = schedule.network.pattern(trip.pattern).stops
        if trip.calls is None:
            found.append(plan_trip(scenario, stops, trip.departs))
        else:
            found.append(
                PlannedTrip(
                    stops=stops, calls=trip.calls, busy_until=trip.calls[-1].arrives + scenario.fleet.turnaround
                )
            )
    return with_empty_runs(scenario, found)


def _assumed(scenario: Scenario, trips: Iterable[PlannedTrip]) -> list[str]:
    """What the figures rest on without confirmation: the scenario's own assumptions, and the running times of the trips."""
    legs = {leg for trip in trips for leg in pairwise(trip.stops)}
    legs |= {(run.origin, run.destination) for trip in trips for run in trip.empty_runs}
    times = (scenario.running_times[leg] for leg in legs if leg in scenario.running_times)
    return sorted({*scenario.assumed, *("running_times" for each in times if each.provenance.assumed)})


def evaluate(
    scenario: Scenario,
    schedule: Schedule,
    timetable: Timetable,
    schedules: Path,
    seed: int = 0,
    past: Mapping[str, PastByMinute] = MappingProxyType({}),
) -> dict[str, Any]:
    """The figures of any timetable under a scenario: the document of `evaluate --json`, as a proposal's.

    A solver is asked (a second, in its own process) where somebody is left behind or the scenario asks for duties.
    """
    base = schedule.timetable_by_id[scenario.base_timetable] if scenario.base_timetable else None
    trips = {day_type: trips_of(scenario, schedule, timetable, day_type) for day_type in scenario.day_types}
    rates, profiles = schedule.network.costs, _profiles(scenario, schedules)
    judged = _judged(EvaluateRequest(scenario=scenario, trips=trips, rates=rates, profiles=profiles, seed=seed))
    day_types = {}
    for day_type in scenario.day_types:
        today = trips_of(scenario, schedule, base, day_type) if base else ()
        said = judged.get(day_type, {})
        duties = said.get("duties")
        paid = Paid(duties["paid_minutes"], duties["nok"]) if duties else None
        assessment = assess(scenario, day_type, trips[day_type], today, rates, paid)
        with_seats = said.get("with_seats") if assessment.leaves_somebody_behind else None
        figures = document(scenario, assessment, past.get(day_type), with_seats)
        figures["requirements"] += duty_verdicts(scenario, day_type, duties is not None)
        if duties:
            figures["duties"] = duties["duties"]
        interval = cost_interval(scenario, day_type, assessment.trips, seed, with_seats is not None)
        figures["interval"] = interval.document()
        day_types[day_type] = {"id": timetable.id, **figures}
    return {
        "scenario": scenario.id,
        "timetable": timetable.id,
        "demand": demand_document(scenario),
        "day_types": day_types,
        "empty_returns": scenario.fleet.empty_returns,
        "assumed": _assumed(scenario, [trip for several in trips.values() for trip in several]),
    }


def _judged(request: EvaluateRequest) -> dict[str, Any]:
    """What takes a solver, by day type; nothing where the plain figures say it all."""
    left_behind = any(
        simulate(request.scenario, day_type, trips).left_behind for day_type, trips in request.trips.items()
    )
    return solver_client.judged(request) if left_behind or request.profiles else {}
