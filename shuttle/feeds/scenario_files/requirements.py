"""The requirements of a scenario file, kind by kind: which keys each takes, and what may stand there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.scenario import MOST_TRIPS, Requirement, Stops
from shuttle.domain.timetable.opening_hours import Window
from shuttle.feeds.toml.tables import TomlTable


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a requirement may name: the scenario's own day types, patterns and stops; `with_hours`: stops that open and close."""

    day_types: Sequence[str]
    patterns: Sequence[Stops]
    stops: Sequence[str]
    with_hours: Sequence[str]
    grid: int
    has_base: bool


def read_requirement(table: TomlTable, names: Names) -> Requirement | None:
    """One requirement, or None with its faults noted."""
    kind = table.text("kind")
    table.check_choice(kind, list(KINDS), "kind of requirement", "kind")
    common: dict[str, Any] = {"name": table.text("name"), "hard": _hard(table)}
    if table.has("day_types"):
        common["day_types"] = table.texts("day_types")
        for position, day_type in enumerate(common["day_types"]):
            table.check_choice(day_type, names.day_types, "day type of this scenario", "day_types", position)
    if table.has("weight"):
        common["weight"] = table.number("weight", 0, 1e6)
    elif not common["hard"]:
        table.fault("a wish needs its weight", "hard", allowed="weight = passenger minutes for each unit of breach")
    if kind not in KINDS:
        return None
    own = KINDS[kind](table, names)
    return table.build(lambda: CLASSES[kind](**common, **own))


def _hard(table: TomlTable) -> bool:
    return table.flag("hard") if table.has("hard") else True


def _to(table: TomlTable, names: Names, key: str = "to") -> str:
    return table.choice(key, names.stops, "stop")


def _optional_to(table: TomlTable, names: Names) -> str | None:
    return _to(table, names) if table.has("to") else None


def _open_stop(table: TomlTable, names: Names, key: str) -> str:
    found = _to(table, names, key)
    if found in names.stops and found not in names.with_hours:
        allowed = ", ".join(names.with_hours) or "none"
        table.fault(f"{found} has no opening hours", key, given=found, allowed=allowed, code="no-hours")
    return found


def _between(table: TomlTable) -> Window | None:
    if not table.has("between"):
        return None
    edges = table.items("between")
    if len(edges) != 2:
        table.fault("between is not two times", "between", given=edges, allowed='["10:00", "22:00"]')
        return None
    first, last = (table.minute_from(edge, "between", side) for side, edge in enumerate(edges))
    if last <= first:
        table.fault("between runs backwards", "between", given=edges, allowed="two times in order")
    return (first, last)


def _pattern(table: TomlTable, names: Names) -> int:
    """By its place in `patterns` (from 0), or by its stops."""
    if not isinstance(table.values.get("pattern"), list):
        return table.whole_number("pattern", 0, max(len(names.patterns) - 1, 0))
    stops = table.texts("pattern")
    if stops in names.patterns:
        return list(names.patterns).index(stops)
    allowed = "; ".join(" ".join(each) for each in names.patterns)
    table.fault("no pattern has these stops", "pattern", given=stops, allowed=f"a number from 0, or {allowed}")
    return 0


def _forbidden(table: TomlTable, names: Names) -> dict[str, Any]:
    """A time off the grid is a slip here: nothing could leave then anyway. A pinned trip may."""
    found = _pinned(table, names)
    if names.grid and found["at"] % names.grid:
        allowed = f"a multiple of {names.grid} minutes from midnight"
        table.fault("the time is off the grid", "at", given=time_of_day_text(found["at"]), allowed=allowed)
    return found


def _based(table: TomlTable, names: Names) -> None:
    if not names.has_base:
        table.fault("this needs a base_timetable", "kind", allowed='base_timetable = "..." at the top of the scenario')


def _keep(table: TomlTable, names: Names) -> dict[str, Any]:
    _based(table, names)
    return {"to": _optional_to(table, names), "tolerance": table.whole_number("tolerance_minutes", 0, 240, 0)}


def _pinned(table: TomlTable, names: Names) -> dict[str, Any]:
    return {"pattern": _pattern(table, names), "at": table.minute("at")}


def _max_gap(table: TomlTable, names: Names) -> dict[str, Any]:
    between = _between(table)
    to = _to(table, names) if between else _open_stop(table, names, "to")
    return {"to": to, "minutes": table.whole_number("minutes", 1, 24 * 60), "between": between}


