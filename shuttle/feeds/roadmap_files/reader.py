"""Reader of roadmap files: options of opening hours, steps with budgets, and the rules between steps.

A roadmap names its scenario and does not contain it. An option's day types are keys of its own table, beside `id` and `stop`.
"""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.planning.roadmap.definition import (
    MOST_STEPS,
    ChangeLimit,
    HoursOption,
    Roadmap,
    Robustness,
    StaffRates,
    Step,
)
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Supplement
from shuttle.feeds.text_gate import SCENARIO
from shuttle.feeds.toml.lines import TomlDocument, parse_toml, read_toml
from shuttle.feeds.toml.schema import (
    Context,
    TomlModel,
    flag,
    key,
    name_of,
    number,
    out_of_range,
    read_model,
    refusal,
    whole,
)
from shuttle.feeds.toml.types import (
    IDS_ONCE,
    DayTypeName,
    ServiceDate,
    StopName,
    Tables,
    Text,
    TimeOfDay,
    Windows,
    identifier,
)

MOST_NOK_A_YEAR = 1_000_000_000

MOST_CASES = 5
"""Factors of the demand, and of the running times, in which a road is played again."""


class StaffSupplementTable(TomlModel):
    """Extra cost of an open hour between two times of the day."""

    day_types: list[DayTypeName] = key("list of day types", "on which it is paid")
    starts: TimeOfDay = key("time", "from when on it is paid")
    ends: TimeOfDay = key("time", "until when it is paid")
    nok_per_hour: float = number("NOK", "the extra cost of an open hour", 0, 100_000)

    @cached_property
    def built(self) -> Supplement:
        return Supplement(
            name="",
            day_types=tuple(self.day_types),
            starts=self.starts,
            ends=self.ends,
            nok_per_hour=self.nok_per_hour,
        )


class StaffTable(TomlModel):
    """Cost of a centre's staff."""

    nok_per_hour: dict[DayTypeName, float] = key(
        "NOK", "an hour that a centre is open beyond today's hours", {}, shown="nok_per_hour.<day type>"
    )
    supplements: Tables[StaffSupplementTable] = key("", "", [])
    assumed: bool = flag("nobody has confirmed the rates", False)

    @field_validator("nok_per_hour")
    @classmethod
    def _no_negative_rate(cls, rates: dict[str, float]) -> dict[str, float]:
        for day_type, rate in rates.items():
            if not 0 <= rate <= 100_000:
                fault = Fault(
                    what="nok_per_hour is out of range", given=f"{rate:g}", allowed="0 to 100000", path=(day_type,)
                )
                raise refusal(fault)
        return rates

    @cached_property
    def built(self) -> StaffRates:
        supplements = tuple(table.built for table in self.supplements)
        return StaffRates(nok_per_hour=self.nok_per_hour, supplements=supplements, assumed=self.assumed)


class OptionTable(TomlModel):
    """Opening hours that a step may take; today's hours are always an option."""

    id: Annotated[Text, identifier("option")] = key("id", "name of the option")
    name: Text | None = key("text", "name for people; left out: the id", None)
    stop: StopName = key("stop", "the centre")
    windows: dict[DayTypeName, Windows] = key(
        "list of [opens, closes]",
        "hours on that day type; a day type that is left out keeps today's",
        {},
        shown="<day type>",
    )

    @cached_property
    def built(self) -> HoursOption:
        windows = {day_type: tuple(several) for day_type, several in self.windows.items()}
        return HoursOption(id=self.id, name=self.name or self.id, stop=self.stop, windows=windows)


class StepTable(TomlModel):
    """A step of the road."""

    starts: ServiceDate = key("date", "the first day of the step; each later than the one above it")
    budget_nok_a_year: float = number("NOK a year", "the most that timetable and staff may cost", 0, MOST_NOK_A_YEAR)
    option: Text | None = key("option", "a decision that stands already (`+` between options); left out: chosen", None)

    @cached_property
    def built(self) -> Step:
        return Step(starts=self.starts, budget=self.budget_nok_a_year, option=self.option)


class ChangeTable(TomlModel):
    """Limits on what changes from one step to the next; a limit that is left out is none."""

    max_moved: int | None = whole("departures", "moved between consecutive steps, over all day types", 0, 500, None)
    max_dropped: int | None = whole("departures", "dropped", 0, 500, None)
    max_added: int | None = whole("departures", "added", 0, 500, None)

    @cached_property
    def built(self) -> ChangeLimit:
        return ChangeLimit(moved=self.max_moved, dropped=self.max_dropped, added=self.max_added)


