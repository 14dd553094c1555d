"""Scenario of new opening hours: today's service with exactly this change.

Stops, running times, vehicles and the timetable in force are the schedule's; the hours of one centre are the new ones. Demand
without counts is one passenger an hour each way while a centre is open, and marked as assumed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.service_time import LATEST, Minute, time_of_day_text
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.opening_hours import Window
from shuttle.feeds.scenario_files.text_edits import toml_text
from shuttle.language import Words
from shuttle.services.planning.saved_scenarios import save
from shuttle.services.timetable.facts import Moment
from shuttle.store.tables.planning import ScenarioRow

GRID = 5
EARLIEST, LATEST_END = 7 * 60, 23 * 60
"""The day that is planned for, where no centre is open before or after."""

MORE_TRIPS = 6
"""How many more trips than today the front goes up to."""

SLOT = 60
AROUND = 60
"""Minutes before the first opening and after the last closing in which a bus may run."""


@dataclass(frozen=True, kw_only=True)
class NewHours:
    """New hours of a stop by day type, from a date on."""

    stop: str
    hours: Mapping[str, tuple[Window, ...]]
    first: date


def save_scenario(
    session: Session, person: Person | None, schedule: Schedule, new: NewHours, words: Words, moment: Moment
) -> ScenarioRow:
    """Save the scenario of these hours. Raises Refused (`nothing-to-plan`) where no centre can be reached on any of the days."""
    return save(session, person, toml_text(scenario_of(schedule, new, words)), moment.now)


def scenario_of(schedule: Schedule, new: NewHours, words: Words) -> dict[str, Any]:
    """The scenario as the values of a scenario file. Raises Refused (`nothing-to-plan`)."""
    network, base_stop = schedule.network.on(new.first), schedule.network.base_stop
    base = schedule.timetable_on(new.first)
    hours = _hours(schedule, new)
    patterns = list(_patterns(schedule, new.first, [stop for stop in hours if stop != base_stop]))
    reached = {stop for stops in patterns for stop in stops} - {base_stop}
    day_types = [each for each in new.hours if any(hours[stop].get(each) for stop in reached)]
    if not patterns or not day_types:
        raise Refused(
            "nothing-to-plan",
            "no centre with running times is open on these days",
            given=new.stop,
            allowed="hours on at least one day type, and running times to the centre and back",
        )
    edges = [edge for stop in reached for each in day_types for window in hours[stop].get(each, ()) for edge in window]
    first, last = _day_of(edges)
    seats = [vehicle.seats for vehicle in network.vehicles.values()]
    count = max(len(network.vehicles), 1)
    trips = max((len(base.trips_on(each)) for each in day_types), default=0) if base else 0
    name = words.say(
        "places.scenario_name", stop=schedule.network.stop_name(new.stop, new.first), date=words.date_text(new.first)
    )
    return {
        "id": f"hours-{new.stop}-{new.first.isoformat()}"[:80],
        "name": name[:200],
        **({"base_timetable": base.id} if base else {}),
        "day_types": day_types,
        "grid_minutes": GRID,
        "base_stop": base_stop,
        "first_departure": time_of_day_text(first),
        "last_arrival": time_of_day_text(last),
        "patterns": patterns,
        "fleet": {"vehicles": count, **({"seats": min(seats)} if seats else {}), "turnaround_minutes": GRID},
        "opening_hours": {new.stop: {each: _texts(hours[new.stop].get(each, ())) for each in day_types}},
        "demand": {
            "source": "profile",
            "max_wait_minutes": 120,
            "unserved_minutes": 180,
            "assumed": True,
            "profile": list(_demand(base_stop, {stop: hours[stop] for stop in sorted(reached)}, day_types)),
        },
        "requirements": _requirements(count, words, has_base=base is not None),
        "front": {"by": "trips", "from": max(trips, 1), "to": max(trips, 1) + MORE_TRIPS},
    }


def _requirements(vehicles: int, words: Words, *, has_base: bool) -> list[dict[str, Any]]:
    """Tables of the requirements: the fleet, and today's departures where there is a base timetable."""
    kept = {"name": words.say("form.kind.keep_departures"), "kind": "keep_departures", "tolerance_minutes": 0}
    fleet = {"name": words.say("form.kind.vehicles"), "kind": "vehicles", "max": vehicles}
    return [kept, fleet] if has_base else [fleet]


def _hours(schedule: Schedule, new: NewHours) -> dict[str, dict[str, tuple[Window, ...]]]:
    """Stop -> day type -> windows on the date, with the new ones in their place."""
    times, day_types = schedule.opening_times, [each.id for each in schedule.calendar.day_types]
    hours = {
        stop: {
            day_type: regular.windows if (regular := times.regular_on(stop, day_type, new.first)) else ()
            for day_type in day_types
        }
        for stop in sorted(times.stops)
    }
    return {**hours, new.stop: {**hours.get(new.stop, {}), **new.hours}}


def _patterns(schedule: Schedule, day: date, centres: list[str]) -> Iterator[list[str]]:
    """From the base stop to each centre and back, and by way of two centres, where all running times are known."""
    links, base_stop = schedule.network.on(day).running_times, schedule.network.base_stop
    ways = [[stop] for stop in centres]
    ways += [[one, other] for one in centres for other in centres if one != other]
    for way in ways:
        stops = [base_stop, *way, base_stop]
        if all(link in links for link in pairwise(stops)):
            yield stops


def _demand(
    base_stop: str, hours: Mapping[str, Mapping[str, tuple[Window, ...]]], day_types: list[str]
) -> Iterator[dict[str, Any]]:
    for stop, days in hours.items():
        for day_type in day_types:
            for opens, closes in days.get(day_type, ()):
                slots = max((closes - opens) // SLOT, 1)
                profile = {"day_type": day_type, "starts": time_of_day_text(opens), "slot_minutes": SLOT}
                for origin, destination in ((base_stop, stop), (stop, base_stop)):
                    yield {**profile, "from": origin, "to": destination, "passengers": [1] * slots}


def _texts(windows: tuple[Window, ...]) -> list[list[str]]:
    return [[time_of_day_text(edge) for edge in window] for window in windows]


def _day_of(edges: list[Minute]) -> tuple[Minute, Minute]:
    """First departure and last arrival of the planned day, on the grid: an hour around what is open, and the usual day at least."""
    first = max(min(EARLIEST, (min(edges) - AROUND) // GRID * GRID), 0)
    return first, min(max(LATEST_END, max(edges) + AROUND), LATEST)
