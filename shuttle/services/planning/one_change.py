"""A scenario of one change: today's service, with longer opening hours of one centre from a date.

Everything that the change does not name is as on that date: stops, running times, buses, opening hours, and the timetable that is
compared with. Passengers come from the counts where all day types were counted; a scenario file states them for what no count can show.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.service_time import LATEST, Minute, parse_time_of_day, time_of_day_text
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.text_gate import SCENARIO, toml_values
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.planning.scenario_folder import scenario_files
from shuttle.services.ridership.past_boardings import LOOK_BACK
from shuttle.services.ridership.recorded_demand import counted_between

GRID = 5
FIRST, LAST = parse_time_of_day("07:00"), parse_time_of_day("23:00")
AROUND_HOURS = 60
"""Minutes before opening and after closing in which trips may run, where that is outside FIRST to LAST."""

TURNAROUND = 5
LONGEST_GAP = 120
MORE_TRIPS = (3, 6)
"""How many trips more than today the first and the last proposal have."""

LONGEST_WAIT, UNSERVED = 120, 180
SLOT = 60
EACH_HOUR = 1
"""Passengers an hour, assumed, between stops for which neither counts nor a scenario file say anything."""

Document = dict[str, Any]
Windows = dict[str, list[tuple[Minute, Minute]]]


@dataclass(frozen=True, kw_only=True)
class OneChange:
    """The blanks of the sentence. Times are minutes of the service day; `opens` None: as today.

    `driver_hours`, `longest_gap` (minutes between arrivals at the centre) and `vehicles` are limits; None: none. `trips`: those of the
    first and the last proposal.
    """

    stop: str
    day_types: tuple[str, ...]
    closes: Minute
    first: date
    opens: Minute | None = None
    driver_hours: float | None = None
    longest_gap: int | None = LONGEST_GAP
    keeps: bool = True
    vehicles: int = 1
    trips: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if self.opens is not None and self.opens >= self.closes:
            raise Invalid(
                "closes-before-opening",
                f"it closes at {time_of_day_text(self.closes)}, before it opens",
                given=time_of_day_text(self.closes),
                allowed=f"after {time_of_day_text(self.opens)}",
            )


@dataclass(frozen=True, kw_only=True)
class Usual:
    """Default values of the sentence: today's values. `counted`: the dates of the counts, where every day type was counted."""

    base: str | None
    trips: int
    vehicles: int
    seats: int | None
    counted: Span | None = None
    stated: tuple[Document, ...] = field(default=())
    """Scenarios of the folder, for the passengers that they state."""


def usual_of(context: AppContext, stated: Iterable[Document], on: date) -> Usual:
    """Today's values for a change from a date."""
    schedule = context.schedule()
    base, buses = schedule.timetable_on(on), schedule.network.on(on).vehicles
    most = max((len(base.trips_on(day.id)) for day in schedule.calendar.day_types), default=0) if base else 0
    return Usual(
        base=base.id if base else None,
        trips=most,
        vehicles=max(len(buses), 1),
        seats=min((bus.seats for bus in buses.values()), default=None),
        counted=counted_dates(context),
        stated=tuple(stated),
    )


def stated_demand(schedules: Path) -> list[Document]:
    """The scenarios of the folder that can be read."""
    documents = []
    for file in scenario_files(schedules):
        try:
            documents.append(toml_values(file.text, limits=SCENARIO))
        except Invalid:
            continue
    return documents


def counted_dates(context: AppContext) -> Span | None:
    """The last twelve weeks, where a departure of each day type was counted in them; else None."""
    schedule, last = context.schedule(), context.today() - timedelta(days=1)
    span = Span(last - LOOK_BACK, last)
    counted = counted_between(context, schedule, span).departures
    days = {each.departure.date for each in counted if any(stop.held for stop in each.stops)}
    types = {schedule.calendar.service_day(day).day_type for day in days}
    return span if types and types >= {day_type.id for day_type in schedule.calendar.day_types} else None


def centres(schedule: Schedule) -> list[str]:
    """The stops with opening hours, but the base stop."""
    base = schedule.network.base_stop
    return [each.id for each in schedule.network.stops if each.id in schedule.opening_times.stops and each.id != base]


def opening_today(schedule: Schedule, stop: str, day_type: str, on: date) -> Minute | None:
    """When the centre opens on the day type, else on any; None where it is always closed."""
    days = [day_type, *(each.id for each in schedule.calendar.day_types)]
    several = (schedule.opening_times.regular_on(stop, each, on) for each in days)
    return next((hours.windows[0][0] for hours in several if hours and hours.windows), None)


