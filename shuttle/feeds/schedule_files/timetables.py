"""`timetables/*.toml`: one version of the timetable a file, with trips as lists of times.

A list of times has a pattern and a day type; the calls follow from the running times. A trip whose times were set by hand has its
own calls. A file with `valid_from` is published from that date, one without is a draft.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import tomlkit
from pydantic import ValidationInfo, field_validator

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Timetable, TimetableStatus, Trip
from shuttle.feeds.toml.lines import TomlDocument, read_toml
from shuttle.feeds.toml.schema import Context, TomlModel, between, key, read_model, refusal
from shuttle.feeds.toml.types import Dated, DayTypeName, PatternName, Tables, Text, TimeOfDay, identifier


class CallTable(TomlModel):
    """A stop of one trip. A time that is missing is the same as the other."""

    stop: Text = key("stop", "instead of `departs`, one trip whose times were set by hand: a stop of the pattern")
    arrives: TimeOfDay | None = key("time", "when it arrives there", None)
    departs: TimeOfDay | None = key("time", "when it leaves there", None)

    @field_validator("departs")
    @classmethod
    def _has_a_time(cls, departs: Minute | None, info: ValidationInfo) -> Minute | None:
        if departs is None and "arrives" in info.data and info.data["arrives"] is None:
            raise refusal(Fault(what="a call has no time", allowed="arrives, departs or both"), up=1)
        return departs

    @cached_property
    def built(self) -> Call:
        """The call; its place in the trip is 1 until the trip is built."""
        early = self.arrives if self.arrives is not None else self.departs
        late = self.departs if self.departs is not None else self.arrives
        assert early is not None and late is not None
        return Call(self.stop, 1, early, late)


class TripsTable(TomlModel):
    """Trips of one pattern and day type: a list of times, or the calls of one trip."""

    pattern: PatternName = key("pattern", "which way the trips go")
    day_type: DayTypeName = key("day type", "on which kind of day they run")
    departs: list[TimeOfDay] | None = key(
        "list of times", "departures from the first stop; the rest follows from the running times", None
    )
    calls: Tables[CallTable] | None = key("", "", None)

    @field_validator("calls")
    @classmethod
    def _times_or_calls(cls, calls: list[CallTable] | None, info: ValidationInfo) -> list[CallTable] | None:
        if "departs" in info.data and (info.data["departs"] is None) == (calls is None):
            what, allowed = "a table of trips has either departs or calls", "departs = [...] or calls = [...]"
            raise refusal(Fault(what=what, allowed=allowed), up=1)
        return calls

    @cached_property
    def built(self) -> tuple[Trip, ...]:
        if self.calls is None:
            return tuple(Trip(self.pattern, self.day_type, departs) for departs in self.departs or ())
        if len(self.calls) < 2:
            count = len(self.calls)
            raise Invalid("short-trip", f"a trip with {count} call", given=count, allowed="two calls or more")
        calls = tuple(replace(table.built, sequence=place) for place, table in enumerate(self.calls, start=1))
        return (Trip(self.pattern, self.day_type, calls[0].departs, calls),)


def _each_trip_once(tables: list[tuple[int, TripsTable]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for position, table in tables:
        for trip in table.built:
            if trip.id in seen:
                leaves = time_of_day_text(trip.departs)
                what = f"{trip.id} stands twice"
                yield Fault(what=what, given=leaves, allowed="each time once", path=(position,), code="trip-twice")
            seen.add(trip.id)


class TimetableFile(Dated):
    """`timetables/*.toml`. The context names the patterns and the day types."""

    id: Annotated[Text, identifier("timetable")] = key("id", "name of the version")
    name: Text = key("text", "name for people")
    trips: Annotated[Tables[TripsTable], between(_each_trip_once)] = key("", "", [])

    @cached_property
    def built(self) -> Timetable:
        return Timetable(
            id=self.id,
            name=self.name,
            trips=tuple(trip for table in self.trips for trip in table.built),
            intended=self.validity,
            status=TimetableStatus.PUBLISHED if self.validity.first else TimetableStatus.DRAFT,
            provenance=self.provenance,
        )


def read_timetable_file(
    path: Path,
    where: str = "",
    patterns: Collection[str] | None = None,
    day_types: Collection[str] | None = None,
) -> Timetable:
    """One file alone. `patterns`, `day_types`: those that exist; None: not looked at.

    Raises Invalid (`bad-schedule-files`) with every fault, and as `read_toml` does.
    """
    faults: list[Fault] = []
    timetable = read_timetable(read_toml(path, where), faults, patterns, day_types)
    if timetable is None or faults:
        raise Invalid("bad-schedule-files", "; ".join(map(str, faults)), faults=faults)
    return timetable


def read_timetable(
    document: TomlDocument,
    faults: list[Fault],
    patterns: Collection[str] | None = None,
    day_types: Collection[str] | None = None,
) -> Timetable | None:
    """The timetable, or None with its faults added to `faults`.

    `patterns`, `day_types`: those that exist; None where their own file cannot be read.
    """
    context = Context(names={"pattern": patterns, "day type": day_types})
    file = read_model(TimetableFile, document, faults, context)
    return file.built if file else None


def write_timetable(timetable: Timetable, validity: Validity | None = None) -> str:
    """The timetable as TOML that `read_timetable_file` reads back; `validity` replaces the intended one."""
    validity, provenance = validity or timetable.intended, timetable.provenance
    values = {
        "id": timetable.id,
        "name": timetable.name,
        "valid_from": validity.first,
        "valid_to": validity.last,
        "source": provenance.source,
        "assumed": provenance.assumed,
        "reason": provenance.reason,
        "trips": [*_lists(timetable.trips), *(_by_calls(trip) for trip in _sorted(timetable.trips) if trip.calls)],
    }
    return tomlkit.dumps({key: value for key, value in values.items() if value})


def _sorted(trips: Collection[Trip]) -> list[Trip]:
    """By name: weekdays before holidays would need the calendar, and two files are comparable all the same."""
    return sorted(trips, key=lambda trip: (trip.pattern, trip.day_type, trip.departs))


def _lists(trips: Collection[Trip]) -> Iterator[dict[str, Any]]:
    """The trips whose times follow from the running times: a list of times for each pattern and day type."""
    plain = [trip for trip in _sorted(trips) if trip.calls is None]
    for (pattern, day_type), group in groupby(plain, key=lambda trip: (trip.pattern, trip.day_type)):
        yield {"pattern": pattern, "day_type": day_type, "departs": [time_of_day_text(trip.departs) for trip in group]}


def _by_calls(trip: Trip) -> dict[str, Any]:
    """A trip whose times were set by hand: a line for each call."""
    calls = tomlkit.array()
    for call in trip.calls or ():
        line = tomlkit.inline_table()
        line.update(
            {"stop": call.stop, "arrives": time_of_day_text(call.arrives), "departs": time_of_day_text(call.departs)}
        )
        calls.append(line)
    return {"pattern": trip.pattern, "day_type": trip.day_type, "calls": calls.multiline(True)}
