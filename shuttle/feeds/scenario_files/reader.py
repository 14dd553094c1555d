"""Reader of scenario files: the TOML text of a planner's question as a `Scenario`.

Missing parts of a scenario (running times, opening hours) are taken from the schedule on the scenario's date. An assumed value
among them makes the result rest on an assumption. Every fault of a file is found in one reading.
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.planning.scenario import Demand, Fleet, Scenario
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.scenario_files.context import ScenarioContext, scenario_context
from shuttle.feeds.scenario_files.scenario import ScenarioFile, hours_of
from shuttle.feeds.text_gate import SCENARIO
from shuttle.feeds.toml.lines import TomlDocument, parse_toml, read_toml
from shuttle.feeds.toml.schema import read_model


def read_scenario_file(path: Path, schedule: Schedule, on: date) -> Scenario:
    """The scenario of a file. Raises Invalid (`bad-scenario`) with every fault, by line, and as `read_toml` does."""
    return _checked(read_toml(path, str(path), SCENARIO), schedule, on)


def read_scenario(text: str, schedule: Schedule, on: date, where: str = "scenario") -> Scenario:
    """The scenario of a text. Raises Invalid (`bad-scenario`) with every fault, by line, and as `parse_toml` does."""
    return _checked(parse_toml(text, where, SCENARIO), schedule, on)


def _checked(document: TomlDocument, schedule: Schedule, on: date) -> Scenario:
    faults: list[Fault] = []
    context = scenario_context(document.values, schedule, on)
    file = read_model(ScenarioFile, document, faults, context)
    if file is not None:
        try:
            return _scenario(file, context, on)
        except Invalid as error:
            fault = document.fault((), error.detail, given=error.given, allowed=error.allowed, code=error.code)
            faults.append(fault)
    raise Invalid("bad-scenario", "; ".join(map(str, faults)), faults=faults)


def _scenario(file: ScenarioFile, context: ScenarioContext, on: date) -> Scenario:
    return Scenario(
        id=file.id,
        name=file.name,
        day_types=tuple(file.day_types),
        grid=file.grid_minutes,
        base_stop=file.base_stop,
        first_departure=file.first_departure,
        last_arrival=file.last_arrival,
        patterns=tuple(file.patterns),
        fleet=file.fleet.built if file.fleet else Fleet(),
        running_times={**context.running_times, **file.running_times},
        hours=hours_of(file.opening_hours, context),
        demand=file.demand.built if file.demand else Demand(),
        requirements=tuple(table.built for table in file.requirements),
        front=file.front.built if file.front else None,
        base_timetable=file.base_timetable,
        assumed=tuple(sorted({*_assumed(file, context)})),
        on=on,
    )


def _assumed(file: ScenarioFile, context: ScenarioContext) -> Iterator[str]:
    """The parts of the scenario that are assumed."""
    if file.demand and file.demand.assumed:
        yield "demand.profile"
    if context.assumed_hours & set(context.hours) - set(file.opening_hours):
        yield "opening_hours"
    legs = {leg for stops in file.patterns for leg in pairwise(stops)}
    if context.empty_returns:
        legs |= {(stops[-1], file.base_stop) for stops in file.patterns}
    usual = legs & set(context.running_times) - set(file.running_times)
    if any(context.running_times[leg].provenance.assumed for leg in usual):
        yield "running_times"
