"""Requests to the planner, and the figures of any timetable by the same code (`evaluate`).

The planner reads no file and no database: network, base timetable, cost rates and duty rules are read here, once, and passed as values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.duties.rules import RuleProfile
from shuttle.domain.planning.costs import Paid
from shuttle.domain.planning.demand.past_boardings import PastByMinute
from shuttle.domain.planning.empty_runs import with_empty_runs
from shuttle.domain.planning.planned_trips import PlannedTrip, plan_trip
from shuttle.domain.planning.proposals import assess, demand_document, document, duty_verdicts
from shuttle.domain.planning.result import EvaluatedResult, EvaluateResult
from shuttle.domain.planning.robustness.uncertainty import cost_interval
from shuttle.domain.planning.scenario import DriverDuties, Scenario
from shuttle.domain.planning.simulation import simulate
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.trips import Timetable
from shuttle.feeds.schedule_files.duty_rules import read_duty_rules
from shuttle.planner.process import solver_client
from shuttle.planner.process.request import Document, EvaluateRequest, PlanRequest

DUTY_RULES = "duty-rules.toml"

HINDSIGHT_DAYS = 20
"""Number of drawn days whose own best timetable is searched for, after the proposals and within the time limit."""


def request_for(
    scenario: Scenario,
    schedule: Schedule,
    schedules: Path,
    time_limit: float = 120.0,
    workers: int = 2,
    seed: int = 0,
    past: Mapping[str, PastByMinute] = MappingProxyType({}),
) -> PlanRequest:
    """The request of a scenario: `time_limit` in seconds, `past` the recorded boardings by day type.

    Raises Invalid (`unknown-profile`) for duties under a profile that the duty rules do not have.
    """
    base = schedule.timetable_by_id[scenario.base_timetable] if scenario.base_timetable else None
    bases = {day_type: trips_of(scenario, schedule, base, day_type) if base else () for day_type in scenario.day_types}
    every = [trip for several in bases.values() for trip in several]
    return PlanRequest(
        scenario=replace(scenario, assumed=tuple(_assumed(scenario, every))),
        bases=bases,
        rates=schedule.network.costs_on(scenario.on),
        profiles=_profiles(scenario, schedules),
        time_limit=time_limit,
        workers=workers,
        seed=seed,
        past=dict(past),
        hindsight_days=HINDSIGHT_DAYS,
    )


def _profiles(scenario: Scenario, schedules: Path) -> Mapping[str, RuleProfile]:
    names = {r.profile for r in scenario.requirements if isinstance(r, DriverDuties)}
    if not names:
        return {}
    profiles = read_duty_rules(schedules / DUTY_RULES)
    if unknown := names - set(profiles):
        raise Invalid(
            "unknown-profile",
            f"there is no profile of duty rules {', '.join(sorted(unknown))!r}",
            given=", ".join(sorted(unknown)),
            allowed=", ".join(profiles),
        )
    return profiles


def trips_of(scenario: Scenario, schedule: Schedule, timetable: Timetable, day_type: str) -> tuple[PlannedTrip, ...]:
    """A timetable's trips on a day type under the scenario's running times, with empty runs. Times set by hand stay as they are."""
    trips = []
    for trip in timetable.trips_on(day_type):
        stops = schedule.network.pattern(trip.pattern).stops
        if trip.calls is None:
            trips.append(plan_trip(scenario, stops, trip.departs))
        else:
            busy_until = trip.calls[-1].arrives + scenario.fleet.turnaround
            trips.append(PlannedTrip(stops=stops, calls=trip.calls, busy_until=busy_until))
    return with_empty_runs(scenario, trips)


def _assumed(scenario: Scenario, trips: Iterable[PlannedTrip]) -> list[str]:
    """Unconfirmed facts that the figures rest on: the scenario's own, and the running times of the trips' links."""
    links = {link for trip in trips for link in pairwise(trip.stops)}
    links |= {(run.origin, run.destination) for trip in trips for run in trip.empty_runs}
    times = (scenario.running_times[link] for link in links if link in scenario.running_times)
    return sorted({*scenario.assumed, *("running_times" for each in times if each.provenance.assumed)})


def evaluate(
    scenario: Scenario,
    schedule: Schedule,
    timetable: Timetable,
    schedules: Path,
    seed: int = 0,
    past: Mapping[str, PastByMinute] = MappingProxyType({}),
) -> EvaluateResult:
    """The figures of any timetable under a scenario: the document of `evaluate --json`.

    Starts a solver process (about a second) where passengers are left behind or the scenario asks for duties. Raises Unavailable
    (`plan-failed`, `plan-overdue`), Invalid (`unknown-profile`).
    """
    base = schedule.timetable_by_id[scenario.base_timetable] if scenario.base_timetable else None
    trips = {day_type: trips_of(scenario, schedule, timetable, day_type) for day_type in scenario.day_types}
    rates, profiles = schedule.network.costs_on(scenario.on), _profiles(scenario, schedules)
    solved = _solved(EvaluateRequest(scenario=scenario, trips=trips, rates=rates, profiles=profiles, seed=seed))
    day_types: dict[str, EvaluatedResult] = {}
    for day_type in scenario.day_types:
        today = trips_of(scenario, schedule, base, day_type) if base else ()
        duties = solved.get(day_type, {}).get("duties")
        paid = Paid(duties["paid_minutes"], duties["nok"]) if duties else None
        assessment = assess(scenario, day_type, trips[day_type], today, rates, paid)
        with_seats = solved.get(day_type, {}).get("with_seats") if assessment.leaves_somebody_behind else None
        figures = document(scenario, assessment, past.get(day_type), with_seats)
        figures["requirements"] += duty_verdicts(scenario, day_type, duties is not None)
        interval = cost_interval(scenario, day_type, assessment.trips, seed, with_seats is not None)
        evaluated: EvaluatedResult = {**figures, "id": timetable.id, "interval": interval.document()}  # type: ignore[typeddict-item]  # `duties` may follow
        if duties:
            evaluated["duties"] = duties["duties"]
        day_types[day_type] = evaluated
    return {
        "scenario": scenario.id,
        "timetable": timetable.id,
        "demand": demand_document(scenario),
        "day_types": day_types,
        "empty_returns": scenario.fleet.empty_returns,
        "assumed": _assumed(scenario, [trip for several in trips.values() for trip in several]),
    }


def _solved(request: EvaluateRequest) -> Document:
    """By day type the figures that take a solver (`with_seats`, `duties`); empty where the plain figures suffice."""
    left_behind = any(
        simulate(request.scenario, day_type, trips).left_behind for day_type, trips in request.trips.items()
    )
    return solver_client.evaluate_with_solver(request) if left_behind or request.profiles else {}
