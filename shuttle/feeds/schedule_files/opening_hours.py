"""`opening-hours.toml`: when each centre is open, by day type and dated, and on single dates.

A stop that the file does not name is always open; an empty list of windows is closed.
"""

from collections.abc import Collection
from functools import cached_property

from shuttle.domain.basics.errors import Fault
from shuttle.domain.timetable.opening_hours import OpeningHours, OpeningTimes, SpecialHours
from shuttle.feeds.toml.lines import TomlDocument
from shuttle.feeds.toml.schema import Context, TomlModel, key, read_model
from shuttle.feeds.toml.types import Dated, DayTypeName, ServiceDate, StopName, Tables, Text, Windows

UNITS = "list of [opens, closes]"


class OpeningHoursTable(Dated):
    """Regular hours of a stop on a day type."""

    stop: StopName = key("stop", "whose hours; a stop that is not named is always open")
    day_type: DayTypeName = key("day type", "on which kind of day")
    windows: Windows = key(UNITS, "in order; an empty list is closed")

    @cached_property
    def built(self) -> OpeningHours:
        return OpeningHours(
            stop=self.stop,
            day_type=self.day_type,
            windows=tuple(self.windows),
            validity=self.validity,
            provenance=self.provenance,
        )


class SpecialHoursTable(TomlModel):
    """Hours of a stop on one date, instead of the regular ones."""

    stop: StopName = key("stop", "whose hours")
    date: ServiceDate = key("date", "the one date on which they hold")
    windows: Windows = key(UNITS, "instead of the regular ones")
    reason: Text = key("text", "why")

    @cached_property
    def built(self) -> SpecialHours:
        return SpecialHours(self.stop, self.date, tuple(self.windows), self.reason)


class OpeningHoursFile(TomlModel):
    """`opening-hours.toml`. The context names the stops and the day types."""

    opening_hours: Tables[OpeningHoursTable] = key("", "", [])
    special_hours: Tables[SpecialHoursTable] = key("", "", [])

    @cached_property
    def built(self) -> OpeningTimes:
        regular = tuple(table.built for table in self.opening_hours)
        return OpeningTimes(regular, tuple(table.built for table in self.special_hours))


def read_opening_times(
    document: TomlDocument,
    faults: list[Fault],
    stops: Collection[str] | None = None,
    day_types: Collection[str] | None = None,
) -> OpeningTimes | None:
    """The opening times, or None with their faults added to `faults`.

    `stops`, `day_types`: the names that exist; None where their own file cannot be read.
    """
    file = read_model(OpeningHoursFile, document, faults, Context(names={"stop": stops, "day type": day_types}))
    return file.built if file else None
