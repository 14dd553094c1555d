"""Tables of a scenario file: the scenario itself, its fleet and its Pareto front.

Missing parts of a scenario (running times, opening hours) come from the schedule; the checks look at both together.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any

from pydantic import ValidationError, ValidationInfo, field_validator

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.scenario import MOST_TRIPS, Fleet, FrontRequest
from shuttle.domain.timetable.network import RunningTime
from shuttle.domain.timetable.opening_hours import Window
from shuttle.feeds.scenario_files.context import Hours, Leg, ScenarioContext, context_of
from shuttle.feeds.scenario_files.demand import DemandTable
from shuttle.feeds.scenario_files.requirements import Requirements, one_name_each
from shuttle.feeds.scenario_files.values import off_the_grid
from shuttle.feeds.toml.schema import (
    TomlModel,
    between,
    collected,
    fault_of,
    faults_in,
    flag,
    key,
    name_of,
    number,
    out_of_range,
    refusal,
    sound,
    whole,
    with_faults,
)
from shuttle.feeds.toml.types import (
    DayTypeName,
    StopName,
    Text,
    TimeOfDay,
    Windows,
    existing,
    identifier,
    minute,
    one_of,
    unknown,
)

MOST_POINTS = 61
"""Limits of a front, and so proposals."""

MOST_OF_A_FRONT = 10_000_000
"""The highest limit on driver hours or NOK."""


class FleetTable(TomlModel):
    """The vehicles."""

    vehicles: int = whole("vehicles", "how many there are", 1, 50)
    seats: int | None = whole("passengers", "left out: no limit", 1, 500, None)
    turnaround_minutes: int = whole("minutes", "between two trips of a vehicle", 0, 240, 0)
    dwell_minutes: int = whole("minutes", "at each stop between the first and the last", 0, 60, 0)
    empty_returns: bool = flag(
        "whether a trip that ends elsewhere than at the base stop is followed by an empty run to it, which takes time, "
        "kilometres and NOK; left out: true",
        True,
        form="off",
    )

    @cached_property
    def built(self) -> Fleet:
        return Fleet(
            vehicles=self.vehicles,
            seats=self.seats,
            turnaround=self.turnaround_minutes,
            dwell=self.dwell_minutes,
            empty_returns=self.empty_returns,
        )


class FrontTable(TomlModel):
    """A proposal for each limit on trips, driver hours or NOK."""

    by: Annotated[Text, one_of("measure of a front", ("trips", "driver_hours", "nok"))] = key(
        "word", "`trips`, `driver_hours` or `nok`: a proposal for each limit on it", form="choice"
    )
    from_: float = key("of `by`", "the lowest limit", alias="from", form="number", strict=True, allow_inf_nan=False)
    to: float = key("of `by`", "the highest limit", form="number", strict=True, allow_inf_nan=False)
    step: float | None = number("of `by`", "from one limit to the next", 0.01, 1_000_000, None)

    @field_validator("from_", "to")
    @classmethod
    def _no_more_than_can_be(cls, limit: float, info: ValidationInfo) -> float:
        largest = MOST_TRIPS if sound(info, "by") == "trips" else MOST_OF_A_FRONT
        if not 0 <= limit <= largest:
            raise refusal(out_of_range(name_of(info), f"{limit:g}", 0, largest))
        return limit

    @field_validator("step")
    @classmethod
    def _in_order(cls, step: float | None, info: ValidationInfo) -> float | None:
        first, last = sound(info, "from_"), sound(info, "to")
        if first is None or last is None:
            return step
        allowed = ""
        if last < first:
            what, allowed = "the front ends before it begins", f"at least {first:g}"
        elif (last - first) / (step or _usual_step(info.data.get("by"))) > MOST_POINTS - 1:
            what, allowed = "the front has too many points", f"at most {MOST_POINTS} points"
        if allowed:
            raise refusal(Fault(what=what, given=str(last), allowed=allowed, path=("to",)), up=1)
        return step

    @cached_property
    def built(self) -> FrontRequest:
        return FrontRequest(self.by, self.from_, self.to, self.step or _usual_step(self.by))


def _usual_step(by: str | None) -> float:
    return 500.0 if by == "nok" else 1.0


class ScenarioFile(TomlModel):
    """`scenarios/*.toml`: all of a scenario. The context names what the schedule has."""

    id: Annotated[Text, identifier("scenario")] = key("id", "name of the scenario")
    name: Text = key("text", "name for people")
    base_timetable: Annotated[Text, existing("timetable")] | None = key(
        "timetable", "today's, for comparison, and for what may change of it", None, form="choice"
    )
    day_types: list[DayTypeName] = key("list of day types", "what is planned for, each by itself", form="several")
    grid_minutes: int = whole("minutes", "departures are multiples of it, from midnight on", 1, 60)
    base_stop: StopName = key("stop", "where each trip begins", form="choice")
    first_departure: TimeOfDay = key("time", "no trip leaves earlier", form="time")
    last_arrival: TimeOfDay = key("time", "no trip ends later; an empty run back may", form="time")
    patterns: list[Any] = key("list of lists of stops", "ways that a trip may go")
    fleet: FleetTable | None = key("", "", None)
    running_times: dict[Any, Any] = key(
        "minutes, or a table of time = minutes",
        'instead of the schedule\'s: `10`, or `{"00:00" = 10, "15:00" = 14}` by when the trip starts',
        {},
        shown='running_times."<from> <to>"',
    )
    opening_hours: dict[str, dict[str, Windows]] = key(
        "list of [opens, closes]", "instead of the schedule's", {}, shown="opening_hours.<stop>.<day type>"
    )
    demand: DemandTable | None = key("", "", None)
    requirements: Annotated[Requirements, between(one_name_each)] = key("", "", [])
    front: FrontTable | None = key("", "", None)

    @field_validator("day_types")
    @classmethod
    def _one_day_type(cls, day_types: list[str]) -> list[str]:
        if not day_types:
            raise refusal(Fault(what="day_types is empty", allowed="at least one day type", code="no-day-type"))
        return day_types

    @field_validator("first_departure")
    @classmethod
    def _on_the_grid(cls, at: Minute, info: ValidationInfo) -> Minute:
        collected(off_the_grid(at, info))
        return at

    @field_validator("patterns")
    @classmethod
    def _patterns(cls, patterns: list[Any], info: ValidationInfo) -> list[tuple[str, ...]]:
        if not patterns:
            raise refusal(Fault(what="there is no pattern", allowed="at least one"))
        collected([*_pattern_faults(patterns, info), *_empty_return_faults(context_of(info))])
        return [tuple(stops) for stops in patterns]

    @field_validator("running_times")
    @classmethod
    def _running_times(cls, table: dict[str, Any], info: ValidationInfo) -> dict[Leg, RunningTime]:
        faults: list[Fault] = []
        times: dict[Leg, RunningTime] = {}
        for each, value in table.items():
            origin, _, destination = each.partition(" ")
            faults += [fault for stop in (origin, destination) for fault in unknown(stop, "stop", info, each)]
            bands = list(_bands(value, each, faults))
            if bands:
                usual = context_of(info).running_times.get((origin, destination))
                try:
                    times[origin, destination] = RunningTime(
                        origin=origin,
                        destination=destination,
                        bands=tuple(sorted(bands)),
                        km=usual.km if usual else None,
                    )
                except Invalid as error:
                    faults.append(fault_of(error, each))
        collected(faults)
        return times

    @field_validator("opening_hours", mode="wrap")
    @classmethod
    def _opening_hours(cls, table: Any, handler: Callable[[Any], Any], info: ValidationInfo) -> Any:
        own = with_faults(handler, table, _unknown_names(table, info))
        collected(_closed_all_day(hours_of(own, context_of(info)), context_of(info)), up=1)
        return own

    @field_validator("demand")
    @classmethod
    def _demand(cls, demand: DemandTable | None) -> DemandTable:
        if demand is None:
            allowed = "[demand] with source, max_wait_minutes and unserved_minutes"
            raise refusal(Fault(what="demand is missing", allowed=allowed), up=1)
        return demand


def hours_of(own: Mapping[str, Mapping[str, list[Window]]], context: ScenarioContext) -> Hours:
    """The opening hours that hold: the scenario's own by stop, else the schedule's."""
    hours = dict(context.hours)
    for stop, days in own.items():
        windows = {day_type: tuple(each) for day_type, each in days.items()}
        hours[stop] = {**dict.fromkeys(context.day_types, ()), **windows}
    return hours


def _pattern_faults(patterns: list[Any], info: ValidationInfo) -> Iterator[Fault]:
    context = context_of(info)
    for position, stops in enumerate(patterns):
        if not isinstance(stops, list) or len(stops) < 2 or not all(isinstance(stop, str) for stop in stops):
            what, allowed = "a pattern is not a list of stops", '["a", "b", "a"]'
            yield Fault(what=what, given=str(stops), allowed=allowed, path=(position,))
            continue
        for place, stop in enumerate(stops):
            yield from unknown(stop, "stop", info, position, place)
        text = " ".join(stops)
        if any(here == there for here, there in pairwise(stops)):
            yield Fault(what="a pattern calls twice in a row at a stop", given=text, path=(position,))
        if stops[0] != context.base_stop:
            what = "a pattern begins elsewhere"
            yield Fault(what=what, given=stops[0], allowed=context.base_stop, path=(position,))
        if stops in patterns[:position]:
            yield Fault(what="a pattern stands twice", given=text, allowed="each once", path=(position,))
        yield from _leg_faults(stops, position, context)


def _leg_faults(stops: list[str], position: int, context: ScenarioContext) -> Iterator[Fault]:
    """Legs without a running time; a stop that is not there has its own fault."""
    for origin, destination in pairwise(stops):
        if {origin, destination} <= set(context.stops) and (origin, destination) not in context.legs:
            yield Fault(
                what=f"no running time from {origin} to {destination} is known",
                given=f"{origin} {destination}",
                allowed=f'[running_times] "{origin} {destination}" = minutes',
                path=(position,),
                code="no-running-time",
            )


def _empty_return_faults(context: ScenarioContext) -> Iterator[Fault]:
    """Stops at which a pattern ends and from which no running time to the base stop is known, each once."""
    base_stop, ends = context.base_stop, dict[str, int]()
    for position, stops in enumerate(context.patterns):
        if stops and stops[-1] != base_stop and {stops[-1], base_stop} <= set(context.stops):
            ends.setdefault(stops[-1], position)
    for last, position in ends.items():
        if context.empty_returns and (last, base_stop) not in context.legs:
            yield Fault(
                what=f"no running time from {last} to {base_stop} is known, for the empty return",
                given=f"{last} {base_stop}",
                allowed=f'[running_times] "{last} {base_stop}" = minutes, or [fleet] empty_returns = false',
                path=(position,),
                code="no-running-time",
            )


def _bands(value: object, name: str, faults: list[Fault]) -> Iterator[tuple[Minute, int]]:
    """`10`, or a table of bands by the start of the trip: `{"00:00" = 10, "15:00" = 14}`."""
    if type(value) is int:
        yield 0, value
    elif isinstance(value, dict) and value and all(type(minutes) is int for minutes in value.values()):
        for start, minutes in value.items():
            try:
                yield minute(start), minutes
            except ValidationError as error:
                faults += faults_in(error, name, start)
    else:
        allowed = '10, or {"00:00" = 10, "15:00" = 14}'
        faults.append(Fault(what="a running time is not minutes", given=str(value), allowed=allowed, path=(name,)))


def _unknown_names(table: object, info: ValidationInfo) -> Iterator[Fault]:
    for stop, days in table.items() if isinstance(table, dict) else ():
        yield from unknown(stop, "stop", info, stop)
        for day_type in days if isinstance(days, dict) else ():
            yield from unknown(day_type, "day type", info, stop, day_type)


def _closed_all_day(hours: Hours, context: ScenarioContext) -> Iterator[Fault]:
    """Day types on which every stop that can be reached is closed: there is nothing to plan for."""
    reached = {stop for stops in context.patterns for stop in stops if stop != context.base_stop}
    for day_type in context.day_types:
        if reached and all(stop in hours and not hours[stop].get(day_type) for stop in reached):
            yield Fault(
                what=f"on {day_type} every stop is closed all day",
                given=day_type,
                allowed="a day type on which a stop of the patterns is open",
                path=("day_types",),
                code="closed-all-day",
            )
