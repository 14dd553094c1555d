"""Tables of a scenario's requirements: one model for each kind.

A kind is added here alone: a subclass of `RequirementTable` in `KINDS`, whose docstring says what must hold. The reader, the form
and the tables of schedules/README.md follow from it.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from shuttle.domain.basics.errors import Fault
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning import scenario as domain
from shuttle.domain.planning.scenario import MOST_TRIPS
from shuttle.domain.timetable.opening_hours import Window
from shuttle.feeds.scenario_files.context import context_of
from shuttle.feeds.scenario_files.values import (
    Between,
    OpenStop,
    PatternPlace,
    between_key,
    no_hours,
    off_the_grid,
    pattern_key,
    stop_key,
)
from shuttle.feeds.toml.schema import (
    TomlModel,
    collected,
    flag,
    key,
    number,
    refusal,
    sound,
    whole,
)
from shuttle.feeds.toml.types import StopName, Tables, Text, TimeOfDay, existing, no_such


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise refusal(no_such(kind, list(KINDS), "kind of requirement"))
    return kind


class RequirementTable(TomlModel):
    """A requirement: the keys of every kind."""

    kind: Annotated[Text, AfterValidator(_kind)] = key("word", "one of those below")
    name: Text = key("text", "what people read where it is in the way")
    hard: bool = flag("true unless said: it must hold; false: it is a wish", True)
    weight: float | None = number("passenger minutes", "what each unit of breach of a wish costs", 0, 1_000_000, None)
    day_types: list[Annotated[Text, existing("day type of this scenario")]] | None = key(
        "list of day types", "where it applies; left out: everywhere", None, form="several"
    )

    @field_validator("weight")
    @classmethod
    def _a_wish_has_a_weight(cls, weight: float | None, info: ValidationInfo) -> float | None:
        if weight is None and sound(info, "hard") is False:
            allowed = "weight = passenger minutes for each unit of breach"
            raise refusal(Fault(what="a wish needs its weight", allowed=allowed, path=("hard",)), up=1)
        return weight

    @property
    def common(self) -> dict[str, Any]:
        """The fields of every requirement of the domain."""
        day_types = tuple(self.day_types or ())
        return {"name": self.name, "hard": self.hard, "weight": self.weight or 0.0, "day_types": day_types}


class OfUnknownKind(RequirementTable):
    """A requirement whose kind is missing or unknown: its own keys are not read."""

    model_config = ConfigDict(extra="ignore")


class OfBaseTimetable(RequirementTable):
    """A requirement about the departures of the base timetable."""

    @field_validator("kind")
    @classmethod
    def _has_a_base(cls, kind: str, info: ValidationInfo) -> str:
        if not context_of(info).has_base_timetable:
            allowed = 'base_timetable = "..." at the top of the scenario'
            raise refusal(Fault(what="this needs a base_timetable", allowed=allowed))
        return kind


class KeepDepartures(OfBaseTimetable):
    """Each departure of the base timetable (that serves `to`) stays, at most so many minutes away."""

    to: StopName | None = stop_key("which departures", None)
    tolerance_minutes: int = whole("minutes", "how far a departure may move", 0, 240, 0)

    @cached_property
    def built(self) -> domain.KeepDepartures:
        return domain.KeepDepartures(**self.common, to=self.to, tolerance=self.tolerance_minutes)


class Pin(RequirementTable):
    """The trip runs. A pattern is its place in `patterns`, from 0, or its stops."""

    pattern: PatternPlace = pattern_key()
    at: TimeOfDay = key("time", "when it leaves", form="time")

    @cached_property
    def built(self) -> domain.Pin:
        return domain.Pin(**self.common, pattern=self.pattern, at=self.at)


class Forbid(RequirementTable):
    """The trip does not run."""

    pattern: PatternPlace = pattern_key()
    at: TimeOfDay = key("time", "when it would leave", form="time")

    @field_validator("at")
    @classmethod
    def _on_the_grid(cls, at: Minute, info: ValidationInfo) -> Minute:
        """A time off the grid is a slip here: no trip could leave then anyway. A pinned trip may."""
        collected(off_the_grid(at, info))
        return at

    @cached_property
    def built(self) -> domain.Forbid:
        return domain.Forbid(**self.common, pattern=self.pattern, at=self.at)


class MaxGap(RequirementTable):
    """Arrivals at most so far apart while it is open there, or between two times."""

    to: StopName = stop_key("where they arrive")
    minutes: int = whole("minutes", "how far apart", 1, 24 * 60)
    between: Between | None = between_key()

    @field_validator("between")
    @classmethod
    def _times_or_hours(cls, between: Window | None, info: ValidationInfo) -> Window | None:
        if between is None and (stop := sound(info, "to")) is not None and (faults := list(no_hours(stop, info, "to"))):
            raise refusal(*faults, up=1)
        return between

    @cached_property
    def built(self) -> domain.MaxGap:
        return domain.MaxGap(**self.common, to=self.to, minutes=self.minutes, between=self.between)


class MinGap(RequirementTable):
    """Departures from the base stop (that serve `to`) at least so far apart."""

    to: StopName | None = stop_key("which departures", None)
    minutes: int = whole("minutes", "how far apart", 1, 24 * 60)

    @cached_property
    def built(self) -> domain.MinGap:
        return domain.MinGap(**self.common, to=self.to, minutes=self.minutes)


class FirstArrivalByOpening(RequirementTable):
    """An arrival at most so long after each opening (negative: before)."""

    to: OpenStop = stop_key("where it opens")
    minutes: int = whole("minutes", "how long after", -60, 24 * 60)

    @cached_property
    def built(self) -> domain.FirstArrivalByOpening:
        return domain.FirstArrivalByOpening(**self.common, to=self.to, minutes=self.minutes)


class LastReturnAfterClosing(RequirementTable):
    """A departure to the base stop between closing and so long after it."""

    from_: OpenStop = stop_key("where it closes", alias="from")
    minutes: int = whole("minutes", "how long after", 0, 24 * 60)

    @cached_property
    def built(self) -> domain.LastReturnAfterClosing:
        return domain.LastReturnAfterClosing(**self.common, origin=self.from_, minutes=self.minutes)


class TripCount(RequirementTable):
    """Number of trips a day, of one pattern or of all."""

    min: int | None = whole("trips", "at least", 0, MOST_TRIPS, None)
    max: int | None = whole("trips", "at most", 0, MOST_TRIPS, None)
    pattern: PatternPlace | None = pattern_key(None)

    @field_validator("max")
    @classmethod
    def _a_number(cls, most: int | None, info: ValidationInfo) -> int | None:
        least = sound(info, "min")
        if most is None and least is None and "min" in info.data:
            raise refusal(Fault(what="trips without a number", allowed="min, max or both", path=("kind",)), up=1)
        if most is not None and least is not None and least > most:
            raise refusal(
                Fault(what="min is above max", given=str(least), allowed=f"at most {most}", path=("min",)), up=1
            )
        return most

    @cached_property
    def built(self) -> domain.TripCount:
        return domain.TripCount(**self.common, least=self.min, most=self.max, pattern=self.pattern)


class Budget(RequirementTable):
    """At most so many paid hours, or so many NOK, a day: one of them."""

    driver_hours: float | None = number("hours", "paid hours of drivers", 0, 1000, None)
    nok: float | None = number("NOK", "what the day costs", 0, 100_000_000, None)

    @field_validator("nok")
    @classmethod
    def _hours_or_nok(cls, nok: float | None, info: ValidationInfo) -> float | None:
        if "driver_hours" in info.data and (info.data["driver_hours"] is None) == (nok is None):
            what, allowed = "a budget is in hours or in NOK", "driver_hours or nok, one of them"
            raise refusal(Fault(what=what, allowed=allowed, path=("kind",)), up=1)
        return nok

    @cached_property
    def built(self) -> domain.Budget:
        return domain.Budget(**self.common, driver_hours=self.driver_hours, nok=self.nok)


class VehicleLimit(RequirementTable):
    """At most so many vehicles at once."""

    max: int = whole("vehicles", "at most", 1, 50)

    @cached_property
    def built(self) -> domain.VehicleLimit:
        return domain.VehicleLimit(**self.common, most=self.max)


class ClockFace(RequirementTable):
    """Departures only at these minutes past the hour, or the same every so many minutes."""

    minutes: list[Any] | None = key("list of minutes", "past the hour", None, form="wholes")
    repeat_minutes: int | None = whole("minutes", "after how many the same again", 1, 24 * 60, None)
    between: Between | None = between_key()

    @field_validator("minutes")
    @classmethod
    def _past_the_hour(cls, minutes: list[Any] | None) -> list[Any] | None:
        collected(
            Fault(what="no minute past the hour", given=str(each), allowed="0 to 59", path=(position,))
            for position, each in enumerate(minutes or ())
            if type(each) is not int or not 0 <= each <= 59
        )
        return minutes

    @field_validator("repeat_minutes")
    @classmethod
    def _minutes_or_repetition(cls, repeat: int | None, info: ValidationInfo) -> int | None:
        if "minutes" in info.data and (repeat is None) != bool(info.data["minutes"]):
            what, allowed = "a clock face is minutes or a repetition", "minutes or repeat_minutes, one of them"
            raise refusal(Fault(what=what, allowed=allowed, path=("kind",)), up=1)
        return repeat

    @cached_property
    def built(self) -> domain.ClockFace:
        minutes = tuple(self.minutes or ())
        return domain.ClockFace(**self.common, minutes=minutes, repeat=self.repeat_minutes, between=self.between)


class CoverageShare(RequirementTable):
    """At least this share (0 to 1) of the minutes that the stop is open is covered."""

    of: OpenStop = stop_key("where it is open")
    min_share: float = number("share", "0 to 1", 0, 1, form="percent")

    @cached_property
    def built(self) -> domain.CoverageShare:
        return domain.CoverageShare(**self.common, of=self.of, share=self.min_share)


class MaxChange(OfBaseTimetable):
    """At most so many departures of the base timetable move, none by more, and none goes."""

    moved: int = whole("departures", "how many move", 0, 10_000)
    by_minutes: int = whole("minutes", "how far", 0, 240)

    @cached_property
    def built(self) -> domain.MaxChange:
        return domain.MaxChange(**self.common, moved=self.moved, by=self.by_minutes)


class DriverDuties(RequirementTable):
    """The trips can be driven within the rules of a profile, by at most so many drivers. A trip that ends after a time takes two."""

    profile: Text = key("profile", "of duty-rules.toml", form="profile")
    drivers: int | None = whole("drivers", "at most", 1, 50, None)
    two_on_board_after: TimeOfDay | None = key("time", "from when on two are on board", None, form="time")

    @cached_property
    def built(self) -> domain.DriverDuties:
        return domain.DriverDuties(
            **self.common, profile=self.profile, drivers=self.drivers, two_on_board_after=self.two_on_board_after
        )


class Room(RequirementTable):
    """At most so many passengers a day find no seat when they first could board (on the way to `to`)."""

    max_left_behind: float = number("passengers", "left behind a day, at most", 0, 1e6)
    to: StopName | None = stop_key("on the way there", None)

    @cached_property
    def built(self) -> domain.Room:
        return domain.Room(**self.common, max_left_behind=self.max_left_behind, to=self.to)


class LastBus(RequirementTable):
    """The last bus there arrives, and the last one home leaves, no earlier than so long before closing.

    The one home leaves at most an hour after it.
    """

    centre: OpenStop = stop_key("where it closes")
    minutes: int = whole("minutes", "how long before closing", 0, 24 * 60)

    @cached_property
    def built(self) -> domain.LastBus:
        return domain.LastBus(**self.common, centre=self.centre, minutes=self.minutes)


KINDS: Mapping[str, type[RequirementTable]] = {
    "keep_departures": KeepDepartures,
    "pin": Pin,
    "forbid": Forbid,
    "max_gap": MaxGap,
    "min_gap": MinGap,
    "first_arrival_by_opening": FirstArrivalByOpening,
    "last_return_after_closing": LastReturnAfterClosing,
    "trips": TripCount,
    "budget": Budget,
    "vehicles": VehicleLimit,
    "clock_face": ClockFace,
    "coverage": CoverageShare,
    "max_change": MaxChange,
    "duties": DriverDuties,
    "room": Room,
    "last_bus": LastBus,
}
"""Kind, as it stands in a file -> its table."""


def own_keys(kind: str) -> Iterator[tuple[str, FieldInfo]]:
    """The keys that a kind has beside those of every kind, each with its field."""
    return ((name, info) for name, info in KINDS[kind].file_keys() if name not in RequirementTable.model_fields)


def kind_rows() -> Iterator[tuple[str, str, str]]:
    """Rows of schedules/README.md: each kind, its own keys, and what must hold."""
    for kind, model in KINDS.items():
        keys = ", ".join(f"`{name}`" for name, _ in own_keys(kind))
        yield f"`{kind}`", keys, " ".join((model.__doc__ or "").split())


def _of_kind(values: object, info: ValidationInfo) -> RequirementTable:
    assert isinstance(values, dict)
    kind = values.get("kind")
    model = KINDS.get(kind, OfUnknownKind) if isinstance(kind, str) else OfUnknownKind
    return model.model_validate(values, context=info.context)


def one_name_each(tables: list[tuple[int, RequirementTable]]) -> Iterator[Fault]:
    """Names of requirements are unique."""
    names: set[str] = set()
    for position, table in tables:
        if table.name in names:
            what, path = "two requirements have one name", (position, "name")
            yield Fault(what=what, given=table.name, allowed="each name once", path=path)
        names.add(table.name)


Requirements = Tables[Annotated[RequirementTable, BeforeValidator(_of_kind)]]
"""The requirements, each as the table of its kind."""