def scenario_of(change: OneChange, usual: Usual, schedule: Schedule, words: Words) -> Document:
    """The scenario's document. Raises Invalid (`bad-scenario`) for a stop without opening hours, and `closes-before-opening`."""
    if change.stop not in centres(schedule):
        fault = Fault(what="this stop has no opening hours", given=change.stop, path=("stop",), code="no-hours")
        raise Invalid("bad-scenario", str(fault), faults=[fault])
    hours = _hours(change, schedule)
    name = name_of(change, schedule, words)
    demand, profiles = _demand(change, usual, schedule, hours)
    return {
        "id": _identifier(change, schedule),
        "name": name,
        **({"base_timetable": usual.base} if usual.base else {}),
        **_service(change.first, usual, schedule, hours, change.vehicles),
        "opening_hours": {
            change.stop: {
                day: [[time_of_day_text(edge) for edge in window] for window in windows]
                for day, windows in hours[change.stop].items()
            }
        },
        "demand": {**demand, "profile": profiles},
        "requirements": _requirements(change, usual, schedule, words),
        "front": {"by": "trips", "from": change.trips[0], "to": change.trips[1]},
    }


def as_today(usual: Usual, schedule: Schedule, on: date, words: Words) -> Document:
    """The scenario without a change, which asks for nothing but the buses that there are: for the figures of any timetable."""
    hours = _usual_hours(schedule, on)
    service = _service(on, usual, schedule, hours, usual.vehicles)
    reachable = {pair for stops in service["patterns"] for pair in permutations(set(stops), 2)}
    several = [each.get("demand", {}).get("profile", ()) for each in usual.stated]
    profiles = max(([p for p in each if _pair(p) in reachable] for each in several), key=len, default=[])
    vehicles = {"name": words.count("change.vehicles", usual.vehicles), "kind": "vehicles", "max": usual.vehicles}
    return {
        "id": "as-today",
        "name": words.say("change.as_today"),
        **({"base_timetable": usual.base} if usual.base else {}),
        **service,
        "demand": {**_source(usual), "assumed": True, "profile": profiles or _assumed_demand(schedule, hours)},
        "requirements": [vehicles],
    }


