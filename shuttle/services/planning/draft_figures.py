"""Figures of a draft while it is typed: those of `evaluate` that need no solver, within a fraction of a second.

Results of a solver (duties, the best seating) are left out; a requirement of duties is not among the verdicts. Counts are kept for
some minutes: they do not depend on the inputs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from threading import Lock

from shuttle.domain.planning.demand.past_boardings import PastByMinute
from shuttle.domain.planning.proposals import assess, document
from shuttle.domain.planning.result import Figures
from shuttle.domain.planning.scenario import Demand, DriverDuties, Scenario
from shuttle.domain.planning.vehicle_clashes import VehicleClash, vehicle_clashes
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.trips import Timetable
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.services.app_context import AppContext
from shuttle.services.planning.requests import trips_of
from shuttle.services.ridership.past_boardings import past_of
from shuttle.services.ridership.recorded_demand import with_recorded_demand

KEPT = timedelta(minutes=5)
MOST_KEPT = 16


@dataclass(frozen=True, kw_only=True)
class Question:
    """A scenario with its demand, and the boardings of today's departures by day type."""

    scenario: Scenario
    past: Mapping[str, PastByMinute]

    @property
    def asks_for_duties(self) -> bool:
        return any(isinstance(each, DriverDuties) for each in self.scenario.requirements)


@dataclass(frozen=True, kw_only=True)
class DraftFigures:
    """Figures of a day type. `before`: of the scenario's base timetable, None without one; `clashes`: trips for which the `vehicles` do
    not suffice."""

    figures: Figures
    before: Figures | None
    vehicles: int
    clashes: tuple[VehicleClash, ...]


Counted = tuple[Demand, Mapping[str, PastByMinute]]
_counted: dict[tuple[int, str, date], tuple[datetime, Counted]] = {}
_lock = Lock()


def question(context: AppContext, text: str) -> Question:
    """The question of a scenario's text. Raises Invalid (`bad-scenario`), Refused (`no-counts`)."""
    schedule, today = context.schedule(), context.today()
    scenario = read_scenario(text, schedule, today)

    def count() -> Counted:
        return with_recorded_demand(context, schedule, scenario).demand, past_of(context, schedule, scenario)

    demand, past = _kept((id(context), text, today), context.now(), count)
    return Question(scenario=replace(scenario, demand=demand), past=past)


def _kept(key: tuple[int, str, date], now: datetime, read: Callable[[], Counted]) -> Counted:
    """Counts, read again when they are older than KEPT."""
    with _lock:
        kept = _counted.get(key)
    if kept is not None and timedelta() <= now - kept[0] < KEPT:
        return kept[1]
    counted = read()
    with _lock:
        _counted.pop(key, None)
        _counted[key] = (now, counted)
        while len(_counted) > MOST_KEPT:
            del _counted[next(iter(_counted))]
    return counted


def draft_figures(asked: Question, schedule: Schedule, timetable: Timetable, day_type: str) -> DraftFigures | None:
    """The figures of a timetable on a day type; None where the scenario does not have it. Raises Refused (`missing-running-time`)."""
    scenario = asked.scenario
    if day_type not in scenario.day_types:
        return None
    base = schedule.timetable_by_id.get(scenario.base_timetable or "")
    today = trips_of(scenario, schedule, base, day_type) if base else ()
    trips, rates = trips_of(scenario, schedule, timetable, day_type), schedule.network.costs_on(scenario.on)
    figures = document(scenario, assess(scenario, day_type, trips, today, rates), asked.past.get(day_type))
    before = document(scenario, assess(scenario, day_type, today, today, rates)) if base else None
    for each in (figures, before):
        if each is not None:  # a centre that is closed all day is neither covered nor not
            each["coverage"] = {
                stop: share for stop, share in each["coverage"].items() if scenario.inner_windows(stop, day_type)
            }
    vehicles = scenario.fleet.vehicles
    return DraftFigures(figures=figures, before=before, vehicles=vehicles, clashes=vehicle_clashes(trips, vehicles))