class RobustTable(TomlModel):
    """Cases in which the road is played again."""

    demand: list[float] = key("factors", "of the demand", [0.7, 1.0, 1.3])
    running_time_percent: list[int] = key("per cent", "extra running time", [0, 15])
    tolerance: float = number("share", "a road is marked where the best road of a case is better by more", 0, 1, 0.05)

    @field_validator("demand", "running_time_percent")
    @classmethod
    def _few_cases(cls, values: list[float], info: ValidationInfo) -> list[float]:
        low, high = (0.1, 5) if name_of(info) == "demand" else (0, 100)
        if not 1 <= len(values) <= MOST_CASES:
            raise refusal(Fault(what="too many or no cases", given=str(len(values)), allowed=f"1 to {MOST_CASES}"))
        for position, value in enumerate(values):
            if not low <= value <= high:
                raise refusal(out_of_range(name_of(info), f"{value:g}", low, high, position))
        return values

    @cached_property
    def built(self) -> Robustness:
        return Robustness(
            demand=tuple(map(float, self.demand)),
            running_time_percent=tuple(self.running_time_percent),
            tolerance=self.tolerance,
        )


def _day_types_apart(options: Any) -> Any:
    """Each option with its day types in a table of their own."""
    if not isinstance(options, list):
        return options
    names = {name for name, _ in OptionTable.file_keys()} - {"windows"}
    return [
        {**{k: v for k, v in each.items() if k in names}, "windows": {k: v for k, v in each.items() if k not in names}}
        if isinstance(each, dict)
        else each
        for each in options
    ]


class RoadmapFile(TomlModel):
    """`roadmaps/*.toml`: all of a roadmap."""

    id: Annotated[Text, identifier("roadmap")] = key("id", "name of the roadmap")
    name: Text = key("text", "name for people")
    scenario: Annotated[Text, identifier("scenario")] = key(
        "scenario", "patterns, fleet, requirements, and the demand under the longest hours"
    )
    hours_only_grow: bool = flag("hours that opened stay open in later steps; left out: true", True)
    combine: bool = flag("options of different stops and day types may be taken together; left out: false", False)
    worst_coverage: float = number("share", "the least covered share of each open hour of each centre", 0, 1, 0.0)
    staff: StaffTable = key("", "", StaffTable())
    options: Annotated[Tables[OptionTable], IDS_ONCE] = key("", "", [])
    steps: Tables[StepTable] = key("", "")
    change: ChangeTable = key("", "", ChangeTable())
    robust: RobustTable = key("", "", RobustTable())

    @field_validator("options", mode="before")
    @classmethod
    def _options(cls, options: Any) -> Any:
        return _day_types_apart(options)

    @field_validator("steps")
    @classmethod
    def _some_steps(cls, steps: list[StepTable]) -> list[StepTable]:
        if not 1 <= len(steps) <= MOST_STEPS:
            raise refusal(Fault(what="too many or no steps", given=str(len(steps)), allowed=f"1 to {MOST_STEPS}"))
        return steps


def read_roadmap_file(path: Path, schedule: Schedule) -> Roadmap:
    """The roadmap of a file. Raises Invalid (`bad-roadmap`) with every fault, by line, and as `read_toml` does."""
    return _checked(read_toml(path, str(path), SCENARIO), schedule)


def read_roadmap(text: str, schedule: Schedule, where: str = "roadmap") -> Roadmap:
    """The roadmap of a text. Raises Invalid (`bad-roadmap`) with every fault, by line, and as `parse_toml` does."""
    return _checked(parse_toml(text, where, SCENARIO), schedule)


def _checked(document: TomlDocument, schedule: Schedule) -> Roadmap:
    faults: list[Fault] = []
    context = Context(
        names={
            "stop": [stop.id for stop in schedule.network.stops],
            "day type": [day_type.id for day_type in schedule.calendar.day_types],
        }
    )
    file = read_model(RoadmapFile, document, faults, context)
    if file is not None:
        try:
            return _roadmap(file)
        except Invalid as error:
            faults += [
                document.fault(each.path, each.what, given=each.given, allowed=each.allowed, code=each.code)
                for each in error.faults
            ]
    raise Invalid("bad-roadmap", "; ".join(map(str, faults)), faults=faults)


def _roadmap(file: RoadmapFile) -> Roadmap:
    return Roadmap(
        id=file.id,
        name=file.name,
        scenario=file.scenario,
        options=tuple(table.built for table in file.options),
        steps=tuple(table.built for table in file.steps),
        staff=file.staff.built,
        hours_only_grow=file.hours_only_grow,
        combine=file.combine,
        change=file.change.built,
        worst_coverage=file.worst_coverage,
        robustness=file.robust.built,
    )