def _service(on: date, usual: Usual, schedule: Schedule, hours: Mapping[str, Windows], vehicles: int) -> Document:
    """Days, times of day, patterns and buses."""
    return {
        "day_types": [day.id for day in schedule.calendar.day_types if _anything_open(day.id, hours, on, schedule)],
        "grid_minutes": GRID,
        "base_stop": schedule.network.base_stop,
        "first_departure": time_of_day_text(min(FIRST, _edges(hours, min) - AROUND_HOURS) // GRID * GRID),
        "last_arrival": time_of_day_text(min(max(LAST, _edges(hours, max) + AROUND_HOURS), LATEST)),
        "patterns": _patterns(on, schedule, hours),
        "fleet": {
            "vehicles": vehicles,
            **({"seats": usual.seats} if usual.seats else {}),
            "turnaround_minutes": TURNAROUND,
        },
    }


def name_of(change: OneChange, schedule: Schedule, words: Words) -> str:
    """`MO Nesttun åpent hverdager til 21.00 fra 1. mars 2027`."""
    days = [days_text(day, schedule, words) for day in change.day_types]
    whole = len(days) == len(schedule.calendar.day_types) > 1
    return words.say(
        "change.name",
        stop=_stop_name(schedule, change.stop),
        days=words.say("change.all_days") if whole else ", ".join(days),
        closes=words.clock_text(change.closes),
        date=words.date_short(change.first),
    )


def days_text(day_type: str, schedule: Schedule, words: Words) -> str:
    """A day type as it stands in a sentence: `hverdager`."""
    key = f"change.days.{day_type}"
    name = schedule.calendar.names_of(day_type).of(words.language)
    return words.say(key) if words.knows(key) else name[:1].lower() + name[1:]


def _stop_name(schedule: Schedule, stop: str) -> str:
    return next((each.name for each in schedule.network.stops if each.id == stop), stop)


def _identifier(change: OneChange, schedule: Schedule) -> str:
    all_days = len(change.day_types) == len(schedule.calendar.day_types)
    days = "" if all_days else "-" + "-".join(change.day_types)
    closes = time_of_day_text(change.closes).replace(":", "")
    return f"{change.stop}{days}-{closes}-{change.first.isoformat()}"[:80].rstrip("-")


def _usual_hours(schedule: Schedule, on: date) -> dict[str, Windows]:
    """The windows of each centre by day type on a date."""
    hours: dict[str, Windows] = {}
    for stop in centres(schedule):
        hours[stop] = {}
        for day in schedule.calendar.day_types:
            regular = schedule.opening_times.regular_on(stop, day.id, on)
            hours[stop][day.id] = list(regular.windows) if regular else []
    return hours


def _hours(change: OneChange, schedule: Schedule) -> dict[str, Windows]:
    """The same with the change."""
    hours = _usual_hours(schedule, change.first)
    for day_type in change.day_types:
        hours[change.stop][day_type] = _changed(change, schedule, day_type, hours[change.stop].get(day_type, []))
    return hours


def _changed(
    change: OneChange, schedule: Schedule, day_type: str, windows: Sequence[tuple[Minute, Minute]]
) -> list[tuple[Minute, Minute]]:
    """The day's windows with the new closing: the last one ends then."""
    opens = change.opens
    if opens is None:
        opens = windows[-1][0] if windows else opening_today(schedule, change.stop, day_type, change.first)
    if opens is None or opens >= change.closes:
        closes = time_of_day_text(change.closes)
        allowed = f"after {time_of_day_text(opens)}" if opens is not None else "an opening time"
        raise Invalid("closes-before-opening", "it closes before it opens", given=closes, allowed=allowed)
    before = [window for window in windows[:-1] if window[1] < opens] if change.opens is None else []
    return [*before, (opens, change.closes)]


def _edges(hours: Mapping[str, Windows], pick: Any) -> Minute:
    several = [edge for days in hours.values() for windows in days.values() for window in windows for edge in window]
    return int(pick(several, default=FIRST + AROUND_HOURS))


def _anything_open(day_type: str, hours: Mapping[str, Windows], on: date, schedule: Schedule) -> bool:
    reached = {stop for stops in _patterns(on, schedule, hours) for stop in stops if stop in hours}
    return any(hours[stop].get(day_type) for stop in reached)


def _patterns(on: date, schedule: Schedule, hours: Mapping[str, Windows]) -> list[list[str]]:
    """Round trips to each centre that opens, and to each two in either order, along links with a running time."""
    base, times = schedule.network.base_stop, schedule.network.on(on).running_times
    opens = [stop for stop, days in hours.items() if any(days.values())]
    several = [[base, stop, base] for stop in opens] + [[base, *two, base] for two in permutations(opens, 2)]
    return [stops for stops in several if all(link in times for link in pairwise(stops))]


def _requirements(change: OneChange, usual: Usual, schedule: Schedule, words: Words) -> list[Document]:
    several: list[Document] = []
    if change.keeps and usual.base:
        several.append({"name": words.say("change.keeps"), "kind": "keep_departures", "tolerance_minutes": 0})
    if change.longest_gap is not None:
        stop = _stop_name(schedule, change.stop)
        name = words.say("change.gap", stop=stop, minutes=change.longest_gap)
        gap = {"name": name, "kind": "max_gap", "to": change.stop, "minutes": change.longest_gap}
        several.append({**gap, "day_types": list(change.day_types)})
    if change.driver_hours is not None:
        hours = int(change.driver_hours) if change.driver_hours.is_integer() else change.driver_hours
        name = words.say("change.budget", hours=words.number(hours, 0 if isinstance(hours, int) else 1))
        several.append({"name": name, "kind": "budget", "driver_hours": hours})
    several.append(
        {"name": words.count("change.vehicles", change.vehicles), "kind": "vehicles", "max": change.vehicles}
    )
    return several


def _demand(
    change: OneChange, usual: Usual, schedule: Schedule, hours: Mapping[str, Windows]
) -> tuple[Document, list[Document]]:
    """How demand is counted or stated, and what is stated: from the scenario file with the nearest closing time, else assumed."""
    document = _source(usual)
    reachable = {pair for stops in _patterns(change.first, schedule, hours) for pair in permutations(set(stops), 2)}
    for scenario in sorted(usual.stated, key=lambda each: _apart(each, change)):
        profiles = [dict(each) for each in scenario.get("demand", {}).get("profile", ()) if _pair(each) in reachable]
        if any(change.stop in _pair(each) for each in profiles):
            return {**document, "assumed": bool(scenario["demand"].get("assumed"))}, profiles
    return {**document, "assumed": True}, _assumed_demand(schedule, hours)


def _source(usual: Usual) -> Document:
    document: Document = {"source": "profile", "max_wait_minutes": LONGEST_WAIT, "unserved_minutes": UNSERVED}
    if usual.counted is not None:
        document |= {"source": "recorded", "from": usual.counted.first, "to": usual.counted.last}
    return document


def _pair(profile: Mapping[str, Any]) -> tuple[str, str]:
    return str(profile.get("from")), str(profile.get("to"))


def _apart(scenario: Document, change: OneChange) -> tuple[int, int, int]:
    """How far the scenario's hours of the stop are from the change's: minutes of the closing times, and other open day types; of two
    alike the one that states more comes first."""
    own = scenario.get("opening_hours", {}).get(change.stop, {})
    closings = {day: _closing(windows) for day, windows in own.items() if windows}
    apart = sum(abs(closings.get(day, 0) - change.closes) for day in change.day_types)
    return apart, len(set(closings) - set(change.day_types)), -len(scenario.get("demand", {}).get("profile", ()))


def _closing(windows: Any) -> Minute:
    try:
        return parse_time_of_day(windows[-1][1])
    except (Invalid, TypeError, IndexError, KeyError):
        return 0


def _assumed_demand(schedule: Schedule, hours: Mapping[str, Windows]) -> list[Document]:
    """A passenger an hour there and back while a centre is open: an assumption, so that there is something to plan for."""
    base = schedule.network.base_stop
    return [
        {
            "day_type": day_type,
            "from": origin,
            "to": destination,
            "starts": time_of_day_text(windows[0][0] // SLOT * SLOT),
            "slot_minutes": SLOT,
            "passengers": [EACH_HOUR] * max(1, (windows[-1][1] - windows[0][0]) // SLOT),
        }
        for stop, days in hours.items()
        for day_type, windows in days.items()
        if windows
        for origin, destination in ((base, stop), (stop, base))
    ]
