"""`calendar.toml`: day types, the day type of each weekday and special day, and overrides with a reason.

The file names special days by key; their dates come from `public_holidays`.
"""

from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import create_model, model_validator

from shuttle.domain.basics.errors import Fault
from shuttle.domain.timetable.service_days import WEEKDAYS, Calendar, DayType, Names, Override
from shuttle.feeds.public_holidays import KEYS, NORWAY, special_days
from shuttle.feeds.toml.lines import TomlDocument
from shuttle.feeds.toml.schema import Context, TomlModel, attempt, key, read_model
from shuttle.feeds.toml.types import (
    IDS_ONCE,
    DayTypeName,
    ServiceDate,
    Sourced,
    Tables,
    Text,
    identifier,
    ids,
)


class DayTypeTable(TomlModel):
    """A kind of day that has departures of its own."""

    id: Annotated[Text, identifier("day type")] = key("id", "name of a kind of day that has a table of its own")
    nb: Text = key("text", "its name in bokmål")
    nn: Text = key("text", "its name in nynorsk")
    en: Text = key("text", "its name in English")
    like: DayTypeName | None = key(
        "day type", "whose departures and opening hours apply while it has none of its own", None
    )

    @cached_property
    def built(self) -> DayType:
        return DayType(self.id, Names(self.nb, self.nn, self.en), self.like)


class WeekTable(Sourced):
    """The day type of each day of the week."""

    monday: DayTypeName
    tuesday: DayTypeName
    wednesday: DayTypeName
    thursday: DayTypeName
    friday: DayTypeName
    saturday: DayTypeName
    sunday: DayTypeName


class OverrideTable(TomlModel):
    """A date that runs as something else."""

    date: ServiceDate = key("date", "a date that runs as something else")
    day_type: DayTypeName = key("day type", "what it runs as")
    reason: Text = key("text", "why")

    @cached_property
    def built(self) -> Override:
        return Override(date=self.date, day_type=self.day_type, reason=self.reason)


_FIELDS: Any = {name.replace("-", "_"): (DayTypeName | None, key("day type", "", None, alias=name)) for name in KEYS}
SpecialDaysTable = create_model("SpecialDaysTable", __base__=TomlModel, **_FIELDS)
"""The day type of each special day that does not run as its day of the week."""


class CalendarFile(TomlModel):
    """`calendar.toml`. The context names the day types of the file itself."""

    day_types: Annotated[Tables[DayTypeTable], IDS_ONCE] = key("", "", [])
    week: WeekTable = key("day type", "what that day of the week runs as", shown="week.monday` ... `week.sunday")
    special_days: SpecialDaysTable = key(  # type: ignore[valid-type]  # a model made of the names of the days
        "day type",
        "what that holiday, high day or eve runs as, every year; the keys are below",
        shown="special_days.<key>",
    )
    country: Text = key("two capitals", "whose public holidays they are (ISO 3166-1)", NORWAY)
    region: Text | None = key(
        "text", "part of the country with holidays of its own, by its code in the library `holidays`", None
    )
    overrides: Tables[OverrideTable] = key("", "", [])

    @model_validator(mode="after")
    def _a_country_of_the_library(self) -> Self:
        attempt(lambda: special_days({}, 2026, 2026, self.country, self.region or ""), "country")
        return self

    @cached_property
    def built(self) -> Calendar:
        monday, tuesday, wednesday, thursday, friday, saturday, sunday = (getattr(self.week, day) for day in WEEKDAYS)
        runs_as = {name: day_type for name in KEYS if (day_type := getattr(self.special_days, name.replace("-", "_")))}
        return Calendar(
            day_types=tuple(table.built for table in self.day_types),
            week=(monday, tuesday, wednesday, thursday, friday, saturday, sunday),
            special_days=special_days(runs_as, country=self.country, region=self.region or ""),
            overrides=tuple(table.built for table in self.overrides),
        )


def read_calendar(document: TomlDocument, faults: list[Fault]) -> Calendar | None:
    """The calendar with all special days, or None with its faults added to `faults`."""
    context = Context(names={"day type": ids(document.values.get("day_types"))})
    file = read_model(CalendarFile, document, faults, context)
    return file.built if file else None