def _min_gap(table: TomlTable, names: Names) -> dict[str, Any]:
    return {"to": _optional_to(table, names), "minutes": table.whole_number("minutes", 1, 24 * 60)}


def _first_arrival(table: TomlTable, names: Names) -> dict[str, Any]:
    return {"to": _open_stop(table, names, "to"), "minutes": table.whole_number("minutes", -60, 24 * 60)}


def _last_return(table: TomlTable, names: Names) -> dict[str, Any]:
    return {"origin": _open_stop(table, names, "from"), "minutes": table.whole_number("minutes", 0, 24 * 60)}


def _trips(table: TomlTable, names: Names) -> dict[str, Any]:
    least = table.whole_number("min", 0, MOST_TRIPS) if table.has("min") else None
    most = table.whole_number("max", 0, MOST_TRIPS) if table.has("max") else None
    if least is None and most is None:
        table.fault("trips without a number", "kind", allowed="min, max or both")
    if least is not None and most is not None and least > most:
        table.fault("min is above max", "min", given=least, allowed=f"at most {most}")
    return {"least": least, "most": most, "pattern": _pattern(table, names) if table.has("pattern") else None}


def _budget(table: TomlTable, _names: Names) -> dict[str, Any]:
    hours = table.number("driver_hours", 0, 1000) if table.has("driver_hours") else None
    nok = table.number("nok", 0, 1e8) if table.has("nok") else None
    if (hours is None) == (nok is None):
        table.fault("a budget is in hours or in NOK", "kind", allowed="driver_hours or nok, one of them")
    return {"driver_hours": hours, "nok": nok}


def _vehicles(table: TomlTable, _names: Names) -> dict[str, Any]:
    return {"most": table.whole_number("max", 1, 50)}


def _clock_face(table: TomlTable, _names: Names) -> dict[str, Any]:
    minutes: tuple[int, ...] = ()
    if table.has("minutes"):
        items = table.items("minutes")
        for position, item in enumerate(items):
            if not isinstance(item, int) or isinstance(item, bool) or not 0 <= item <= 59:
                table.fault("no minute past the hour", "minutes", position, given=item, allowed="0 to 59")
        minutes = tuple(item for item in items if isinstance(item, int))
    repeat = table.whole_number("repeat_minutes", 1, 24 * 60) if table.has("repeat_minutes") else None
    if (repeat is None) != bool(minutes):
        table.fault("a clock face is minutes or a repetition", "kind", allowed="minutes or repeat_minutes, one of them")
    return {"minutes": minutes, "repeat": repeat, "between": _between(table)}


def _coverage(table: TomlTable, names: Names) -> dict[str, Any]:
    return {"of": _open_stop(table, names, "of"), "share": table.number("min_share", 0, 1)}


def _max_change(table: TomlTable, names: Names) -> dict[str, Any]:
    _based(table, names)
    return {"moved": table.whole_number("moved", 0, 10_000), "by": table.whole_number("by_minutes", 0, 240)}


def _duties(table: TomlTable, _names: Names) -> dict[str, Any]:
    return {
        "profile": table.text("profile"),
        "drivers": table.whole_number("drivers", 1, 50) if table.has("drivers") else None,
        "two_on_board_after": table.minute("two_on_board_after") if table.has("two_on_board_after") else None,
    }


KINDS: dict[str, Callable[[TomlTable, Names], dict[str, Any]]] = {
    "keep_departures": _keep,
    "pin": _pinned,
    "forbid": _forbidden,
    "max_gap": _max_gap,
    "min_gap": _min_gap,
    "first_arrival_by_opening": _first_arrival,
    "last_return_after_closing": _last_return,
    "trips": _trips,
    "budget": _budget,
    "vehicles": _vehicles,
    "clock_face": _clock_face,
    "coverage": _coverage,
    "max_change": _max_change,
    "duties": _duties,
}
"""Kind, as it stands in a file -> what reads its own keys."""

CLASSES: dict[str, Callable[..., Requirement]] = {
    "keep_departures": ask.KeepDepartures,
    "pin": ask.Pin,
    "forbid": ask.Forbid,
    "max_gap": ask.MaxGap,
    "min_gap": ask.MinGap,
    "first_arrival_by_opening": ask.FirstArrivalByOpening,
    "last_return_after_closing": ask.LastReturnAfterClosing,
    "trips": ask.TripCount,
    "budget": ask.Budget,
    "vehicles": ask.VehicleLimit,
    "clock_face": ask.ClockFace,
    "coverage": ask.CoverageShare,
    "max_change": ask.MaxChange,
    "duties": ask.DriverDuties,
}
