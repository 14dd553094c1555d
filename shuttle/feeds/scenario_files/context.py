"""Context of a scenario: what its tables may refer to.

Names come from the schedule on the scenario's date and from the text itself, sound or not: a name in a faulty table is still
a name, so that one mistake is one fault.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationInfo

from shuttle.domain.planning.scenario import Stops
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import RunningTime
from shuttle.domain.timetable.opening_hours import Window
from shuttle.feeds.toml.schema import Context

Hours = dict[str, dict[str, tuple[Window, ...]]]
"""Stop -> day type -> opening windows."""

Leg = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class ScenarioContext(Context):
    """`grid`: minutes, 0 where the text has none. `patterns`: by place; a pattern that cannot be read is empty.

    `running_times`, `hours`: the schedule's. `legs`: legs with a running time of the schedule or of the scenario.
    `with_hours`: stops with opening hours of the schedule or of the scenario. `assumed_hours`: stops whose hours in the schedule
    are assumed.
    """

    day_types: tuple[str, ...]
    grid: int
    base_stop: str
    has_base_timetable: bool
    patterns: tuple[Stops, ...]
    running_times: Mapping[Leg, RunningTime]
    legs: Collection[Leg]
    empty_returns: bool
    hours: Hours
    with_hours: Collection[str]
    assumed_hours: frozenset[str]

    @property
    def stops(self) -> Collection[str]:
        return self.names["stop"] or ()


def scenario_context(values: Mapping[str, Any], schedule: Schedule, on: date) -> ScenarioContext:
    """The context of the values of a scenario's text."""
    network = schedule.network.on(on)
    day_types = _texts(values.get("day_types"))
    own_legs = [
        (origin, destination)
        for origin, _, destination in (each.partition(" ") for each in _keys(values, "running_times"))
    ]
    times = schedule.opening_times
    hours = {
        stop: {
            day_type: regular.windows if (regular := times.regular_on(stop, day_type, on)) else ()
            for day_type in day_types
        }
        for stop in sorted(times.stops)
    }
    grid = values.get("grid_minutes")
    fleet = values.get("fleet")
    return ScenarioContext(
        names={
            "stop": list(network.stops),
            "day type": [day_type.id for day_type in schedule.calendar.day_types],
            "day type of this scenario": day_types if isinstance(values.get("day_types"), list) else None,
            "timetable": list(schedule.timetable_by_id),
        },
        day_types=day_types,
        grid=grid if type(grid) is int and 1 <= grid <= 60 else 0,
        base_stop=str(values.get("base_stop", "")),
        has_base_timetable="base_timetable" in values,
        patterns=tuple(_patterns(values.get("patterns"))),
        running_times=network.running_times,
        legs={*network.running_times, *own_legs},
        empty_returns=not (isinstance(fleet, dict) and fleet.get("empty_returns") is False),
        hours=hours,
        with_hours=list(dict.fromkeys([*hours, *_keys(values, "opening_hours")])),
        assumed_hours=frozenset(each.stop for each in times.regular if each.provenance.assumed),
    )


def context_of(info: ValidationInfo) -> ScenarioContext:
    """The context that a validator was given."""
    assert isinstance(info.context, ScenarioContext)
    return info.context


def _texts(values: object) -> tuple[str, ...]:
    return tuple(each for each in values if isinstance(each, str)) if isinstance(values, list) else ()


def _keys(values: Mapping[str, Any], key: str) -> list[str]:
    table = values.get(key)
    return list(table) if isinstance(table, dict) else []


def _patterns(values: object) -> Iterator[Stops]:
    for each in values if isinstance(values, list) else ():
        stops = _texts(each)
        yield stops if isinstance(each, list) and len(stops) == len(each) else ()
